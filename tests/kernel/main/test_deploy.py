"""The units of systemd and the container file start what is there, and point to its pages."""

import configparser
import re
import shlex
from pathlib import Path

import click
import pytest

from guantong.main.cli import guantong

ROOT = Path(__file__).parents[3]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
TIMERS = sorted((ROOT / "deploy" / "systemd").glob("*.timer"))


def unit(path: Path) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=True, interpolation=None)
    found.optionxform = str  # type: ignore[assignment, method-assign]
    found.read(path, "utf-8")
    return found


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_a_command_that_is_there_with_options_it_has(path: Path) -> None:
    words = shlex.split(unit(path)["Service"]["ExecStart"])

    if words[0].endswith("/guantong"):
        command = guantong.get_command(click.Context(guantong), words[1])
        assert command is not None
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known
    else:
        modules = [word for word in words if word.startswith("guantong.")]
        assert len(modules) == 1
        place = ROOT / "src" / modules[0].partition(":")[0].replace(".", "/")
        assert place.with_suffix(".py").exists()


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_has_no_more_rights_than_it_needs_and_names_its_page(path: Path) -> None:
    found = unit(path)

    service = found["Service"]
    assert service["User"] == "guantong"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["UMask"] == "0077"
    page = found["Unit"]["Documentation"].removeprefix("file:///opt/guantong/docs/")
    assert (ROOT / "docs" / "operating" / page).exists()


@pytest.mark.parametrize("path", TIMERS, ids=lambda path: path.stem)
def test_a_timer_has_its_service_and_makes_up_for_a_machine_that_was_off(path: Path) -> None:
    assert path.with_suffix(".service") in UNITS
    assert unit(path)["Timer"]["Persistent"] == "true"


def test_the_container_runs_as_nobody_special_and_is_asked_whether_it_is_ready() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text("utf-8")

    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    assert "/readyz" in text
    assert 'CMD ["up"]' in text
    assert guantong.get_command(click.Context(guantong), "up") is not None
