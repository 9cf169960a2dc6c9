"""What an import would change and what is in doubt: the rules, pure.

The rows of the file and what is known of the store come in as values; each row leaves with its
changes and its doubts. The file is the whole truth about the posts, within the importer's scope, of
the people it names: a post that it does not name for such a person ends (a mover). Of people whom
it does not name it says nothing, unless the importer asked that they leave.

A doubt has a code, the column it is about and facts for its sentence. ``SETTLED_BY_WORD`` are
doubts about something that may well be right: the importer may say that it is.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from guantong.orgs.columns import KIND_WORDS, NEEDED, POST_WORDS, SheetKind, nearest_word
from guantong.orgs.division import is_code
from guantong.orgs.line import AREA, OFFICE
from guantong.orgs.models import POST_CODES, SINGLE_POSTS

SETTLED_BY_WORD = frozenset({"formula", "merged", "same-person", "name-differs", "tasks-held"})
LONGEST = 200
LEAVERS = "leavers"

Change = dict[str, object]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a row cannot simply be applied."""

    code: str
    field: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, field: str = "", /, **facts: object) -> "Doubt":
        """Make a doubt with facts for its sentence."""
        return cls(code, field, tuple((key, str(value)) for key, value in facts.items()))


@dataclass(slots=True)
class Row:
    """One row of the file, with what becomes of it."""

    sheet: SheetKind
    number: int
    cells: dict[str, str]
    mobile_mark: str = ""
    identity_mark: str = ""
    # Doubts found while reading: a wrong telephone, a formula; the values are not kept in clear.
    noted: tuple[Doubt, ...] = ()
    confirmed: frozenset[str] = frozenset()
    skipped: bool = False
    changes: list[Change] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def doubt(self, code: str, field: str = "", /, **facts: object) -> None:
        """Note a doubt, unless somebody said that it is right as it is."""
        if code in SETTLED_BY_WORD and code in self.confirmed:
            return
        self.doubts.append(Doubt.of(code, field, **facts))


@dataclass(slots=True)
class KnownUnit:
    """A unit of the store. ``mine`` says that the importer administers it."""

    code: str
    name_zh: str
    name_en: str
    line: str | None
    division_code: str
    parent: str
    open: bool
    mine: bool


@dataclass(slots=True)
class KnownPost:
    """What a person of the store holds from today on."""

    appointment: str
    unit: str
    post: str
    title: str
    kind: str
    valid_from: date
    valid_to: date | None
    mine: bool


@dataclass(slots=True)
class KnownPerson:
    """A person of the store."""

    id: str
    name: str
    mobile_mark: str = ""
    identity_mark: str = ""
    posts: list[KnownPost] = field(default_factory=list)
    # Holds a post in a unit outside the importer's scope.
    elsewhere: bool = False


@dataclass(slots=True)
class Known:
    """What the store says about everything the file names."""

    on: date
    units: Mapping[str, KnownUnit]
    divisions: frozenset[str]
    lines: Mapping[str, str]  # any word for a line → its id
    people: Mapping[str, KnownPerson]
    by_mobile: Mapping[str, Sequence[tuple[str, str]]]  # mark → (number, name)
    by_identity: Mapping[str, str]  # mark → number
    # (unit, single post) → number and appointment of who holds it
    holders: Mapping[tuple[str, str], tuple[str, str]]
    division_is_mine: Mapping[str, bool]
    # Lines and places that a unit answers for: (line or "area", division).
    answered: frozenset[tuple[str, str]] = frozenset()
    # Everybody who holds a post in scope, when those who are not in the file shall leave.
    book: Mapping[str, KnownPerson] | None = None
    tasks: Mapping[str, int] = field(default_factory=dict)  # person id → tasks under way


