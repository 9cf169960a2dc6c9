"""The page about flows says what the rules are."""

import re
from pathlib import Path

from guantong.flows import events
from guantong.flows.steps import SERVICES
from guantong.flows.task import VERBS

PAGE = (Path(__file__).parents[3] / "docs" / "kernel" / "flows.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading."""
    part = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    (section,) = [text for text in part if text.startswith(heading)]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_of_verbs_is_that_of_the_rules() -> None:
    told = rows("Verbs")

    assert told == [
        [verb.name, ", ".join(verb.allowed), verb.becomes or "stays", verb.stamps] for verb in VERBS
    ]


def test_every_service_of_a_process_is_explained() -> None:
    assert [service for service, *_ in rows("Services")] == list(SERVICES)


def test_every_fact_is_named() -> None:
    published = {
        name
        for name, kind in vars(events).items()
        if getattr(kind, "__module__", "") == events.__name__
    }
    section = PAGE.split("## Facts")[1]

    assert set(re.findall(r"`([A-Z]\w+)`", section.split("##")[0])) - {"EX"} == published
