"""Three counties, founded once for a module of tests and gone afterwards."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from guantong.orgs.api import Counts, forget_jurisdictions, found_province

FOUNDED = date(2019, 1, 1)


@pytest.fixture(scope="module")
def counties(django_db_setup: None, django_db_blocker: Any) -> Iterator[Counts]:
    """Wenling, Cangnan and Qingyuan with all above them: enough for most questions, in no time."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield found_province(on=FOUNDED, within=("331081000000", "330327000000", "331126000000"))
        transaction.set_rollback(True)
    forget_jurisdictions()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    yield
    forget_jurisdictions()
