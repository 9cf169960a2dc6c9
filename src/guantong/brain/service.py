"""Data in, alerts out: what happens when a run of data lands, and when a case ends.

Each subscriber is idempotent: a run that was assessed is not assessed again, and a case's
feedback is written once. The alert's row, its signals, its leaf and the change it makes to its
case are one transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pyarrow as pa
from django.db import connection, transaction

from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.hashing import plain
from guantong.base.ids import new_id
from guantong.base.outbox import publish
from guantong.base.realm import Realm
from guantong.brain.alert import NONE, Alert, Change, end, ends_at, hear
from guantong.brain.events import AlertChanged
from guantong.brain.signal import SignalKind, listens, signal_kind, signals_on
from guantong.data.api import table_of_run
from guantong.dmn.api import Decision, DmnColumn, decide_all
from guantong.flows import api as flows

_AFTER = """jsonb_build_object('level', a.level, 'highest', a.highest_level, 'state', a.state,
    'digest', encode(sha256(convert_to(concat(a.matter, '|', extract(epoch from a.opened_at), '|',
        extract(epoch from a.changed_at), '|', coalesce(a.case_id::text, '-'), '|', a.feedback),
        'UTF8')), 'hex'))"""

bring_witness(Witness(kind="alert", sql=f"select a.id, {_AFTER} as after from brain_alert a"))  # noqa: S608

_COLUMNS = (
    "level", "highest_level", "state", "opened_at", "changed_at", "heard_at", "below_since",
    "closed_at", "because",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Known:
    """An alert of the store that this transaction holds."""

    id: UUID
    alert: Alert | None
    case_id: UUID | None
    changed: Change = "unchanged"


def on_batch_landed(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Assess a run of data with every signal that looks at its dataset."""
    for signal in signals_on(fact["dataset"]):
        assess(realm, signal, UUID(fact["run_id"]), at=written_at)


def assess(realm: Realm, signal: SignalKind, run_id: UUID, *, at: datetime) -> dict[Change, int]:
    """Ask the signal's rule about each row of a run; return how many alerts changed, and how.

    ``at`` is when the data landed; a row that names no time of its own is of that time.
    """
    counts: dict[Change, int] = {}
    with transaction.atomic(savepoint=False):
        _one_at_a_time(realm, signal)
        if _assessed(realm, signal, run_id):
            return counts
        # One version of the rule for the whole run: that of the moment at which it landed.
        ruling = signal.ruling(realm, at)
        # Cases are locked in the order of division and matter; of one matter, in that of time.
        table = table_of_run(run_id)
        rows: list[tuple[dict[str, object], str]] = sorted(
            zip(table.to_pylist(), _levels(signal, ruling.decision, table), strict=True),
            key=lambda one: (
                str(one[0][signal.division]), signal.matter(one[0]),
                _instant(one[0][signal.at]) or at,
            ),
        )  # fmt: skip
        known = _lock(realm, signal, [signal.matter(row) for row, _ in rows])
        # A file may bring several readings of one gauge: each is heard, and the last is kept.
        signals: dict[str, tuple[object, ...]] = {}
        for row, level in rows:
            matter = signal.matter(row)
            mine = known.get(matter)
            if level == NONE and mine is None:
                continue  # a county the storm never came near: nobody is bothered, nothing kept
            outcome = ruling.decision.decide(row)  # with its reasons
            if mine is None:
                mine = known[matter] = Known(id=new_id(), alert=None, case_id=None)
            row_at = _instant(row[signal.at]) or at
            below = signal.ends_when.evaluate({**row, signal.level: level}) is True
            heard, mine.changed = hear(
                mine.alert, level=level, below=below, at=row_at, levels=signal.levels
            )
            news = heard is not mine.alert
            mine.alert = heard
            facts = {column: plain(row[column]) for column in signal.keep}
            # A level that a context or an expression gives rests on the tables behind it.
            hits = [[hit.rule_id, hit.annotation] for hit in outcome.hits or outcome.all_hits()]
            signals[matter] = (
                new_id(), realm, signal.id, matter, row[signal.division], level, row_at, run_id,
                orjson.dumps(facts).decode(), orjson.dumps(hits).decode(), ruling.version,
            )  # fmt: skip
            if news:
                _keep(realm, signal, matter, str(row[signal.division]), mine, facts=facts, at=at)
            counts[mine.changed] = counts.get(mine.changed, 0) + 1
        _write_signals(signals.values())
    return counts


def end_due(realm: Realm, at: datetime) -> int:
    """End every alert whose time has come; its case is told that the matter is over."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            f"select id, signal, matter, division_code, case_id, facts::text, {', '.join(_COLUMNS)}"  # noqa: S608
            " from brain_alert where realm = %s and state = 'open' and ends_at <= %s"
            " order by division_code, matter for update",
            [realm, at],
        )
        due = cursor.fetchall()
        for id, signal_id, matter, division, case_id, facts, *columns in due:
            signal = signal_kind(signal_id)
            alert = Alert(**dict(zip(_COLUMNS, columns, strict=True)))
            last = ends_at(alert, holds_for=signal.holds_for, expires_after=signal.expires_after)
            ended = end(alert, at=at, because=last[1] if last else "below")
            mine = Known(id=id, alert=ended, case_id=case_id, changed="ended")
            _keep(realm, signal, matter, division, mine, facts=orjson.loads(facts), at=at)
    return len(due)


def next_due(realm: Realm) -> datetime | None:
    """Return when the next alert ends if nothing more is heard of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(ends_at) from brain_alert where realm = %s and state = 'open'", [realm]
        )
        found: datetime | None = cursor.fetchone()[0]
        return found


