"""Imports: a file becomes a plan, a plan is corrected, and only then is anything changed.

A plan stands in the store, row for row, and can be left and found again. What is corrected is
corrected in the plan; the rules then judge all rows anew, against the store as it is at that time.
A plan without doubts is applied in one transaction; one with more than ``AT_ONCE`` rows goes batch
by batch, each a transaction of its own that is asked for by a fact, so that a killed worker goes on
where it stopped. Bringing the same file again plans nothing.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import QuerySet

from guantong.audit.api import Leaf, write
from guantong.base.errors import NotFound
from guantong.base.outbox import publish
from guantong.base.realm import LIVE, Realm
from guantong.base.sealing import seal, unseal
from guantong.orgs.errors import PlanInDoubt, PlanNotOpen, SheetRefused
from guantong.orgs.events import ImportToGoOn, PeopleImported
from guantong.orgs.import_applying import apply_ends, apply_rows, give_back, tell_who_left
from guantong.orgs.import_chain_rules import judge_chains
from guantong.orgs.import_known import Scope, held_work, known_of
from guantong.orgs.import_reading import SEALED, ReadFile, read_rows, take_secrets
from guantong.orgs.import_rows import LEAVERS, SETTLED_BY_WORD, Doubt, Known, Row
from guantong.orgs.import_rules import counts, judge
from guantong.orgs.import_views import PlanView, plan_view
from guantong.orgs.models import ImportFile, ImportPlan, ImportRow
from guantong.orgs.workbook import read_book

# More rows than this would keep others waiting for locks: they go in batches (our choice).
AT_ONCE = 3000
BATCH = 5000
_KINDS = {"units": 0, "people": 1, LEAVERS: 2, "chains": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person says about one row: other values, that it is right, or that it is left out."""

    cells: Mapping[str, str]
    confirm: frozenset[str] = frozenset()
    skip: bool = False


def plan_import(
    data: bytes,
    file_name: str,
    *,
    person_id: UUID,
    scope: Scope,
    leave_missing: bool = False,
    mapping: Mapping[str, str] | None = None,
    on: date,
    at: datetime,
    actor: str,
) -> UUID:
    """Read a file into a plan that lists every change and every doubt; nothing else is changed."""
    # A file that cannot be read is refused at once, while whoever brought it is there.
    sheets = read_book(data)
    later = sum(len(sheet.rows) for sheet in sheets) > AT_ONCE
    options = {"leave_missing": leave_missing, "mapping": dict(mapping or {})}
    read = None if later else read_rows(sheets, mapping or {})
    with transaction.atomic():
        plan = ImportPlan.objects.create(
            person_id=person_id, made_by=actor, file_name=file_name[:200], on=on, made_at=at,
            digest=hashlib.sha256(data).hexdigest(), scope=scope.as_json(), options=options,
            state="reading" if later else "open",
        )  # fmt: skip
        kept = seal(base64.b64encode(data).decode(), about="orgs.import.file")
        ImportFile.objects.create(plan_id=plan.id, content=kept)
        if read is None:
            publish(LIVE, ImportToGoOn(plan_id=plan.id), at=at)
        else:
            _fill(plan, read)
            _leaf(plan, "plan", at=at, actor=actor)
    return plan.id


def _file_of(plan: ImportPlan) -> bytes:
    content = ImportFile.objects.get(plan_id=plan.id).content
    return base64.b64decode(unseal(content, about="orgs.import.file"))


def _read_later(plan: ImportPlan, *, at: datetime) -> None:
    """Read the file of a large plan, in the worker; one without known headings is dropped."""
    try:
        read = read_rows(read_book(_file_of(plan)), plan.options["mapping"])
    except SheetRefused as refusal:
        plan.state, plan.remarks = "dropped", [{"code": "refused", "reason": refusal.reason}]
        plan.save()
        _forget_content(plan)
        return
    plan.state = "open"
    _fill(plan, read)
    _leaf(plan, "plan", at=at, actor=plan.made_by)


