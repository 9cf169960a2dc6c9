"""What an import would change and what is in doubt: the rules, pure.

The rows of the file and what is known of the store come in as values; each row leaves with its
changes and its doubts. The file is the whole truth about the posts, within the importer's scope, of
the people it names: a post that it does not name for such a person ends (a mover). Of people whom
it does not name it says nothing, unless the importer asked that they leave.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from guantong.orgs.columns import KIND_WORDS, NEEDED, POST_WORDS, nearest_word
from guantong.orgs.import_rows import (
    LONGEST,
    Change,
    Known,
    KnownPerson,
    KnownPost,
    KnownUnit,
    Row,
    day_in,
)
from guantong.orgs.import_unit_rules import judge_units
from guantong.orgs.models import POST_CODES, SINGLE_POSTS


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
    made = judge_units([row for row in live if row.sheet == "units"], known)
    people: dict[str, list[Row]] = {}
    for row in live:
        if row.sheet == "people" and row.cells.get("number"):
            people.setdefault(row.cells["number"], []).append(row)
    leaving = _leavers(people, known)
    ends = _people(people, made, known)
    _single_posts(people, ends, leaving, known)
    return leaving


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
    begins = day_in(row, "valid_from")
    ends = day_in(row, "valid_to")
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
        "was": post.valid_to.isoformat() if post.valid_to else None,
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
