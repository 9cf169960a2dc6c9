"""The V drawn: goals at the top left, down by tasks to units of work, and up again to what judges.

Here every box gets its place; the template only writes it down. The boxes of an arm stand along its
slant, so that the V is seen before it is read. Text is cut to the width of its box by an estimate,
and each box says its whole text to whoever hovers over it or listens.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from guantong.packages.api import Carrier, Demand, WorkTask
from guantong.portal.vmodel_words import LIGHTS, VModelWords

WIDTH = 1320
MARGIN = 20
ARM = 304  # width of the boxes on both arms
SLANT = 0.36  # how far an arm comes nearer to the middle, for each unit of height
COLUMNS = 4
UNIT_WIDTH = 244
GAP = 6
CAPTION = 34
LINE, UNIT, HEADING = 34, 40, 24  # heights: one line of text, two lines, a heading
NEXT = 16  # from one line of text to the next
FONT = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box: where it stands, its text and small print, what it says in whole, where it leads."""

    kind: str
    x: int
    y: int
    width: int
    height: int
    text: str
    small: str = ""
    whole: str = ""
    href: str = ""
    light: str = ""
    most: int = 1  # lines of the text itself

    @property
    def lines(self) -> list[dict[str, object]]:
        """Return each line of text with the height it stands at, all of them in the middle."""
        room = self.width - (44 if self.light else 20)
        found = [(text, "") for text in wrapped(self.text, room, FONT, most=self.most)]
        if self.small:
            found.append((cut(self.small, room, FONT - 1), "v-small"))
        first = self.y + self.height // 2 + 5 - NEXT * (len(found) - 1) // 2
        return [
            {"text": text, "look": look, "y": first + NEXT * number}
            for number, (text, look) in enumerate(found)
        ]

    @property
    def light_x(self) -> int:
        """Return where the light stands."""
        return self.x + self.width - 24

    @property
    def text_x(self) -> int:
        """Return where text begins."""
        return self.x + 10

    @property
    def end(self) -> int:
        """Return where the box ends on the right."""
        return self.x + self.width


def text_width(text: str, font: int) -> float:
    """Return about how wide a text is: a Chinese sign fills a square, others about half of one."""
    return sum(
        font * (1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.52) for sign in text
    )


def cut(text: str, width: int, font: int) -> str:
    """Return as much of a text as fits, with a sign that something was left out."""
    if text_width(text, font) <= width:
        return text
    while text and text_width(f"{text}…", font) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wrapped(text: str, width: int, font: int, *, most: int) -> list[str]:
    """Return a text in lines that fit, broken at spaces or Chinese signs; the last is cut."""
    lines: list[str] = []
    rest = text
    while len(lines) + 1 < most and text_width(rest, font) > width:
        end = max(
            (
                place
                for place in range(1, len(rest))
                if (rest[place] == " " or not rest[place].isascii())
                and text_width(rest[:place], font) <= width
            ),
            default=0,
        )
        if not end:
            break
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*lines, cut(rest, width, font)]


def worst(demands: tuple[Demand, ...]) -> Mapping[str, str]:
    """Return the state that hinders each unit of work most; nothing where it needs no data."""
    order = list(LIGHTS)
    found: dict[str, str] = {}
    for demand in demands:
        state = found.get(demand.unit, "nothing")
        found[demand.unit] = min(state, demand.state, key=order.index)
    return found


def carried_by(words: VModelWords) -> dict[Carrier, int]:
    """Return what carries the units out, whole processes and plans, each with how many parts."""
    found: dict[Carrier, int] = {}
    for unit in words.models.model.units.values():
        for carrier in unit.done_by:
            whole = carrier.file if carrier.kind != "indicator" else Carrier("indicator", "")
            found[whole] = found.get(whole, 0) + 1
    return found