def read_again(
    plan_id: UUID, *, mapping: Mapping[str, str], leave_missing: bool, at: datetime, actor: str
) -> None:
    """Read the file of a plan anew, with other headings or another wish about those not in it."""
    with transaction.atomic():
        plan = _open(plan_id)
        chosen = {**plan.options["mapping"], **mapping}
        read = read_rows(read_book(_file_of(plan)), chosen)
        plan.options = {"leave_missing": leave_missing, "mapping": chosen}
        ImportRow.objects.filter(plan_id=plan_id).delete()
        _fill(plan, read)
        _leaf(plan, "read_again", at=at, actor=actor)


def correct_rows(
    plan_id: UUID, corrections: Mapping[int, Correction], *, on: date, scope: Scope
) -> None:
    """Correct rows of a plan and judge all of it anew, as the store and the scope are now."""
    with transaction.atomic():
        plan = _open(plan_id)
        found = ImportRow.objects.filter(plan_id=plan_id, id__in=list(corrections))
        for stored in found:
            _correct(stored, corrections[stored.id])
            stored.save()
        plan.on, plan.scope = on, scope.as_json()
        _judge_again(plan, scope)


def _correct(stored: ImportRow, said: Correction) -> None:
    row, body = _row_of(stored), stored.cells
    stored.skipped = said.skip
    body["confirmed"] = sorted(set(body["confirmed"]) | (said.confirm & SETTLED_BY_WORD))
    fresh = {
        name: value.strip()
        for name, value in said.cells.items()
        if name not in SEALED or value.strip()
    }
    # An entered value settles what was noted about the old one.
    noted = [Doubt(d[0], d[1]) for d in body["noted"] if d[1] not in fresh]
    row.cells = {**body["fields"], **fresh}
    given = {name for name in SEALED if row.cells.get(name)}
    sealed = take_secrets(row, noted)
    for name, value, mark in zip(SEALED, sealed, (row.mobile_mark, row.identity_mark), strict=True):
        if name in given:
            setattr(stored, name, value)
            setattr(stored, f"{name}_mark", mark)
    body["fields"] = {name: value for name, value in row.cells.items() if value}
    body["noted"] = [[doubt.code, doubt.field] for doubt in noted]


def examine_again(plan_id: UUID, *, on: date, scope: Scope) -> None:
    """Judge a plan anew: the store may have changed since it was made."""
    with transaction.atomic():
        plan = _open(plan_id)
        plan.on, plan.scope = on, scope.as_json()
        _judge_again(plan, scope)


def drop_plan(plan_id: UUID, *, at: datetime, actor: str) -> None:
    """Lay a plan aside; its rows and its file are forgotten."""
    with transaction.atomic():
        plan = _open(plan_id)
        plan.state = "dropped"
        plan.save(update_fields=["state"])
        _forget_content(plan)
        _leaf(plan, "drop", at=at, actor=actor)


def apply_plan(plan_id: UUID, *, on: date, scope: Scope, at: datetime, actor: str) -> PlanView:
    """Apply a plan without doubts: at once, or from here on batch by batch when it is large."""
    with transaction.atomic():
        plan = _open(plan_id)
        plan.on, plan.scope, plan.done = on, scope.as_json(), 0
        if plan.counts.get("rows", 0) > AT_ONCE and not plan.counts.get("doubts"):
            plan.state, plan.total = "applying", 0
            plan.save()
            publish(LIVE, ImportToGoOn(plan_id=plan.id), at=at)
        elif _ready(plan):
            _batch(plan, plan.total, at=at, actor=actor)
    if plan.counts.get("doubts"):
        # The judgement stays, so that the page shows what has come into doubt meanwhile.
        raise PlanInDoubt(doubts=plan.counts["doubts"])
    return plan_view(plan_id)


def _ready(plan: ImportPlan) -> bool:
    """Judge a plan for the last time before it is applied; a doubt opens it again."""
    _judge_again(plan, Scope.from_json(plan.scope))
    if plan.counts.get("doubts"):
        plan.state = "open"
    else:
        plan.state, plan.total = "applying", _waiting(plan).count()
    plan.save()
    return plan.state == "applying"


def go_on(_realm: Realm, at: datetime, body: Mapping[str, Any]) -> None:
    """Read a large plan or apply its next batch (hears ``ImportToGoOn``); repeating is harmless."""
    with transaction.atomic():
        plan = ImportPlan.objects.select_for_update().filter(id=body["plan_id"]).first()
        if plan is None:
            return
        if plan.state == "reading":
            _read_later(plan, at=at)
        elif plan.state == "applying" and (plan.total or _ready(plan)):
            _batch(plan, BATCH, at=at, actor=plan.made_by)
            if plan.state == "applying":
                publish(LIVE, ImportToGoOn(plan_id=plan.id), at=at)


