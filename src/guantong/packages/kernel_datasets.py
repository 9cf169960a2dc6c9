"""The tables of the kernel that a package may read, with their columns and DuckDB types.

The one list: the doctor checks the SQL of packages against it and runs their examples on
tables made from it. Whoever brings one of these tables at run time brings these columns.
"""

from collections.abc import Mapping

_AT = "timestamptz"

KERNEL_DATASETS: Mapping[str, Mapping[str, str]] = {
    "base.division": {
        "code": "varchar",
        "name": "varchar",
        "tier": "varchar",
        "parent_code": "varchar",
    },
    "base.county": {
        "division_code": "varchar",
        "name": "varchar",
        "lon": "double",
        "lat": "double",
    },
    "flows.task": {
        "id": "varchar",
        "case_id": "varchar",
        "package": "varchar",
        "item": "varchar",
        "kind": "varchar",
        "state": "varchar",
        "division_code": "varchar",
        "line": "varchar",
        "unit_id": "varchar",
        "unit_name": "varchar",
        "subject_id": "varchar",
        "level": "varchar",
        "sent_at": _AT,
        "received_at": _AT,
        "read_at": _AT,
        "accepted_at": _AT,
        "fed_back_at": _AT,
        "completed_at": _AT,
        "verified_at": _AT,
        "closed_at": _AT,
        "limit_at": _AT,
        "supervised_at": _AT,
        "overdue": "boolean",
        "sent_back_times": "integer",
        "rejected_times": "integer",
    },
    "flows.case": {
        "id": "varchar",
        "package": "varchar",
        "process": "varchar",
        "number": "varchar",
        "division_code": "varchar",
        "matter": "varchar",
        "state": "varchar",
        "level": "varchar",
        "opened_at": _AT,
        "closed_at": _AT,
        "outcome": "varchar",
    },
    "brain.alert": {
        "id": "varchar",
        "package": "varchar",
        "signal": "varchar",
        "matter": "varchar",
        "division_code": "varchar",
        "level": "varchar",
        "highest_level": "varchar",
        "state": "varchar",
        "opened_at": _AT,
        "changed_at": _AT,
        "closed_at": _AT,
        "case_id": "varchar",
        "feedback": "varchar",
    },
}

# What the evaluations of a signal can be read as, before the columns it keeps.
SIGNAL_COLUMNS: Mapping[str, str] = {
    "matter": "varchar",
    "division_code": "varchar",
    "level": "varchar",
    "heard_at": _AT,
}

# The tables that figures are counted from: kept row by row in the record store, so that each can
# be cut to what its reader may see. Objects and signals of the package are there, too.
RECORD_DATASETS = frozenset({"flows.task", "flows.case", "brain.alert"})

# What every registered object has before the columns of its contract.
OBJECT_COLUMNS: Mapping[str, str] = {
    "id": "varchar",
    "division_code": "varchar",
    "lon": "double",
    "lat": "double",
}
