"""What a scenario wants, kept in the store: done at its instant, once, whatever is killed.

A deed, what it changes and what became of it are one transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from guantong.base.realm import Realm
from guantong.packages.package import Package
from guantong.packages.rehearsal import acting, opening
from guantong.packages.rehearsal.judging import judge
from guantong.packages.rehearsal.script import ACT, THEN, Wish, opens
from guantong.packages.rehearsal.world import world

# When the next act and the next check are due: two columns, the realm asked for twice.
DUE = (
    "(select min(due_at) from packages_deed"
    " where realm = %s and state = 'waiting' and kind = 'act'),"
    " (select min(due_at) from packages_deed"
    " where realm = %s and state = 'waiting' and kind = 'then')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A wish and what became of it."""

    kind: str
    place: int
    due_at: datetime | None
    done_at: datetime | None
    wish: dict[str, Any]
    result: dict[str, Any]

    @property
    def held(self) -> bool:
        """Say whether it went as the scenario says; what was never looked at did not."""
        return bool(self.result.get("held"))


def write(realm: Realm, wishes: tuple[Wish, ...]) -> None:
    """Write down what a scenario wants, in the running transaction."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into packages_deed (realm, kind, place, due_at, wish, state, result)"
            " values (%s, %s, %s, %s, %s::jsonb, 'waiting', '{}')",
            [
                (realm, w.kind, w.place, w.due_at, orjson.dumps(dict(w.said)).decode())
                for w in wishes
            ],
        )


def act_due(package: Package, realm: Realm, at: datetime) -> None:
    """Do the first act that is due. No more: it may bring facts that others have to hear."""
    with transaction.atomic():
        for seq, wish in _waiting(realm, ACT, at)[:1]:
            if opens(wish):
                done = opening.open_case(package, realm, wish, at=at)
            else:
                done = acting.act(realm, wish, at=at)
            _note(seq, done.to_json(), at)


def judge_due(package: Package, realm: Realm, at: datetime) -> None:
    """Judge everything that must be true by ``at``."""
    with transaction.atomic():
        for seq, wish in _waiting(realm, THEN, at):
            _judge(package, realm, seq, wish, at)


def judge_the_end(package: Package, realm: Realm, at: datetime) -> None:
    """Judge what must be true at the end, in the running transaction."""
    for seq, wish in _waiting(realm, THEN, None):
        _judge(package, realm, seq, wish, at)


def done(realm: Realm) -> list[Done]:
    """Return every wish of a rehearsal with what became of it, in the order of the file."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select kind, place, due_at, done_at, wish::text, result::text from packages_deed"
            " where realm = %s order by kind, place",
            [realm],
        )
        return [
            Done(
                kind=kind, place=place, due_at=due_at, done_at=done_at, wish=orjson.loads(wish),
                result=orjson.loads(result),
            )
            for kind, place, due_at, done_at, wish, result in cursor.fetchall()
        ]  # fmt: skip


def _judge(package: Package, realm: Realm, seq: int, wish: dict[str, Any], at: datetime) -> None:
    verdict = judge(wish, world(package, realm, wish))
    _note(seq, {"held": verdict.held, **verdict.found}, at)


def _waiting(realm: Realm, kind: str, at: datetime | None) -> list[tuple[int, dict[str, Any]]]:
    """Return what waits and is due at ``at``; with none, what waits for the end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select seq, wish::text from packages_deed"
            " where realm = %s and kind = %s and state = 'waiting'"
            " and (due_at <= %s or (%s::timestamptz is null and due_at is null))"
            " order by due_at, place for update",
            [realm, kind, at, at],
        )
        return [(seq, orjson.loads(wish)) for seq, wish in cursor.fetchall()]


def _note(seq: int, result: dict[str, Any], at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update packages_deed set state = 'done', done_at = %s, result = %s::jsonb"
            " where seq = %s",
            [at, orjson.dumps(result).decode(), seq],
        )
