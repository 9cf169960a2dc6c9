"""A dry run in words: the same parts and sentences on the command line and on the page."""

from collections import Counter
from collections.abc import Iterable, Iterator

from guantong.base.reading import moment_text
from guantong.base.words import say
from guantong.packages.areas.told import area_conflict_words
from guantong.packages.life.case_moves import Forecast, MovesSoFar
from guantong.packages.life.dry_run import DryRun
from guantong.packages.life.installing import INSTALLED
from guantong.packages.life.merge import Conflict
from guantong.packages.package import Package
from guantong.packages.rehearsal.kept import KeptRehearsal
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
        "cases": list(_cases(plan, language)),
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


def rehearsal_words(kept: KeptRehearsal | None, language: str) -> str:
    """Say whether a release was rehearsed and what came of it, with what is still to be done."""
    if kept is None:
        return say("life.rehearsal.never", language)
    facts = {
        "at": moment_text(kept.at, language), "failed": kept.failed, "played": kept.played,
        "declared": kept.declared,
    }  # fmt: skip
    if kept.failed:
        return say("life.rehearsal.failed", language, **facts)
    return say(f"life.rehearsal.{'held' if kept.held else 'partly'}", language, **facts)


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


def _cases(plan: DryRun, language: str) -> Iterator[str]:
    if plan.here:
        return  # nothing would be decided about them; how far they are is told beside
    known = {(one.release, one.process): one for one in plan.moves}
    for (release, process), count in sorted(plan.running.items()):
        one = known.get((release, process))
        if one is None:
            yield say("life.running", language, process=process, count=count)
            continue
        yield from _forecast(plan, one, language)
        played = count - sum(one.goes.values()) - sum(one.stays.values())
        if played > 0:
            yield say("life.moves.exercises", language, process=process, count=played)


def _forecast(plan: DryRun, one: Forecast, language: str) -> Iterator[str]:
    facts = {"process": one.process, "version": one.version}
    why = one.why["zh" if language == "zh-CN" else "en"]
    yield say("life.moves.why", language, process=one.process, why=why)
    for (before, after), count in sorted(one.goes.items()):
        yield say(
            "life.moves.goes", language, count=count, **facts,
            before=steps_words(one.old, before, language),
            after=steps_words(plan.package, after, language),
        )  # fmt: skip
    for (reason, place), count in sorted(one.stays.items()):
        yield say(
            f"life.moves.stays.{reason}", language, count=count, **facts,
            **({"place": steps_words(one.old, (place,), language)} if place else {}),
        )  # fmt: skip


def steps_words(package: Package, steps: Iterable[str], language: str) -> str:
    """Return steps of a process as people call them."""
    return say("life.moves.and", language).join(
        package.say(f"node.{step}", language) for step in steps
    )


def progress_words(found: MovesSoFar, package: Package, language: str) -> list[str]:
    """Say how far the cases have gone over to a release, the unfinished first."""
    lines = []
    waiting = found.count("waiting")
    if waiting:
        lines.append(say("moves.state.waiting", language, count=waiting))
    for one in found.counts:
        if one.state == "waiting":
            continue
        key = f"moves.state.{one.state}" + (f".{one.why}" if one.state == "stays" else "")
        facts: dict[str, object] = {"count": one.count, "process": one.process}
        if one.state == "moved":
            facts |= {
                "before": steps_words(package, one.from_places, language),
                "after": steps_words(package, one.to_places, language),
            }
        if one.place:
            facts["place"] = steps_words(package, (one.place,), language)
        lines.append(say(key, language, **facts))
    lines += [
        say(
            "moves.failing", language, number=one.number, attempts=one.attempts,
            fault=say(f"error.{one.fault}", language, **one.facts),
        )
        for one in found.failing
    ]  # fmt: skip
    return lines


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
