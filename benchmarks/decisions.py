"""How fast decisions are: one record, one with its reasons, many at once, beside two peers.

``python -m benchmarks.decisions`` asks the fifty rules of the common work (``GUANTONG_BENCHMARKS``,
else ``../shared/benchmarks`` beside the checkout) through the public API of ``guantong.dmn``.
Records are distinct, numbers come in as ``Decimal`` or Arrow ``decimal128``, and every answer, the
peers' too, is compared with the same rules read from ``rows.json`` by a loop that knows no DMN.
The peers run in ``.venv-peers`` (``make peers``) and are asked in turn with ours. ``examination``
times the search for a gap and an overlap planted into five hundred rules.
"""

import argparse
import gc
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlglot import exp

from guantong.dmn.api import (
    Decision,
    DecisionTable,
    borders,
    coverage,
    days_between,
    decide_all,
    examine,
    numbers_between,
    read,
)
from guantong.feel.shapes import STRING, number
from guantong.feel.to_sql import targets

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GUANTONG_BENCHMARKS", ROOT.parent / "shared" / "benchmarks"))
CASES = ("single", "single with reasons", "batch", "examination")
TO_REACH = {"single": 400_000, "single with reasons": 100_000, "batch": 3_000_000}
UNIT = "decisions per CPU second"
COMPILE_MS, EXAMINE_SECONDS = 50, 2
ROUNDS, RECORDS_A_ROUND, RECORDS_AT_ONCE = 5, 20_000, 1_000
BATCH = 400_000
PEERS = {"SpiffWorkflow": 60, "zen-engine singly": 300, "zen-engine": 3_000}  # records a round
REGIONS, KINDS = "NSEWC", "ABCD"


def main() -> int:
    """Run the cases that were asked for; return 0 when every answer was right."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("--case", choices=CASES, help="run one case")
    asked.add_argument("--all", action="store_true", help="run every case")
    given = asked.parse_args()
    if not (SHARED / "rows.json").is_file():
        print(f"{SHARED} has no rows.json: name the folder in GUANTONG_BENCHMARKS", file=sys.stderr)
        return 2
    lines = {
        "single": lambda: singly("single", RECORDS_A_ROUND),
        "single with reasons": lambda: singly("single with reasons", RECORDS_A_ROUND),
        "batch": lambda: batch(BATCH),
        "examination": examination,
    }
    chosen = [given.case] if given.case else CASES
    right = True
    for case in chosen:
        right &= tell(lines[case]())
    return 0 if right else 1


# --- the work


def rules() -> list[dict[str, Any]]:
    """Return the fifty rules as data."""
    made: list[dict[str, Any]] = json.loads((SHARED / "rows.json").read_text())
    return made


def decision() -> tuple[Decision, float]:
    """Return the fifty rules as a decision, and the milliseconds it took to read and compile it."""
    xml = (SHARED / "risk50_feel.dmn").read_bytes()
    spent = []
    for _ in range(5):
        began = time.process_time()
        model = read(xml)
        spent.append(time.process_time() - began)
    return model.decisions[0], 1000 * statistics.median(spent)


def records(count: int, pick: random.Random, seen: set[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Return so many records that were not there before."""
    made = []
    while len(made) < count:
        whole = (pick.randint(16, 90), pick.randint(0, 1_200_000), pick.choice(REGIONS),
                 pick.choice(KINDS), pick.randint(0, 60), pick.randint(0, 100))  # fmt: skip
        if whole in seen:
            continue
        seen.add(whole)
        age, cents, region, kind, days, score = whole
        made.append(
            {"age": Decimal(age), "income": Decimal(cents).scaleb(-2), "region": region,
             "kind": kind, "days": Decimal(days), "score": Decimal(score)}
        )  # fmt: skip
    return made


def reference(told: list[dict[str, Any]], record: dict[str, Any]) -> str:
    """Return the answer by reading the rules from the first to the last."""
    for rule in told:
        age = rule["age"] is None or rule["age"][0] <= record["age"] <= rule["age"][1]
        income = rule["income"] is None or record["income"] < rule["income"]
        region = rule["region"] in (None, record["region"])
        kind = rule["kind"] in (None, record["kind"])
        days = rule["days"] is None or record["days"] > rule["days"]
        score = rule["score"] is None or record["score"] >= rule["score"]
        if age and income and region and kind and days and score:
            return str(rule["out"])
    raise AssertionError("the last rule takes every record")


# --- one record after the other


