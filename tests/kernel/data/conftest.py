"""A contract of storms and one derived from it, and a lake of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from guantong.base.ids import new_id
from guantong.base.realm import Realm, exercise
from guantong.data import api as data

CONTRACTS = Path(__file__).parent / "contracts"


@pytest.fixture
def storm() -> data.Contract:
    return data.read_contract((CONTRACTS / "storm.yaml").read_bytes())


@pytest.fixture
def strongest() -> data.Contract:
    return data.read_contract((CONTRACTS / "strongest.yaml").read_bytes())


@pytest.fixture
def realm() -> Realm:
    return exercise(new_id())


@pytest.fixture
def lake(tmp_path: Path, settings: object) -> Path:
    settings.LAKE = tmp_path / "lake"  # type: ignore[attr-defined]
    return tmp_path / "lake"


@pytest.fixture(autouse=True)
def _catalogue_of_its_own() -> Iterator[None]:
    from guantong.data import catalogue

    known, brought = dict(catalogue._registered), dict(catalogue._brought)
    data.forget_datasets()
    yield
    data.forget_datasets()
    catalogue._registered.update(known)
    catalogue._brought.update(brought)


@pytest.fixture
def points(storm: data.Contract) -> data.Batch:
    """Three good points of one storm, six hours apart."""
    return data.check_rows(
        storm,
        [
            {"track_id": "A", "season": 2026, "observed_at": f"2026-06-20 {h:02}:00:00", **place}
            for h, place in (
                (0, {"lat": 20.0, "lon": 125.0, "wind_kt": None}),
                (6, {"lat": 21.0, "lon": 124.0, "wind_kt": 40}),
                (12, {"lat": 22.0, "lon": 123.0, "wind_kt": 60.5}),
            )
        ],
    )
