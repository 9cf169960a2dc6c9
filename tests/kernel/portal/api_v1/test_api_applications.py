"""The V-model of an application for other systems: as the command says it, with what is here."""

from typing import Any

import orjson
import pytest
from tests.journeys.doors import World
from tests.journeys.test_vmodel_lists import landed
from tests.kernel.portal.api_v1.test_api_door import system

from guantong.packages.api import Package, installed, plain
from guantong.portal import vmodel_here
from guantong.portal.api_v1 import applications
from guantong.portal.vmodel_here import demands_here, models_here

ADDRESS = "/api/v1/apps/{}/vmodel"
TRACK = "flood_response.typhoon_track"


def answered(world: World, id: str = "flood_response", **headers: str) -> Any:
    # Of another line than the one that leads: the models are for everybody in a post.
    return system("water@331081", world, acts="read", **headers).get(ADDRESS.format(id))


def flood() -> Package:
    found = installed("flood_response")
    assert found is not None, "the folder of applications holds flood_response"
    return found


def test_it_is_the_object_of_the_command_with_what_stands_here(world: World) -> None:
    models = models_here(flood())
    assert models is not None

    found = answered(world).json()

    wanted = orjson.loads(orjson.dumps(plain("flood_response", models, demands_here(models))))
    for demand in (*found["demand"], *wanted["demand"]):
        demand.pop("landed_at")
    assert found == wanted
    assert {"goals", "tasks", "cooperation", "sharing", "demand"} <= found.keys()
    assert all(found.values())


def test_states_are_those_of_the_live_province_from_within_an_exercise(world: World) -> None:
    def states() -> set[tuple[str, int]]:
        asked = answered(world).json()["demand"]
        return {(one["state"], one["rows"]) for one in asked if one["dataset"] == TRACK}

    before = states()
    landed(TRACK, 5)
    landed(TRACK, 7)

    assert before != states()
    assert {rows for _, rows in states()} == {12}


def test_what_is_not_installed_or_has_no_v_model_is_not_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = answered(world, "nothing", **{"Accept-Language": "en"})
    bare = flood().changed("vmodel.yaml", None)
    monkeypatch.setattr(applications, "find_package", lambda *_: bare)
    without = answered(world, **{"Accept-Language": "en"})

    assert (unknown.status_code, without.status_code) == (404, 404)
    assert "vmodel.yaml" in without.json()["message"]
    assert vmodel_here.models_here(bare) is None
