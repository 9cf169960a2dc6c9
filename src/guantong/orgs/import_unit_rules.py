"""What an import would change of units, and what is in doubt about them: the rules, pure."""

from collections.abc import Iterable, Mapping, MutableMapping

from guantong.orgs.columns import nearest_word
from guantong.orgs.import_rows import (
    Change,
    Known,
    KnownUnit,
    Row,
)
from guantong.orgs.line import AREA, OFFICE


def judge_units(rows: Iterable[Row], known: Known) -> dict[str, KnownUnit]:
    """Judge the rows of units; return every unit as it would be, the new ones among them."""
    made: dict[str, KnownUnit] = dict(known.units)
    seen: set[str] = set()
    taken: set[tuple[str, str]] = set(known.answered)
    waiting: list[tuple[Row, KnownUnit | None]] = []
    for row in rows:
        code = row.cells.get("code", "")
        if not code:
            continue
        if code in seen:
            row.doubt("unit-twice", "code", code=code)
            continue
        seen.add(code)
        present = known.units.get(code)
        waiting.append((row, present))
        if present is None:
            lines = _lines(row, known)
            made[code] = KnownUnit(
                code=code, name_zh=row.cells.get("name_zh", ""), line=lines[0] if lines else None,
                name_en=row.cells.get("name_en") or row.cells.get("name_zh", ""),
                division_code=row.cells.get("division_code", ""),
                parent=row.cells.get("parent", ""), open=True, mine=False,
            )  # fmt: skip
    for row, present in waiting:
        if present is None:
            unit = made[row.cells["code"]]
            unit.line = unit.line or _line_above(unit, made)
    for row, present in waiting:
        if present is None:
            _new_unit(row, made, taken, known)
        else:
            _known_unit(row, present, made, known)
    return made


def _new_unit(
    row: Row,
    made: MutableMapping[str, KnownUnit],
    taken: set[tuple[str, str]],
    known: Known,
) -> None:
    cells, unit = row.cells, made[row.cells["code"]]
    parent = made.get(unit.parent) if unit.parent else None
    if unit.parent and parent is None:
        row.doubt("superior-unknown", "parent", code=unit.parent)
        return
    if _in_a_ring(unit.code, made):
        row.doubt("superior-ring", "parent", code=unit.parent)
        return
    if not unit.division_code and parent is not None:
        unit.division_code = _division_of(parent, made)
    if unit.division_code not in known.divisions:
        row.doubt("division-unknown", "division_code", code=unit.division_code)
        return
    lines = [line for line in _lines_of(row, known) if line]
    if parent is None and not lines and (AREA, unit.division_code) in taken:
        # A second government of one place: its people would see all that the first one sees.
        row.doubt("no-superior", "parent")
        return
    inside = known.division_is_mine.get(unit.division_code, False)
    # Below a unit of one's own there may be offices of it, in its place and of its line: a unit
    # of another line or place would carry the rights of that line and place.
    below = (
        _administered(unit, made)
        and parent is not None
        and unit.division_code == _division_of(parent, made)
        and unit.line in (None, _line_above(unit, made))
    )
    unit.mine = inside or below
    if not unit.mine:
        row.doubt("unit-outside", "code", code=unit.code)
        return
    answers: list[str] = []
    # A bureau stands below its government and answers; an office below a bureau does not.
    if parent is None or (parent.line is None and lines):
        for line in lines or [AREA]:
            if (line, unit.division_code) not in taken:
                taken.add((line, unit.division_code))
                answers.append(line)
    row.changes.append(
        {
            "what": "unit-new", "code": unit.code, "name_zh": unit.name_zh,
            "name_en": unit.name_en, "line": unit.line or (OFFICE if parent else None),
            "parent": unit.parent,
            "division_code": unit.division_code, "answers": answers,
        }
    )  # fmt: skip
    if not cells.get("division_code"):
        row.cells["division_code"] = unit.division_code


def _line_above(unit: KnownUnit, made: Mapping[str, KnownUnit]) -> str | None:
    """Return the line of the nearest unit above that has one: an office is of its bureau's line."""
    steps, above = 0, made.get(unit.parent)
    while above is not None and above.line is None and steps < 20:
        above, steps = made.get(above.parent), steps + 1
    return None if above is None else above.line


def _administered(unit: KnownUnit, made: Mapping[str, KnownUnit]) -> bool:
    """Say whether a unit above this one is administered by the importer."""
    steps, above = 0, made.get(unit.parent)
    while above is not None and steps < 20:
        if above.mine:
            return True
        above, steps = made.get(above.parent), steps + 1
    return False


def _division_of(unit: KnownUnit, made: Mapping[str, KnownUnit]) -> str:
    steps, at = 0, unit
    while not at.division_code and at.parent in made and steps < 20:
        at, steps = made[at.parent], steps + 1
    return at.division_code


def _in_a_ring(code: str, made: Mapping[str, KnownUnit]) -> bool:
    seen: set[str] = set()
    while code in made and made[code].parent:
        if code in seen:
            return True
        seen.add(code)
        code = made[code].parent
    return False


def _lines_of(row: Row, known: Known) -> list[str | None]:
    """Return the lines a unit's row names; None stands for one that is not known."""
    words = row.cells.get("line", "").replace(",", "、").replace("/", "、").split("、")
    found = [known.lines.get(word.strip().lower()) for word in words if word.strip()]
    return list(dict.fromkeys(found))


def _lines(row: Row, known: Known) -> list[str]:
    """Return the lines of a row, with a doubt about each word that is no line."""
    for word in row.cells.get("line", "").replace(",", "、").replace("/", "、").split("、"):
        if word.strip() and word.strip().lower() not in known.lines:
            nearest = nearest_word(word.strip(), list(known.lines))
            row.doubt("line-unknown", "line", line=word.strip(), nearest=nearest)
    return [line for line in _lines_of(row, known) if line]


def _known_unit(
    row: Row, present: KnownUnit, made: MutableMapping[str, KnownUnit], known: Known
) -> None:
    cells = row.cells
    if not present.open:
        row.doubt("unit-closed", "code", code=present.code)
        return
    changes: list[Change] = []
    name_zh = cells.get("name_zh") or present.name_zh
    # Without an English name of its own in the file, the one it has stays.
    name_en = cells.get("name_en") or present.name_en
    if (name_zh, name_en) != (present.name_zh, present.name_en):
        changes.append(
            {"what": "unit-renamed", "code": present.code, "was": present.name_zh,
             "name_zh": name_zh, "name_en": name_en}
        )  # fmt: skip
    parent = cells.get("parent", "")
    if parent and parent != present.parent:
        if parent not in made:
            row.doubt("superior-unknown", "parent", code=parent)
        else:
            made[present.code].parent = parent
            if _in_a_ring(present.code, made):
                row.doubt("superior-ring", "parent", code=parent)
            changes.append(
                {"what": "unit-moved", "code": present.code, "was": present.parent,
                 "parent": parent}
            )  # fmt: skip
    division = cells.get("division_code", "")
    if division and division != present.division_code:
        row.doubt("division-differs", "division_code", code=division, known=present.division_code)
    _lines(row, known)
    if changes and not present.mine:
        row.doubt("unit-outside", "code", code=present.code)
    row.changes += changes
