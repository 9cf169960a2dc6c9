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
    aggregation: str = "",
    allowed: str = "",
    values: Sequence[str] = (),
) -> str:
    """Return a decisionTable; a row is its cells, its results, its annotation.

    ``allowed`` are the values of every input, ``values`` those of each output in their order.
    """
    given = f"<inputValues><text>{escape(allowed)}</text></inputValues>" if allowed else ""
    columns = "".join(
        f'<input id="in_{name}" label="{name}"><inputExpression>'
        f"<text>{name}</text></inputExpression>{given}</input>"
        for name in inputs
    )
    declared = {
        name: f"<outputValues><text>{escape(text)}</text></outputValues>"
        for name, text in zip(outputs, values, strict=False)
    }
    fallback = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>"
    columns += "".join(
        f'<output id="out_{name}" name="{name}">{declared.get(name, "")}'
        f"{fallback if default else ''}</output>"
        for name in outputs
    )
    body = ""
    for number, (cells, results, note) in enumerate(rows, 1):
        entries = "".join(f"<inputEntry><text>{escape(c)}</text></inputEntry>" for c in cells)
        entries += "".join(f"<outputEntry><text>{escape(r)}</text></outputEntry>" for r in results)
        entries += f"<annotationEntry><text>{escape(note)}</text></annotationEntry>"
        body += f'<rule id="rule_{number}">{entries}</rule>'
    how = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable hitPolicy="{policy}"{how}>{columns}{body}</decisionTable>'


def literal(text: str) -> str:
    """Return a literalExpression."""
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def context(*entries: tuple[str, str], result: str = "") -> str:
    """Return a context of named logic, and a result cell where one is given."""
    body = "".join(
        f'<contextEntry><variable name="{name}"/>{logic}</contextEntry>' for name, logic in entries
    )
    return f"<context>{body}{f'<contextEntry>{result}</contextEntry>' if result else ''}</context>"


def invocation(function: str, **bindings: str) -> str:
    """Return an invocation; a binding is a FEEL text."""
    body = "".join(
        f'<binding><parameter name="{name}"/>{literal(text)}</binding>'
        for name, text in bindings.items()
    )
    return f"<invocation>{literal(function)}{body}</invocation>"


def function(logic: str, *parameters: str) -> str:
    """Return a functionDefinition; a parameter is ``name`` or ``name:type``."""
    return f"<functionDefinition>{_parameters(parameters)}{logic}</functionDefinition>"


def knowledge(name: str, logic: str, *parameters: str, requires: Sequence[str] = ()) -> str:
    """Return a business knowledge model."""
    wanted = _requirements([f"knowledge:{each}" for each in requires])
    return (
        f'<businessKnowledgeModel id="id_{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{_parameters(parameters)}{logic}</encapsulatedLogic>{wanted}"
        "</businessKnowledgeModel>"
    )


def service(name: str, outputs: Sequence[str], given: Sequence[str] = ()) -> str:
    """Return a decision service; what is given is ``input:x`` or ``decision:x``."""
    body = "".join(f'<outputDecision href="#id_{each}"/>' for each in outputs)
    for each in given:
        kind, _, target = each.partition(":")
        tag = "inputData" if kind == "input" else "inputDecision"
        body += f'<{tag} href="#id_{target}"/>'
    return f'<decisionService id="id_{name}" name="{name}">{body}</decisionService>'


def item(name: str, body: str = "", **attributes: str) -> str:
    """Return an itemDefinition; ``type`` is its typeRef."""
    ref = attributes.pop("type", "")
    told = "".join(f' {key}="{value}"' for key, value in attributes.items())
    inner = (f"<typeRef>{escape(ref)}</typeRef>" if ref else "") + body
    return f'<itemDefinition name="{name}"{told}>{inner}</itemDefinition>'


def component(name: str, ref: str) -> str:
    """Return an itemComponent."""
    return f'<itemComponent name="{name}"><typeRef>{escape(ref)}</typeRef></itemComponent>'


def allowed(text: str, tag: str = "allowedValues") -> str:
    """Return the values a type allows."""
    return f"<{tag}><text>{escape(text)}</text></{tag}>"


def _parameters(parameters: Sequence[str]) -> str:
    pairs = [each.partition(":") for each in parameters]
    return "".join(f'<formalParameter name="{name}"{_type(kind)}/>' for name, _, kind in pairs)


def _type(ref: str) -> str:
    return f' typeRef="{escape(ref)}"' if ref else ""


def decision(name: str, logic: str, *requires: str, type: str = "") -> str:
    """Return a decision; a requirement is ``input:x``, ``decision:x`` or ``knowledge:x``."""
    variable = f'<variable name="{name}"{_type(type)}/>' if type else ""
    body = f"{variable}{_requirements(requires)}{logic}"
    return f'<decision id="id_{name}" name="{name}">{body}</decision>'


def _requirements(requires: Sequence[str]) -> str:
    wanted = ""
    for requirement in requires:
        kind, _, target = requirement.partition(":")
        tag = "knowledgeRequirement" if kind == "knowledge" else "informationRequirement"
        inner = f"required{kind.capitalize()}"
        href = target if "#" in target else f"#id_{target}"
        wanted += f'<{tag}><{inner} href="{href}"/></{tag}>'
    return wanted


def document(
    *parts: str, inputs: Sequence[str] = (), namespace: str = DMN_15, own: str = "urn:test"
) -> bytes:
    """Return a DMN file; an input is ``name`` or ``name:type``, ``own`` the file's namespace."""
    data = "".join(
        f'<inputData id="id_{name}" name="{name}">'
        f'<variable name="{name}"{_type(kind)}/></inputData>'
        for name, _, kind in (each.partition(":") for each in inputs)
    )
    body = "".join(parts)
    return (
        f'<definitions xmlns="{namespace}" id="model" name="model" namespace="{own}">'
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
