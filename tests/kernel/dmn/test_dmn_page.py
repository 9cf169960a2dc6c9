"""The page about decisions: its example runs, and it leaves out no policy, fault or kind of box."""

import re
import runpy
from pathlib import Path

from guantong.dmn import boxed, policy, table
from guantong.dmn.policy import AGGREGATIONS, HIT_POLICIES

PAGE = (Path(__file__).parents[3] / "docs/kernel/dmn.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```python title=.*?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    script = tmp_path / "example.py"
    script.write_text(example, encoding="utf-8")

    assert runpy.run_path(str(script))["outcome"].value == "orange"


def test_the_page_names_every_policy_and_aggregation() -> None:
    assert [name for name in (*HIT_POLICIES, *AGGREGATIONS) if f"`{name}`" not in PAGE] == []


def test_the_page_names_every_fault() -> None:
    codes = {
        value
        for module in (boxed, policy, table)
        for name, value in vars(module).items()
        if name.isupper() and not name.startswith("_") and isinstance(value, str)
    }

    assert len(codes) >= 11
    assert [code for code in sorted(codes) if f"`{code}`" not in PAGE] == []
