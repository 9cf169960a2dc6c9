"""The leaf of each change in the life of an application, formed by the store itself.

The audited columns are put together in SQL, once for the change and once for the check, so that
both agree to the bit. What is long goes in as a digest.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection

from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.realm import LIVE

# Kind of record → its table, and its audited columns.
_SHOWN: Mapping[str, tuple[str, str]] = {
    "parameter": (
        "packages_parameter_value",
        "jsonb_build_object('package', package, 'parameter', parameter,"
        " 'division_code', division_code, 'value', value, 'from_day', from_day, 'to_day', to_day,"
        " 'digest', encode(sha256(convert_to(concat_ws('|', why, by, extract(epoch from at),"
        " coalesce(extract(epoch from ended_at)::text, '-'), ended_by, ended_why), 'UTF8')),"
        " 'hex'))",
    ),
    "difference": (
        "packages_area_difference",
        "jsonb_build_object('package', package, 'entry', entry, 'division_code', division_code,"
        " 'from_day', from_day, 'to_day', to_day,"
        " 'digest', encode(sha256(convert_to(concat_ws('|', value::text, why, by,"
        " extract(epoch from at), coalesce(extract(epoch from ended_at)::text, '-'), ended_by,"
        " ended_why), 'UTF8')), 'hex'))",
    ),
    "release": (
        "packages_release",
        "jsonb_build_object('package', package, 'version', version, 'digest', digest,"
        " 'signer', signer, 'origin', origin)",
    ),
    "rehearsal": (
        "packages_rehearsal",
        "jsonb_build_object('package', package, 'release', release_id, 'kind', kind,"
        " 'played', played, 'declared', declared, 'failed', failed, 'digest',"
        " encode(sha256(convert_to(concat_ws('|', by, extract(epoch from at), realm, seconds,"
        " outcome, timelines), 'UTF8')), 'hex'))",
    ),
    "rule": (
        "packages_rule_version",
        "jsonb_build_object('package', package, 'path', path, 'state', state, 'content', digest,"
        " 'from_day', from_day, 'begins_at', extract(epoch from begins_at),"
        " 'digest', encode(sha256(convert_to(concat_ws('|', why, by, authors::text,"
        " extract(epoch from at), extract(epoch from changed_at), base_digest,"
        " coalesce(from_release_id::text, '-'), coalesce(from_version_id::text, '-'),"
        " released_by, released_why, coalesce(extract(epoch from released_at)::text, '-'),"
        " ended_by, ended_why, coalesce(extract(epoch from ended_at)::text, '-')), 'UTF8')),"
        " 'hex'))",
    ),
    "application": (
        "packages_installation",
        "jsonb_build_object('package', package, 'release', release_id, 'state', state,"
        " 'since', extract(epoch from since), 'digest',"
        " encode(sha256(convert_to(concat_ws('|', by, why), 'UTF8')), 'hex'))",
    ),
}

for _kind, (_table, _after) in _SHOWN.items():
    bring_witness(Witness(kind=_kind, sql=f"select id, {_after} as after from {_table}"))  # noqa: S608


def leave(kind: str, act: str, id: UUID, *, at: datetime, actor: str, **facts: object) -> None:
    """Write the leaf of a record as it stands now, in the running transaction."""
    table, after = _SHOWN[kind]
    with connection.cursor() as cursor:
        cursor.execute(f"select {after}::text from {table} where id = %s", [id])  # noqa: S608
        text = cursor.fetchone()[0]
    write([
        # Which numbers hold belongs to the installation, not to an exercise: the live realm.
        Leaf(realm=LIVE, at=at, actor=actor, act=act, kind=kind, object_id=id,
             body={**facts, "after": orjson.loads(text)})
    ])  # fmt: skip
