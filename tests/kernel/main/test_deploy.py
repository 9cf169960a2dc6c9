"""The units of systemd and the container file start what is there, and point to its pages."""

import configparser
import re
import shlex
from pathlib import Path

import click
import pytest
from tools import bundle, bundle_check

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


def test_every_step_of_the_container_is_one_the_check_of_the_bundle_carries_out() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text("utf-8")

    found = bundle_check.steps(text)

    assert [step.word for step in found if step.word == "RUN"] == ["RUN", "RUN"]
    assert {step.word for step in found} <= bundle_check.KNOWN
    joined = next(step.rest for step in found if "install.sh" in step.rest)
    assert joined.startswith("mkdir /tmp/bundle && tar ")
    assert joined.endswith("rm -rf /tmp/bundle /tmp/bundle.tar")


def test_an_argument_that_the_container_file_does_not_know_is_a_fault() -> None:
    assert bundle_check.filled("${BUNDLE} /tmp/x", {"BUNDLE": "dist/b.tar"}) == "dist/b.tar /tmp/x"
    with pytest.raises(KeyError):
        bundle_check.filled("${BUNDEL} /tmp/x", {"BUNDLE": "dist/b.tar"})


def test_what_the_bundle_carries_along_is_there_and_is_what_its_installer_copies() -> None:
    installer = (ROOT / "deploy" / "bundle" / "install.sh").read_text("utf-8")

    assert [source for source in bundle.ALONG if not (ROOT / source).exists()] == []
    copied = re.search(r"^cp -r (.+) \"\$target/\"$", installer, re.MULTILINE)
    assert copied is not None
    assert set(copied[1].split()) <= set(bundle.ALONG.values())


def test_every_unit_is_one_the_check_of_the_bundle_starts() -> None:
    started = {name: words for name, _, words, _ in bundle_check.commands_of_units()}

    assert set(started) == {path.stem for path in UNITS}
    assert started["guantong-worker@"][-1] == "worker-2"


def test_the_container_runs_as_nobody_special_and_is_asked_whether_it_is_ready() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text("utf-8")

    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    assert "/readyz" in text
    assert 'CMD ["up"]' in text
    assert guantong.get_command(click.Context(guantong), "up") is not None
