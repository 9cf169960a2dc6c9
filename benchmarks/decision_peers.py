"""The peers of ``benchmarks.decisions``, asked in their own environment (``make peers``).

``.venv-peers/bin/python benchmarks/decision_peers.py PEER ROWS.json`` reads one line of records at
a time (JSON) and answers one line with the answers and the processor seconds they took. Each peer
gets the same fifty rules in its own dialect: SpiffWorkflow's cells are Python expressions, zen's a
decision table of its own format. What they are not charged for is reading the line.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

COLUMNS = ("age", "income", "region", "kind", "days", "score")
Answer = Callable[[list[dict[str, Any]]], list[Any]]


def main() -> None:
    """Answer lines of records until there are none."""
    name, rules = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    answer: Answer = PEERS[name](rules)
    print(json.dumps({"peer": name, "version": version(name.split()[0])}), flush=True)
    for line in sys.stdin:
        records = json.loads(line)
        began = time.process_time()
        answers = answer(records)
        spent = time.process_time() - began
        print(json.dumps({"answers": answers, "seconds": spent}), flush=True)


def spiffworkflow(rules: list[dict[str, Any]]) -> Answer:
    """Return SpiffWorkflow's decision engine with the rules."""
    import logging

    from lxml import etree
    from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
    from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
    from SpiffWorkflow.dmn.parser.DMNParser import DMNParser

    logging.disable(logging.CRITICAL)
    tree = etree.fromstring(_dmn(rules).encode())
    parser = DMNParser(None, tree, {"dmn": tree.nsmap[None]}, filename="risk50.dmn")
    parser.parse()
    engine = DMNEngine(parser.decision.decisionTables[0])
    scripts = PythonScriptEngine()

    class Task:
        """As much of a task as the engine looks at."""

        def __init__(self, data: dict[str, Any]) -> None:
            class Workflow:
                script_engine = scripts

            self.data, self.workflow = data, Workflow

    def one(record: dict[str, Any]) -> Any:
        return engine.result(Task(dict(record)))["res"]

    return lambda records: [one(record) for record in records]


def zen(rules: list[dict[str, Any]]) -> Answer:
    """Return zen's engine, asked for a list of records in a loop of its table: its fastest way."""
    import zen as engine

    decision = engine.ZenEngine().create_decision(json.dumps(_jdm(rules, loop=True)))

    def answer(records: list[dict[str, Any]]) -> list[Any]:
        found = decision.evaluate({"rows": records})["result"]["rows"]
        return [each["res"] for each in found]

    return answer


def zen_singly(rules: list[dict[str, Any]]) -> Answer:
    """Return zen's engine, asked for one record at a time."""
    import zen as engine

    decision = engine.ZenEngine().create_decision(json.dumps(_jdm(rules, loop=False)))
    return lambda records: [decision.evaluate(each)["result"]["res"] for each in records]


PEERS = {"SpiffWorkflow": spiffworkflow, "zen-engine": zen, "zen-engine singly": zen_singly}


def _cells(rule: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (FEEL, Python) for each column of a rule, empty where it takes everything."""
    made = []
    for column in COLUMNS:
        given = rule[column]
        if given is None:
            made.append(("", ""))
        elif column == "age":
            made.append((f"[{given[0]}..{given[1]}]", f"? >= {given[0]} and ? <= {given[1]}"))
        elif isinstance(given, str):
            made.append((f'"{given}"', f'"{given}"'))
        else:
            sign = {"income": "<", "days": ">", "score": ">="}[column]
            made.append((f"{sign} {given}", f"{sign} {given}"))
    return made


def _dmn(rules: list[dict[str, Any]]) -> str:
    head = "".join(
        f'<input id="i{c}" label="{c}"><inputExpression id="e{c}" typeRef="{_type(c)}">'
        f"<text>{c}</text></inputExpression></input>"
        for c in COLUMNS
    )
    rows = ""
    for number, rule in enumerate(rules):
        cells = "".join(
            f'<inputEntry id="c{number}_{place}"><text>{escape(python)}</text></inputEntry>'
            for place, (_, python) in enumerate(_cells(rule))
        )
        out = f'<outputEntry id="o{number}"><text>"{rule["out"]}"</text></outputEntry>'
        rows += f'<rule id="r{number}">{cells}{out}</rule>'
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f"'
        ' namespace="x"><decision id="risk50" name="risk50"><decisionTable id="t"'
        f' hitPolicy="FIRST">{head}<output id="o" name="res" typeRef="string"/>{rows}'
        "</decisionTable></decision></definitions>"
    )


def _type(column: str) -> str:
    return "string" if column in {"region", "kind"} else "number"


def _jdm(rules: list[dict[str, Any]], loop: bool) -> dict[str, Any]:
    table: dict[str, Any] = {
        "hitPolicy": "first",
        "inputs": [{"id": c, "name": c, "field": c} for c in COLUMNS],
        "outputs": [{"id": "res", "name": "res", "field": "res"}],
        "rules": [
            {"_id": str(number), "res": f'"{rule["out"]}"'}
            | {c: feel for c, (feel, _) in zip(COLUMNS, _cells(rule), strict=True)}
            for number, rule in enumerate(rules)
        ],
    }
    if loop:
        table |= {"executionMode": "loop", "inputField": "rows", "outputPath": "rows"}
    return {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode"},
            {"id": "t", "name": "t", "type": "decisionTableNode", "content": table},
            {"id": "out", "name": "out", "type": "outputNode"},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "t", "type": "edge"},
            {"id": "b", "sourceId": "t", "targetId": "out", "type": "edge"},
        ],
    }


if __name__ == "__main__":
    main()
