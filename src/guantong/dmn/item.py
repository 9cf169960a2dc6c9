"""Item definitions to types: structures, collections, functions, and the values they allow.

A definition may stand before those it speaks of, so each is made when it is first asked for; all
are made before a file is accepted, so that a name nobody defines is told at once. Where it is a
collection, ``allowedValues`` speak of the items and ``typeConstraint`` of the whole (DMN 1.5,
section 7.3.2).
"""

from collections.abc import Sequence
from functools import partial

from guantong.dmn.document import Element
from guantong.dmn.errors import DmnReference, DmnUnreadable
from guantong.feel.api import (
    ContextType,
    DeclaredType,
    FeelSyntax,
    FunctionType,
    ListType,
    Member,
    SimpleType,
    Type,
    Value,
    parse_type,
    parse_unary_tests,
)

ANY = SimpleType("Any")
MAX_TYPES = 40  # types within types; ours, as MAX_BOXES is


class ItemTypes:
    """The types of one file, with those of the files it imports behind their names."""

    def __init__(self, root: Element, imports: Sequence[tuple[str, "ItemTypes"]]) -> None:
        self.namespace = root.get("namespace")
        self.imports = imports
        self.definitions = {each.get("name"): each for each in root.all("itemDefinition")}
        self.made: dict[str, Type] = {}
        self.making: list[str] = []
        self.known: dict[str, Type] = {
            f"{prefix}.{name}" if prefix else name: found
            for prefix, types in imports
            for name, found in types.known.items()
        }
        self.known |= {
            name: DeclaredType(name, partial(self._own, name)) for name in self.definitions
        }

    def make_all(self) -> None:
        """Make every type of the file, or refuse the one that cannot be made."""
        for name in self.definitions:
            self._own(name)

    def type_of(self, element: Element | None) -> Type | None:
        """Return the type an element declares by ``typeRef``; none where it declares nothing."""
        if element is None:
            return None
        ref = element.get("typeRef")
        if not ref and (inner := element.first("typeRef")) is not None:
            ref = inner.own_text()  # as DMN 1.1 wrote it
        return self.named(ref, element) if ref else None

    def named(self, ref: str, where: Element) -> Type:
        """Return the type of this name: of the file, of FEEL, or of an imported file."""
        found = self._find(ref) or self._find_by_prefix(ref, where)
        if found is None:
            raise DmnReference(where=where.id or "typeRef", href=ref)
        return found

    def _find(self, ref: str) -> Type | None:
        if ref in self.known:
            return self.known[ref]
        try:
            return parse_type(ref, self.known)
        except FeelSyntax:
            return None

    def _find_by_prefix(self, ref: str, where: Element) -> Type | None:
        # DMN 1.1 names types as XML does: feel:string, own:tAge.
        prefix, colon, local = ref.partition(":")
        if not colon:
            return None
        namespace = where.namespace_of(prefix)
        for _, types in self.imports:
            if types.namespace == namespace:
                return types._find(local)
        return self._find(local)

    def _own(self, name: str) -> Type:
        if name not in self.made:
            if name in self.making:
                raise DmnReference(where=name, href=name)
            self.made[name] = self._made_of(name, self.definitions[name])
        return self.made[name]

    def _made_of(self, name: str, definition: Element) -> Type:
        if len(self.making) >= MAX_TYPES:
            raise DmnUnreadable("too-deep", where=self.making[0], limit=MAX_TYPES)
        self.making.append(name)
        try:
            return self._make(definition)
        finally:
            self.making.pop()

    def _make(self, definition: Element) -> Type:
        name = definition.get("name")
        made = self._constrained(name, self._base(definition), definition.first("allowedValues"))
        if definition.get("isCollection") in {"true", "1"}:
            made = ListType(made)
        return self._constrained(name, made, definition.first("typeConstraint"))

    def _base(self, definition: Element) -> Type:
        function = definition.first("functionItem")
        if function is not None:
            parameters = [self.type_of(each) or ANY for each in function.all("parameters")]
            output = function.get("outputTypeRef")
            result = self.named(output, function) if output else ANY
            return FunctionType(tuple(parameters), result)
        components = list(definition.all("itemComponent"))
        if components:
            return ContextType(
                tuple(Member(each.get("name"), self._made_of("", each)) for each in components)
            )
        base = self.type_of(definition) or ANY
        # A tree holds trees, but what is another by name only must not lead back to itself.
        if isinstance(base, DeclaredType) and definition.tag != "itemComponent":
            base.find()
        return base

    def _constrained(self, name: str, base: Type, values: Element | None) -> Type:
        if values is None or values.text() in {"", "-"}:
            return base
        try:
            tests = parse_unary_tests(values.text(), frozenset(), self.known)
        except FeelSyntax as cause:
            raise DmnUnreadable("values", item=name, cause=cause) from None

        def allows(value: Value) -> bool | None:
            return tests.run(value, {})

        return DeclaredType(name, lambda: base, allows)
