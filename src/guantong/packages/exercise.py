"""An exercise (演练): a package's scenario played against a province, on a clock of its own.

All that an exercise is stands in the store: its clock, what will become known and when, and what
its actors still have to do. So ``play`` may be killed at any moment and called again; it goes on
where it was and ends as it would have. Things happen in one order: facts on their way up,
then what becomes known, then timers and limits (of tasks, then of notices), then alerts that end,
then what a scenario lets somebody do, then actors, then what must be true by then.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import OperationalError, connection, transaction

from guantong.audit import api as audit
from guantong.base import clock, outbox
from guantong.base.hashing import canonical, sha256
from guantong.base.models import Exercise
from guantong.base.realm import Realm
from guantong.brain import api as brain
from guantong.data import api as data
from guantong.flows import api as flows
from guantong.notices import api as notices
from guantong.packages import errands, staging
from guantong.packages.errors import ExerciseWithoutEnd
from guantong.packages.package import Package
from guantong.packages.rehearsal import deeds
from guantong.packages.staging import Coming

_SEQUENCE_EVERY = 60
# The tables grow from nothing to a hundred thousand rows in a minute; with the counts of the
# beginning the store would read them whole.
_COUNT_AT = frozenset({30, 60, 120, 240, 480, 960})
# Ours: some ten times the turns of the longest storm. Whoever needs more sends work round in a
# circle that nothing ends: an approver who always refuses.
MOST_TURNS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Rows of one dataset that become known one by one; ``at`` is the column that says when."""

    dataset: str
    at: str
    rows: Sequence[Mapping[str, Any]]

    def coming(self) -> Iterator[Coming]:
        """Yield the rows in the order in which they become known."""
        for row in sorted(self.rows, key=lambda row: row[self.at]):
            yield Coming(dataset=self.dataset, due_at=row[self.at], row=row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an exercise is."""

    done: int
    total: int
    now: datetime


Pace = Callable[[datetime, datetime | None], datetime | None]
"""From the time it is and when the next thing is due to what time it is a moment later.

At most when the next thing is due; None when the exercise is over.
"""


def asked(package: Package, inputs: Sequence[Input]) -> str:
    """Return the digest of a package's id and its inputs: by it an exercise is found again."""
    return sha256(canonical({"package": package.id, "inputs": [_facts(i) for i in inputs]})).hex()


def begin(package: Package, inputs: Sequence[Input], *, at: datetime) -> Realm:
    """Return the unfinished exercise of the same package and inputs, or begin a new one."""
    begins_at = min(row[i.at] for i in inputs for row in i.rows)

    def fill(realm: Realm) -> None:
        staging.feed(realm, (row for given in inputs for row in given.coming()))
        wanted = scenario(package)["given"].get("samples", [])
        staging.record_samples(realm, package, wanted, at=begins_at)

    return staging.open_exercise(
        package, asked=asked(package, inputs), title=_title(package, inputs), at=at,
        begins_at=begins_at, fill=fill,
    )  # fmt: skip


def play(
    package: Package,
    realm: Realm,
    *,
    actors: Sequence[Mapping[str, object]] | None = None,
    people: Collection[UUID] = (),
    pace: Pace | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> None:
    """Let an exercise run until nothing is due, then mark it finished.

    One process plays it at a time: a second one waits, and then finds it played. Without
    ``actors`` those of the replay's scenario act; for the units ``people`` nobody does. Without a
    ``pace`` the clock jumps to what is due next.
    """
    errands.cast(package, scenario(package)["actors"] if actors is None else actors, people=people)
    with _alone(realm):
        _play(package, realm, progress, pace or _at_once)


def end(package: Package, realm: Realm) -> None:
    """End an exercise as it stands: judge what is to be true at the end, mark it finished."""
    with _alone(realm):
        _finish(package, realm, clock.now(realm))


def _at_once(_now: datetime, soonest: datetime | None) -> datetime | None:
    return soonest


@contextmanager
def _alone(realm: Realm) -> Iterator[None]:
    """Hold the right to play an exercise; the store lets go of it when this process dies."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [staging.number_of(realm)])
    try:
        yield
    finally:
        if not connection.needs_rollback and connection.connection is not None:
            with suppress(OperationalError), connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [staging.number_of(realm)])


def _play(package: Package, realm: Realm, progress: Callable[[Progress], None], pace: Pace) -> None:
    _write_behind()
    data.settle(realm)
    total = _count(realm, "true")
    now, turn = clock.now(realm), 0
    while True:
        due = _due(realm)
        if due.facts:
            while outbox.deliver_one(realm):
                pass
            continue
        soonest = due.soonest()
        reached = pace(now, soonest)
        if reached is None:
            break
        # What fell due while something else happened is done now: the clock never goes back.
        if reached > now:
            now = reached
            clock.advance(realm, now)
        if soonest is None or soonest > now:
            progress(Progress(done=total - due.unknown, total=total, now=now))
            continue
        _happen(package, realm, due, now)
        turn += 1
        if turn > MOST_TURNS:
            raise ExerciseWithoutEnd(package=package.id, turns=MOST_TURNS)
        if turn % _SEQUENCE_EVERY == 0:
            audit.sequence()
        if turn in _COUNT_AT:
            _count_anew()
        progress(Progress(done=total - due.unknown, total=total, now=now))
    _finish(package, realm, now)


def _finish(package: Package, realm: Realm, now: datetime) -> None:
    while audit.sequence():
        pass
    with transaction.atomic():
        deeds.judge_the_end(package, realm, now)
        Exercise.objects.filter(realm=realm, state="running").update(
            state="finished", ended_at=clock.machine_now()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When each source of an exercise has its next thing to do."""

    facts: bool
    unknown: int
    feed: datetime | None
    flows: datetime | None
    notices: datetime | None
    alerts: datetime | None
    acts: datetime | None
    errands: datetime | None
    checks: datetime | None

    def soonest(self) -> datetime | None:
        """Return when the first of them is due."""
        known = [
            self.feed, self.flows, self.notices, self.alerts, self.acts, self.errands, self.checks
        ]  # fmt: skip
        return min((at for at in known if at is not None), default=None)


def _due(realm: Realm) -> Due:
    facts = outbox.waiting(realm)
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), min(due_at),"  # noqa: S608 - constants
            " (select min(due_at) from packages_errand where realm = %s),"
            f" {deeds.DUE}"
            " from packages_feed where realm = %s and state = 'waiting'",
            [realm, realm, realm, realm],
        )
        unknown, feed, errand, act, check = cursor.fetchone()
    return Due(
        facts=facts, unknown=unknown, feed=feed, errands=errand, acts=act, checks=check,
        flows=None if facts else flows.next_due(realm),
        notices=None if facts else notices.next_due(realm),
        alerts=None if facts else brain.next_due(realm),
    )  # fmt: skip


