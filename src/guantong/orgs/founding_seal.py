"""What vouches for the rows of the founding, which are too many for a leaf each.

A province is founded with 300,000 rows. For each of their tables one leaf says how many rows
stand as they were founded, and what their digests add up to: four sums of sixty bits each. The
check adds up again what is marked ``founded`` now; one row altered, added or removed by SQL
changes the sums. Before a change of such a row by its owner, ``touch`` takes the row out of the
sums, marks it as no longer founded, and leaves the new sums; from then on it has leaves of its own.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.ids import new_id
from guantong.base.realm import LIVE
from guantong.orgs.trail import FOUNDED, row_sql, table_of

KIND = "founding"


def _sums(kind: str, where: str) -> str:
    digest = f"encode(sha256(convert_to({row_sql(kind)}, 'UTF8')), 'hex')"
    parts = ", ".join(
        f"coalesce(sum(('x' || substr(digest, {start}, 15))::bit(60)::bigint), 0)"
        for start in (1, 16, 31, 46)
    )
    return (
        f"select count(*), array[{parts}]::numeric[]"  # noqa: S608
        f" from (select {digest} as digest from {table_of(kind)} where {where}) as rows"
    )


_AFTER = "jsonb_build_object('table', {table}, 'rows', {rows}, 'sums', {sums})"

bring_witness(
    Witness(
        kind=KIND,
        sql=" union all ".join(
            f"select s.id, {_AFTER.format(table='s.table', rows='n.rows', sums='n.sums::text')}"  # noqa: S608
            " as after from orgs_foundingseal s cross join"
            f" ({_sums(kind, 'founded')}) as n(rows, sums) where s.table = '{kind}'"
            for kind in FOUNDED
        ),
    )
)


def seal_founding(*, at: datetime, actor: str) -> None:
    """Leave the sums of every table; what is sealed already is left alone."""
    with connection.cursor() as cursor:
        cursor.execute('select "table" from orgs_foundingseal')
        known = {row[0] for row in cursor.fetchall()}
        for kind in FOUNDED:
            if kind in known:
                continue
            cursor.execute(
                'insert into orgs_foundingseal ("table", id, rows, sums)'  # noqa: S608
                f" select %s, %s, n.rows, n.sums::text from ({_sums(kind, 'founded')})"
                " as n(rows, sums)",
                [kind, new_id()],
            )
            _leaf(kind, "seal", at=at, actor=actor)


def touch(kind: str, ids: Iterable[UUID], *, at: datetime, actor: str) -> None:
    """Take rows out of the founding's sums, before their owner changes them."""
    wanted = list(ids)
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*) from {table_of(kind)} where founded and id = any(%s)",  # noqa: S608
            [wanted],
        )
        if not cursor.fetchone()[0]:
            return
        # One at a time: two that take rows out at once would each forget the other's.
        cursor.execute(
            'select rows, sums::numeric[] from orgs_foundingseal where "table" = %s for update',
            [kind],
        )
        before = cursor.fetchone()
        cursor.execute(_sums(kind, "founded and id = any(%s)"), [wanted])
        rows, sums = cursor.fetchone()
        cursor.execute(
            f"update {table_of(kind)} set founded = false where founded and id = any(%s)",  # noqa: S608
            [wanted],
        )
        if before is None:
            return
        left = [str(whole - part) for whole, part in zip(before[1], sums, strict=True)]
        cursor.execute(
            'update orgs_foundingseal set rows = %s, sums = %s where "table" = %s',
            [before[0] - rows, f"{{{','.join(left)}}}", kind],
        )
    _leaf(kind, "unseal", at=at, actor=actor)


def _leaf(kind: str, act: str, *, at: datetime, actor: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute('select id, rows, sums from orgs_foundingseal where "table" = %s', [kind])
        id, rows, sums = cursor.fetchone()
    write(
        [
            Leaf(
                realm=LIVE, at=at, actor=actor, act=act, kind=KIND, object_id=id,
                body={"after": {"table": kind, "rows": rows, "sums": sums}},
            )
        ]
    )  # fmt: skip
