"""The leaf of each change of a unit, a post, a person and what binds them, formed by the store.

The audited columns are put together in SQL, once for the change and once for the check, so that
both agree to the bit. Names, telephones and numbers of identity go in as one digest. A row that
stands as the founding wrote it has no leaf of its own; ``founding_seal`` answers for those.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection

from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.realm import LIVE
from guantong.base.sealed_places import bring_sealed

# Kind of record → table, columns shown as they are, columns shown as a digest.
_SHOWN: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "unit": (
        "orgs_unit",
        (
            "code", "line", "tier", "division_code", "name_zh", "name_en", "named_from",
            "valid_from", "valid_to", "successor_id", "origin_id", "parent_id",
        ),
        (),
    ),
    "post": ("orgs_post", ("unit_id", "code", "title"), ()),
    "person": ("orgs_person", ("number",), ("name", "mobile_mark", "identity_mark")),
    "appointment": (
        "orgs_appointment",
        ("person_id", "post_id", "kind", "basis", "valid_from", "valid_to"),
        (),
    ),
    "jurisdiction": (
        "orgs_jurisdiction",
        ("unit_id", "line", "area_code", "kind", "valid_from", "valid_to"),
        (),
    ),
    "fallback_chain": (
        "orgs_fallbackchain",
        ("line", "area_code", "chain", "basis", "valid_from", "valid_to"),
        (),
    ),
    "delegation": (
        "orgs_delegation",
        ("from_person_id", "to_person_id", "post_id", "valid_from", "valid_to"),
        (),
    ),
    "shift": (
        "orgs_dutyshift",
        ("unit_id", "person_id", "part", "epoch:starts_at", "epoch:ends_at", "cancelled"),
        (),
    ),
    "shift_swap": (
        "orgs_shiftswap",
        ("unit_id", "shift_id", "other_shift_id", "asked_by", "epoch:asked_at", "state"),
        (),
    ),
    "citizen": (
        "orgs_citizen",
        ("division_code", "unit_id", "epoch:ended_at"),
        ("name", "identity_mark", "mobile_mark"),
    ),
    "enterprise": (
        "orgs_enterprise",
        ("uscc", "name", "division_code", "unit_id", "epoch:ended_at"),
        ("contact", "mobile_mark"),
    ),
    "external_system": (
        "orgs_externalsystem",
        ("code", "name", "public_key", "division_code", "unit_id", "epoch:ended_at"),
        ("contact",),
    ),
}  # fmt: skip
FOUNDED = ("unit", "post", "person", "appointment", "jurisdiction")

LEAVES_AT_ONCE = 10_000


def table_of(kind: str) -> str:
    """Return the table of one kind of record."""
    return _SHOWN[kind][0]


def after_sql(kind: str) -> str:
    """Return the audited columns of a row as SQL over its table."""
    _, shown, hidden = _SHOWN[kind]
    parts = []
    for column in shown:
        epoch = column.startswith("epoch:")
        name = column.removeprefix("epoch:")
        # A moment as a number: its text depends on the session's time zone.
        parts.append(f"'{name}', {f'extract(epoch from {name})' if epoch else name}")
    if hidden:
        joined = ", '|', ".join(hidden)
        parts.append(f"'digest', encode(sha256(convert_to(concat({joined}), 'UTF8')), 'hex')")
    return f"jsonb_build_object({', '.join(parts)})"


def row_sql(kind: str) -> str:
    """Return a row's id and audited columns as one text, as SQL over its table.

    Cheaper than the JSON of ``after_sql``: it is formed for 300,000 rows at the founding. Only
    for records without moments; days are written in one way whatever the session prefers.
    """
    _, shown, hidden = _SHOWN[kind]
    parts = [
        f"to_char({column}, 'YYYYMMDD')" if column in _DAYS else f"{column}::text"
        for column in (*shown, *hidden)
    ]
    return "concat_ws('|', id::text, {})".format(
        ", ".join(f"coalesce({part}, '-')" for part in parts)
    )


_DAYS = frozenset({"valid_from", "valid_to", "named_from"})

for _kind in _SHOWN:
    _where = " where not founded" if _kind in FOUNDED else ""
    bring_witness(
        Witness(
            kind=_kind,
            sql=f"select id, {after_sql(_kind)} as after from {table_of(_kind)}{_where}",  # noqa: S608
        )
    )

bring_sealed(
    "orgs_person",
    {"mobile": "orgs.person.mobile:{id}", "identity": "orgs.person.identity:{id}"},
)
bring_sealed(
    "orgs_citizen",
    {"mobile": "orgs.citizen.mobile:{id}", "identity": "orgs.citizen.identity:{id}"},
)
bring_sealed("orgs_enterprise", {"mobile": "orgs.enterprise.mobile:{id}"})
bring_sealed("orgs_importrow", {"mobile": "orgs.import.mobile", "identity": "orgs.import.identity"})
bring_sealed("orgs_importfile", {"content": "orgs.import.file"}, key="plan_id")


def leave(
    kind: str, act: str, ids: Iterable[UUID], *, at: datetime, actor: str, **facts: object
) -> None:
    """Write a leaf for each row as it stands now, in the running transaction.

    ``facts`` say what a reader of the log needs beside the columns, and are no personal data.
    """
    wanted = list(ids)
    for start in range(0, len(wanted), LEAVES_AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(
                f"select id, {after_sql(kind)}::text from {table_of(kind)}"  # noqa: S608
                " where id = any(%s)",
                [wanted[start : start + LEAVES_AT_ONCE]],
            )
            rows = cursor.fetchall()
        write(
            # The organisation belongs to the installation, not to an exercise: the live realm.
            Leaf(realm=LIVE, at=at, actor=actor, act=act, kind=kind, object_id=id,
                 body={**facts, "after": orjson.loads(after)})
            for id, after in rows
        )  # fmt: skip
