"""Small decision files for the tests: rows as tuples, everything else as a department writes it."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

DMN_15 = "https://www.omg.org/spec/DMN/20230324/MODEL/"
Row = tuple[Sequence[str], Sequence[str], str]


def table(
    rows: Sequence[Row],
    *,
    policy: str = "FIRST",
    inputs: Sequence[str] = ("wind_ms", "hours"),
    outputs: Sequence[str] = ("level",),
    default: str = "",
) -> str:
    """Return a decisionTable; a row is its cells, its results, its annotation."""
    columns = "".join(
        f'<input id="in_{name}" label="{name}"><inputExpression>'
        f"<text>{name}</text></inputExpression></input>"
        for name in inputs
    )
    fallback = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>"
    columns += "".join(
        f'<output id="out_{name}" name="{name}">{fallback if default else ""}</output>'
        for name in outputs
    )
    body = ""
    for number, (cells, results, note) in enumerate(rows, 1):
        entries = "".join(f"<inputEntry><text>{escape(c)}</text></inputEntry>" for c in cells)
        entries += "".join(f"<outputEntry><text>{escape(r)}</text></outputEntry>" for r in results)
        entries += f"<annotationEntry><text>{escape(note)}</text></annotationEntry>"
        body += f'<rule id="rule_{number}">{entries}</rule>'
    return f'<decisionTable hitPolicy="{policy}">{columns}{body}</decisionTable>'


def literal(text: str) -> str:
    """Return a literalExpression."""
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def decision(name: str, logic: str, *requires: str) -> str:
    """Return a decision; a requirement is ``input:x``, ``decision:x`` or ``knowledge:x``."""
    wanted = ""
    for requirement in requires:
        kind, _, target = requirement.partition(":")
        tag = "knowledgeRequirement" if kind == "knowledge" else "informationRequirement"
        inner = f"required{kind.capitalize()}"
        wanted += f'<{tag}><{inner} href="#id_{target}"/></{tag}>'
    return f'<decision id="id_{name}" name="{name}">{wanted}{logic}</decision>'


def document(*parts: str, inputs: Sequence[str] = (), namespace: str = DMN_15) -> bytes:
    """Return a DMN file."""
    data = "".join(f'<inputData id="id_{name}" name="{name}"/>' for name in inputs)
    body = "".join(parts)
    return (
        f'<definitions xmlns="{namespace}" id="model" name="model" namespace="urn:test">'
        f"{data}{body}</definitions>"
    ).encode()


SIGNAL_ROWS: list[Row] = [
    ((">= 32.7", "<= 6"), ('"red"',), "中国气象局令第16号：红色"),
    ((">= 24.5", "<= 12"), ('"orange"',), "中国气象局令第16号：橙色"),
    (("-", "-"), ('"none"',), ""),
]


def signal(**changes: object) -> bytes:
    """Return the file of a small warning table."""
    options: dict[str, object] = {"rows": SIGNAL_ROWS} | changes
    logic = table(**options)  # type: ignore[arg-type]
    inputs = ("wind_ms", "hours")
    wanted = [f"input:{name}" for name in inputs]
    return document(decision("signal", logic, *wanted), inputs=inputs)
