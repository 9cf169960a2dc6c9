"""How a run stands now, for the audit: the same columns, in the same form, as the leaf of a run.

Apart from ``landing``, so that registering it loads neither Arrow nor DuckDB.
"""

from guantong.audit.api import Witness

RUN_WITNESS = Witness(
    "data.run",
    "select id, jsonb_build_object('realm', realm, 'dataset', dataset,"
    " 'contract_version', contract_version, 'batch_key', batch_key, 'state', state,"
    " 'rows_good', rows_good, 'rows_bad', rows_bad, 'delta_version', delta_version,"
    " 'inputs', inputs, 'asked_by', asked_by, 'content_digest', content_digest) as after"
    " from data_run",
)