def judge(rows: Sequence[Row], known: Known) -> list[Row]:
    """Write changes and doubts into every row; return rows for those who leave besides."""
    for row in rows:
        row.changes, row.doubts = [], []
        for doubt in row.noted:
            row.doubt(doubt.code, doubt.field, **dict(doubt.facts))
    live = [row for row in rows if not row.skipped]
    for row in live:
        for wanted in NEEDED[row.sheet]:
            if not row.cells.get(wanted):
                row.doubt("missing", wanted)
        for name, value in row.cells.items():
            if len(value) > LONGEST:
                row.doubt("too-long", name, most=LONGEST)
    made = _units([row for row in live if row.sheet == "units"], known)
    people: dict[str, list[Row]] = {}
    for row in live:
        if row.sheet == "people" and row.cells.get("number"):
            people.setdefault(row.cells["number"], []).append(row)
    leaving = _leavers(people, known)
    ends = _people(people, made, known)
    _single_posts(people, ends, leaving, known)
    return leaving


# Units


def _units(rows: Iterable[Row], known: Known) -> dict[str, KnownUnit]:
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


# People


def _people(
    people: Mapping[str, list[Row]], made: Mapping[str, KnownUnit], known: Known
) -> set[str]:
    """Judge the rows of people; return the appointments that would end."""
    ends: set[str] = set()
    marks: dict[str, tuple[str, Row]] = {}
    for number, rows in people.items():
        first, person = rows[0], known.people.get(number)
        name = first.cells.get("name", "")
        for row in rows[1:]:
            if row.cells.get("name") and name and row.cells["name"] != name:
                row.doubt("number-twice", "number", number=number)
        _who(first, number, name, person, known, marks)
        wanted = [made_ for row in rows if (made_ := _wanted(row, made, known)) is not None]
        _contact(first, rows, person, known)
        _posts(number, rows, wanted, person, known, ends)
    return ends


def _who(
    row: Row,
    number: str,
    name: str,
    person: KnownPerson | None,
    known: Known,
    marks: dict[str, tuple[str, Row]],
) -> None:
    """Ask whether this is really somebody new, and whether the number is really this person's."""
    if person is not None and name and person.name != name:
        if person.elsewhere:
            row.doubt("person-outside", "name", number=number)
        else:
            row.doubt("name-differs", "name", number=number)
    if row.identity_mark:
        other = known.by_identity.get(row.identity_mark)
        if other is not None and other != number:
            row.doubt("identity-taken", "identity", number=other)
        twin = marks.setdefault(row.identity_mark, (number, row))
        if twin[0] != number:
            row.doubt("identity-twice", "identity", number=twin[0], row=twin[1].number)
    if person is None and row.mobile_mark:
        same = [n for n, known_as in known.by_mobile.get(row.mobile_mark, ()) if known_as == name]
        if same and same[0] != number:
            row.doubt("same-person", "number", number=same[0])
    if person is None and name and row.mobile_mark:
        twin = marks.setdefault(f"{row.mobile_mark}\x1f{name}", (number, row))
        if twin[0] != number:
            row.doubt("same-person", "number", number=twin[0])
    if person is None:
        row.changes.append({"what": "person-new", "number": number, "name": name})
    elif name and person.name != name:
        row.changes.append({"what": "person-renamed", "number": number, "name": name})


def _contact(first: Row, rows: Sequence[Row], person: KnownPerson | None, known: Known) -> None:
    """Note which telephone and number of identity are new for somebody known."""
    if person is None:
        return
    fresh = {
        what: mark
        for what, mark, had in (
            ("mobile", first.mobile_mark, person.mobile_mark),
            ("identity", first.identity_mark, person.identity_mark),
        )
        if mark and mark != had
    }
    if not fresh:
        return
    if person.elsewhere:
        first.doubt("person-outside", "mobile", number=first.cells["number"])
    first.changes.append(
        {"what": "contact", "number": first.cells["number"], "fields": sorted(fresh)}
    )


@dataclass(slots=True)
class _Wanted:
    row: Row
    unit: str
    post: str
    title: str
    kind: str
    valid_from: date | None
    valid_to: date | None
    match: KnownPost | None = None


