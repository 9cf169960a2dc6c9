"""Writes the counts of docs/mission.yaml into both READMEs, between their markers.

``python tools/readme_counts.py`` writes; ``--check`` writes nothing and ends with code 1
where a README says something else than the account does. A guard test checks the same.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
OPEN, CLOSE = "<!-- mission-counts -->", "<!-- /mission-counts -->"
STATES = ("real", "partial", "catalogued", "absent")
# Kinds in the order of the table, with their Chinese names.
KINDS = {
    "system": "系统",
    "application": "应用",
    "scene": "场景",
    "platform": "平台",
    "end": "端",
    "gateway": "网关",
    "library": "库",
    "mechanism": "机制",
    "method": "方法",
    "body": "组织",
    "standard": "法规与标准",
    "award": "评选与成果",
}
# The head of the table, the first cell of its last row, and the names of the kinds.
READMES: dict[str, tuple[str, str, dict[str, str]]] = {
    "README.md": (
        "| Kind | real | partial | catalogued | absent | all |",
        "all",
        {kind: kind for kind in KINDS},
    ),
    "README.zh-CN.md": ("| 类别 | 已建成 | 部分建成 | 已编目 | 未建 | 合计 |", "合计", KINDS),
}


def table(entries: Iterable[Mapping[str, Any]], readme: str) -> str:
    """Return the counts of kind by state as a Markdown table, without kinds that do not occur."""
    head, all_words, names = READMES[readme]
    cells = Counter((entry["kind"], entry["state"]) for entry in entries)
    kinds = [kind for kind in KINDS if any(cells[kind, state] for state in STATES)]
    rows = [_row(names[kind], [cells[kind, state] for state in STATES]) for kind in kinds]
    sums = [sum(cells[kind, state] for kind in kinds) for state in STATES]
    return "\n".join([head, "|---|--:|--:|--:|--:|--:|", *rows, _row(all_words, sums)])


def with_counts(text: str, entries: Iterable[Mapping[str, Any]], readme: str) -> str:
    """Return the README's text with fresh counts between its markers."""
    before, opened, rest = text.partition(OPEN)
    _, closed, after = rest.partition(CLOSE)
    if not (opened and closed):
        raise SystemExit(f"{readme} has no place for the counts. Add {OPEN} and {CLOSE}.")
    return f"{before}{OPEN}\n{table(entries, readme)}\n{CLOSE}{after}"


def main(arguments: list[str]) -> int:
    """Write the counts, or with ``--check`` only compare; return the exit code."""
    parser = argparse.ArgumentParser(description="The counts of docs/mission.yaml in the READMEs.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args(arguments).check
    entries = yaml.safe_load((ROOT / "docs/mission.yaml").read_text("utf-8"))
    stale = 0
    for readme in READMES:
        path = ROOT / readme
        text = path.read_text("utf-8")
        fresh = with_counts(text, entries, readme)
        if fresh == text:
            continue
        stale += 1
        if check:
            print(f"{readme} is out of date. Run: python tools/readme_counts.py")
        else:
            path.write_text(fresh, "utf-8")
            print(f"{readme}: counts written")
    return 1 if check and stale else 0


def _row(name: str, counts: list[int]) -> str:
    return f"| {name} | " + " | ".join(str(n) for n in [*counts, sum(counts)]) + " |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