def picture(words: VModelWords, demands: tuple[Demand, ...]) -> dict[str, Any]:
    """Return everything the template draws."""
    goals = list(_goals(words, CAPTION))
    proofs = list(_proofs(words, CAPTION))
    second = _bottom([*goals, *proofs]) + CAPTION + GAP
    tasks = list(_tasks(words, second))
    carriers = list(_carriers(words, second))
    third = _bottom([*tasks, *carriers]) + CAPTION + 2 * GAP
    units = list(_units(words, worst(demands), third))
    height = _bottom(units) + MARGIN
    lines = zip(goals, proofs, words.models.model.goals, strict=False)
    return {
        "width": WIDTH,
        "height": height,
        "boxes": [*goals, *tasks, *units, *carriers, *proofs],
        "captions": _captions(words, second, third),
        "ground": _ground(third, height),
        "judged": [
            {
                "y": goal.y + goal.height // 2, "from": goal.end, "to": proof.x,
                "text": words.target(given),
            }
            for goal, proof, given in lines
        ],
        "arrows": [*_arrows(words, [goals[-1], tasks[0]], [proofs[-1], carriers[0]], third)],
        "middle": WIDTH // 2,
        "centre": (second + third) // 2 - CAPTION,
    }  # fmt: skip


def _bottom(boxes: list[Box]) -> int:
    return max((box.y + box.height for box in boxes), default=CAPTION)


def _left(y: int) -> int:
    """Return where a box of the left arm begins at this height."""
    return MARGIN + round(SLANT * (y - CAPTION))


def _right(y: int) -> int:
    """Return where a box of the right arm begins at this height."""
    return WIDTH - ARM - _left(y)


def _goals(words: VModelWords, y: int) -> Iterator[Box]:
    for number, goal in enumerate(words.models.model.goals, start=1):
        title = f"{number} {words.package.say(goal.title, words.language)}"
        yield Box(
            kind="goal", x=_left(y), y=y, width=ARM, height=LINE, text=title,
            whole=f"{title}: {words.target(goal)}", href=f"/figures/{goal.indicator}",
        )  # fmt: skip
        y += LINE + GAP


def _proofs(words: VModelWords, y: int) -> Iterator[Box]:
    """Yield what judges the whole: the indicator of each goal beside it, then the scenarios."""
    for goal in words.models.model.goals:
        title = words.carrier_with_kind(Carrier("indicator", goal.indicator))
        yield Box(
            kind="proof", x=_right(y), y=y, width=ARM, height=LINE, text=title,
            whole=f"{title}: {words.target(goal)}", href=f"/figures/{goal.indicator}",
        )  # fmt: skip
        y += LINE + GAP
    for document in words.package.each("scenarios"):
        title = words.package.say(document.data["scenario"], words.language)
        title = words.say("vmodel.carrier.scenario", name=title)
        yield Box(
            kind="proof", x=_right(y), y=y, width=ARM, height=LINE, text=title, whole=title
        )  # fmt: skip
        y += LINE + GAP


def _tasks(words: VModelWords, y: int) -> Iterator[Box]:
    goals = {goal.id: number for number, goal in enumerate(words.models.model.goals, start=1)}
    for number, task in enumerate(words.models.model.tasks, start=1):
        title = f"{number} {words.package.say(task.title, words.language)}"
        served = words.say("vmodel.comma").join(str(goals[id]) for id in task.serves if id in goals)
        facts = words.say("vmodel.task_facts", goals=served, units=len(task.units))
        yield Box(
            kind="task", x=_left(y), y=y, width=ARM, height=UNIT, text=title, small=facts,
            whole=f"{title} {facts}", href=f"{words.path}?show=units#task-{task.id}",
        )  # fmt: skip
        y += UNIT + GAP


def _carriers(words: VModelWords, y: int) -> Iterator[Box]:
    for carrier, count in carried_by(words).items():
        title, href = words.say("vmodel.all_indicators"), f"{words.path}?show=units"
        if carrier.name:
            title, href = words.carrier_with_kind(carrier), _whole_href(words, carrier) or ""
        small = words.say(f"vmodel.parts.{carrier.kind}", count=count)
        yield Box(
            kind="carrier", x=_right(y), y=y, width=ARM, height=UNIT, text=title, small=small,
            whole=f"{title} {small}", href=href,
        )  # fmt: skip
        y += UNIT + GAP


def _whole_href(words: VModelWords, carrier: Carrier) -> str | None:
    if carrier.kind == "step":
        return f"/apps/{words.package.id}/flows/{carrier.name}"
    return words.carrier_href(carrier)


