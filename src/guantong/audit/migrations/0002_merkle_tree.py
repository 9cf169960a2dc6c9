# mypy: disable-error-code="no-untyped-def, no-untyped-call, var-annotated"
"""The log becomes a Merkle tree with signed heads; a log that is there is carried over.

The leaves of release 0.1.0 are hashed as they always were, so their digests, in the order of their
entries, are the first leaves of the tree. The head of the old chain goes into the log as a leaf:
whoever has noted it finds it there. Nothing is put right on the way: what was tampered with before is
found by the check afterwards.
"""

import hashlib

from django.db import migrations, models

import guantong.base.ids
from guantong.audit import ledger
from guantong.audit.leaf import Leaf, encode
from guantong.audit.suite import INTERNATIONAL
from guantong.audit.tree import grow
from guantong.base.clock import machine_now
from guantong.base.ids import new_id
from guantong.base.realm import LIVE

PIECE = 65_536

# The month of a leaf's UUIDv7: its first 48 bits are milliseconds.
_MONTH = (
    "date_trunc('month', to_timestamp(('x' || substr(translate({0}::text, '-', ''), 1, 12))"
    "::bit(48)::bigint / 1000.0) at time zone 'UTC')::date"
)

TABLES = """
    alter table audit_leaf rename to audit_leaf_before;
    alter index audit_leaf_pkey rename to audit_leaf_before_pkey;
    alter index audit_leaf_waiting rename to audit_leaf_before_waiting;
    alter index audit_leaf_of_object rename to audit_leaf_before_of_object;
    create table audit_leaf (
        id uuid not null, realm text not null, kind text not null, object_id uuid,
        encoded bytea not null, seq bigint, month date
    ) partition by list (month);
    create table audit_leaf_waiting partition of audit_leaf for values in (null);
    alter table audit_leaf_waiting add primary key (id), add check (seq is null),
        set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
    create table audit_tile (
        level smallint not null, index bigint not null, digests bytea not null,
        primary key (level, index)
    );
    -- Digests cannot be made smaller: do not try.
    alter table audit_tile alter digests set storage external;
    -- A leaf that is no JSON any more must not end the check that names it.
    create function audit_told(encoded bytea) returns jsonb language plpgsql immutable as $$
    begin
        return convert_from(encoded, 'UTF8')::jsonb;
    exception when others then
        return null;
    end $$;
"""


def carry_over(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_leaf_before")
        if cursor.fetchone()[0] == 0:
            return
        cursor.execute(
            "insert into audit_log (id, single, suite, founded_at) values (%s, true, %s, %s)",
            [new_id(), INTERNATIONAL.name, machine_now()],
        )
        cursor.execute(
            "create temporary table audit_place on commit drop as"  # noqa: S608
            " select leaf_id, row_number() over (order by seq) as seq,"
            # A leaf that committed late does not go back to the month before.
            f" max({_MONTH.format('leaf_id')}) over (order by seq) as month"
            " from audit_entry"
        )
        cursor.execute("create unique index on audit_place (leaf_id)")
        cursor.execute(
            "select month from audit_place union"  # noqa: S608
            f" select {_MONTH.format('id')} from audit_leaf_before where seq is not null"
        )
        for (month,) in cursor.fetchall():
            ledger.open_month(cursor, month)
        # A leaf with a place that the log does not know keeps none: the check names it.
        cursor.execute(
            "insert into audit_leaf (id, realm, kind, object_id, encoded, seq, month)"  # noqa: S608
            " select l.id, l.realm, l.kind, l.object_id, l.encoded,"
            " coalesce(p.seq, (select count(*) from audit_entry) + l.seq + 1000000000),"
            f" coalesce(p.month, {_MONTH.format('l.id')})"
            " from audit_leaf_before l left join audit_place p on p.leaf_id = l.id"
            " where l.seq is not null order by p.seq"
        )
        cursor.execute(
            "insert into audit_leaf_waiting (id, realm, kind, object_id, encoded)"
            " select id, realm, kind, object_id, encoded from audit_leaf_before where seq is null"
        )
        size, chain, holds = _plant(cursor)
        leaf = Leaf(
            realm=LIVE, at=machine_now(), actor="migration", act="carry_over", kind="log",
            object_id=None, body={"entries": size, "chain_head": chain, "chain_holds": holds},
        )  # fmt: skip
        id = new_id()
        cursor.execute(
            "insert into audit_leaf_waiting (id, realm, kind, object_id, encoded)"
            " values (%s, %s, %s, %s, %s)",
            [id, leaf.realm, leaf.kind, None, encode(id, leaf)],
        )


def _plant(cursor):
    """Let the tree grow from the entries in their order; walk the old chain a last time."""
    size, chain, last, holds = 0, bytes(32), 0, True
    tiles = {}

    def read(level, index):
        return tiles[level, index]

    while True:
        cursor.execute(
            "select seq, leaf_hash, chain_hash from audit_entry where seq > %s"
            " order by seq limit %s",
            [last, PIECE],
        )
        rows = cursor.fetchall()
        if not rows:
            break
        for _, digest, chained in rows:
            chain = hashlib.sha256(b"\x01" + chain + bytes(digest)).digest()
            holds = holds and chain == bytes(chained)
            chain = bytes(chained)
        digests = b"".join(bytes(row[1]) for row in rows)
        changed = grow(INTERNATIONAL, read, size, digests)
        tiles |= changed
        size += len(rows)
        last = rows[-1][0]
        cursor.executemany(
            "insert into audit_tile (level, index, digests) values (%s, %s, %s)"
            " on conflict (level, index) do update set digests = excluded.digests",
            [(*address, digests) for address, digests in changed.items()],
        )
    return size, chain.hex(), holds


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("base", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Log",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=guantong.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("single", models.BooleanField(default=True, unique=True)),
                ("suite", models.TextField()),
                ("founded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "audit_log",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("single", True)), name="audit_log_single"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HeadRow",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("note", models.TextField()),
            ],
            options={"db_table": "audit_head"},
        ),
        migrations.CreateModel(
            name="Archived",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=guantong.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("month", models.DateField(unique=True)),
                ("first_seq", models.BigIntegerField()),
                ("last_seq", models.BigIntegerField()),
                ("leaves", models.BigIntegerField()),
                ("file_name", models.TextField()),
                ("file_digest", models.TextField()),
                ("archived_at", models.DateTimeField()),
            ],
            options={"db_table": "audit_archived"},
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLES),
                migrations.RunPython(carry_over),
                migrations.RunSQL("drop table audit_leaf_before; drop table audit_entry"),
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="leafrow", name="audit_leaf_waiting"),
                migrations.RemoveIndex(model_name="leafrow", name="audit_leaf_of_object"),
                migrations.RemoveField(model_name="leafrow", name="leaf_hash"),
                migrations.AddField(
                    model_name="leafrow", name="month", field=models.DateField(null=True)
                ),
                migrations.DeleteModel(name="Entry"),
                migrations.CreateModel(
                    name="Tile",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "level",
                                "index",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("level", models.SmallIntegerField()),
                        ("index", models.BigIntegerField()),
                        ("digests", models.BinaryField()),
                    ],
                    options={"db_table": "audit_tile"},
                ),
            ],
        ),
    ]
