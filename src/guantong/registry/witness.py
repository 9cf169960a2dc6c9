"""How the log sees an object: key, division, and a digest of the body as it stands in the store.

The digest is taken by the store itself, so that a leaf and a check agree to the bit. It is that of
the body with its personal columns sealed: the log outlives the object and must not let anybody try
out names.
"""

from guantong.audit.api import Witness, bring_witness

AFTER = """jsonb_build_object('key', key, 'division', division_code,
    'body', encode(sha256(convert_to(body::text, 'UTF8')), 'hex'))"""

WITNESS = Witness(
    kind="object",
    sql=f"select id, {AFTER} as after from registry_object",  # noqa: S608
)
bring_witness(WITNESS)
