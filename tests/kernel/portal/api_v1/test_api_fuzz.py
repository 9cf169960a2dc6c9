"""schemathesis asks every operation what its description allows and what it does not.

Two accounts: the duty officer whose county it is, and that of the county next door. Whatever is
sent, the answer is one that the description names, in its shape, and never a fault of ours.
``GUANTONG_EXAMPLES`` asks more of each operation than the suite does.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import schemathesis
import yaml
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import ignored_auth
from tests import province
from tests.journeys.doors import World

from guantong.access import api as access
from guantong.base.clock import machine_now

ROOT = Path(__file__).parents[4]
EXAMPLES = int(os.environ.get("GUANTONG_EXAMPLES", "8"))
OURS, NEIGHBOUR = "emergency@331081", "emergency@331083"
# What stands behind an id of each address.
THINGS = {
    "tasks": "task", "cases": "case", "notices": "notice", "units": "unit", "people": "person",
    "files": "file", "proofs": "case",
}  # fmt: skip

schema = schemathesis.openapi.from_dict(
    yaml.safe_load((ROOT / "docs/api/openapi.yaml").read_text("utf-8"))
)
asked: Counter[tuple[str, int]] = Counter()


@pytest.fixture(scope="module")
def keys(world: World) -> Iterator[dict[str, str]]:
    """Access keys that may act: of somebody in the county, and of somebody next door."""
    now, made = machine_now(), {}
    for code in (OURS, NEIGHBOUR):
        _, made[code] = access.make_key(
            province.user_for(code), name="schemathesis", purpose="test", acts="act",
            post=(province.unit(code).id, "duty"), expires_at=now + timedelta(days=1), at=now,
        )  # fmt: skip
    yield made
    print(f"asked {dict(asked)}")  # noqa: T201 - the figure of the report


@pytest.fixture(autouse=True, scope="module")
def _connection_stays() -> Iterator[None]:
    """Keep the test's transaction open: a real request begins and ends with closing connections."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _application(environ: Any, start: Any) -> list[bytes]:
    """Answer like the web process, and close what was answered: a download holds its file open."""
    answer = get_wsgi_application()(environ, start)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


def _aim(case: Case, world: World) -> None:
    """Lead every other id that is one to a thing of the world, and the request into its realm."""
    if case.meta is not None and not case.meta.generation.mode.is_positive:
        return
    parts = case.path_parameters
    try:
        even = UUID(str(parts["id"])).int % 2 == 0
    except (KeyError, ValueError):
        even = True
    thing = THINGS.get(case.path.split("/")[3])
    if thing is not None and even and "id" in parts and len(str(parts["id"])) == 36:
        parts["id"] = world.ids[thing]
    if "Guantong-Realm" not in case.headers or case.headers["Guantong-Realm"].startswith("exerc"):
        case.headers["Guantong-Realm"] = world.realm


@schema.parametrize()
@seed(20261130)
@settings(
    max_examples=EXAMPLES, deadline=None, database=None,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_every_answer_is_one_that_the_description_names(
    case: Case, keys: dict[str, str], world: World
) -> None:
    _aim(case, world)
    # Every third request comes from next door.
    who = NEIGHBOUR if asked.total() % 3 == 2 else OURS
    with transaction.atomic():
        answer = case.call(app=_application, headers={"Authorization": f"Bearer {keys[who]}"})
        transaction.set_rollback(True)
    asked[who, answer.status_code] += 1

    # Who shows no key, or a wrong one, is refused: test_api_door asks every operation.
    case.validate_response(answer, excluded_checks=[ignored_auth])