def on_case_closed(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Take the feedback of a case; where its alert is open again, open the next case."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            f"select id, signal, matter, division_code, facts::text, {', '.join(_COLUMNS)}"  # noqa: S608
            " from brain_alert where realm = %s and case_id = %s for update",
            [realm, fact["case_id"]],
        )
        row = cursor.fetchone()
        if row is None:
            return
        id, signal_id, matter, division, facts, *columns = row
        signal = signal_kind(signal_id)
        alert = Alert(**dict(zip(_COLUMNS, columns, strict=True)))
        feedback = fact["outcome"] if fact["outcome"] in signal.feedback else ""
        cursor.execute("update brain_alert set feedback = %s where id = %s", [feedback, id])
        mine = Known(id=id, alert=alert, case_id=UUID(fact["case_id"]))
        if alert.state == "open" and listens(signal):
            _open_case(realm, signal, matter, division, mine, orjson.loads(facts), at=written_at)
        _leave(realm, id, "feedback", at=written_at)


def _one_at_a_time(realm: Realm, signal: SignalKind) -> None:
    """Wait for whoever assesses the same signal: a matter not heard of yet has no row to lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"brain {realm} {signal.id}"]
        )


def _assessed(realm: Realm, signal: SignalKind, run_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from brain_signal"
            " where realm = %s and signal = %s and run_id = %s)",
            [realm, signal.id, run_id],
        )
        return bool(cursor.fetchone()[0])


def _lock(realm: Realm, signal: SignalKind, matters: Sequence[str]) -> dict[str, Known]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select matter, id, case_id, {', '.join(_COLUMNS)} from brain_alert"  # noqa: S608
            " where realm = %s and signal = %s and matter = any(%s) order by matter for update",
            [realm, signal.id, list(matters)],
        )
        return {
            matter: Known(
                id=id, case_id=case_id, alert=Alert(**dict(zip(_COLUMNS, columns, strict=True)))
            )
            for matter, id, case_id, *columns in cursor.fetchall()
        }


def _keep(
    realm: Realm,
    signal: SignalKind,
    matter: str,
    division: str,
    mine: Known,
    *,
    facts: Mapping[str, Any],
    at: datetime,
) -> None:
    """Write the alert as it is now; where its level changed, leave a leaf and move its case."""
    assert mine.alert is not None, "an alert is kept once there is one"
    alert = mine.alert
    ending = ends_at(alert, holds_for=signal.holds_for, expires_after=signal.expires_after)
    values = [getattr(alert, column) for column in _COLUMNS]
    settings = ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into brain_alert (id, realm, package, signal, matter, division_code, ends_at,"  # noqa: S608
            f" facts, feedback, case_id, {', '.join(_COLUMNS)})"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, '', null" + ", %s" * len(_COLUMNS) + ")"
            " on conflict (realm, signal, matter) do update set ends_at = excluded.ends_at,"
            f" facts = excluded.facts, {settings}",
            [mine.id, realm, signal.package, signal.id, matter, division,
             ending[0] if ending else None, orjson.dumps(facts).decode(), *values],
        )  # fmt: skip
    if mine.changed == "unchanged":
        return
    if mine.changed in ("opened", "reopened"):
        _open_case(realm, signal, matter, division, mine, facts, at=at)
    elif mine.case_id is not None:
        flows.change_level(
            realm, mine.case_id, level=alert.level, over=mine.changed == "ended", at=at
        )
    _leave(realm, mine.id, mine.changed, at=at)
    publish(
        realm,
        AlertChanged(
            alert_id=str(mine.id), signal=signal.id, matter=matter, division_code=division,
            level=alert.level, change=mine.changed,
        ),
        at=at,
    )  # fmt: skip


def _open_case(
    realm: Realm,
    signal: SignalKind,
    matter: str,
    division: str,
    mine: Known,
    facts: Mapping[str, Any],
    *,
    at: datetime,
) -> None:
    """Open the case of an alert, or tell the one still open that the matter is back."""
    assert mine.alert is not None, "only an alert opens a case"
    case_id = flows.open_case(
        realm, package=signal.package, process=signal.opens, matter=matter,
        division_code=division, level=mine.alert.level,
        data={"alert_level": mine.alert.level, "alert_over": False, "matter": matter, **facts},
        at=at,
    )  # fmt: skip
    if case_id == mine.case_id:
        flows.change_level(realm, case_id, level=mine.alert.level, over=False, at=at)
    mine.case_id = case_id
    with connection.cursor() as cursor:
        cursor.execute("update brain_alert set case_id = %s where id = %s", [case_id, mine.id])


def _leave(realm: Realm, id: UUID, act: str, *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select {_AFTER}::text from brain_alert a where a.id = %s", [id])  # noqa: S608
        after = orjson.loads(cursor.fetchone()[0])
    write([
        Leaf(realm=realm, at=at, actor="brain", act=act, kind="alert", object_id=id,
             body={"after": after})
    ])  # fmt: skip


def _write_signals(rows: Iterable[tuple[object, ...]]) -> None:
    columns = (
        "id, realm, signal, matter, division_code, level, at, run_id, facts, hits, rule_version"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy brain_signal ({columns}) from stdin") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _levels(signal: SignalKind, decision: Decision, table: pa.Table) -> list[str]:
    """Return the level of each row, all at once: most rows of a batch bother nobody."""
    try:
        values = decide_all(decision, table).values.to_pylist()
    except DmnColumn:
        values = [decision.decide(row).value for row in table.to_pylist()]
    named = (v.get(signal.level) if isinstance(v, Mapping) else v for v in values)
    return [signal.named_level(level) for level in named]


def _instant(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None
