"""One PostgreSQL for the whole test run, in a home of its own that goes away afterwards.

A plugin loaded by ``-p tests.store``: pytest-django reads the settings before any conftest, and
the settings read the home.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

_TOLD = "GUANTONG_TEST_HOME"
_FIRST = _TOLD not in os.environ

if _FIRST:
    # The first process of the run; workers of pytest-xdist inherit what is set here.
    os.environ[_TOLD] = tempfile.mkdtemp(prefix="guantong-test-")
    os.environ["GUANTONG_HOME"] = os.environ[_TOLD]
    os.environ.pop("DATABASE_URL", None)


def pytest_configure(config: pytest.Config) -> None:
    """Start the server with the run, stop it and remove the home at its end."""
    if not _FIRST:
        return
    from guantong.main.home import Home
    from guantong.main.postgres import Server

    server = Server(Home(Path(os.environ[_TOLD])))
    server.__enter__()

    def leave() -> None:
        server.__exit__(None, None, None)
        shutil.rmtree(os.environ[_TOLD], ignore_errors=True)

    config.add_cleanup(leave)