def singly(case: str, count: int) -> dict[str, Any]:
    """Return the line of decisions taken one by one."""
    told, (asked, compile_ms) = rules(), decision()
    ask = _value if case == "single" else _reasons
    pick, seen = random.Random(20260620), set[tuple[Any, ...]]()  # noqa: S311  no secret
    spent, right, last = [], True, 0
    peers = Peers(told)
    with peers.running():
        for turn in range(-1, ROUNDS):
            seconds = 0.0
            for _ in range(count // RECORDS_AT_ONCE):
                some = records(RECORDS_AT_ONCE, pick, seen)
                seconds += _timed(ask, asked, some, answers := [])
                wanted = [reference(told, record) for record in some]
                if ask is _reasons:
                    right &= all(map(_reasoned, answers, some))
                    answers = [answer[0] for answer in answers]
                right &= answers == wanted
                last += wanted.count("default")
            if turn >= 0:
                spent.append(seconds)  # the first round warms both
            for name in ("SpiffWorkflow", "zen-engine singly"):
                right &= peers.ask(name, records(PEERS[name], pick, seen), warm=turn < 0)
    ours = count / statistics.median(spent)
    return {
        "benchmark": "decisions", "case": case, "ours": round(ours), **peers.line(ours),
        "unit": UNIT, "to_reach": TO_REACH[case], "records": len(seen), "distinct": True,
        "last_row": round(last / (count * (ROUNDS + 1)), 3), "best": round(count / min(spent)),
        "compile_ms": round(compile_ms, 1), "compile_ms_at_most": COMPILE_MS, "checked": right,
    }  # fmt: skip


def _timed(ask: Callable[..., None], asked: Decision, some: Any, answers: list[Any]) -> float:
    # The records of the benchmark, and its libraries, are no garbage for ours to look through.
    gc.collect()
    gc.freeze()
    began = time.process_time()
    ask(asked, some, answers)
    return time.process_time() - began


def _value(asked: Decision, some: list[dict[str, Any]], answers: list[Any]) -> None:
    for record in some:
        answers.append(asked.decide(record).value)


def _reasons(asked: Decision, some: list[dict[str, Any]], answers: list[Any]) -> None:
    for record in some:
        outcome = asked.decide(record)
        answers.append((outcome.value, outcome.hits, outcome.inputs))


def _reasoned(answer: Any, record: dict[str, Any]) -> bool:
    """Say whether the reasons name the rule, each cell that matched, and what was looked at."""
    value, (hit,), inputs = answer
    number = 50 if value == "default" else int(value[1:]) + 1
    seen = {cell.label: cell.value for cell in hit.cells}
    return bool(
        hit.index == number
        and dict(inputs) == record
        and seen.items() <= record.items()
        and (number == 50) == (not seen)
    )


# --- many at once


def batch(count: int) -> dict[str, Any]:
    """Return the line of decisions taken over columns, Arrow to Arrow."""
    told, (asked, compile_ms) = rules(), decision()
    spent: dict[str, list[float]] = {"ours": [], "duckdb": []}
    pick, right, last = np.random.default_rng(20260620), True, 0
    case = _case(asked)
    singles, seen = random.Random(20260621), set[tuple[Any, ...]]()  # noqa: S311  no secret
    peers = Peers(told)
    with peers.running(), duckdb.connect() as database:
        for turn in range(-1, ROUNDS):
            table = arrow(count, pick)
            wanted = _reference_of_columns(told, table)
            for name, run in (
                ("ours", lambda t: decide_all(asked, t).values),
                ("duckdb", lambda t: _in_duckdb(database, case, t)),
            ):
                began = time.process_time()
                found = run(table)
                seconds = time.process_time() - began
                right &= np.array_equal(found.to_numpy(zero_copy_only=False), wanted)
                if turn >= 0:
                    spent[name].append(seconds)
            last += int((wanted == "default").sum())
            right &= peers.ask("zen-engine", records(PEERS["zen-engine"], singles, seen), turn < 0)
    ours = count / statistics.median(spent["ours"])
    return {
        "benchmark": "decisions", "case": "batch", "ours": round(ours), **peers.line(ours),
        "unit": UNIT, "to_reach": TO_REACH["batch"], "records": count * (ROUNDS + 1),
        "distinct": True, "from": "arrow decimal128", "to": "arrow string",
        "by": decide_all(asked, table).by, "last_row": round(last / (count * (ROUNDS + 1)), 3),
        "duckdb_case": round(count / statistics.median(spent["duckdb"])),
        "compile_ms": round(compile_ms, 1), "compile_ms_at_most": COMPILE_MS, "checked": right,
    }  # fmt: skip


def arrow(count: int, pick: np.random.Generator) -> pa.Table:
    """Return so many records as columns; no two have the same income, so none is there twice."""
    cents = pick.permutation(1_200_000)[:count]
    decimals = {
        "age": (pick.integers(16, 91, count), 0),
        "income": (cents, 2),
        "days": (pick.integers(0, 61, count), 0),
        "score": (pick.integers(0, 101, count), 0),
    }
    columns = {name: _decimal128(*given) for name, given in decimals.items()}
    for name, letters in (("region", REGIONS), ("kind", KINDS)):
        columns[name] = pa.array(np.array(list(letters))[pick.integers(0, len(letters), count)])
    return pa.table(columns)


def _decimal128(whole: Any, places: int) -> pa.Array:
    halves = np.zeros(2 * len(whole), np.int64)
    halves[0::2] = whole
    type_ = pa.decimal128(12, places)
    return pa.Array.from_buffers(type_, len(whole), [None, pa.py_buffer(halves.tobytes())])


def _reference_of_columns(told: list[dict[str, Any]], table: pa.Table) -> Any:
    """Return the answers by laying the rules over each other, the first on top."""
    of = {name: table.column(name).to_numpy() for name in ("region", "kind")}
    for name in ("age", "income", "days", "score"):
        of[name] = table.column(name).cast(pa.float64()).to_numpy()
    found = np.full(table.num_rows, told[-1]["out"], object)
    for rule in reversed(told[:-1]):
        hit = np.ones(table.num_rows, bool)
        if rule["age"] is not None:
            hit &= (of["age"] >= rule["age"][0]) & (of["age"] <= rule["age"][1])
        hit &= True if rule["income"] is None else of["income"] < rule["income"]
        hit &= True if rule["region"] is None else of["region"] == rule["region"]
        hit &= True if rule["kind"] is None else of["kind"] == rule["kind"]
        hit &= True if rule["days"] is None else of["days"] > rule["days"]
        hit &= True if rule["score"] is None else of["score"] >= rule["score"]
        found[hit] = rule["out"]
    return found


def _case(asked: Decision) -> str:
    """Return the same table as one CASE, the other way that was measured."""
    table = asked.logic
    assert isinstance(table, DecisionTable)
    shapes = {"age": number(12), "income": number(10, 2), "days": number(12), "score": number(12)}
    shapes |= {"region": STRING, "kind": STRING}
    case = exp.Case()
    for rule in table.rules:
        tests = [
            targets(cell.tests, shapes, column.formula.text).sql
            for column, cell in zip(table.inputs, rule.cells, strict=True)
            if cell.tests is not None and not cell.passes_all
        ]
        result = exp.Literal.string(rule.results[0].text.strip('"'))
        assert None not in tests, "every cell of this table has SQL"
        case = case.when(exp.and_(exp.true(), *(t for t in tests if t is not None)), result)
    return exp.select(exp.alias_(case, "res")).from_("records").sql(dialect="duckdb")


def _in_duckdb(database: duckdb.DuckDBPyConnection, case: str, table: pa.Table) -> Any:
    database.register("records", table)
    return database.sql(case).to_arrow_table().column("res")


# --- the examination of a long table


def examination() -> dict[str, Any]:
    """Return the line of five hundred rules with one gap and one overlap planted."""
    xml = planted()
    began = time.process_time()
    table = read(xml).decisions[0].logic
    assert isinstance(table, DecisionTable)
    read_in = time.process_time() - began
    began = time.process_time()
    findings = examine(table)
    told = borders(table)
    amounts = [each for each in told["amount"] if isinstance(each, Decimal)]
    days = [each for each in told["day"] if isinstance(each, date)]
    values = {
        "amount": numbers_between(amounts, whole=False, least=Decimal(0), most=Decimal(10_000)),
        "region": list(REGIONS),
        "day": [day for day in days_between(days) if day.year == 2026],
    }
    found = coverage(table, values)
    seconds = time.process_time() - began
    right = found is not None and found.never == () and _shows(found.gap, 2, "W", date(2026, 3, 1))
    overlap = None if found is None else found.overlap
    right &= overlap is not None and overlap[:2] == (252, 253)
    right &= overlap is not None and _shows(overlap[2], 5, "N", date(2026, 3, 2))
    return {
        "benchmark": "decisions", "case": "examination", "ours": round(seconds, 3),
        "unit": "CPU seconds", "peer": None, "theirs": None, "ratio": None,
        "at_most": EXAMINE_SECONDS, "rules": len(table.rules), "read_seconds": round(read_in, 3),
        "findings": [each.code for each in findings], "checked": right,
    }  # fmt: skip


def _shows(example: Any, amount: int, region: str, day: date) -> bool:
    return bool(
        example is not None
        and amount * 1000 <= example["amount"] < amount * 1000 + 1000
        and (example["region"], example["day"]) == (region, day)
    )


def planted() -> bytes:
    """Return a table of ten amounts, five regions and ten spans of days, two of them wrong.

    Rule 132 leaves out its last day, and rule 252 takes the first day of rule 253.
    """
    head = "".join(
        f'<input id="i{name}" label="{name}"><inputExpression typeRef="{kind}"><text>{name}</text>'
        "</inputExpression></input>"
        for name, kind in (("amount", "number"), ("region", "string"), ("day", "date"))
    )
    rows = []
    places = product(range(10), REGIONS, range(10))
    for row, (amount, region, span) in enumerate(places, start=1):
        first = date(2026, 1, 1) + timedelta(days=span * 30)
        last = date(2026, 12, 31) if span == 9 else first + timedelta(days=29)
        last -= timedelta(days=row == 132)
        last += timedelta(days=row == 252)
        closed = "]" if amount == 9 else ")"
        cells = (
            f"[{amount * 1000}..{amount * 1000 + 1000}{closed}", f'"{region}"',
            f'[date("{first}")..date("{last}")]',
        )  # fmt: skip
        entries = "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells)
        rows.append(
            f'<rule id="r{row}">{entries}<outputEntry><text>{row}</text></outputEntry></rule>'
        )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="f" name="f"'
        ' namespace="x"><decision id="long" name="long"><decisionTable hitPolicy="UNIQUE">'
        f'{head}<output name="o"/>{"".join(rows)}</decisionTable></decision></definitions>'
    ).encode()