def _units(words: VModelWords, states: Mapping[str, str], y: int) -> Iterator[Box]:
    """Yield the units of work in columns of about the same length, each task under its heading."""
    tasks = words.models.model.tasks
    texts = (words.unit(id) for id in words.models.model.units)
    tall = max(len(wrapped(text, UNIT_WIDTH - 44, FONT, most=2)) for text in texts) > 1
    height = UNIT + (NEXT if tall else 0)
    across = COLUMNS * UNIT_WIDTH + (COLUMNS - 1) * 2 * GAP
    x, at, most = (WIDTH - across) // 2, y, y + _length(tasks, height) // COLUMNS
    for number, task in enumerate(tasks, start=1):
        heading = f"{number} {words.package.say(task.title, words.language)}"
        for place, unit in enumerate(task.units):
            wanted = height + (HEADING if not place else 0)
            new_column = at > y and at + wanted // 2 > most
            if new_column:
                x, at = x + UNIT_WIDTH + 2 * GAP, y
            if new_column or not place:
                yield Box(
                    kind="heading", x=x, y=at, width=UNIT_WIDTH, height=HEADING, text=heading
                )  # fmt: skip
                at += HEADING
            yield _unit(words, unit.id, states.get(unit.id, "nothing"), (x, at, height))
            at += height + GAP


def _length(tasks: tuple[WorkTask, ...], height: int) -> int:
    """Return how long all units of work would be in one column, with a heading again in each."""
    units = sum(len(task.units) for task in tasks)
    return units * (height + GAP) + (len(tasks) + COLUMNS - 1) * HEADING


def _unit(words: VModelWords, id: str, state: str, at: tuple[int, int, int]) -> Box:
    unit = words.models.model.units[id]
    role, limit = words.role(unit.role), words.length(unit.limit)
    return Box(
        kind="unit", x=at[0], y=at[1], width=UNIT_WIDTH, height=at[2], text=words.unit(id),
        small=role, most=2, light=LIGHTS[state], href=words.unit_href(id),
        whole=f"{words.unit(id)} {role}, {limit}, {words.state(state)}",
    )  # fmt: skip


def _captions(words: VModelWords, second: int, third: int) -> list[dict[str, object]]:
    """Return the name of each station, on the outer side of its arm."""
    middle = (WIDTH - COLUMNS * UNIT_WIDTH - (COLUMNS - 1) * 2 * GAP) // 2
    found = [
        (_left(CAPTION), CAPTION, "goals", "start"),
        (_left(second), second, "tasks", "start"),
        (middle, third, "units", "start"),
        (_right(second) + ARM, second, "carriers", "end"),
        (_right(CAPTION) + ARM, CAPTION, "proofs", "end"),
    ]
    return [
        {"x": x, "y": y - 12, "text": words.say(f"vmodel.station.{name}"), "anchor": anchor}
        for x, y, name, anchor in found
    ]


def _ground(third: int, height: int) -> str:
    """Return the outline of the V behind the boxes, as points of a polygon."""
    foot = (WIDTH - COLUMNS * UNIT_WIDTH - (COLUMNS - 1) * 2 * GAP) // 2 - MARGIN
    inner, tip = _left(0) + ARM + MARGIN + 12, third - CAPTION
    outer = min(_left(third) - MARGIN, foot)
    half = [
        (_left(0) - MARGIN, 0), (inner, 0), (inner + round(SLANT * tip), tip),
    ]  # fmt: skip
    back = [(foot, height), (foot, third), (outer, third - CAPTION)]
    mirrored = [(WIDTH - x, y) for x, y in [*reversed(half), *reversed(back)]]
    return " ".join(f"{x},{y}" for x, y in [*half, *mirrored, *back])


def _arrows(
    words: VModelWords, left: list[Box], right: list[Box], third: int
) -> Iterator[dict[str, object]]:
    """Yield the ways down the left arm and up the right one, from station to station."""
    for above, below in pairwise(left):
        x = below.end - 60
        yield {"x": x, "from": above.y + above.height + 4, "to": below.y - 6}
    for above, below in pairwise(right):
        x = below.x + 60
        yield {"x": x, "from": below.y - 6, "to": above.y + above.height + 6}
    over, under = third - CAPTION - 4, third - 4
    x = _left(third) + ARM - 60
    yield {
        "x": x, "from": over, "to": under, "text": words.say("vmodel.down"), "text_y": under - 10,
        "before": True,
    }  # fmt: skip
    yield {
        "x": WIDTH - x, "from": under, "to": over, "text": words.say("vmodel.up"),
        "text_y": under - 10, "before": False,
    }  # fmt: skip
