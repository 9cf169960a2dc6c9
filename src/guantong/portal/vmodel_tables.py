"""The tables of the V-model's page, and their files: units, cooperation, sharing, data demand.

A cell holds lines, because a unit of work is carried out by several alternatives and needs several
datasets. Files have one row for each field or hand-over, for whoever goes on in a spreadsheet.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from guantong.base.reading import figure_text, moment_text
from guantong.bpmn.api import duration
from guantong.packages.api import (
    CROSSINGS,
    STATES,
    Demand,
    HandOver,
    SharedField,
    Way,
    WorkUnit,
)
from guantong.portal.lists import address, chip
from guantong.portal.vmodel_words import LIGHTS, VModelWords

Line = dict[str, object]
Demands = tuple[Demand, ...]
NONE = "–"  # an empty cell; a phone leaves it out


@dataclass(frozen=True, kw_only=True)
class Section:
    """One table as the page shows it, and as a file."""

    columns: list[str]
    rows: list[dict[str, Any]]
    chips: list[dict[str, object]]


def line(
    text: object, *, href: str | None = None, light: str | None = None, quiet: bool = False,
    mark: bool = False,
) -> Line:  # fmt: skip
    """Return one line of a cell."""
    return {"text": str(text), "href": href, "light": light, "quiet": quiet, "mark": mark}


def section(show: str, words: VModelWords, demands: Demands, *, chosen: str, asked: str) -> Section:
    """Return the table asked for, of the rows that fit what was chosen and what was typed."""
    columns, rows, choices = _TABLES[show](words, demands, chosen)
    if chosen not in {name for name, _, _ in choices}:  # an address that nobody offered
        chosen = ""
        columns, rows, choices = _TABLES[show](words, demands, chosen)
    wanted = asked.casefold()
    fitting = [row for row in rows if wanted in _text_of(row)]
    chips = [
        chip(
            words.say(f"vmodel.chosen.{name or 'all'}") if name in _OWN_CHOICES else label,
            address(words.path, show=show, choose=name, q=asked),
            current=name == chosen,
            count=count,
        )
        for name, label, count in choices
    ]
    labels = [words.say(f"vmodel.column.{name}") for name in columns]
    return Section(columns=labels, rows=with_labels(labels, fitting), chips=chips)


def with_labels(labels: Sequence[str], rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows whose cells say under which column they stand, for ``parts/stack.html``."""
    return [
        row
        | {
            "cells": [
                {"label": label, "lines": cell, "none": all(part["text"] == NONE for part in cell)}
                for label, cell in zip(labels, row["cells"], strict=True)
            ]
        }
        for row in rows
    ]


_OWN_CHOICES = frozenset({"", *CROSSINGS, "personal"})


def _text_of(row: dict[str, Any]) -> str:
    texts = (str(part["text"]) for cell in row["cells"] for part in cell)
    return " ".join(texts).casefold()


Table = tuple[Sequence[str], list[dict[str, Any]], list[tuple[str, str, int]]]


def units_table(words: VModelWords, demands: Demands, chosen: str) -> Table:
    """Return one row for each unit of work; the choice is its task."""
    model = words.models.model
    states = {(demand.unit, demand.dataset): demand.state for demand in demands}
    rows = [
        _unit_row(words, unit, task.id, first=not place, states=states)
        for task in model.tasks
        for place, unit in enumerate(task.units)
        if chosen in ("", task.id)
    ]
    choices = [("", "", len(model.units))]
    choices += [
        (task.id, words.package.say(task.title, words.language), len(task.units))
        for task in model.tasks
    ]
    columns = ("unit", "role", "limit", "done_by", "needs", "basis")
    return columns, rows, choices


