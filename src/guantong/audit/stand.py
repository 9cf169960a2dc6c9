"""How each record stands by its last leaf, in a table of its own for as long as a check lasts.

The plan of a check must not hang on statistics: those of leaves that were just placed, restored or
purged tell of few rows where there are millions, and one loop over all within all takes hours. So
each step goes into a table that is counted before the next one reads it, and the few leaves whose
history must be read are found first.
"""

from typing import Any

from guantong.audit import ledger

# Searching for bytes finds the last leaf of each record, and the store does that with all its
# processors. What was found may turn out to be no leaf with a state: its record is in doubt.
_AFTER = """position('"after":'::bytea in encoded) > 0"""
_FOUND = f"""
    drop table if exists audit_last, audit_waits, audit_stand, audit_doubt;
    create temporary table audit_last on commit drop as
        select kind, object_id, max(seq) as seq from audit_leaf
        where month is not null and object_id is not null and {_AFTER}
        group by kind, object_id;
    create temporary table audit_waits on commit drop as
        select distinct on (kind, object_id) kind, object_id, encoded from {ledger.WAITING}
        where object_id is not null and {_AFTER}
        order by kind, object_id, id desc;
    analyze audit_last, audit_waits
"""  # noqa: S608 - constants
# ``offset 0`` keeps the JSON from being read once for each of its uses.
_STAND = """
    create temporary table audit_stand on commit drop as
        select kind, object_id, told -> 'body' -> 'after' as after,
            coalesce(told -> 'body' ? 'after', false) as sound
        from (
            select kind, object_id,
                audit_told(case when w.object_id is null then l.encoded else w.encoded end) as told
            from (
                select p.kind, p.object_id, l.encoded from audit_last p
                join audit_leaf l on l.object_id = p.object_id and l.seq = p.seq
                where l.month is not null
            ) l full join audit_waits w using (kind, object_id)
            offset 0
        ) read;
    analyze audit_stand
"""
# The last leaf with a state, in two steps: the leaves of the records in doubt, then their JSON.
_DOUBT = """
    create temporary table audit_doubt on commit drop as
        select l.kind, l.object_id, l.seq, l.id, l.encoded
        from (select kind, object_id from audit_stand where not sound) d
        join audit_leaf l on l.object_id = d.object_id and l.kind = d.kind;
    update audit_stand s set after = h.after from (
        select distinct on (kind, object_id) kind, object_id, told -> 'body' -> 'after' as after
        from (
            select kind, object_id, seq, id, audit_told(encoded) as told from audit_doubt offset 0
        ) read
        where told -> 'body' ? 'after'
        order by kind, object_id, seq desc nulls first, id desc
    ) h where h.kind = s.kind and h.object_id = s.object_id
"""


def gather(cursor: Any) -> None:
    """Make the table ``audit_stand`` of the running transaction: kind, object_id, after."""
    cursor.execute("set local work_mem = '64MB'")
    # Hashing and merging cost the same whatever the store believes; so it stays for the witnesses,
    # which join tables of other packages.
    cursor.execute("set local enable_nestloop = off")
    cursor.execute(_FOUND)
    cursor.execute(_STAND)
    cursor.execute("select exists(select from audit_stand where not sound)")
    if cursor.fetchone()[0]:
        cursor.execute(_DOUBT)


def differences(witness_sql: str) -> str:
    """Return the query that compares what stands with what the leaves of ``%(kind)s`` left."""
    return f"""
        with now as ({witness_sql})
        select coalesce(p.object_id, now.id), now.id is null, p.object_id is null,
            p.after is distinct from now.after
        from (
            select object_id, after from audit_stand where kind = %(kind)s and after is not null
        ) p full join now on now.id = p.object_id
    """  # noqa: S608 - the witness is code of a kernel package