# --- the peers


class Peers:
    """The peers that are installed, each a process of its own."""

    def __init__(self, told: list[dict[str, Any]]) -> None:
        self.told = told
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.versions: dict[str, str] = {}
        self.asked: dict[str, list[tuple[int, float]]] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """End every process at the end."""
        try:
            yield
        finally:
            for process in self.processes.values():
                assert process.stdin is not None, "a peer is asked through its input"
                process.stdin.close()
                process.wait(30)

    def ask(self, name: str, some: list[dict[str, Any]], warm: bool) -> bool:
        """Let a peer answer; say whether it answered right (or is not there)."""
        if not (ROOT / ".venv-peers" / "ready").is_file():
            return True
        plain = [
            {key: float(each) if isinstance(each, Decimal) else each for key, each in one.items()}
            for one in some
        ]
        answer = self._told(name, json.dumps(plain))
        if not warm:
            self.asked.setdefault(name, []).append((len(some), answer["seconds"]))
        return bool(answer["answers"] == [reference(self.told, record) for record in some])

    def _told(self, name: str, line: str) -> Any:
        if name not in self.processes:
            command = [".venv-peers/bin/python", "benchmarks/decision_peers.py", name]
            self.processes[name] = subprocess.Popen(
                [*command, str(SHARED / "rows.json")],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            self.versions[name] = json.loads(self._line(name))["version"]
        process = self.processes[name]
        assert process.stdin is not None, "a peer is asked through its input"
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return json.loads(self._line(name))

    def _line(self, name: str) -> str:
        output = self.processes[name].stdout
        assert output is not None, "a peer answers through its output"
        return output.readline()

    def line(self, ours: float) -> dict[str, Any]:
        """Return the fastest peer and, by name, every figure of the peers."""
        rates = {
            name: statistics.median(count / seconds for count, seconds in asked)
            for name, asked in self.asked.items()
        }
        if not rates:
            return {"peer": None, "theirs": None, "ratio": None}
        fastest = max(rates, key=lambda name: rates[name])
        return {
            "peer": fastest, "theirs": round(rates[fastest]),
            "ratio": round(ours / rates[fastest], 1),
            "peers": {name: round(rate) for name, rate in rates.items()},
            "peer_versions": self.versions,
        }  # fmt: skip


def tell(line: dict[str, Any]) -> bool:
    """Print one case with what it ran on; say whether its answer was right."""
    versions = {name: version(name) for name in ("guantong", "pyarrow", "numpy", "duckdb")}
    versions["python"] = platform.python_version()
    told = {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "versions": versions}
    print(json.dumps(line | told), flush=True)
    return bool(line["checked"])


if __name__ == "__main__":
    sys.exit(main())
