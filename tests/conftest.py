"""Fixtures that every test may use; the store they need is started by ``tests.store``."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from tests.store import tidy

pytest_plugins = ["tests.province"]


@pytest.fixture(autouse=True)
def _no_keys_of_another_test() -> Iterator[None]:
    """Forget the field keys after each test: some have keys of their own, kept for some seconds."""
    yield
    from guantong.base import key_ring

    key_ring.forget()


@pytest.fixture(autouse=True, scope="module")
def _store_tidied(django_db_blocker: Any) -> Iterator[None]:
    """Give back the pages of what a file of tests wrote and took back (see ``tests.store``)."""
    yield
    if connection.connection is None:
        return  # no test of this file asked the store
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        tidy(cursor)
