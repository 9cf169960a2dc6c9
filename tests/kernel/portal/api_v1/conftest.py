"""A county in its typhoon, built once for all tests of the interface; each leaves it as it was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from tests import province
from tests.journeys import doors
from tests.journeys.doors import World

from guantong.audit import api as audit
from guantong.orgs.api import forget_jurisdictions


@pytest.fixture(scope="session")
def _files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, _files: Path) -> Iterator[World]:
    """The county, one thing of each kind in it, all in the log."""
    from django.conf import settings

    province._install()
    kept, settings.FILES = settings.FILES, _files
    with django_db_blocker.unblock(), transaction.atomic():
        province.found()
        made = doors.build(province.begin_exercise())
        while audit.sequence():
            pass
        yield made
        transaction.set_rollback(True)
    settings.FILES = kept
    forget_jurisdictions()


@pytest.fixture(autouse=True)
def _settings(settings: Any, _files: Path, tmp_path: Path) -> None:
    settings.SECOND_FACTOR = "optional"
    settings.FILES = _files
    settings.LAKE = tmp_path / "lake"
    settings.KEY_RATE = 1_000_000


@pytest.fixture(autouse=True)
def _undone(world: World, db: None) -> Iterator[None]:
    """Undo what a test did; the county stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
