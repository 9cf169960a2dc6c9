"""A dry run in words: the same parts and sentences on the command line and on the page."""

from collections import Counter
from collections.abc import Iterator

from guantong.base.words import say
from guantong.packages.areas.told import area_conflict_words
from guantong.packages.life.dry_run import DryRun
from guantong.packages.life.installing import INSTALLED
from guantong.packages.life.merge import Conflict
from guantong.packages.tables.merging import TableConflict

# So many changes of one kind are named; how many words change is only counted.
MOST_NAMED = 60


def headline(plan: DryRun, language: str) -> str:
    """Say what installing the release would be, in one sentence."""
    stands = plan.stands
    if stands is None:
        act = say("life.would.install", language)
    else:
        key = "life.would.upgrade" if stands.state == INSTALLED else "life.would.again"
        act = say(key, language, before=stands.version)
    return say("life.head", language, package=plan.package.id, version=plan.version, act=act)


def parts(plan: DryRun, language: str, *, collisions: bool = True) -> list[tuple[str, list[str]]]:
    """Return what would change, as headings with their sentences; empty parts are left out.

    Where ``collisions`` with areas' words are shown side by side, they are not told once more.
    """
    signed = (
        say("life.signer", language, signer=plan.signer)
        if plan.signer
        else say("life.unsigned", language)
    )
    found = {
        "errors": [f"{f.path}: {f.sentence(language)}" for f in plan.errors],
        "changes": [signed, *_changes(plan, language)],
        "gaps": [g.sentence(language) for g in plan.gaps if g.level != "error"],
        "data": list(_data(plan, language)),
        "cases": [
            say("life.running", language, process=process, count=count)
            for (_, process), count in sorted(plan.running.items())
        ],
        "parameters": [
            *_parameters(plan, language),
            *(_collisions(plan, language) if collisions else ()),
        ],
        "tables": list(_tables(plan, language)),
    }
    return [(say(f"life.part.{name}", language), lines) for name, lines in found.items() if lines]


def conflict_words(conflict: Conflict, language: str) -> str:
    """Say which word of an area is in conflict, and why."""
    one = conflict.setting
    return say(
        "life.conflict", language, parameter=one.parameter, area=one.division_code,
        value=f"{one.value:.10g}", why=_why(conflict, language),
    )  # fmt: skip


def _why(conflict: Conflict, language: str) -> str:
    was, now = conflict.base, conflict.theirs
    facts: dict[str, object] = {}
    if conflict.why == "meaning" and was is not None and now is not None:
        facts = {"was": was.unit, "now": now.unit}
    elif now is not None:
        facts = {"low": now.low, "high": now.high}
    return say(f"life.why.{conflict.why}", language, **facts)


def _changes(plan: DryRun, language: str) -> Iterator[str]:
    words = Counter(change.how for change in plan.changes if change.subject == "words")
    named = [change for change in plan.changes if change.subject != "words"]
    for change in named[:MOST_NAMED]:
        yield say(
            "life.change", language, how=say(f"life.how.{change.how}", language),
            subject=say(f"life.subject.{change.subject}", language), name=change.name,
        )  # fmt: skip
    for how, count in sorted(words.items()):
        yield say("life.words", language, how=say(f"life.how.{how}", language), count=count)


def _data(plan: DryRun, language: str) -> Iterator[str]:
    for need in plan.must_land:
        yield say("life.land", language, dataset=need.dataset, source=need.source)
    for need in plan.requests:
        yield say(
            "life.share", language, dataset=need.dataset, source=need.source, sharing=need.sharing
        )


def _parameters(plan: DryRun, language: str) -> Iterator[str]:
    if plan.merged.kept:
        yield say("life.kept", language, count=len(plan.merged.kept))
    for conflict in plan.merged.conflicts:
        yield conflict_words(conflict, language)
    if plan.areas.kept:
        yield say("life.areas_kept", language, count=len(plan.areas.kept))
    if plan.areas.agreed:
        yield say("life.areas_agreed", language, count=len(plan.areas.agreed))


def _collisions(plan: DryRun, language: str) -> Iterator[str]:
    for collision in plan.areas.conflicts:
        yield area_conflict_words(collision, plan.base or plan.package, plan.package, language)


def table_conflict_words(conflict: TableConflict, language: str) -> str:
    """Say which table of this installation is in conflict, and why."""
    why = say(f"life.table_why.{conflict.why}", language)
    return say("life.table_conflict", language, path=conflict.path, why=why)


def _tables(plan: DryRun, language: str) -> Iterator[str]:
    for path in plan.tables.kept:
        yield say("life.table_kept", language, path=path)
    for conflict in plan.tables.conflicts:
        yield table_conflict_words(conflict, language)


def act_words(act: str, before: str, language: str) -> str:
    """Return what an entry of the history did."""
    return say(f"life.act.{act}", language, **({"before": before} if act == "upgrade" else {}))
