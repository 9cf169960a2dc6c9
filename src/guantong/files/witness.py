"""How the log sees a file and an issued document: without names of persons, with every digest.

The name a person gave a file may name somebody, and the log outlives the file: a digest stands
there.
"""

from guantong.audit.api import Witness, bring_witness

FILE_AFTER = """jsonb_build_object('owner_kind', owner_kind, 'owner', owner_id, 'digest', digest,
    'size', size, 'type', type, 'class', classification, 'scan', scan,
    'name', encode(sha256(convert_to(name, 'UTF8')), 'hex'),
    'removed', removed_at is not null, 'cleared', cleared_at is not null)"""

# The content stands sealed, and anew with every change of keys; its digest is a keyed one (blind).
DOCUMENT_AFTER = """jsonb_build_object('owner_kind', owner_kind, 'owner', owner_id, 'kind', kind,
    'number', number, 'unit', unit_id, 'unit_name', unit_name, 'year', year, 'serial', serial,
    'code', code, 'sealed_by', sealed_by, 'issued_by', issued_by, 'digest', content_digest,
    'void', void_at is not null,
    'void_reason', encode(sha256(convert_to(void_reason, 'UTF8')), 'hex'))"""

bring_witness(
    Witness(kind="file", sql=f"select id, {FILE_AFTER} as after from files_file")  # noqa: S608
)
bring_witness(
    Witness(
        kind="document",
        sql=f"select id, {DOCUMENT_AFTER} as after from files_document",  # noqa: S608
    )
)
