"""Fixtures that every test may use; the store they need is started by ``tests.store``."""

from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.province"]


@pytest.fixture(autouse=True)
def _no_keys_of_another_test() -> Iterator[None]:
    """Forget the field keys after each test: some have keys of their own, kept for some seconds."""
    yield
    from guantong.base import key_ring

    key_ring.forget()
