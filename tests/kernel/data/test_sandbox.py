"""Foreign SQL: it reads what it declares and nothing else, and is told so in a sentence."""

import pyarrow as pa
import pytest

from guantong.data import api as data
from guantong.data.errors import SqlRefused

GAUGE = pa.table({"station": ["A", "A", "B"], "level_m": [7.1, 6.2, 6.9]})
READ = "select station from {{ dataset('test.gauge') }}"


def refusal(sql: str, **parameters: data.Scalar) -> str:
    with pytest.raises(SqlRefused) as caught:
        data.run_sql(data.read_sql(sql), {"test.gauge": GAUGE}, parameters)
    assert caught.value.sentence("zh-CN") != caught.value.sentence("en")
    return caught.value.sentence()


def test_a_select_reads_its_datasets_and_parameters() -> None:
    statement = data.read_sql(
        "with high as (select * from {{ dataset('test.gauge') }}"
        " where level_m > {{ parameter('m') }})"
        " select station, count(*) as n from high group by station order by station"
    )

    answer = data.run_sql(statement, {"test.gauge": GAUGE}, {"m": 6.5})

    assert statement.datasets == ("test.gauge",)
    assert statement.parameters == ("m",)
    assert answer.to_pylist() == [{"station": "A", "n": 1}, {"station": "B", "n": 1}]


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        ("select * from read_csv('/etc/passwd')", "Function read_csv is not allowed"),
        ("select * from read_text('/etc/passwd')", "Function read_text is not allowed"),
        ("select * from read_parquet('x')", "Function read_parquet is not allowed"),
        ("select * from glob('/*')", "Function glob is not allowed"),
        ("select * from '/etc/passwd'", "is not declared"),
        ("select getenv('HOME')", "Function getenv is not allowed"),
        ("select current_setting('threads')", "Function current_setting is not allowed"),
        ("select * from duckdb_settings()", "Function duckdb_settings is not allowed"),
        ("select now()", "is not allowed"),
        ("select current_date", "Function current_date is not allowed"),
        ("select random()", "Function rand is not allowed"),
        ("select * from other", "Table other is not declared"),
        ('select * from "test.gauge"', "is not declared"),
        ("select * from information_schema.tables", "is not declared"),
        ("with tables as (select 1) select * from information_schema.tables", "is not declared"),
        ("with t as (select * from t) select * from t", "Table t is not declared"),
        ("with pg_settings as (select * from pg_settings) select * from pg_settings", "declared"),
        ("select * from (with a as (select 1) select * from a) b, a", "Table a is not declared"),
        ("with b as (select * from a), a as (select 1) select * from b", "Table a is not declared"),
        ('with "Pg_Type" as (select 1) select * from Pg_Type', "Table Pg_Type is not declared"),
        ("select 1 where exists (select * from duckdb_secrets)", "is not declared"),
        ("select * from sniff_csv('x')", "Function sniff_csv is not allowed"),
        ("select * from parquet_metadata('x')", "Function parquet_metadata is not allowed"),
        ("select * from query('select 1')", "Function query is not allowed"),
        ("select * from query_table('x')", "Function query_table is not allowed"),
        ("select * from main.read_text('x')", "Function read_text is not allowed"),
        ("select system.main.getenv('x')", "Function getenv is not allowed"),
        ("select \"getenv\"('x')", "Function getenv is not allowed"),
        ("select ('x').getenv()", "Function getenv is not allowed"),
        ("select getenv/**/('x')", "Function getenv is not allowed"),
        ("select /* -- */ getenv('x') -- */", "Function getenv is not allowed"),
        ("select [getenv(x) for x in ['a']]", "Function getenv is not allowed"),
        ("select list_transform(['a'], lambda x: getenv(x))", "is not allowed"),
        ("select 1 limit (select getenv('x'))", "Function getenv is not allowed"),
        ("select * replace (getenv('x') as a) from (select 1 as a)", "Function getenv"),
        ("select repeat('x', 1000000000)", "Function repeat is not allowed"),
        ("select 1 from range(9) using sample 1", "is not allowed here: it answers by chance"),
        ("select * from (summarize select 1)", "is not allowed here"),
        ("select 'now'::timestamp", "is not allowed here"),
        ("select date 'today'", "is not allowed here"),
        ("select user", "is not allowed here"),
        ("attach '/tmp/x.db' as x", "Only one SELECT"),
        ("create macro f() as getenv('x')", "Only one SELECT"),
        ("select getvariable('x')", "Function getvariable is not allowed"),
        ("load httpfs", "Only one SELECT"),
        ("copy (select 1) to '/tmp/x.csv'", "Only one SELECT"),
        ("pragma database_list", "Only one SELECT"),
        ("set threads = 8", "Only one SELECT"),
        ("install httpfs", "Only one SELECT"),
        ("create table t as select 1", "Only one SELECT"),
        ("select 1; select 2", "Only one SELECT"),
        ("", "Only one SELECT"),
        ("select (((", "cannot be read"),
        ("select 1 from {{ config('x') }}", "hold neither a dataset nor a parameter"),
        ("{% if x %} select 1 {% endif %}", "hold neither a dataset nor a parameter"),
        ("select x from {{ dataset('test.none') }}", "Dataset test.none is not known"),
        (f"{READ} where level_m > {{{{ parameter('m') }}}}", "Parameter m has no value"),
        (f"{READ} where depth > 1", "does not run"),
    ],
)
def test_sql_that_asks_for_more_is_refused_with_a_sentence(sql: str, part: str) -> None:
    assert part in refusal(sql)


