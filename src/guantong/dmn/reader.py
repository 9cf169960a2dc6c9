"""A DMN file to the immutable model: every text parsed, every requirement resolved, once.

What the standard has and this engine does not carry out (Java, PMML, other expression languages)
is refused by name, and never guessed. Files that a file imports are asked of the caller by their
namespace: nothing is opened or fetched here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from guantong.dmn.boxed import Logic, NoLogic
from guantong.dmn.conversion import result_of
from guantong.dmn.document import NAMESPACES, Element, open_document
from guantong.dmn.errors import (
    DmnAmbiguous,
    DmnImport,
    DmnReference,
    DmnUnreadable,
    DmnUnsupported,
)
from guantong.dmn.item import ItemTypes
from guantong.dmn.logic_reader import LogicReader, function_of
from guantong.dmn.model import Decision, InputData, Key, Knowledge, Model, Required, Service
from guantong.feel.api import Function, Value

MAX_CHAIN = 100  # decisions that require one another; ours, as MAX_NESTING of FEEL is
MAX_NAMES = 5_000  # ours: each text is read with all of them in sight
MAX_FILES = 50  # files that import one another; ours
_REQUIREMENTS = (
    ("informationRequirement", "requiredInput"),
    ("informationRequirement", "requiredDecision"),
    ("knowledgeRequirement", "requiredKnowledge"),
)
_GRAPH = ("inputData", "decision", "businessKnowledgeModel", "decisionService")


@dataclass(frozen=True, slots=True)
class Import:
    """What a file asks for: the namespace that identifies the other file, and where it once lay."""

    namespace: str
    name: str
    location: str = ""


Resolver = Callable[[Import], "bytes | None"]


def read(xml: bytes, resolve: Resolver | None = None) -> Model:
    """Return the decisions of a file, or refuse it and say why.

    ``resolve`` gives the bytes of a file that is imported, or nothing where it knows of none.
    """
    return _Library(resolve).file(open_document(xml), ()).model()


class _Library:
    """The files that are read together, each once."""

    def __init__(self, resolve: Resolver | None) -> None:
        self.resolve = resolve
        self.files: dict[str, _File] = {}

    def file(self, root: Element, chain: tuple[str, ...]) -> "_File":
        """Return the file of this root with everything it imports."""
        namespace = root.get("namespace")
        imports: list[tuple[str, _File]] = []
        for element in root.all("import"):
            wanted = Import(
                element.get("namespace"), element.get("name"), element.get("locationURI")
            )
            kind = element.get("importType")
            if kind and kind not in NAMESPACES:
                found = f'<import importType="{kind[:60]}">'
                raise DmnUnsupported(where=root.get("name"), found=found)
            # Without a name, what is imported stands among the file's own (DMN 1.5, section 6.3.3).
            if wanted.name and wanted.name in (name for name, _ in imports):
                raise DmnUnreadable("same-name", where=root.get("name"), name=wanted.name)
            imports.append((wanted.name, self._imported(root, wanted, (*chain, namespace))))
        made = _File(root, imports)
        self.files[namespace] = made
        return made

    def _imported(self, root: Element, wanted: Import, chain: tuple[str, ...]) -> "_File":
        if wanted.namespace in self.files:
            return self.files[wanted.namespace]
        facts = {"where": root.get("name"), "namespace": wanted.namespace}
        if wanted.namespace in chain or len(self.files) + len(chain) >= MAX_FILES:
            raise DmnImport("circle", **facts)
        xml = self.resolve(wanted) if self.resolve is not None else None
        if xml is None:
            raise DmnImport("absent", **facts)
        other = open_document(xml)
        if other.get("namespace") != wanted.namespace:
            raise DmnImport("other", found=other.get("namespace"), **facts)
        return self.file(other, chain)


class _File:
    """One file: its elements by id, and what has been made of them."""

    def __init__(self, root: Element, imports: Sequence[tuple[str, "_File"]]) -> None:
        self.root = root
        self.imports = imports
        self.namespace = root.get("namespace")
        self.elements: dict[str, Element] = {}
        for tag in _GRAPH:
            for element in root.all(tag):
                if self.elements.setdefault(element.id, element) is not element:
                    raise DmnUnreadable("twice", id=element.id)
        self.types: ItemTypes = ItemTypes(root, [(name, file.types) for name, file in imports])
        self.types.make_all()
        self.reader = LogicReader(root, self.types, self.parts)
        self.decisions: dict[str, Decision] = {}
        self.services: dict[str, Service] = {}
        self.known: dict[str, tuple[Knowledge, Function]] = {}

    def model(self) -> Model:
        """Return everything that can be asked of the file."""
        return Model(
            self.root.id,
            self.root.get("name"),
            tuple(self.decision(each, ()) for each in self.root.all("decision")),
            tuple(self.service(each, ()) for each in self.root.all("decisionService")),
            tuple(self.knowledge(each, ())[0] for each in self.root.all("businessKnowledgeModel")),
            self.namespace,
            tuple(file.namespace for _, file in self.imports),
        )

    @cached_property
    def parts(self) -> frozenset[str]:
        """Names that may follow a point or stand in a filter, and every name with a space in it."""
        found = {
            element.get("name")
            for tag in ("itemComponent", "column", "output", "variable")
            for element in self.root.descendants(tag)
        }
        for _, file in self.imports:
            found |= file.parts | {element.get("name") for element in file.elements.values()}
        found |= {n for each in self.elements.values() if " " in (n := each.get("name"))}
        if len(found) > MAX_NAMES:
            raise DmnUnreadable("names", where=self.root.get("name"), limit=MAX_NAMES)
        return frozenset(found - {""})

    # What stands in the graph.

    def input(self, element: Element) -> InputData:
        """Return input data, or a decision whose value is handed in."""
        variable = element.first("variable")
        kind = self.types.type_of(variable)
        return InputData((self.namespace, element.id), element.get("name"), kind)

    def decision(self, element: Element, chain: tuple[Key, ...]) -> Decision:
        """Return the decision of an element, after those it requires."""
        if element.id in self.decisions:
            return self.decisions[element.id]
        chain = self._extend(chain, element)
        before: dict[Key, Decision] = {}
        inputs: dict[str, None] = {}
        requires = []
        for path, file, required in self._required(element):
            thing = file.thing(required, chain)
            requires.append(Required(path, thing))
            if isinstance(thing, Decision):
                before |= {each.key: each for each in (*thing.before, thing)}
                inputs |= dict.fromkeys(thing.inputs)
            elif isinstance(thing, InputData):
                inputs[thing.name] = None
        known = frozenset(each.path[0] for each in requires)
        made = Decision(
            element.id,
            element.get("name"),
            self._logic(element, known),
            tuple(before.values()),
            {r.path[-1]: r.thing for r in requires if isinstance(r.thing, Function)},
            tuple(inputs),
            (self.namespace, element.id),
            self.types.type_of(element.first("variable")),
            tuple(requires),
            self.reader.open,
        )
        self.decisions[element.id] = made
        return made

    def _logic(self, element: Element, known: frozenset[str]) -> Logic:
        name = element.get("name")
        logic = self.reader.logic(element, element, name, known)
        return NoLogic(element.id, name) if logic is None else logic

    def thing(self, element: Element, chain: tuple[Key, ...]) -> InputData | Decision | Function:
        """Return what an element is to those who require it."""
        match element.tag:
            case "inputData":
                return self.input(element)
            case "decision":
                return self.decision(element, chain)
            case "businessKnowledgeModel":
                return self.knowledge(element, chain)[1]
        service = self.service(element, chain)
        parameters = [(each.name, each.type) for each in service.parameters]
        return function_of(parameters, service.type, service.called)

    def knowledge(self, element: Element, chain: tuple[Key, ...]) -> tuple[Knowledge, Function]:
        """Return a business knowledge model and the function that others call."""
        if element.id in self.known:
            return self.known[element.id]
        chain = self._extend(chain, element)
        name = element.get("name")
        names: dict[str, object] = {}
        requires = [
            Required(path, file.thing(required, chain))
            for path, file, required in self._required(element)
        ]
        known = frozenset(each.path[0] for each in requires) | {name}
        made = self._knowledge(element, name, known)

        def call(*values: Value) -> Value:
            return made.called(names, *values)

        function = function_of(made.parameters, made.result, call)
        # It may call itself by its own name.
        for required in (*requires, Required((name,), function)):
            required.place(names, required.thing)
        self.known[element.id] = made, function
        return made, function

    def _knowledge(self, element: Element, name: str, known: frozenset[str]) -> Knowledge:
        body = element.first("encapsulatedLogic")
        result = result_of(self.types.type_of(element.first("variable")))
        if body is None:
            return Knowledge(element.id, name, (), NoLogic(element.id, name), result)
        defined = self.reader.function(body, element, name, known)
        return Knowledge(
            element.id, name, defined.parameters, defined.body, defined.result or result
        )

    def service(self, element: Element, chain: tuple[Key, ...]) -> Service:
        """Return a decision service with what has to be worked out for its outputs."""
        if element.id in self.services:
            return self.services[element.id]
        chain = self._extend(chain, element)
        given = [*self._referred(element, "inputData"), *self._referred(element, "inputDecision")]
        parameters = tuple(file.input(each) for file, each in given)
        outputs = tuple(
            file.decision(each, chain) for file, each in self._referred(element, "outputDecision")
        )
        self._referred(element, "encapsulatedDecision")  # they must be there, and need no more
        if not outputs:
            raise DmnUnreadable("empty", where=element.get("name"), tag="outputDecision")
        order: dict[Key, Decision] = {}
        for decision in outputs:
            _in_order(decision, {each.key for each in parameters}, order)
        made = Service(
            element.id,
            element.get("name"),
            outputs,
            parameters,
            tuple(order.values()),
            result_of(self.types.type_of(element.first("variable"))),
        )
        self.services[element.id] = made
        return made

    # References.

    def _extend(self, chain: tuple[Key, ...], element: Element) -> tuple[Key, ...]:
        key = (self.namespace, element.id)
        if key in chain or len(chain) >= MAX_CHAIN:
            raise DmnReference(where=element.get("name"), href=f"#{chain[-1][1]}")
        return (*chain, key)

    def _required(self, element: Element) -> Iterator[tuple[tuple[str, ...], "_File", Element]]:
        paths: dict[tuple[str, ...], Element] = {}
        for tag, inner in _REQUIREMENTS:
            for requirement in element.all(tag):
                for target in requirement.all(inner):
                    name, file, found = self._find(element, target)
                    own = (found.get("name"),)
                    path = (name, *own) if name else own
                    if path in paths and paths[path] is not found:
                        ids = f"{paths[path].id}, {found.id}"
                        where = element.get("name")
                        raise DmnAmbiguous(where=where, name=".".join(path), ids=ids)
                    itself = found is element and found.tag == _KNOWLEDGE  # it may call itself
                    if path not in paths and not itself:
                        yield path, file, found
                    paths[path] = found

    def _referred(self, element: Element, tag: str) -> list[tuple["_File", Element]]:
        return [self._find(element, each)[1:] for each in element.all(tag)]

    def _find(self, element: Element, target: Element) -> tuple[str, "_File", Element]:
        href = target.get("href")
        namespace, _, key = href.rpartition("#")
        own = [("", self)] if namespace in {"", self.namespace} else []
        theirs = [each for each in self.imports if each[1].namespace == namespace]
        for name, file in (*own, *theirs):
            if key in file.elements:
                found = file.elements[key]
                if found.tag not in _MEANT[target.tag]:
                    where = element.get("name")
                    raise DmnUnreadable(
                        "other-kind", where=where, href=href, tag=target.tag, found=found.tag
                    )
                return name, file, found
        raise DmnReference(where=element.get("name"), href=href)


_KNOWLEDGE = "businessKnowledgeModel"
# What each reference may lead to.
_MEANT = {
    "requiredInput": ("inputData",),
    "requiredDecision": ("decision",),
    "requiredKnowledge": (_KNOWLEDGE, "decisionService"),
    "inputData": ("inputData",),
    "inputDecision": ("decision",),
    "outputDecision": ("decision",),
    "encapsulatedDecision": ("decision",),
}


def _in_order(decision: Decision, given: set[Key], order: dict[Key, Decision]) -> None:
    """Put a decision behind those it requires, without those whose value is handed in."""
    if decision.key in given or decision.key in order:
        return
    for required in decision.requires:
        if isinstance(required.thing, Decision):
            _in_order(required.thing, given, order)
    order[decision.key] = decision
