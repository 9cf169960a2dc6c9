"""Cases and tasks as tables for indicators and replays: fixed columns, one realm, at one time.

The columns are a promise to application packages (``docs/packages``); the tables behind
them are not. ``%(realm)s`` and ``%(now)s`` are filled in by whoever asks.
"""

from guantong.flows.task import ACTIVE

_ACTIVE = ", ".join(f"'{state}'" for state in ACTIVE)

DATASETS = {
    "flows.task": f"""
        select id, case_id, package, item, kind, state, division_code, line, unit_id, unit_name,
            subject_id, level, sent_at, received_at, read_at, accepted_at, fed_back_at,
            completed_at, verified_at, closed_at, limit_at, supervised_at,
            state in ({_ACTIVE}) and limit_at < %(now)s as overdue,
            sent_back_times, rejected_times
        from flows_task where realm = %(realm)s
    """,  # noqa: S608 - constants
    "flows.case": """
        select id, package, process, number, division_code, matter, state, level, opened_at,
            closed_at, outcome
        from flows_case where realm = %(realm)s
    """,
}