def test_even_sql_that_slipped_past_the_list_finds_the_room_locked() -> None:
    for sql in (
        "select * from read_csv('/etc/passwd')",
        "select * from glob('/*')",
        "attach '/tmp/x.db' as x",
        "copy (select 1) to '/tmp/guantong-x.csv'",
        "set threads = 8",
        "set enable_external_access = true",
        "select * from GAUGE",
    ):
        statement = data.Statement(sql=sql, datasets=(), parameters=())

        with pytest.raises(SqlRefused, match="does not run"):
            data.run_sql(statement, {})


def test_what_runs_is_written_anew_from_what_was_examined() -> None:
    text = "select /* getenv('x') */ 1 as n -- ; drop table x"

    assert data.read_sql(text).sql == "SELECT 1 AS n"


def test_a_with_of_an_outer_query_is_known_inside_and_one_of_an_inner_query_not_outside() -> None:
    inside = (
        "with a as (select 1 as n) select * from (select n from a) where n in (select n from a)"
    )

    assert data.run_sql(data.read_sql(inside), {}).to_pylist() == [{"n": 1}]
    assert "Table a is not declared" in refusal("select * from a, (with a as (select 1) from a)")


def test_a_recursive_with_reads_itself() -> None:
    sql = "with recursive t as (select 1 as n union all select n + 1 from t where n < 3) from t"

    assert data.run_sql(data.read_sql(sql), {}).num_rows == 3


def test_a_parameter_is_a_value_and_never_sql() -> None:
    statement = data.read_sql(f"{READ} where station = {{{{ parameter('s') }}}}")

    answer = data.run_sql(statement, {"test.gauge": GAUGE}, {"s": "A' or '1'='1"})

    assert answer.num_rows == 0


def test_a_query_that_does_not_end_is_stopped() -> None:
    statement = data.read_sql(
        "select sum(a.range * b.range) as x from range(9999999) a, range(9999999) b"
    )

    with pytest.raises(SqlRefused, match="stopped after"):
        data.run_sql(statement, {}, most_seconds=0.3)


def test_times_are_in_utc_whatever_the_machine_thinks() -> None:
    sql = "select extract('hour' from timestamptz '2026-06-20 12:00:00+08') as h"

    assert data.run_sql(data.read_sql(sql), {}).to_pylist() == [{"h": 4}]


def test_the_doctor_hears_of_unknown_names_and_columns_without_any_data() -> None:
    known = {"test.gauge": GAUGE.schema}

    findings = [
        data.examine_sql(READ, known, {}),
        data.examine_sql(f"{READ} where depth > 1", known, {}),
        data.examine_sql(
            "select 1 from {{ dataset('test.x') }} where {{ parameter('p') }}", known, {}
        ),
        data.examine_sql("drop table x", known, {}),
    ]

    assert [[f.code for f in found] for found in findings] == [
        [],
        ["run"],
        ["dataset", "parameter"],
        ["one-select"],
    ]
    assert "depth" in findings[1][0].sentence()


AREAS = pa.table(
    {"code": ["331081105229", "331083001000", "330102000000", None], "n": [1, 2, 3, 4]}
)
BY_AREA = (
    "select a.n, {{ parameter('m', a.code) }} as m, {{ parameter('m') }} as plain"
    " from {{ dataset('test.areas') }} a order by a.n"
)


def test_a_parameter_of_an_area_is_that_of_the_smallest_area_which_set_one() -> None:
    statement = data.read_sql(BY_AREA)
    value = data.ByArea(everywhere=0.8, areas={"331081": 0.6, "3310": 0.7, "33": 0.75})

    answer = data.run_sql(statement, {"test.areas": AREAS}, {"m": value})

    assert statement.parameters == ("m",)
    assert [row["m"] for row in answer.to_pylist()] == [0.6, 0.7, 0.75, 0.8]
    assert {row["plain"] for row in answer.to_pylist()} == {0.8}


def test_a_parameter_nobody_set_is_the_same_number_for_every_area() -> None:
    answer = data.run_sql(data.read_sql(BY_AREA), {"test.areas": AREAS}, {"m": 0.1})

    assert [row["m"] for row in answer.to_pylist()] == [0.1] * 4
    assert answer.schema.field("m").type == pa.float64()


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        ("select parameter_by_area_m('33') as x", "Function parameter_by_area_m is not allowed"),
        ("select {{ parameter('m', 1 + 1) }} as x", "hold neither a dataset nor a parameter"),
        ("select {{ parameter('m', a.b.c) }} as x", "hold neither a dataset nor a parameter"),
    ],
)
def test_only_a_column_names_the_area_of_a_parameter(sql: str, part: str) -> None:
    assert part in refusal(sql, m=0.5)


def test_a_name_that_begins_like_another_is_not_taken_for_it() -> None:
    sql = "select {{ parameter('m', a.code) }} as m, {{ parameter('more') }} as more from"
    statement = data.read_sql(f"{sql} {{{{ dataset('test.areas') }}}} a")

    answer = data.run_sql(statement, {"test.areas": AREAS}, {"m": 1, "more": 2})

    assert answer.to_pylist() == [{"m": 1, "more": 2}] * 4


def test_a_text_as_value_of_an_area_is_a_value_and_never_sql() -> None:
    value = data.ByArea(everywhere="a'); drop table x; --", areas={"33": "b'"})

    answer = data.run_sql(data.read_sql(BY_AREA), {"test.areas": AREAS}, {"m": value})

    assert [row["m"] for row in answer.to_pylist()] == [
        "b'", "b'", "b'", "a'); drop table x; --",
    ]  # fmt: skip
