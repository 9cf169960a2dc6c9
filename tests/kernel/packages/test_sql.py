"""One indicator, two questions: the figure, and the rows behind it."""

import pyarrow as pa
import pytest

from guantong.data.api import run_sql
from guantong.data.errors import SqlRefused
from guantong.packages.api import indicator_sql

LATE = """
with late as (select * from {{ dataset('flows.task') }} where overdue),
evidence as (select id, division_code from late where minutes > {{ parameter('patience') }})
select count(*) as value from evidence
"""
TASKS = pa.table(
    {
        "id": ["a", "b", "c"],
        "division_code": ["331081000000"] * 3,
        "overdue": [True, True, False],
        "minutes": [90, 10, 90],
    }
)


def test_the_figure_counts_the_rows_that_the_evidence_shows() -> None:
    sql = indicator_sql(LATE)

    figure = run_sql(sql.figure, {"flows.task": TASKS}, {"patience": 60})
    rows = run_sql(sql.evidence, {"flows.task": TASKS}, {"patience": 60})

    assert sql.faults == ()
    assert figure.to_pylist() == [{"value": 1}]
    assert rows.to_pylist() == [{"id": "a", "division_code": "331081000000"}]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("select 1 as value", ("no-evidence",)),
        (
            "with evidence as (select 1 as a) select max(a) as value, min(a) from evidence",
            ("not-value",),
        ),
        ("with evidence as (select 1 as a) select max(2) as value", ("not-from-evidence",)),
        (
            "with evidence as (select 1 as a) select max(a) as value from evidence"
            " where a > (select count(*) from {{ dataset('flows.task') }})",
            ("not-from-evidence",),
        ),
        ("with evidence as (select 1 as a) select a as value from evidence", ("not-aggregate",)),
        (
            "with evidence as (select 1 as a) select max(a) as value from evidence group by a",
            ("not-aggregate",),
        ),
        ("with evidence as (select 1 as a) select 1 as value union select 2", ("not-one-select",)),
    ],
)
def test_a_figure_that_is_not_counted_from_its_evidence_alone_is_told(
    text: str, faults: tuple[str, ...]
) -> None:
    assert indicator_sql(text).faults == faults


@pytest.mark.parametrize(
    "text",
    [
        "with evidence as (select 1) select * from read_csv('x.csv')",
        "attach 'x.db'",
        "select 1; select 2",
        "with evidence as (select 1) select count(*) as value from 'x.parquet'",
        "{% for x in y %} select 1 {% endfor %}",
    ],
)
def test_sql_that_reaches_out_is_refused(text: str) -> None:
    with pytest.raises(SqlRefused):
        indicator_sql(text)
