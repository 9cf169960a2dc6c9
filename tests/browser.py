"""A Chromium for the journeys, and how many were left out where this machine has none."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

# As root and without a network, Chromium must be told to leave its sandbox and its errands alone.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def found_browser() -> str | None:
    """Return the path of a Chromium on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave browser tests out where there is no browser, unless one is required."""
    if found_browser() or os.environ.get("GUANTONG_BROWSER") == "required":
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many browser tests were left out."""
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = sum("no Chromium on this machine" in str(report.longrepr) for report in skipped)
    if left_out:
        terminalreporter.write_line(
            f"{left_out} browser tests were left out: no Chromium on this machine."
        )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; a missing one is a failure where GUANTONG_BROWSER=required."""
    path = found_browser()
    assert path, "GUANTONG_BROWSER=required, but there is no Chromium; install Debian's chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield chromium
        chromium.close()