def _happen(package: Package, realm: Realm, due: Due, now: datetime) -> None:
    """Do the first kind of thing that is due at ``now``, and no more: it may bring new facts."""
    if due.feed is not None and due.feed <= now:
        _make_known(realm, now)
    elif due.flows is not None and due.flows <= now:
        flows.run_due(realm, now)
    elif due.notices is not None and due.notices <= now:
        notices.run_due(realm, now)
    elif due.alerts is not None and due.alerts <= now:
        brain.end_due(realm, now)
    elif due.acts is not None and due.acts <= now:
        # Before the actors: what a scenario says of one task stands above how they all behave.
        deeds.act_due(package, realm, now)
    elif due.errands is not None and due.errands <= now:
        errands.run(realm, now)
    else:
        deeds.judge_due(package, realm, now)


def _write_behind() -> None:
    """Let this process not wait for the disk at each commit.

    Nobody is told that a step of an exercise is done before it stands in the store, and a crash
    of the server loses whole transactions from the end, never from the middle: the exercise
    simply does them again. People who act at the same time have connections of their own.
    """
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")


def _count_anew() -> None:
    """Let the store count its rows anew."""
    flows.recount()
    outbox.recount()
    with connection.cursor() as cursor:
        cursor.execute("analyze packages_errand")


def _make_known(realm: Realm, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select dataset, array_agg(seq order by seq), array_agg(row::text order by seq)"
            " from packages_feed where realm = %s and state = 'waiting' and due_at <= %s"
            " group by dataset order by dataset limit 1",
            [realm, at],
        )
        dataset, seqs, texts = cursor.fetchone()
    contract = data.contract_of(dataset)
    batch = data.check_rows(contract, [orjson.loads(text) for text in texts])
    # Landing commits by itself, in lake and store; its batch key makes it safe to repeat.
    data.land(
        contract, batch.rows, batch.rejected, realm=realm, batch_key=f"feed:{seqs[0]}-{seqs[-1]}",
        at=at, actor="exercise",
    )  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update packages_feed set state = 'known' where seq = any(%s)", [seqs])


def scenario(package: Package) -> dict[str, Any]:
    """Return the scenario that the package's replay plays."""
    replay = package.one("replay")
    assert replay is not None, "only a package with replay.yaml is replayed"
    found: dict[str, Any] = package.documents[replay.data["scenario"]].data
    return found


def _facts(given: Input) -> dict[str, object]:
    return {"dataset": given.dataset, "rows": [canonical(dict(row)).decode() for row in given.rows]}


def _title(package: Package, inputs: Sequence[Input]) -> str:
    tracks = sorted({str(row.get("track_id", "")) for i in inputs for row in i.rows})
    return ", ".join(tracks)


def _count(realm: Realm, where: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from packages_feed where realm = %s and {where}", [realm])  # noqa: S608
        return int(cursor.fetchone()[0])