def _unit_row(
    words: VModelWords, unit: WorkUnit, task: str, *, first: bool,
    states: dict[tuple[str, str], Any],
) -> dict[str, Any]:  # fmt: skip
    lacking = [one for one in words.models.completeness.lacking if one.unit == unit.id]
    helpers = [
        line(words.say("vmodel.helps", role=words.role(r)), quiet=True) for r in unit.helpers
    ]
    needs = [
        line(
            words.data(need.dataset), href=words.data_href(need.dataset),
            light=LIGHTS[states[unit.id, need.dataset]],
        )
        for need in unit.needs
    ]  # fmt: skip
    cells = [
        [
            line(words.unit(unit.id)),
            *(
                line(words.say(f"vmodel.lack.{one.lack}", what=one.what), light="red")
                for one in lacking
            ),
        ],
        [line(words.role(unit.role)), *helpers],
        [line(words.length(unit.limit))],
        [line(words.carrier_with_kind(c), href=words.carrier_href(c)) for c in unit.done_by],
        needs or [line(words.say("vmodel.state.nothing"), quiet=True)],
        [line(words.basis(unit.basis))],
    ]
    return {"id": f"unit-{unit.id}", "mark": f"task-{task}" if first else "", "cells": cells}


def cooperation_table(words: VModelWords, demands: Demands, chosen: str) -> Table:
    """Return one row for each hand-over; the choice is what it crosses."""
    del demands
    found = words.models.cooperation.hand_overs
    rows = [
        {"id": "", "mark": "", "cells": _hand_over(words, one)}
        for one in found
        if not chosen or chosen in one.crosses
    ]
    counts = [(c, "", sum(c in one.crosses for one in found)) for c in CROSSINGS]
    columns = ("giver", "taker", "ways", "crosses", "limit")
    return columns, rows, [("", "", len(found)), *counts]


def _hand_over(words: VModelWords, one: HandOver) -> list[list[Line]]:
    units = words.models.model.units
    ends = [
        [
            line(words.unit(id), href=words.unit_href(id)),
            line(words.role(units[id].role), quiet=True),
        ]
        for id in (one.giver, one.taker)
    ]
    crossings = [line(words.say(f"vmodel.crosses.{name}"), mark=True) for name in one.crosses]
    return [
        *ends,
        [line(way_text(words, way)) for way in one.ways],
        crossings or [line(words.say("vmodel.crosses.none"), quiet=True)],
        [line(words.length(one.limit))],
    ]


def way_text(words: VModelWords, way: Way) -> str:
    """Return how it is handed on, in words."""
    giver, taker = words.carrier(way.giver), words.carrier(way.taker)
    return words.say(f"vmodel.way.{way.kind}", giver=giver, taker=taker)


def sharing_table(words: VModelWords, demands: Demands, chosen: str) -> Table:
    """Return one row for each need of a unit, its fields by who reads them."""
    del demands
    found: dict[tuple[str, str], list[SharedField]] = {}
    for field in words.models.sharing:
        found.setdefault((field.unit, field.dataset), []).append(field)
    tests: dict[str, Callable[[list[SharedField]], bool]] = {
        "": lambda fields: True,
        "line": lambda fields: fields[0].crosses_line,
        "tier": lambda fields: fields[0].crosses_tier,
        "personal": lambda fields: any(f.classification in ("L3", "L4") for f in fields),
    }
    test = tests.get(chosen, tests[""])
    rows = [
        {"id": "", "mark": "", "cells": _shared(words, fields)}
        for fields in found.values()
        if test(fields)
    ]
    choices = [
        (name, "", sum(holds(fields) for fields in found.values())) for name, holds in tests.items()
    ]
    columns = ("dataset", "fields", "source", "using", "sharing", "cycle", "crosses")
    return columns, rows, choices


def _shared(words: VModelWords, fields: list[SharedField]) -> list[list[Line]]:
    first = fields[0]
    sharing = [line(words.say(f"vmodel.sharing.{first.sharing or 'none_known'}"))]
    classes = sorted({field.classification for field in fields} - {""})
    sharing += [line(words.say("vmodel.comma").join(classes), quiet=True)] if classes else []
    cycles = sorted({field.cycle for field in fields} - {""})
    crossed = [name for name in ("tier", "line") if getattr(first, f"crosses_{name}")]
    return [
        [line(words.data(first.dataset), href=words.data_href(first.dataset))],
        [line(text) for text in _readers(words, fields)],
        [line(words.role(first.source))],
        [
            line(words.role(first.using)),
            line(words.unit(first.unit), href=words.unit_href(first.unit), quiet=True),
        ],
        sharing,
        [line(cycle_text(words, cycle)) for cycle in cycles] or [line(NONE)],
        [line(words.say(f"vmodel.crosses.{name}"), mark=True) for name in crossed]
        or [line(words.say("vmodel.crosses.none"), quiet=True)],
    ]