def _wanted(row: Row, made: Mapping[str, KnownUnit], known: Known) -> _Wanted | None:
    """Read the post of a row; None where it names none, or not in a way that can be applied."""
    cells, before = row.cells, len(row.doubts)
    unit, word = cells.get("unit", ""), cells.get("post", "")
    begins = _day(row, "valid_from")
    ends = _day(row, "valid_to")
    if not unit and not word:
        return None
    if not unit or not word:
        row.doubt("missing", "post" if unit else "unit")
        return None
    post = POST_WORDS.get(word.lower())
    if post is None:
        nearest = nearest_word(word, list(POST_WORDS))
        row.doubt("post-unknown", "post", post=word, nearest=nearest or ", ".join(POST_CODES))
    kind = KIND_WORDS.get(cells.get("kind", "").lower())
    if kind is None:
        row.doubt("kind-unknown", "kind", kind=cells["kind"])
    place = made.get(unit)
    if place is None:
        row.doubt("unit-unknown", "unit", code=unit)
    elif not place.open:
        row.doubt("unit-closed", "unit", code=unit)
    elif not place.mine and place.code in known.units:
        row.doubt("unit-outside", "unit", code=unit)
    if kind == "acting" and ends is None:
        row.doubt("acting-end", "valid_to")
    if begins is not None and ends is not None and ends <= begins:
        row.doubt("end-before", "valid_to", on=begins.isoformat(), until=ends.isoformat())
    if len(row.doubts) > before or post is None or kind is None:
        return None
    return _Wanted(row, unit, post, cells.get("title", ""), kind, begins, ends)


def day_of(text: str) -> date | None:
    """Return a day as people write it: 2026-11-22, 2026/11/22, 2026年11月22日, 20261122."""
    plain = text.replace("年", "-").replace("月", "-").replace("日", "")
    plain = plain.replace("/", "-").replace(".", "-").strip("-")
    parts = plain.split("-")
    if len(parts) == 1 and len(plain) == 8:
        parts = [plain[:4], plain[4:6], plain[6:]]
    try:
        return date(*(int(part) for part in parts)) if len(parts) == 3 else None
    except ValueError:
        return None


def _day(row: Row, name: str) -> date | None:
    text = row.cells.get(name, "")
    if not text:
        return None
    found = day_of(text)
    if found is None or not 1949 <= found.year <= 2999:
        row.doubt("date", name)
        return None
    return found


def _posts(
    number: str,
    rows: Sequence[Row],
    wanted: Sequence[_Wanted],
    person: KnownPerson | None,
    known: Known,
    ends: set[str],
) -> None:
    """Compare the posts of the file with those of the store: what begins, what ends, what moves."""
    held = [] if person is None else [post for post in person.posts if post.mine]
    free, seen = list(held), set[tuple[str, str, str, str]]()
    begin: list[_Wanted] = []
    for want in wanted:
        key = (want.unit, want.post, want.title, want.kind)
        if key in seen:
            want.row.doubt("row-twice", "number", number=number)
            continue
        seen.add(key)
        want.match = next((post for post in free if _same(post, want)), None)
        past = want.valid_to is not None and want.valid_to <= known.on
        if want.match is not None:
            free.remove(want.match)
            _stays(want, known, ends)
        elif not past:
            begin.append(want)
    # What cannot be read may be the very post that would seem to end.
    readable = all(not row.doubts for row in rows)
    named = any(row.cells.get("unit") for row in rows)
    over = [post for post in free if post.kind == "held"] if named and readable else []
    for want in begin:
        since = want.valid_from or known.on
        want.row.changes.append(
            {
                "what": "moved" if over else "appointed", "number": number, "unit": want.unit,
                "post": want.post, "title": want.title, "kind": want.kind,
                "from": since.isoformat(), "basis": want.row.cells.get("basis", ""),
                "until": want.valid_to.isoformat() if want.valid_to else None,
            }
        )  # fmt: skip
    day = max((w.valid_from or known.on for w in begin), default=known.on)
    for post in over:
        ends.add(post.appointment)
        rows[0].changes.append(_ended(number, post, max(day, post.valid_from)))