def _batch(plan: ImportPlan, most: int, *, at: datetime, actor: str) -> None:
    if plan.done == 0:
        # What ends, ends before anything begins: a successor may stand in an earlier row.
        apply_ends(_ends(plan), at=at, actor=actor)
        # Offices stand below units of the same file, in whatever order: all units at once.
        most = max(most, _waiting(plan).filter(sheet="units").count())
    stored = list(_waiting(plan).order_by("id")[:most])
    refused = apply_rows(stored, on=plan.on, at=at, actor=actor)
    ids = [row.id for row in stored]
    with connection.cursor() as cursor:
        cursor.execute(
            "update orgs_importrow set in_doubt = id = any(%s), mobile = '', identity = '',"
            " applied = true where id = any(%s)",
            [refused, ids],
        )
    plan.done += len(ids)
    plan.counts = {**plan.counts, "refused": plan.counts.get("refused", 0) + len(refused)}
    if plan.done < plan.total:
        plan.save(update_fields=["done", "counts"])
        return
    refused_rows = list(
        ImportRow.objects.filter(plan_id=plan.id, skipped=False, in_doubt=True, applied=True)
    )
    give_back(refused_rows, on=plan.on, at=at, actor=actor)
    tell_who_left(list(_ends(plan)), on=plan.on, at=at, actor=actor)
    plan.state, plan.applied_at = "applied", at
    plan.save()
    ImportFile.objects.filter(plan_id=plan.id).delete()
    fact = PeopleImported(
        plan_id=plan.id,
        appointed=plan.counts.get("appointed", 0) + plan.counts.get("moved", 0),
        ended=plan.counts.get("ended", 0),
        units=plan.counts.get("unit-new", 0),
        on=plan.on,
    )
    publish(LIVE, fact, at=at)
    _leaf(plan, "apply", at=at, actor=actor)


def _ends(plan: ImportPlan) -> dict[UUID, date]:
    """Return the appointments that the plan ends, each with its day."""
    rows = ImportRow.objects.filter(
        plan_id=plan.id, skipped=False, changes__contains=[{"what": "ended"}]
    ).values_list("changes", flat=True)
    return {
        UUID(change["appointment"]): date.fromisoformat(change["on"])
        for changes in rows
        for change in changes
        if change["what"] == "ended"
    }


def _waiting(plan: ImportPlan) -> QuerySet[ImportRow]:
    rows = ImportRow.objects.filter(plan_id=plan.id, skipped=False, in_doubt=False, applied=False)
    return rows.exclude(changes=[])


# Judging


def _fill(plan: ImportPlan, read: ReadFile) -> None:
    leaving = _judge(plan, read.rows, Scope.from_json(plan.scope))
    _copy(plan, [*read.rows, *leaving], read.sealed, len(read.rows))
    plan.counts, plan.remarks = counts([*read.rows, *leaving]), read.remarks
    plan.save()


def _judge(plan: ImportPlan, rows: Sequence[Row], scope: Scope) -> list[Row]:
    with_book = bool(plan.options.get("leave_missing"))
    known = known_of(rows, scope=scope, on=plan.on, with_book=with_book)
    leaving = judge(rows, known)
    losing = _losing([*rows, *leaving], known)
    tasks = held_work(losing) if losing else {}
    if tasks:
        known.tasks = {str(id): count for id, count in tasks.items() if count}
        leaving = judge(rows, known)
    judge_chains([row for row in rows if row.sheet == "chains" and not row.skipped], known)
    return leaving


def _losing(rows: Iterable[Row], known: Known) -> list[UUID]:
    """Return who would lose a post: whose work under way must be asked about."""
    numbers = {
        str(change["number"]) for row in rows for change in row.changes if change["what"] == "ended"
    }
    book = known.book or {}
    people = (known.people.get(number) or book.get(number) for number in numbers)
    return [UUID(person.id) for person in people if person is not None]


