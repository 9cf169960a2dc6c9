"""Fixtures that every test may use; the store they need is started by ``tests.store``."""

pytest_plugins = ["tests.province"]