def cycle_text(words: VModelWords, cycle: str) -> str:
    """Return how often a field is asked for."""
    return words.say("vmodel.every", length=words.length(duration(cycle)))


def _readers(words: VModelWords, fields: list[SharedField]) -> Iterator[str]:
    """Yield the fields with the alternative that reads them; what none reads, people read."""
    by: dict[tuple[str, ...], list[str]] = {}
    for field in fields:
        readers = tuple(words.carrier_with_kind(carrier) for carrier in field.read_by)
        graded = f"{field.field} ({field.classification})" if field.classification in (
            "L3", "L4",
        ) else field.field  # fmt: skip
        by.setdefault(readers, []).append(graded)
    for readers, names in by.items():
        who = words.say("vmodel.comma").join(readers) or words.say("vmodel.people")
        yield words.say("vmodel.read_by", fields=words.say("vmodel.comma").join(names), who=who)


def demand_table(words: VModelWords, demands: Demands, chosen: str) -> Table:
    """Return one row for each dataset and state, with who needs it; what hinders most first.

    Whoever must find the data looks for a dataset once, however many units of work need it.
    """
    found: dict[tuple[str, str], list[Demand]] = {}
    for one in sorted(demands, key=lambda one: STATES.index(one.state)):
        found.setdefault((one.state, one.dataset), []).append(one)
    rows = [
        {"id": "", "mark": "", "cells": _demand(words, needs)}
        for (state, _), needs in found.items()
        if chosen in ("", state)
    ]
    counts = Counter(state for state, _ in found)
    choices = [(state, words.state(state), counts[state]) for state in STATES if counts[state]]
    columns = ("state", "dataset", "fields", "source", "using", "sharing", "landed")
    return columns, rows, [("", "", len(found)), *choices]


def _demand(words: VModelWords, needs: list[Demand]) -> list[list[Line]]:
    one, comma = needs[0], words.say("vmodel.comma")
    fields = list(dict.fromkeys(name for need in needs for name in need.fields))
    unknown = list(dict.fromkeys(name for need in needs for name in need.unknown))
    grade = max(need.classification for need in needs)
    facts = [line(NONE)]
    if one.landed is not None and one.landed.rows:
        facts = [
            line(words.say("vmodel.rows", count=figure_text(one.landed.rows))),
            line(moment_text(one.landed.at, words.language), quiet=True),
        ]
    return [
        [line(words.state(one.state), light=LIGHTS[one.state])],
        [
            line(words.data(one.dataset), href=words.data_href(one.dataset)),
            *_purposes(words, needs),
        ],
        [
            line(comma.join(fields)),
            *(
                [line(words.say("vmodel.unknown", fields=comma.join(unknown)), light="red")]
                if unknown
                else []
            ),
        ],
        [line(words.role(one.source))],
        [part for need in needs for part in _using(words, need)],
        [
            line(words.say(f"vmodel.sharing.{one.sharing or 'none_known'}")),
            *([line(grade, quiet=True)] if grade else []),
        ],
        facts,
    ]


def _purposes(words: VModelWords, needs: list[Demand]) -> list[Line]:
    """Return what data are wanted for, that exist nowhere yet; each purpose once."""
    told = dict.fromkeys(words.basis(one.wanted.purpose) for one in needs if one.wanted)
    return [line(words.say("vmodel.wanted_for", purpose=text), quiet=True) for text in told]


def _using(words: VModelWords, need: Demand) -> list[Line]:
    return [
        line(words.unit(need.unit), href=words.unit_href(need.unit)),
        line(words.role(need.using), quiet=True),
    ]