def _judge_again(plan: ImportPlan, scope: Scope) -> None:
    stored = list(ImportRow.objects.filter(plan_id=plan.id).order_by("id"))
    said = {
        row.cells["fields"].get("number", ""): (row.skipped, row.cells["confirmed"])
        for row in stored
        if row.sheet == LEAVERS
    }
    rows = [(row, _row_of(row)) for row in stored if row.sheet != LEAVERS]
    leaving = _judge(plan, [row for _, row in rows], scope)
    for row in leaving:
        skipped, confirmed = said.get(row.cells["number"], (False, []))
        row.skipped, row.confirmed = skipped, frozenset(confirmed)
        row.doubts = [doubt for doubt in row.doubts if doubt.code not in row.confirmed]
    changed = []
    for kept, row in rows:
        changes, doubts = _plain(row.changes), _plain_doubts(row.doubts)
        if (kept.changes, kept.doubts) != (changes, doubts):
            kept.changes, kept.doubts = changes, doubts
            kept.in_doubt = bool(row.doubts)
            changed.append(kept)
    ImportRow.objects.bulk_update(changed, ["changes", "doubts", "in_doubt"], batch_size=1000)
    ImportRow.objects.filter(plan_id=plan.id, sheet=LEAVERS).delete()
    _copy(plan, leaving, {}, 0)
    plan.counts = counts([*(row for _, row in rows), *leaving])
    plan.save()


def _plain(changes: Sequence[Mapping[str, object]]) -> Any:
    return orjson.loads(orjson.dumps(changes))


def _plain_doubts(doubts: Sequence[Doubt]) -> list[list[object]]:
    return [[doubt.code, doubt.field, [list(fact) for fact in doubt.facts]] for doubt in doubts]


def _row_of(stored: ImportRow) -> Row:
    body = stored.cells
    return Row(
        sheet=stored.sheet,  # type: ignore[arg-type]
        number=stored.number,
        cells=dict(body["fields"]),
        mobile_mark=stored.mobile_mark,
        identity_mark=stored.identity_mark,
        noted=tuple(Doubt(code, field) for code, field in body["noted"]),
        confirmed=frozenset(body["confirmed"]),
        skipped=stored.skipped,
    )


def _copy(
    plan: ImportPlan,
    rows: Sequence[Row],
    sealed: Mapping[tuple[str, int], tuple[str, str]],
    own: int,
) -> None:
    """Write rows by COPY; those from place ``own`` on are people who leave."""
    if not rows:
        return
    columns = (
        "plan_id, sheet, number, cells, mobile, mobile_mark, identity, identity_mark, changes,"
        " doubts, in_doubt, skipped"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy orgs_importrow ({columns}) from stdin") as copy,
    ):
        ordered = sorted(
            enumerate(rows),
            key=lambda at: (_KINDS[LEAVERS if at[0] >= own else at[1].sheet], at[0]),
        )
        for place, row in ordered:
            mobile, identity = sealed.get((row.sheet, row.number), ("", ""))
            body = {
                "fields": row.cells,
                "noted": [[doubt.code, doubt.field] for doubt in row.noted],
                "confirmed": sorted(row.confirmed),
            }
            copy.write_row(
                (
                    plan.id,
                    LEAVERS if place >= own else row.sheet,
                    row.number,
                    orjson.dumps(body).decode(),
                    mobile,
                    row.mobile_mark,
                    identity,
                    row.identity_mark,
                    orjson.dumps(row.changes).decode(),
                    orjson.dumps(_plain_doubts(row.doubts)).decode(),
                    bool(row.doubts),
                    row.skipped,
                )
            )


# Plans in the store


def _open(plan_id: UUID) -> ImportPlan:
    plan = ImportPlan.objects.select_for_update().filter(id=plan_id).first()
    if plan is None:
        raise NotFound(what="import")
    if plan.state != "open":
        raise PlanNotOpen(state=plan.state)
    return plan


def _forget_content(plan: ImportPlan) -> None:
    ImportFile.objects.filter(plan_id=plan.id).delete()
    ImportRow.objects.filter(plan_id=plan.id).delete()


def _leaf(plan: ImportPlan, act: str, *, at: datetime, actor: str) -> None:
    body = {"digest": plan.digest, "counts": plan.counts, "on": plan.on.isoformat()}
    write(
        [
            Leaf(realm=LIVE, at=at, actor=actor, act=act, kind="import", object_id=plan.id,
                 body=body)
        ]
    )  # fmt: skip
