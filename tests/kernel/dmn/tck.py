"""Reads cases of the DMN TCK (dmn-tck/tck on GitHub, Apache-2.0) and says which passed.

The kit lies outside the repository: in the folder named by GUANTONG_CONFORMANCE, else in
``../shared/conformance`` beside the checkout.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from lxml import etree

from guantong.base.errors import GuantongError
from guantong.dmn.api import Import, Model, read
from guantong.feel.api import Value, parse, to_value

_CASES = "{http://www.omg.org/spec/DMN/20160719/testcase}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
# The kit gives some numbers as rounded decimal texts; how closely to compare is our choice.
PLACES = Decimal("1e-8")
NOW = datetime(2026, 6, 20, 12, 0, tzinfo=UTC)
# Needs a Java class library; it has a line of its own.
JAVA = "0076-feel-external-java"


@dataclass(frozen=True)
class Result:
    """One test case of the kit; it passes when every assertion of it holds."""

    folder: str
    case: str
    how: str  # passed, failed, errors (broke), refused (said why it will not)
    said: str = ""

    @property
    def name(self) -> str:
        """The name under which the list of known failures speaks of it."""
        return f"{self.folder}/{self.case}"


def kit(level: str) -> Path:
    """Return the folder of a level; it may not exist."""
    beside = Path(__file__).parents[4] / "shared" / "conformance"
    return Path(os.environ.get("GUANTONG_CONFORMANCE", beside)) / "dmn-tck" / level


def run_level(level: str) -> list[Result]:
    """Run every case of a level, in the order of folders, files and cases."""
    folders = sorted(each for each in kit(level).iterdir() if each.is_dir())
    return [result for folder in folders for result in run_folder(folder)]


def run_folder(folder: Path) -> Iterator[Result]:
    """Run every case of a folder; a refused model refuses each of its cases."""
    for file in sorted(folder.glob("*test*.xml")):
        root = etree.parse(file).getroot()
        given = root.findtext(f"{_CASES}modelName")
        model_file = folder / given if given else next(iter(folder.glob("*.dmn")))
        for case in root.iter(f"{_CASES}testCase"):
            name = f"{file.stem.removeprefix(folder.name).strip('-')}#{case.get('id')}"
            yield _case(folder.name, name, case, model_file)


def _case(folder: str, name: str, case: "etree._Element", model_file: Path) -> Result:
    try:
        model = _model(model_file)
    except GuantongError as refusal:
        return Result(folder, name, "refused", f"{refusal.code}: {refusal}")
    except Exception as broken:  # noqa: BLE001 - a case that breaks must be counted
        return Result(folder, name, "errors", f"{type(broken).__name__}: {broken}")
    inputs = {str(node.get("name")): _value(node) for node in case.iter(f"{_CASES}inputNode")}
    said = []
    for node in case.iter(f"{_CASES}resultNode"):
        try:
            got, told = _answer(model, case, node, inputs)
        except Exception as broken:  # noqa: BLE001 - as above
            return Result(folder, name, "errors", f"{type(broken).__name__}: {broken}")
        expected = node.find(f"{_CASES}expected")
        wanted = None if expected is None else _value(expected)
        if not same(got, wanted):
            said.append(f"{node.get('name')}: {got!r}, expected {wanted!r} {told}")
    return Result(folder, name, "failed" if said else "passed", "; ".join(said))


def _answer(
    model: Model, case: "etree._Element", node: "etree._Element", inputs: Mapping[str, Value]
) -> tuple[Value, str]:
    """Return the value of a result; a decision that refuses to be asked has none, and says why."""
    name = str(node.get("name"))
    service = case.get("invocableName") if case.get("type") == "decisionService" else None
    try:
        if service is None:
            return model.decide(name, inputs, now=NOW).value, ""
        asked = model.service(service)
        value = asked.decide(inputs, now=NOW).value
    except GuantongError as refusal:
        return None, str(refusal)
    return (value[name] if len(asked.outputs) > 1 and name != service else value), ""


def _model(file: Path) -> Model:
    if file not in _MODELS:
        _MODELS.clear()

        def beside(wanted: Import) -> bytes | None:
            for other in sorted(file.parent.glob("*.dmn")):
                if etree.parse(other).getroot().get("namespace") == wanted.namespace:
                    return other.read_bytes()
            return None

        _MODELS[file] = read(file.read_bytes(), beside)
    return _MODELS[file]


_MODELS: dict[Path, Model] = {}


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
        if items.get(_NIL) == "true":
            return None
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
            return text.strip() == "true"
        case "decimal" | "double" | "integer":
            return to_value(Decimal(text.strip()))
        case _:
            return parse(f'@"{text.strip()}"').evaluate({})
