"""Declared fallback chains in the store: declared, withdrawn, read again.

A declaration is an interval of days and is never removed: declared anew, the one before ends on
that day, and who answered on a day that is past can still be told (promise P11). Each is one
transaction that leaves its leaf and lets every process read the jurisdiction table anew.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from guantong.base.errors import NotFound
from guantong.orgs.errors import ChainDayTaken, UnknownLine, UnknownPlace
from guantong.orgs.fallback import Chain, Chains, Declaration, refuse_rings, sensible
from guantong.orgs.line import lines
from guantong.orgs.models import Division, FallbackChain
from guantong.orgs.queries import declarations, jurisdictions_changed, open_on
from guantong.orgs.trail import leave

# One declaration at a time: two made at once could close a ring that neither sees. Ours alone.
_LOCK = 0x6F726763


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainView:
    """One declaration as pages show it."""

    id: UUID
    line: str
    area_code: str
    chain: Chain
    basis: str
    valid_from: date
    valid_to: date | None

    def holds_on(self, on: date) -> bool:
        """Say whether the declaration is valid on that day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


def declare_chain(
    line: str,
    area_code: str,
    chain: Chain,
    *,
    on: date,
    basis: str = "",
    at: datetime,
    actor: str,
) -> UUID:
    """Let a chain hold for a line in an area from that day on; the same chain again is left alone.

    The one before ends on that day. A chain that begins later already is not overtaken.
    """
    if line not in lines():
        raise UnknownLine(line=line, role=line, nearest=", ".join(lines()))
    if not Division.objects.filter(code=area_code).exists():
        raise UnknownPlace(place=area_code)
    sensible(line, chain)
    with transaction.atomic():
        _one_at_a_time()
        mine = FallbackChain.objects.filter(line=line, area_code=area_code)
        begins_later = mine.filter(valid_from__gt=on).exclude(valid_to=F("valid_from"))
        later = begins_later.order_by("valid_from").first()
        if later is not None:
            raise ChainDayTaken(on=on, later=later.valid_from)
        before = open_on(mine, on).first()
        if before is not None:
            if before.valid_to is None and before.chain == ",".join(chain):
                return before.id
            before.valid_to = on
            before.save(update_fields=["valid_to"])
            leave("fallback_chain", "end", [before.id], at=at, actor=actor)
        made = FallbackChain.objects.create(
            line=line, area_code=area_code, chain=",".join(chain), basis=basis, valid_from=on
        )
        refuse_rings(Chains(declarations(on)), Declaration(line, area_code, chain, on, None))
        leave("fallback_chain", "declare", [made.id], at=at, actor=actor)
        jurisdictions_changed()
        return made.id


def withdraw_chain(id: UUID, *, on: date, at: datetime, actor: str) -> None:
    """End a declaration; the one of the wider area holds from then on, or the shipped chain.

    One that has not begun has never held: the one that ended for it has its time again.
    """
    with transaction.atomic():
        _one_at_a_time()
        row = FallbackChain.objects.select_for_update().filter(id=id).first()
        if row is None or (row.valid_to is not None and row.valid_to <= max(on, row.valid_from)):
            raise NotFound(what="fallback chain")
        until, row.valid_to = row.valid_to, max(on, row.valid_from)
        row.save(update_fields=["valid_to"])
        if row.valid_to == row.valid_from:
            _reopen_before(row, until, at=at, actor=actor)
        refuse_rings(
            Chains(declarations(row.valid_to)),
            Declaration(row.line, row.area_code, (), row.valid_to, None),
        )
        leave("fallback_chain", "end", [row.id], at=at, actor=actor)
        jurisdictions_changed()


def _reopen_before(row: FallbackChain, until: date | None, *, at: datetime, actor: str) -> None:
    """Give the time of a declaration to the one of its line and area that ended where it began."""
    before = FallbackChain.objects.filter(
        line=row.line, area_code=row.area_code, valid_to=row.valid_from,
        valid_from__lt=row.valid_from,
    ).first()  # fmt: skip
    if before is not None:
        before.valid_to = until
        before.save(update_fields=["valid_to"])
        leave("fallback_chain", "reopen", [before.id], at=at, actor=actor)


def chains_declared(*, line: str | None = None, area_code: str | None = None) -> list[ChainView]:
    """Return every declaration, those that ended among them, the newest of an area first."""
    rows = FallbackChain.objects.order_by("line", "area_code", "-valid_from", "-id")
    if line is not None:
        rows = rows.filter(line=line)
    if area_code is not None:
        rows = rows.filter(area_code=area_code)
    return [_view(row) for row in rows]


def chain_declared(id: UUID) -> ChainView | None:
    """Return one declaration."""
    row = FallbackChain.objects.filter(id=id).first()
    return None if row is None else _view(row)


def _view(row: FallbackChain) -> ChainView:
    return ChainView(
        id=row.id, line=row.line, area_code=row.area_code, chain=tuple(row.chain.split(",")),
        basis=row.basis, valid_from=row.valid_from, valid_to=row.valid_to,
    )  # fmt: skip


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
