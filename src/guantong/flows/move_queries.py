"""How far the cases of a package have gone over to a release: counts, and those that could not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCount:
    """So many cases of a process for which the same came of it."""

    process: str
    was: str
    state: str
    why: str
    place: str
    from_places: tuple[str, ...]
    to_places: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingMove:
    """A case that could not go over so far: its number, and the refusal it met."""

    case_id: UUID
    number: str
    attempts: int
    fault: str
    facts: Mapping[str, Any]
    try_at: datetime | None


def moves_to(package: str, release: str) -> list[MoveCount]:
    """Return what came of the cases that were to go over to a release, counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select process, was, state, why, place, from_places, to_places, count(*)"
            " from flows_case_move where package = %s and becomes = %s"
            " group by 1, 2, 3, 4, 5, 6, 7 order by 1, 3, 6, 7, 4, 5",
            [package, release],
        )
        return [
            MoveCount(
                process=process, was=was, state=state, why=why, place=place,
                from_places=tuple(before.split()), to_places=tuple(after.split()), count=count,
            )
            for process, was, state, why, place, before, after, count in cursor.fetchall()
        ]  # fmt: skip


def failing_moves(package: str, release: str, *, most: int = 20) -> list[FailingMove]:
    """Return the cases that could not go over to a release so far, those tried most first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select m.case_id, c.number, m.attempts, m.fault, m.fault_facts::text, m.try_at"
            " from flows_case_move m join flows_case c on c.id = m.case_id"
            " where m.package = %s and m.becomes = %s and m.state = 'waiting' and m.attempts > 0"
            " order by m.attempts desc, c.number limit %s",
            [package, release, most],
        )
        return [
            FailingMove(
                case_id=id, number=number, attempts=attempts, fault=fault,
                facts=orjson.loads(facts), try_at=try_at,
            )
            for id, number, attempts, fault, facts, try_at in cursor.fetchall()
        ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """That a case went over: between which releases and steps, and when."""

    was: str
    becomes: str
    from_places: tuple[str, ...]
    to_places: tuple[str, ...]
    at: datetime


def moves_of_case(case_id: UUID) -> list[Moved]:
    """Return when a case went over to other releases, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select was, becomes, from_places, to_places, done_at from flows_case_move"
            " where case_id = %s and state = 'moved' order by done_at desc",
            [case_id],
        )
        return [
            Moved(
                was=was, becomes=becomes, from_places=tuple(before.split()),
                to_places=tuple(after.split()), at=at,
            )
            for was, becomes, before, after, at in cursor.fetchall()
        ]  # fmt: skip
