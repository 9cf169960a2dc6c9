"""The XML of a table or of any other boxed expression to its logic, every text parsed once.

A text that is no FEEL does not refuse the file: it is kept with its fault, so that the examiner
can list all of them, and the logic refuses to be asked.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from guantong.dmn.boxed import (
    Conditional,
    Context,
    Entry,
    Filter,
    FunctionDefinition,
    Invocation,
    Items,
    Iteration,
    LiteralExpression,
    Logic,
    Relation,
)
from guantong.dmn.conversion import item_of, result_of
from guantong.dmn.document import Element
from guantong.dmn.errors import DmnUnreadable, DmnUnsupported
from guantong.dmn.item import ANY, ItemTypes
from guantong.dmn.model import Knowledge
from guantong.dmn.policy import AGGREGATIONS, BY_VALUES, HIT_POLICIES
from guantong.dmn.table import Cell, DecisionTable, Formula, Input, Output, Rule
from guantong.feel.api import (
    FeelSyntax,
    Function,
    FunctionType,
    Scope,
    Type,
    Value,
    names_in,
    parse,
    parse_unary_tests,
)

Names = frozenset[str]
MAX_BOXES = 40  # boxes within boxes; ours, no picture of a decision is read deeper
_NO_NAMES: Names = frozenset()


class LogicReader:
    """Reads the boxed expressions of one file."""

    def __init__(self, root: Element, types: ItemTypes, parts: Names) -> None:
        self.root = root
        self.types = types
        self.parts = parts  # names of components and columns, which follow a point
        self.names: dict[Names, Names] = {}
        self.depth = 0
        self.open = next(root.all("inputData"), None) is None
        self.kinds: Mapping[str, Callable[[Element, Element, str, Names], Logic]] = {
            "decisionTable": self._table,
            "literalExpression": self._literal,
            "context": self._context,
            "invocation": self._invocation,
            "functionDefinition": self._function,
            "relation": self._relation,
            "list": self._items,
            "conditional": self._conditional,
            "filter": self._filter,
            "for": self._iteration,
            "some": self._iteration,
            "every": self._iteration,
        }

    def logic(self, holder: Element, owner: Element, name: str, known: Names) -> Logic | None:
        """Return the logic within an element; none where it holds no expression."""
        for child in holder.children():
            if child.tag in self.kinds:
                return self._box(child, owner, name, known)
        return None

    def _box(self, element: Element, owner: Element, name: str, known: Names) -> Logic:
        if self.depth >= MAX_BOXES:
            raise DmnUnreadable("too-deep", where=owner.id, limit=MAX_BOXES)
        self.depth += 1
        try:
            return self.kinds[element.tag](element, owner, name, known)
        finally:
            self.depth -= 1

    def function(
        self, element: Element, owner: Element, name: str, known: Names
    ) -> FunctionDefinition:
        """Return the definition of a function, or refuse what is not written in FEEL."""
        kind = element.get("kind", "FEEL")
        if kind not in {"FEEL", "F"}:
            raise DmnUnsupported(where=name, found=f'functionDefinition kind="{kind[:20]}"')
        parameters = tuple(
            (each.get("name"), self.types.type_of(each)) for each in element.all("formalParameter")
        )
        names = [parameter for parameter, _ in parameters]
        if len(set(names)) < len(names):
            raise DmnUnreadable("same-name", where=name, name=_twice(names))
        body = self._needed(element, owner, name, known.union(names))
        result = result_of(self.types.type_of(element))
        return FunctionDefinition(owner.id, name, parameters, body, result, _close_over)

    def _needed(self, holder: Element, owner: Element, name: str, known: Names) -> Logic:
        logic = self.logic(holder, owner, name, known)
        if logic is None:
            raise DmnUnreadable("empty", where=name, tag=holder.tag)
        return logic

    def _within(self, element: Element, tag: str, owner: Element, known: Names) -> Logic:
        part = element.first(tag)
        if part is None:
            raise DmnUnreadable("empty", where=owner.get("name") or owner.id, tag=tag)
        return self._needed(part, owner, tag, known)

    def _expressions(
        self, element: Element, owner: Element, name: str, known: Names
    ) -> list[Logic]:
        return [
            self._box(child, owner, name, known)
            for child in element.children()
            if child.tag in self.kinds
        ]

    # One method for each kind.

    def _literal(self, element: Element, owner: Element, name: str, known: Names) -> Logic:
        language = element.get("expressionLanguage") or self.root.get("expressionLanguage")
        if language and "FEEL" not in language.upper():
            raise DmnUnsupported(where=name, found=f'expressionLanguage="{language[:60]}"')
        if element.first("importedValues") is not None:
            raise DmnUnsupported(where=name, found="<importedValues>")
        return LiteralExpression(owner.id, name, self._formula(element.text(), known), known)

    def _context(self, element: Element, owner: Element, name: str, known: Names) -> Logic:
        entries: list[Entry] = []
        result: Logic | None = None
        for entry in element.all("contextEntry"):
            variable = entry.first("variable")
            own = variable.get("name") if variable is not None else ""
            # A function may call itself by the name of its entry.
            inner = known | {own} if entry.first("functionDefinition") is not None else known
            logic = self._needed(entry, owner, own or name, inner)
            if variable is None:
                result = logic
                continue
            entries.append(Entry(own, self.types.type_of(variable), logic))
            known |= {own}
        names = [entry.name for entry in entries]
        if len(set(names)) < len(names):
            raise DmnUnreadable("same-name", where=name, name=_twice(names))
        return Context(owner.id, name, tuple(entries), result)

    def _invocation(self, element: Element, owner: Element, name: str, known: Names) -> Logic:
        bindings = []
        for binding in element.all("binding"):
            parameter = binding.first("parameter")
            own = parameter.get("name") if parameter is not None else ""
            kind = self.types.type_of(parameter)
            bindings.append(Entry(own, kind, self._needed(binding, owner, own, known)))
        called = self._needed(element, owner, name, known)
        return Invocation(owner.id, name, called, tuple(bindings))

    def _function(self, element: Element, owner: Element, name: str, known: Names) -> Logic:
        return self.function(element, owner, name, known)

    def _relation(self, element: Element, owner: Element, name: str, known: Names) -> Logic:
        columns = tuple(
            (each.get("name"), self.types.type_of(each)) for each in element.all("column")
        )
        rows = tuple(
            tuple(self._expressions(row, owner, name, known)) for row in element.all("row")
        )
        for number, row in enumerate(rows, 1):
            if len(row) != len(columns):
                raise DmnUnreadable("width", table=name, rule=number)
        return Relation(owner.id, name, columns, rows)

    def _items(self, element: Element, owner: Element, name: str, known: Names) -> Logic:
        return Items(owner.id, name, tuple(self._expressions(element, owner, name, known)))

    def _conditional(self, element: Element, owner: Element, name: str, known: Names) -> Logic:
        condition, yes, no = (
            self._within(element, tag, owner, known) for tag in ("if", "then", "else")
        )
        return Conditional(owner.id, name, condition, yes, no)

    def _filter(self, element: Element, owner: Element, name: str, known: Names) -> Logic:
        source = self._within(element, "in", owner, known)
        # Which entries an item has cannot be known here: the names of the file's parts may be some.
        match = self._within(element, "match", owner, known | {"item"} | self.parts)
        return Filter(owner.id, name, source, match)

    def _iteration(self, element: Element, owner: Element, name: str, known: Names) -> Logic:
        variable = element.get("iteratorVariable")
        if not variable:
            raise DmnUnreadable("empty", where=name, tag="iteratorVariable")
        source = self._within(element, "in", owner, known)
        tag = "return" if element.tag == "for" else "satisfies"
        inner = known | {variable, "partial"} if element.tag == "for" else known | {variable}
        body = self._within(element, tag, owner, inner)
        kind = self.types.type_of(element.first("in"))
        return Iteration(owner.id, name, element.tag, variable, source, item_of(kind), body)

    # Decision tables.

    def _table(self, table: Element, owner: Element, name: str, known: Names) -> DecisionTable:
        policy, aggregation = self._policy(table, name)
        inputs = tuple(self._input(column, known) for column in table.all("input"))
        columns = list(table.all("output"))
        outputs = tuple(
            self._output(column, name if len(columns) == 1 else str(number), known)
            for number, column in enumerate(columns, 1)
        )
        self._check_outputs(outputs, name, policy, aggregation)
        widths = (len(inputs), len(outputs))
        rules = tuple(
            self._rule(row, index, name, widths, known)
            for index, row in enumerate(table.all("rule"), 1)
        )
        if self.open:
            # A file that declares no input data declares its inputs by using them.
            expressions = [column.formula.expression for column in inputs]
            known = known.union(*(names_in(each) for each in expressions if each is not None))
        return DecisionTable(owner.id, name, policy, inputs, outputs, rules, known, aggregation)

    def _policy(self, table: Element, name: str) -> tuple[str, str]:
        policy = table.get("hitPolicy", "UNIQUE")
        aggregation = table.get("aggregation")
        if policy not in HIT_POLICIES:
            raise DmnUnsupported(where=name, found=f'hitPolicy="{policy[:20]}"')
        if aggregation and (aggregation not in AGGREGATIONS or policy != "COLLECT"):
            raise DmnUnsupported(where=name, found=f'{policy} aggregation="{aggregation[:20]}"')
        if table.get("preferredOrientation") == "CrossTable" and not any(table.all("rule")):
            raise DmnUnsupported(where=name, found='preferredOrientation="CrossTable"')
        return policy, aggregation

    def _check_outputs(
        self, outputs: Sequence[Output], name: str, policy: str, aggregation: str
    ) -> None:
        names = [output.name for output in outputs]
        if not outputs:
            raise DmnUnreadable("no-output", table=name)
        if len(set(names)) < len(names):
            raise DmnUnreadable("same-name", where=name, name=_twice(names))
        if aggregation and len(outputs) > 1:
            # DMN 1.5, section 8.2.11: what several columns would add up to is left undefined.
            raise DmnUnsupported(where=name, found=f'aggregation="{aggregation}" × {len(outputs)}')
        if policy in BY_VALUES and not any(output.values for output in outputs):
            raise DmnUnreadable("no-priority", table=name, policy=policy)

    def _input(self, column: Element, known: Names) -> Input:
        expression = column.first("inputExpression")
        text = expression.text() if expression is not None else ""
        kind = expression.get("typeRef") if expression is not None else ""
        label = column.get("label") or text
        formula = self._formula(text, known)
        return Input(column.get("id"), label, formula, kind, self._values(column, "inputValues"))

    def _output(self, column: Element, otherwise: str, known: Names) -> Output:
        name = column.get("name") or otherwise
        default = column.first("defaultOutputEntry")
        text = default.text() if default is not None else ""
        formula = self._formula(text, known) if text else None
        allowed = self._values(column, "outputValues")
        values = _in_order(allowed.text if allowed is not None else "")
        label = column.get("label") or name
        kind = column.get("typeRef")
        return Output(column.get("id"), name, label, formula, kind, allowed, values)

    def _values(self, column: Element, tag: str) -> Cell | None:
        values = column.first(tag)
        if values is None or values.text() in {"", "-"}:
            return None
        return self._cell(values.text(), _NO_NAMES)

    def _rule(
        self, row: Element, index: int, table: str, widths: tuple[int, int], known: Names
    ) -> Rule:
        cells = tuple(self._cell(entry.text(), known) for entry in row.all("inputEntry"))
        results = tuple(self._formula(entry.text(), known) for entry in row.all("outputEntry"))
        if (len(cells), len(results)) != widths:
            raise DmnUnreadable("width", table=table, rule=index)
        notes = (entry.text() for entry in row.all("annotationEntry"))
        description = row.first("description")
        annotation = "; ".join(note for note in notes if note)
        if not annotation and description is not None:
            annotation = description.own_text()
        return Rule(row.get("id") or str(index), index, cells, results, annotation)

    # Texts.

    def _names(self, known: Names) -> Names:
        if known not in self.names:
            self.names[known] = known | self.parts
        return self.names[known]

    def _cell(self, text: str, known: Names) -> Cell:
        # Editors (dmn-js) save a cell that passes everything as an empty one.
        text = text or "-"
        try:
            return Cell(text, parse_unary_tests(text, self._names(known), self.types.known))
        except FeelSyntax as fault:
            return Cell(text, None, fault)

    def _formula(self, text: str, known: Names) -> Formula:
        try:
            return Formula(text, parse(text or "null", self._names(known), self.types.known))
        except FeelSyntax as fault:
            return Formula(text, None, fault)


def _close_over(definition: FunctionDefinition, scope: Scope) -> Function:
    knowledge = Knowledge(
        definition.decision_id, definition.name, definition.parameters, definition.body,
        definition.result,
    )  # fmt: skip

    def call(*values: Value) -> Value:
        return knowledge.called(scope, *values)

    return function_of(definition.parameters, definition.result, call)


def function_of(
    parameters: Sequence[tuple[str, Type | None]],
    result: Type | None,
    call: Callable[..., Value],
) -> Function:
    """Return a function that FEEL can call and whose type it knows."""
    kind = FunctionType(tuple(each or ANY for _, each in parameters), result or ANY)
    return Function(tuple(name for name, _ in parameters), call, kind)


def _in_order(text: str) -> tuple[Value, ...]:
    """Return the values of a list of tests; none where one of them is no value but a condition."""
    try:
        values: Any = parse(f"[{text}]").evaluate({}) if text else []
    except FeelSyntax:
        return ()
    return tuple(values)


def _twice(names: Sequence[str]) -> str:
    return next(name for place, name in enumerate(names) if name in names[:place])
