"""Reads cases of the DMN TCK (dmn-tck/tck on GitHub, Apache-2.0) and says which passed.

The kit lies outside the repository: in the folder named by GUANTONG_CONFORMANCE, else in
``../shared/conformance`` beside the checkout.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from lxml import etree

from guantong.dmn.api import read
from guantong.feel.api import Value, parse, to_value

_CASES = "{http://www.omg.org/spec/DMN/20160719/testcase}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
# The kit gives some numbers as rounded decimal texts; how closely to compare is our choice.
PLACES = Decimal("1e-8")


@dataclass(frozen=True)
class Result:
    """One assertion of the kit: a result node of a case."""

    folder: str
    case: str
    node: str
    passed: bool
    said: str


def kit(level: str) -> Path:
    """Return the folder of a level; it may not exist."""
    beside = Path(__file__).parents[4] / "shared" / "conformance"
    return Path(os.environ.get("GUANTONG_CONFORMANCE", beside)) / "dmn-tck" / level


def run_folder(folder: Path) -> Iterator[Result]:
    """Run every case of a folder; a refused model fails each of its assertions."""
    for file in sorted(folder.glob("*test*.xml")):
        root = etree.parse(file).getroot()
        model_file = folder / str(root.findtext(f"{_CASES}modelName"))
        for case in root.iter(f"{_CASES}testCase"):
            inputs = {str(n.get("name")): _value(n) for n in case.iter(f"{_CASES}inputNode")}
            for node in case.iter(f"{_CASES}resultNode"):
                name = str(node.get("name"))
                expected = node.find(f"{_CASES}expected")
                wanted = None if expected is None else _value(expected)
                try:
                    got = read(model_file.read_bytes()).decision(name).decide(inputs).value
                    passed, said = same(got, wanted), f"{got!r}, expected {wanted!r}"
                except Exception as refusal:  # noqa: BLE001 - a case that fails must be counted
                    passed, said = False, f"{type(refusal).__name__}: {refusal}"
                yield Result(folder.name, str(case.get("id")), name, passed, said)


def same(got: Value, wanted: Value) -> bool:
    """Compare as the kit asks: numbers as decimals, the rest by kind and value."""
    if isinstance(got, Decimal) and isinstance(wanted, Decimal):
        return abs(got - wanted) < PLACES
    if isinstance(got, dict) and isinstance(wanted, dict):
        return got.keys() == wanted.keys() and all(same(got[k], wanted[k]) for k in got)
    if isinstance(got, list) and isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(same, got, wanted))
    return type(got) is type(wanted) and bool(got == wanted)


def _value(node: "etree._Element") -> Value:
    components = node.findall(f"{_CASES}component")
    if components:
        return {str(part.get("name")): _value(part) for part in components}
    items = node.find(f"{_CASES}list")
    if items is not None:
        return [_value(item) for item in items.findall(f"{_CASES}item")]
    value = node.find(f"{_CASES}value")
    if value is None or value.get(_NIL) == "true":
        return None
    return _typed(str(value.get(_TYPE, "xsd:string")).partition(":")[2], value.text or "")


def _typed(kind: str, text: str) -> Value:
    match kind:
        case "string":
            return text
        case "boolean":
            return text == "true"
        case "decimal" | "double" | "integer":
            return to_value(Decimal(text))
        case _:
            return parse(f'@"{text}"').evaluate({})
