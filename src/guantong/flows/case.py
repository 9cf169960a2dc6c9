"""A case's own verbs: it is opened for a matter, and told when the matter's level changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from guantong.base.clock import local_day
from guantong.base.ids import new_id
from guantong.base.installation import installation_id, short_code
from guantong.base.outbox import publish
from guantong.base.realm import Realm, is_exercise
from guantong.bpmn.api import State
from guantong.flows import engine
from guantong.flows.errors import AnswersIncomplete, MatterOpen, NoCaseToFollow
from guantong.flows.events import CaseOpened
from guantong.flows.level import rank
from guantong.flows.opening import Opening
from guantong.flows.process import Process, process_of


def open_case(
    realm: Realm,
    *,
    package: str,
    process: str,
    matter: str,
    division_code: str,
    level: str,
    data: Mapping[str, Any],
    at: datetime,
) -> UUID:
    """Open a case of a matter and let its process begin.

    A matter has one open case (promise P4): where it has one already, that one is returned.
    """
    _, id = _open(
        realm, process=process_of(package, process), matter=matter, division_code=division_code,
        level=level, data=data, at=at,
    )  # fmt: skip
    return id


def open_by_person(
    realm: Realm,
    opening: Opening,
    *,
    division_code: str,
    person_id: UUID,
    answers: Mapping[str, Any],
    at: datetime,
) -> UUID:
    """Open a case by hand, with the answers to the form of its start, and return it.

    Who opens it found the matter. A matter of that place that has an open case is refused with
    the case's number: it is the same one, and has been entered before (promise P4).
    """
    missing = [q.name for q in opening.form.fields if q.required and q.name not in answers]
    if missing:
        raise AnswersIncomplete(item=opening.node, fields=", ".join(missing))
    follows = None
    if opening.follows and answers.get(opening.follows):
        follows = _case_numbered(realm, opening.package, str(answers[opening.follows]))
    by = str(person_id)
    opened, id = _open(
        realm, process=process_of(opening.package, opening.process),
        matter=opening.about(answers, division_code), division_code=division_code, level="none",
        data={**answers, "doers": {opening.node: by}, "last_doer": by}, by=person_id,
        follows=follows, at=at,
    )  # fmt: skip
    if not opened:
        raise MatterOpen(number=_number_of(id))
    return id


def _case_numbered(realm: Realm, package: str, number: str) -> UUID:
    """Return the case of a package with that number, or refuse."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from flows_case where realm = %s and number = %s and package = %s",
            [realm, number, package],
        )
        row = cursor.fetchone()
    if row is None:
        raise NoCaseToFollow(number=number)
    return UUID(str(row[0]))


def _number_of(case_id: UUID) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select number from flows_case where id = %s", [case_id])
        return str(cursor.fetchone()[0])


def _open(
    realm: Realm,
    *,
    process: Process,
    matter: str,
    division_code: str,
    level: str,
    data: Mapping[str, Any],
    by: UUID | None = None,
    follows: UUID | None = None,
    at: datetime,
) -> tuple[bool, UUID]:
    """Open a case and let its process begin; False with the one that is open already."""
    id = new_id()
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        begin = _number_begins(realm, division_code, at=at)
        # One at a time in a county and on a day: else two would count the same cases, and give
        # the same number. Held until the case is there to be counted.
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"number {realm} {begin}"]
        )
        cursor.execute(
            "insert into flows_case (id, realm, number, package, process, matter, division_code,"
            " level, state, outcome, opened_at, tokens, data, awaits, release, follows_id)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, 'open', '', %s, '{}', '{}', '', %s, %s)"
            " on conflict (realm, package, process, matter) where state = 'open' do nothing",
            [id, realm, _number(realm, begin), process.package, process.id, matter,
             division_code, level, at, process.release, follows],
        )  # fmt: skip
        if cursor.rowcount == 0:
            cursor.execute(
                "select id from flows_case where realm = %s and package = %s and process = %s"
                " and matter = %s and state = 'open'",
                [realm, process.package, process.id, matter],
            )
            return False, cursor.fetchone()[0]
        publish(realm, CaseOpened(case_id=str(id), package=process.package, matter=matter), at=at)
        cursor.execute("select number from flows_case where id = %s", [id])
        engine.start(
            engine.OpenCase(
                id=id, realm=realm, number=cursor.fetchone()[0], package=process.package,
                process=process, matter=matter, division_code=division_code, state=State(),
                data=dict(data), level=level, at=at,
            ),
            by=by,
        )  # fmt: skip
    return True, id


def change_level(realm: Realm, case_id: UUID, *, level: str, over: bool, at: datetime) -> None:
    """Tell a case that the level of its alert is now ``level``, or that the alert is over.

    A closed case is left as it is.
    """
    with transaction.atomic(savepoint=False):
        case = engine.lock(realm, case_id, at=at)
        if case is None:
            return
        case.level = level
        case.data |= {"alert_level": level, "alert_over": over}
        if case.data.get("change") == "over" and not over and rank(level):
            engine.call_back(case)
        engine.ask_again(case, act="level_changed")


def _number_begins(realm: Realm, division_code: str, *, at: datetime) -> str:
    """Return how public numbers begin: installation, day, county; an exercise says so."""
    code = short_code(installation_id(at=at))
    if is_exercise(realm):
        code += f"-EX{short_code(UUID(realm.split(':')[1]))}"
    return f"{code}-{local_day(at):%Y%m%d}-{division_code[:6]}-"


def _number(realm: Realm, begin: str) -> str:
    """Return the next public number that begins so; whoever asks holds the lock of ``begin``."""
    with connection.cursor() as cursor:
        cursor.execute(
            # A range rather than "like": it is found in the index of numbers.
            "select count(*) from flows_case where realm = %s and number >= %s and number < %s",
            [realm, begin, f"{begin}:"],  # the colon follows the digits
        )
        return f"{begin}{cursor.fetchone()[0] + 1:02d}"
