"""What an import would declare of fallback chains, and what is in doubt about it: the rules, pure.

The file says nothing about chains that it does not name. A row without a division code is meant
for the whole installation, that is for its topmost division.
"""

from collections.abc import Sequence

from guantong.orgs.columns import nearest_word
from guantong.orgs.errors import ChainGoesInARing, ChainLinkUnknown, ChainNotSensible
from guantong.orgs.fallback import LINK_WORDS, Chains, Declaration, read_chain, refuse_rings
from guantong.orgs.import_rows import Known, Row, day_in


def judge_chains(rows: Sequence[Row], known: Known) -> None:
    """Write changes and doubts into the rows of chains."""
    planned: list[tuple[Row, Declaration]] = []
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        declared = _read(row, known)
        if declared is None:
            continue
        first = seen.setdefault((declared.line, declared.area_code), row.number)
        if first != row.number:
            row.doubt("chain-twice", "line", row=first)
            continue
        mine = [
            one
            for one in known.chains
            if (one.line, one.area_code) == (declared.line, declared.area_code)
        ]
        if any(one.valid_to is None and one.chain == declared.chain for one in mine):
            continue
        if any(one.valid_from > declared.valid_from for one in mine):
            row.doubt("chain-day-taken", "valid_from", on=declared.valid_from.isoformat())
            continue
        planned.append((row, declared))
    after = _after([declared for _, declared in planned], known)
    for row, declared in planned:
        try:
            refuse_rings(after, declared)
        except ChainGoesInARing as refusal:
            row.doubt("chain-ring", "chain", way=refusal.facts["way"])
            continue
        row.changes.append(
            {
                "what": "chain-declared", "line": declared.line, "area": declared.area_code,
                "chain": list(declared.chain), "from": declared.valid_from.isoformat(),
                "basis": row.cells.get("basis", ""),
            }
        )  # fmt: skip


def _read(row: Row, known: Known) -> Declaration | None:
    cells, before = row.cells, len(row.doubts)
    word = cells.get("line", "")
    line = known.lines.get(word.lower())
    if word and line is None:
        nearest = nearest_word(word, list(known.lines))
        row.doubt("line-unknown", "line", line=word, nearest=nearest)
    area = cells.get("division_code") or known.top
    if area not in known.divisions:
        row.doubt("division-unknown", "division_code", code=area)
    elif not known.division_is_mine.get(area, False):
        row.doubt("chain-outside", "division_code", code=area)
    since = day_in(row, "valid_from") or known.on
    chain: tuple[str, ...] = ()
    if line is not None and cells.get("chain"):
        try:
            chain = read_chain(line, cells["chain"])
        except ChainLinkUnknown as refusal:
            link = str(refusal.facts["link"])
            nearest = nearest_word(link, [*LINK_WORDS, *known.lines])
            row.doubt("chain-link", "chain", link=link, nearest=nearest)
        except ChainNotSensible as refusal:
            code = "chain-twice-link" if refusal.code == "chain-twice" else refusal.code
            row.doubt(code, "chain")
    if row.doubts[before:] or line is None or not chain:
        return None
    return Declaration(line, area, chain, since, None)


def _after(planned: Sequence[Declaration], known: Known) -> Chains:
    """Return the declarations as they would be: what is declared anew takes the other's place."""
    anew = {(one.line, one.area_code): one.valid_from for one in planned}
    kept = []
    for one in known.chains:
        ends = anew.get((one.line, one.area_code))
        if ends is not None and (one.valid_to is None or one.valid_to > ends):
            one = one._replace(valid_to=ends)
        kept.append(one)
    return Chains([*planned, *kept])
