"""Item definitions to types: structures, collections, functions, and the values they allow.

A definition may stand before those it speaks of, so each is made when it is first asked for; all
are made before a file is accepted, so that a name nobody defines is told at once. Where it is a
collection, ``allowedValues`` speak of the items and ``typeConstraint`` of the whole (DMN 1.5,
section 7.3.2).
"""

from collections.abc import Mapping

from guantong.dmn.document import Element
from guantong.dmn.errors import DmnReference, DmnUnreadable
from guantong.dmn.types import (
    ANY,
    SIMPLE,
    Collection,
    Constrained,
    Functional,
    Later,
    Structure,
    Type,
)
from guantong.feel.api import FeelSyntax, parse_unary_tests


class Items:
    """The types of one file, with those of the files it imports behind their names."""

    def __init__(self, root: Element, imports: Mapping[str, "Items"]) -> None:
        self.root = root
        self.imports = imports
        self.definitions = {each.get("name"): each for each in root.all("itemDefinition")}
        self.made: dict[str, Type] = {}
        self.making: list[str] = []

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
        if ref in self.definitions:
            return self.made.get(ref) or Later(ref, lambda: self._own(ref))
        if ref in SIMPLE:
            return SIMPLE[ref]
        for name, items in self.imports.items():
            if ref.startswith(f"{name}.") and (found := items._find(ref[len(name) + 1 :])):
                return found
        return self.imports[""]._find(ref) if "" in self.imports else None

    def _find_by_prefix(self, ref: str, where: Element) -> Type | None:
        prefix, colon, local = ref.partition(":")
        if not colon:
            return None
        namespace = where.namespace_of(prefix)
        for items in self.imports.values():
            if items.root.get("namespace") == namespace:
                return items._find(local)
        return self._find(local)

    def _own(self, name: str) -> Type:
        if name not in self.made:
            if name in self.making:
                raise DmnReference(where=name, href=name)
            self.making.append(name)
            self.made[name] = self._make(self.definitions[name])
            self.making.pop()
        return self.made[name]

    def _make(self, definition: Element) -> Type:
        name = definition.get("name")
        made = self._base(definition)
        made = self._constrained(name, made, definition.first("allowedValues"))
        if definition.get("isCollection") in {"true", "1"}:
            made = Collection(name, made)
        return self._constrained(name, made, definition.first("typeConstraint"))

    def _base(self, definition: Element) -> Type:
        name = definition.get("name")
        function = definition.first("functionItem")
        if function is not None:
            parameters = tuple(
                (each.get("name"), self.type_of(each) or ANY) for each in function.all("parameters")
            )
            output = function.get("outputTypeRef")
            return Functional(name, parameters, self.named(output, function) if output else ANY)
        components = {each.get("name"): each for each in definition.all("itemComponent")}
        if components:
            return Structure(name, {key: self._make(each) for key, each in components.items()})
        base = self.type_of(definition) or ANY
        # A tree holds trees, but a type that is another by name only must not lead back to itself.
        return (
            base.find() if isinstance(base, Later) and definition.tag != "itemComponent" else base
        )

    def _constrained(self, name: str, base: Type, tests: Element | None) -> Type:
        if tests is None or not tests.text():
            return base
        try:
            return Constrained(name, base, parse_unary_tests(tests.text(), _NO_NAMES))
        except FeelSyntax as cause:
            raise DmnUnreadable("values", item=name, cause=cause) from None


_NO_NAMES: frozenset[str] = frozenset()
