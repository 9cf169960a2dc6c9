"""The three-way merge of what an area says with a release: nothing lost, nothing asked in vain."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guantong.base.errors import GuantongError
from guantong.base.ids import new_id
from guantong.packages.areas.difference import Difference
from guantong.packages.areas.entry import Entry, Value, word_entry
from guantong.packages.areas.errors import WordRefused
from guantong.packages.areas.merge import KEEP, THEIRS, AreasMerged, decided, merge
from guantong.packages.errors import DecisionUnknown

DAY, NOON = date(2026, 6, 1), datetime(2026, 6, 1, 4, tzinfo=UTC)
KEYS = [f"node.{letter}" for letter in "abcde"]
TEXTS = st.sampled_from(["看", "到场看", "到场察看", "核实"])
FILES = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, TEXTS))


def entry(key: str) -> Entry:
    return word_entry("zh-CN", key)


def said(key: str, text: str, **more: object) -> Difference:
    return Difference(
        id=new_id(), division_code="331081000000", from_day=DAY, to_day=None, at=NOON, package="p",
        entry=entry(key), value=text, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def merged(
    base: dict[str, str],
    theirs: dict[str, str],
    ours: dict[str, str],
    refused: frozenset[str] = frozenset(),
) -> tuple[AreasMerged, dict[UUID, str]]:
    own = [said(key, text) for key, text in ours.items()]

    def bears(of: Entry, value: Value) -> GuantongError | None:
        return WordRefused(why="places", text="", places="") if of.key in refused else None

    found = merge(
        lambda e: base.get(e.key), lambda e: theirs.get(e.key), own, bears=bears, today=DAY
    )
    return found, {one.id: one.entry.key for one in own}


def shown(theirs: dict[str, str], words: dict[str, str]) -> dict[str, str]:
    """Return what people of the area read: the package with the area's words before it."""
    return {**theirs, **words}


@given(base=FILES, theirs=FILES, ours=FILES)
def test_every_word_of_an_area_is_kept_agreed_with_or_asked_about(
    base: dict[str, str], theirs: dict[str, str], ours: dict[str, str]
) -> None:
    ours = {key: text for key, text in ours.items() if key in base}
    found, keys = merged(base, theirs, ours)

    parts = [[d.id for d in found.kept], [d.id for d in found.agreed],
             [c.difference.id for c in found.conflicts]]  # fmt: skip
    assert sorted(id for part in parts for id in part) == sorted(keys)


@given(base=FILES, theirs=FILES, ours=FILES)
def test_changes_of_different_words_are_both_there_and_nobody_is_asked(
    base: dict[str, str], theirs: dict[str, str], ours: dict[str, str]
) -> None:
    untouched = {key for key in base if theirs.get(key) == base[key]}
    ours = {key: text for key, text in ours.items() if key in untouched}

    found, _ = merged(base, theirs, ours)

    assert found.conflicts == ()
    assert shown(theirs, {d.entry.key: d.value for d in found.kept}) == {**theirs, **ours}


@given(base=FILES, theirs=FILES)
def test_the_same_change_on_both_sides_is_no_conflict_and_the_word_comes_into_the_package(
    base: dict[str, str], theirs: dict[str, str]
) -> None:
    same = {key: text for key, text in theirs.items() if key in base}

    found, _ = merged(base, theirs, same)

    assert found.conflicts == ()
    kept = {d.entry.key: d.value for d in found.kept}
    assert shown(theirs, kept) == theirs
    assert {d.entry.key for d in found.agreed} == {k for k in same if base[k] != theirs[k]}


@given(base=FILES, theirs=FILES, ours=FILES, choose=st.randoms(use_true_random=False))
def test_when_every_conflict_is_decided_the_next_look_finds_none(
    base: dict[str, str], theirs: dict[str, str], ours: dict[str, str], choose: object
) -> None:
    ours = {key: text for key, text in ours.items() if key in base}
    found, keys = merged(base, theirs, ours)
    decisions = {
        c.difference.id: choose.choice(  # type: ignore[attr-defined]
            [THEIRS, *([KEEP] if c.can_keep else []), *(["另写"] if c.can_write else [])]
        )
        for c in found.conflicts
    }

    done = decided(found.conflicts, decisions, check=lambda e, value: value)

    after = {d.entry.key: d.value for d in found.kept}
    after |= {keys[id]: text for id, text in done.items() if text is not None}
    again, _ = merged(theirs, theirs, after)
    assert again.conflicts == ()
    assert {d.entry.key: d.value for d in again.kept} == after
    assert all(key in theirs for key in after)  # nothing holds of a thing that is gone


def test_both_changed_the_same_word_and_all_three_are_there_to_be_looked_at() -> None:
    found, _ = merged({"node.a": "看"}, {"node.a": "到场看"}, {"node.a": "核实"})

    (conflict,) = found.conflicts
    assert (conflict.why, conflict.base, conflict.theirs) == ("changed", "看", "到场看")
    assert conflict.difference.value == "核实"
    assert conflict.can_keep
    assert conflict.can_write


def test_a_word_of_a_thing_that_is_gone_can_only_be_ended() -> None:
    found, _ = merged({"node.a": "看"}, {}, {"node.a": "核实"})
    (conflict,) = found.conflicts
    id = conflict.difference.id

    assert conflict.why == "gone"
    for wrong in (KEEP, "另写"):
        with pytest.raises(DecisionUnknown):
            decided([conflict], {id: wrong}, check=lambda e, value: value)
    assert decided([conflict], {id: THEIRS}, check=lambda e, value: value) == {id: None}


def test_what_the_release_does_not_bear_is_asked_about_though_the_package_says_the_same() -> None:
    found, _ = merged(
        {"node.a": "看"}, {"node.a": "看"}, {"node.a": "核实"}, refused=frozenset({"node.a"})
    )

    (conflict,) = found.conflicts
    assert (conflict.why, conflict.can_keep) == ("unfit", False)
    with pytest.raises(WordRefused):
        decided([conflict], {conflict.difference.id: KEEP}, check=lambda e, value: value)


def test_what_is_over_is_history_and_nobody_is_asked_about_it() -> None:
    over = said("node.a", "核实", ended_at=NOON)
    ended = Difference(
        id=over.id, division_code=over.division_code, from_day=DAY, to_day=DAY, at=NOON,
        package="p", entry=over.entry, value=over.value,
    )  # fmt: skip

    found = merge(lambda e: "看", lambda e: "到场看", [ended], bears=lambda e, v: None, today=DAY)

    assert found == AreasMerged()