_TABLES: dict[str, Callable[[VModelWords, Demands, str], Table]] = {
    "units": units_table,
    "cooperation": cooperation_table,
    "sharing": sharing_table,
    "demand": demand_table,
}


def file_rows(
    show: str, words: VModelWords, demands: Demands
) -> tuple[list[str], list[list[object]]]:
    """Return heads and rows of the file of a section."""
    heads, rows = _FILES[show](words, demands)
    return [words.say(f"vmodel.column.{name}") for name in heads], list(rows)


Rows = tuple[Sequence[str], Iterable[list[object]]]


def _units_file(words: VModelWords, demands: Demands) -> Rows:
    del demands
    comma = words.say("vmodel.comma")
    heads = ("task", "unit", "role", "helpers", "limit", "done_by", "needs", "basis")
    return heads, (
        [
            words.package.say(task.title, words.language), words.unit(unit.id),
            words.role(unit.role), comma.join(map(words.role, unit.helpers)),
            words.length(unit.limit), comma.join(map(words.carrier_with_kind, unit.done_by)),
            comma.join(words.data(need.dataset) for need in unit.needs), words.basis(unit.basis),
        ]
        for task in words.models.model.tasks
        for unit in task.units
    )  # fmt: skip


def _cooperation_file(words: VModelWords, demands: Demands) -> Rows:
    del demands
    units, comma = words.models.model.units, words.say("vmodel.comma")
    heads = ("giver", "giver_role", "taker", "taker_role", "ways", "crosses", "limit")
    return heads, (
        [
            words.unit(one.giver), words.role(units[one.giver].role),
            words.unit(one.taker), words.role(units[one.taker].role),
            comma.join(way_text(words, way) for way in one.ways),
            comma.join(words.say(f"vmodel.crosses.{name}") for name in one.crosses),
            words.length(one.limit),
        ]
        for one in words.models.cooperation.hand_overs
    )  # fmt: skip


def _sharing_file(words: VModelWords, demands: Demands) -> Rows:
    del demands
    comma = words.say("vmodel.comma")
    heads = (
        "dataset", "id", "field", "classification", "source", "using", "unit", "sharing", "cycle",
        "read_by", "crosses", "basis",
    )  # fmt: skip
    return heads, (
        [
            words.data(one.dataset), one.dataset, one.field, one.classification,
            words.role(one.source), words.role(one.using), words.unit(one.unit),
            words.say(f"vmodel.sharing.{one.sharing or 'none_known'}"),
            cycle_text(words, one.cycle) if one.cycle else "",
            comma.join(map(words.carrier_with_kind, one.read_by)) or words.say("vmodel.people"),
            comma.join(
                words.say(f"vmodel.crosses.{name}")
                for name in ("tier", "line")
                if getattr(one, f"crosses_{name}")
            ),
            words.basis(words.models.model.units[one.unit].basis),
        ]
        for one in words.models.sharing
    )  # fmt: skip


def _demand_file(words: VModelWords, demands: Demands) -> Rows:
    heads = (
        "dataset", "id", "fields", "unknown", "classification", "source", "using", "unit",
        "sharing", "state", "rows", "landed", "basis", "purpose",
    )  # fmt: skip
    return heads, (
        [
            words.data(one.dataset), one.dataset, words.fields(one),
            words.say("vmodel.comma").join(one.unknown), one.classification, words.role(one.source),
            words.role(one.using), words.unit(one.unit),
            words.say(f"vmodel.sharing.{one.sharing or 'none_known'}"), words.state(one.state),
            one.landed.rows if one.landed is not None else 0,
            moment_text(one.landed.at if one.landed is not None else None, words.language),
            words.basis(words.models.model.units[one.unit].basis),
            words.basis(one.wanted.purpose) if one.wanted is not None else "",
        ]
        for one in demands
    )  # fmt: skip


_FILES: dict[str, Callable[[VModelWords, Demands], Rows]] = {
    "units": _units_file,
    "cooperation": _cooperation_file,
    "sharing": _sharing_file,
    "demand": _demand_file,
}
