"""A DMN file to the immutable model: every text parsed, every requirement resolved, once.

What the standard has and this version does not is refused here, by name, and never guessed. A
cell that is no FEEL does not refuse the file: it is kept with its fault, so that the examiner
can list all of them, and the table refuses to be asked.
"""

from collections.abc import Iterator
from functools import cached_property

from guantong.dmn.document import Element, open_document
from guantong.dmn.errors import DmnReference, DmnUnreadable, DmnUnsupported
from guantong.dmn.model import Decision, LiteralExpression, Logic, Model
from guantong.dmn.table import HIT_POLICIES, Cell, DecisionTable, Formula, Input, Output, Rule
from guantong.feel.api import (
    FeelSyntax,
    Function,
    names_in,
    parse,
    parse_unary_tests,
    size,
    spend,
)

MAX_CHAIN = 100  # decisions that require one another; ours, as MAX_NESTING of FEEL is
_REQUIREMENTS = (
    ("informationRequirement", "requiredInput"),
    ("informationRequirement", "requiredDecision"),
    ("knowledgeRequirement", "requiredKnowledge"),
)


def read(xml: bytes) -> Model:
    """Return the decisions of a file, or refuse it and say why."""
    return _Reader(open_document(xml)).model()


class _Reader:
    def __init__(self, root: Element) -> None:
        self.root = root
        if next(root.all("import"), None):
            raise DmnUnsupported(where=root.get("name"), found="<import>")
        self.elements: dict[str, Element] = {}
        for tag in ("inputData", "decision", "businessKnowledgeModel"):
            for element in root.all(tag):
                if self.elements.setdefault(_id(element), element) is not element:
                    raise DmnUnreadable("twice", id=_id(element))
        self.decisions: dict[str, Decision] = {}
        self.functions: dict[str, Function] = {}

    def model(self) -> Model:
        decisions = tuple(self._decision(element, ()) for element in self.root.all("decision"))
        return Model(_id(self.root), self.root.get("name"), decisions)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name of the file, so that those with spaces are known as names in each text."""
        tags = ("inputData", "decision", "businessKnowledgeModel", "itemComponent")
        found = {
            element.get("name")
            for tag in (*tags, "formalParameter", "variable")
            for element in self.root.descendants(tag)
        }
        return frozenset(found - {""})

    def _decision(self, element: Element, chain: tuple[str, ...]) -> Decision:
        key = _id(element)
        if key in self.decisions:
            return self.decisions[key]
        chain = self._extend(chain, element)
        before: dict[str, Decision] = {}
        functions: dict[str, Function] = {}
        inputs: dict[str, None] = {}
        for required in self._required(element):
            match required.tag:
                case "decision":
                    decision = self._decision(required, chain)
                    before |= {each.id: each for each in (*decision.before, decision)}
                    inputs |= dict.fromkeys(decision.inputs)
                case "businessKnowledgeModel":
                    functions[required.get("name")] = self._function(required, chain)
                case _:
                    inputs[required.get("name")] = None
        known = {required.get("name") for required in self._required(element)}
        logic = self._logic(element, element, frozenset(known))
        made = Decision(
            key, element.get("name"), logic, tuple(before.values()), functions, tuple(inputs)
        )
        return self.decisions.setdefault(key, made)

    def _function(self, element: Element, chain: tuple[str, ...]) -> Function:
        key = _id(element)
        if key in self.functions:
            return self.functions[key]
        chain = self._extend(chain, element)
        body = element.first("encapsulatedLogic")
        if body is None or body.get("kind", "FEEL") != "FEEL":
            raise DmnUnsupported(where=element.get("name"), found="encapsulatedLogic")
        parameters = tuple(parameter.get("name") for parameter in body.all("formalParameter"))
        inner = {
            required.get("name"): self._function(required, chain)
            for required in self._required(element)
        }
        logic = self._logic(body, element, frozenset({*parameters, *inner}))

        cost = _cost(logic)

        def call(*values: object) -> object:
            spend(cost)
            return logic.decide({**dict(zip(parameters, values, strict=True)), **inner}).value

        return self.functions.setdefault(key, Function(parameters, call))

    def _extend(self, chain: tuple[str, ...], element: Element) -> tuple[str, ...]:
        key = _id(element)
        if key in chain or len(chain) >= MAX_CHAIN:
            raise DmnReference(where=self.elements[chain[-1]].get("name"), href=f"#{key}")
        return (*chain, key)

    def _required(self, element: Element) -> Iterator[Element]:
        for tag, inner in _REQUIREMENTS:
            for requirement in element.all(tag):
                for target in requirement.all(inner):
                    namespace, _, key = target.get("href").rpartition("#")
                    found = self.elements.get(key)
                    if found is None or namespace not in {"", self.root.get("namespace")}:
                        href = target.get("href")
                        raise DmnReference(where=element.get("name"), href=href)
                    yield found

    def _logic(self, holder: Element, owner: Element, known: frozenset[str]) -> Logic:
        name = owner.get("name")
        for child in holder.children():
            if child.tag == "decisionTable":
                return self._table(child, owner, known)
            if child.tag == "literalExpression":
                language = child.get("expressionLanguage") or self.root.get("expressionLanguage")
                if language and "FEEL" not in language.upper():
                    raise DmnUnsupported(where=name, found=f'expressionLanguage="{language[:60]}"')
                return LiteralExpression(_id(owner), name, self._formula(child.text()), known)
            if child.tag in _OTHER_LOGIC:
                raise DmnUnsupported(where=name, found=f"<{child.tag}>")
        raise DmnUnsupported(where=name, found=f"<{holder.tag}/>")

    def _table(self, table: Element, owner: Element, known: frozenset[str]) -> DecisionTable:
        name = owner.get("name")
        policy = table.get("hitPolicy", "UNIQUE")
        if policy not in HIT_POLICIES:
            raise DmnUnsupported(where=name, found=f'hitPolicy="{policy[:20]}"')
        inputs = tuple(self._input(column) for column in table.all("input"))
        outputs = tuple(
            self._output(column, name if number == 1 else str(number))
            for number, column in enumerate(table.all("output"), 1)
        )
        rules = tuple(
            self._rule(row, index, name, (len(inputs), len(outputs)))
            for index, row in enumerate(table.all("rule"), 1)
        )
        if not any(self.root.all("inputData")):
            # A file that declares no input data declares its inputs by using them.
            expressions = [column.formula.expression for column in inputs]
            known = known.union(*(names_in(each) for each in expressions if each is not None))
        return DecisionTable(_id(owner), name, policy, inputs, outputs, rules, known)

    def _input(self, column: Element) -> Input:
        expression = column.first("inputExpression")
        text = expression.text() if expression else ""
        kind = (expression.get("typeRef") or "") if expression else ""
        return Input(column.get("id"), column.get("label") or text, self._formula(text), kind)

    def _output(self, column: Element, otherwise: str) -> Output:
        name = column.get("name") or otherwise
        default = column.first("defaultOutputEntry")
        formula = self._formula(default.text()) if default else None
        return Output(column.get("id"), name, column.get("label") or name, formula)

    def _rule(self, row: Element, index: int, table: str, widths: tuple[int, int]) -> Rule:
        cells = tuple(self._cell(entry.text()) for entry in row.all("inputEntry"))
        results = tuple(self._formula(entry.text()) for entry in row.all("outputEntry"))
        if (len(cells), len(results)) != widths:
            raise DmnUnreadable("width", table=table, rule=index)
        notes = (entry.text() for entry in row.all("annotationEntry"))
        description = row.first("description")
        annotation = "; ".join(note for note in notes if note)
        if not annotation and description is not None:
            annotation = description.own_text()
        return Rule(row.get("id") or str(index), index, cells, results, annotation)

    def _cell(self, text: str) -> Cell:
        # Editors (dmn-js) save a cell that passes everything as an empty one.
        text = text or "-"
        try:
            return Cell(text, parse_unary_tests(text, self.names))
        except FeelSyntax as fault:
            return Cell(text, None, fault)

    def _formula(self, text: str) -> Formula:
        try:
            return Formula(text, parse(text or "null", self.names))
        except FeelSyntax as fault:
            return Formula(text, None, fault)


_OTHER_LOGIC = frozenset(
    {"invocation", "context", "functionDefinition", "relation", "list"}
    | {"conditional", "filter", "for", "every", "some"}
)


def _id(element: Element) -> str:
    return element.get("id") or element.get("name")


def _cost(logic: Logic) -> int:
    """Return about how many steps it takes to ask this once."""
    if isinstance(logic, DecisionTable):
        return len(logic.rules) * (len(logic.inputs) + len(logic.outputs)) + 1
    expression = logic.formula.expression
    return size(expression.tree) if expression is not None else 1