def _same(post: KnownPost, want: _Wanted) -> bool:
    if (post.unit, post.post, post.kind) != (want.unit, want.post, want.kind):
        return False
    return want.post in SINGLE_POSTS or not want.title or post.title == want.title


def _stays(want: _Wanted, known: Known, ends: set[str]) -> None:
    """Note what changes in a post that is held already: its end, its title."""
    post, number = want.match, want.row.cells["number"]
    assert post is not None, "only a post that is held"
    if want.valid_to is not None and want.valid_to != post.valid_to:
        if want.valid_to <= known.on:
            ends.add(post.appointment)
        want.row.changes.append(_ended(number, post, max(want.valid_to, post.valid_from)))
    if want.title and want.title != post.title:
        want.row.changes.append(
            {"what": "title", "unit": post.unit, "post": post.post, "was": post.title,
             "title": want.title}
        )  # fmt: skip


def _ended(number: str, post: KnownPost, on: date) -> Change:
    return {
        "what": "ended", "number": number, "appointment": post.appointment, "unit": post.unit,
        "post": post.post, "on": on.isoformat(),
    }  # fmt: skip


def _leavers(people: Mapping[str, list[Row]], known: Known) -> list[Row]:
    """Return a row for each person in scope whom the file does not name, when that was asked."""
    found = []
    for number, person in sorted((known.book or {}).items()):
        mine = [post for post in person.posts if post.mine]
        if number in people or not mine:
            continue
        row = Row(sheet="people", number=0, cells={"number": number, "name": person.name})
        row.changes = [_ended(number, post, max(known.on, post.valid_from)) for post in mine]
        found.append(row)
    return found


def _single_posts(
    people: Mapping[str, list[Row]], ends: set[str], leaving: Sequence[Row], known: Known
) -> None:
    """Doubt whoever would be the second in a post for one person, and work left behind."""
    ends |= {str(c["appointment"]) for row in leaving for c in row.changes}
    given: dict[tuple[str, str], str] = {}
    for rows in people.values():
        for row in rows:
            for change in row.changes:
                if change["what"] not in ("appointed", "moved") or change["kind"] != "held":
                    continue
                place = (str(change["unit"]), str(change["post"]))
                if place[1] not in SINGLE_POSTS:
                    continue
                number, appointment = known.holders.get(place, ("", ""))
                if number and appointment not in ends and number != change["number"]:
                    row.doubt("post-filled", "post", unit=place[0], post=place[1], number=number)
                first = given.setdefault(place, str(change["number"]))
                if first != change["number"]:
                    row.doubt("post-twice", "post", unit=place[0], post=place[1], number=first)
    for row in [*leaving, *(row for rows in people.values() for row in rows)]:
        _work_left(row, known)


def _work_left(row: Row, known: Known) -> None:
    ended = {str(c["appointment"]) for c in row.changes if c["what"] == "ended"}
    if not ended:
        return
    number = row.cells.get("number", "")
    person = known.people.get(number) or (known.book or {}).get(number)
    begins = any(c["what"] in ("appointed", "moved") for c in row.changes)
    if person is None or begins:
        return
    staying = [post for post in person.posts if post.appointment not in ended]
    count = known.tasks.get(person.id, 0)
    if not staying and not person.elsewhere and count:
        row.doubt("tasks-held", "number", number=number, count=count)


def counts(rows: Iterable[Row]) -> dict[str, int]:
    """Return how many rows have which change, how many are in doubt and how many skipped."""
    found = {"rows": 0, "doubts": 0, "skipped": 0, "unchanged": 0}
    for row in rows:
        found["rows"] += 1
        if row.skipped:
            found["skipped"] += 1
            continue
        if row.doubts:
            found["doubts"] += 1
        elif not row.changes:
            found["unchanged"] += 1
        for change in row.changes:
            what = str(change["what"])
            found[what] = found.get(what, 0) + 1
    return found


__all__ = [
    "LEAVERS", "Change", "Doubt", "Known", "KnownPerson", "KnownPost", "KnownUnit", "Row",
    "counts", "day_of", "is_code", "judge",
]  # fmt: skip
