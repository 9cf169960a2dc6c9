"""An exercise (演练): a package's scenario played against a province, on a clock of its own.

All that an exercise is stands in the store: its clock, what will become known and when, and what
its actors still have to do. So ``play`` may be killed at any moment and called again; it goes on
where it was and ends as it would have. Things happen in one order: facts on their way up,
then what becomes known, then timers and limits (of tasks, then of notices), then alerts that end,
then actors.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import OperationalError, connection, transaction

from guantong.audit import api as audit
from guantong.base import clock, outbox
from guantong.base.hashing import canonical, sha256
from guantong.base.ids import new_id
from guantong.base.models import Exercise
from guantong.base.realm import Realm, exercise
from guantong.brain import api as brain
from guantong.data import api as data
from guantong.flows import api as flows
from guantong.notices import api as notices
from guantong.packages import errands
from guantong.packages.package import Package
from guantong.registry import api as registry

_SEQUENCE_EVERY = 60
# The tables grow from nothing to a hundred thousand rows in a minute; with the counts of the
# beginning the store would read them whole.
_COUNT_AT = frozenset({30, 60, 120, 240, 480, 960})


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Rows of one dataset that become known one by one; ``at`` is the column that says when."""

    dataset: str
    at: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an exercise is."""

    done: int
    total: int
    now: datetime


def asked(package: Package, inputs: Sequence[Input]) -> str:
    """Return the digest of a package's id and its inputs: by it an exercise is found again."""
    return sha256(canonical({"package": package.id, "inputs": [_facts(i) for i in inputs]})).hex()


def _number(text: str) -> int:
    """Return the number of the store's lock that stands for ``text``."""
    return int.from_bytes(sha256(text.encode())[:8], signed=True)


def begin(package: Package, inputs: Sequence[Input], *, at: datetime) -> Realm:
    """Return the unfinished exercise of the same package and inputs, or begin a new one.

    Beginning is one transaction: the clock, the feed and the sample objects, or nothing.
    """
    digest = asked(package, inputs)
    id = new_id()
    realm = exercise(id)
    begins_at = min(row[i.at] for i in inputs for row in i.rows)
    with transaction.atomic():
        # Two commands at once begin one exercise: the second waits and finds it.
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_number(digest)])
        found = Exercise.objects.filter(package=package.id, asked=digest, state="running").first()
        if found is not None:
            return Realm(found.realm)
        Exercise.objects.create(
            realm=realm, id=id, package=package.id, asked=digest, started_at=at,
            begins_at=begins_at, now_at=begins_at, title=_title(package, inputs),
        )  # fmt: skip
        _feed(realm, inputs)
        _record_samples(realm, package, at=begins_at)
    registry.recount()
    audit.recount()
    return realm


def play(
    package: Package, realm: Realm, *, progress: Callable[[Progress], None] = lambda _: None
) -> None:
    """Let an exercise run until nothing is due, then mark it finished.

    One process plays it at a time: a second one waits, and then finds it played.
    """
    errands.cast(package, scenario(package)["actors"])
    with _alone(realm):
        _play(realm, progress)


@contextmanager
def _alone(realm: Realm) -> Iterator[None]:
    """Hold the right to play an exercise; the store lets go of it when this process dies."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [_number(realm)])
    try:
        yield
    finally:
        if not connection.needs_rollback and connection.connection is not None:
            with suppress(OperationalError), connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [_number(realm)])


def _play(realm: Realm, progress: Callable[[Progress], None]) -> None:
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
        if soonest is None:
            break
        # What fell due while something else happened is done now: the clock never goes back.
        if soonest > now:
            now = soonest
            clock.advance(realm, now)
        _happen(realm, due, now)
        turn += 1
        if turn % _SEQUENCE_EVERY == 0:
            audit.sequence()
        if turn in _COUNT_AT:
            _count_anew()
        progress(Progress(done=total - due.unknown, total=total, now=now))
    while audit.sequence():
        pass
    with transaction.atomic():
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
    errands: datetime | None

    def soonest(self) -> datetime | None:
        """Return when the first of them is due."""
        known = [self.feed, self.flows, self.notices, self.alerts, self.errands]
        return min((at for at in known if at is not None), default=None)


def _due(realm: Realm) -> Due:
    facts = outbox.waiting(realm)
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), min(due_at),"
            " (select min(due_at) from packages_errand where realm = %s)"
            " from packages_feed where realm = %s and state = 'waiting'",
            [realm, realm],
        )
        unknown, feed, errand = cursor.fetchone()
    return Due(
        facts=facts, unknown=unknown, feed=feed, errands=errand,
        flows=None if facts else flows.next_due(realm),
        notices=None if facts else notices.next_due(realm),
        alerts=None if facts else brain.next_due(realm),
    )  # fmt: skip


def _happen(realm: Realm, due: Due, now: datetime) -> None:
    """Do the first kind of thing that is due at ``now``, and no more: it may bring new facts."""
    if due.feed is not None and due.feed <= now:
        _make_known(realm, now)
    elif due.flows is not None and due.flows <= now:
        flows.run_due(realm, now)
    elif due.notices is not None and due.notices <= now:
        notices.run_due(realm, now)
    elif due.alerts is not None and due.alerts <= now:
        brain.end_due(realm, now)
    else:
        errands.run(realm, now)


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


def _feed(realm: Realm, inputs: Sequence[Input]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("copy packages_feed (realm, dataset, due_at, row, state) from stdin") as copy,
    ):
        for given in inputs:
            for row in sorted(given.rows, key=lambda row: row[given.at]):
                text = canonical(dict(row)).decode()
                copy.write_row((realm, given.dataset, row[given.at], text, "waiting"))


def _record_samples(realm: Realm, package: Package, *, at: datetime) -> None:
    """Record the sample objects the scenario of the replay asks for."""
    for type_id in scenario(package)["given"].get("samples", []):
        name = type_id.split(".")[-1]
        contract = package.contracts[type_id]
        sql = package.documents[f"samples/{name}.sql"].text
        rows = data.evaluate(sql, realm=realm).to_pylist()
        registry.record(realm, type_id, _objects(contract.key[0], rows), at=at, actor="exercise")


def _objects(key: str, rows: Iterable[Mapping[str, Any]]) -> Iterable[registry.NewObject]:
    for row in rows:
        body = {
            name: value
            for name, value in row.items()
            if name not in ("division_code", "lon", "lat")
        }
        yield registry.NewObject(
            key=row[key], division_code=row["division_code"], lon=row["lon"], lat=row["lat"],
            body=body,
        )  # fmt: skip


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
