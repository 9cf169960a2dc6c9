"""A package as it was read: its documents, and what its engines make of them, once each.

What was compiled is what will run: the doctor, the installation and a rehearsal all hold the
same values. Asking for what an engine refuses raises the engine's refusal.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from guantong.base.errors import GuantongError
from guantong.bpmn.api import Graph
from guantong.data.api import Contract, Statement
from guantong.dmn.api import Model
from guantong.forms.api import Form
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.kinds.known import by_name
from guantong.packages.sql import IndicatorSql
from guantong.packages.wording import filled


@dataclass(frozen=True, eq=False)
class Package:
    """One application package. ``strays`` are the findings of the reading itself."""

    folder: Path
    digest: str
    documents: Mapping[str, Document]
    strays: tuple[Finding, ...] = ()
    # Words of releases before this one: a matter of then is called what it was called (P11).
    former_words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    # Words an area says differently, by language: they go before all others.
    area_words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    _compiled: dict[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def id(self) -> str:
        """Return the id its manifest gives, or the folder's name where it gives none."""
        app = self.one("app")
        given = app.data.get("id") if app is not None and isinstance(app.data, dict) else None
        return given if isinstance(given, str) else self.folder.name

    def each(self, kind: str) -> Iterator[Document]:
        """Yield the documents of a kind in the order of their paths."""
        return (document for document in self.documents.values() if document.kind == kind)

    def one(self, kind: str) -> Document | None:
        """Return the only document of a kind, if the package has it."""
        return next(self.each(kind), None)

    def beside(self, document: Document, suffix: str) -> Document | None:
        """Return the document of the same name with another suffix."""
        return self.documents.get(str(PurePosixPath(document.path).with_suffix(suffix)))

    def changed(self, path: str, document: Document | None) -> "Package":
        """Return the package with one file replaced, added, or (none) taken out.

        What did not change is not compiled again. The digest stays that of the files as read.
        """
        documents = {**self.documents, **({} if document is None else {path: document})}
        if document is None:
            documents.pop(path, None)
        compiled = {known: made for known, made in self._compiled.items() if known != path}
        return replace(self, documents=dict(sorted(documents.items())), _compiled=compiled)

    def compiled(self, document: Document) -> Any:
        """Return what the engine of its kind makes of a document, or raise its refusal."""
        if document.path not in self._compiled:
            made = by_name(document.kind).compile
            assert made is not None, f"{document.kind} compiles to nothing"
            try:
                self._compiled[document.path] = made(document)
            except GuantongError as refusal:
                self._compiled[document.path] = refusal
        found = self._compiled[document.path]
        if isinstance(found, GuantongError):
            raise found
        return found

    @cached_property
    def rules(self) -> Mapping[str, Model]:
        """Return the decision models by path."""
        return {document.path: self.compiled(document) for document in self.each("rules")}

    @cached_property
    def flows(self) -> Mapping[str, Graph]:
        """Return the processes by the name of their file, which is their id."""
        return {document.stem: self.compiled(document) for document in self.each("flows")}

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """Return the forms by id."""
        return {document.stem: self.compiled(document) for document in self.each("forms")}

    @cached_property
    def contracts(self) -> Mapping[str, Contract]:
        """Return the contracts of datasets and objects by id."""
        found = [*self.each("datasets"), *self.each("objects")]
        return {self.compiled(document).id: self.compiled(document) for document in found}

    @cached_property
    def derivations(self) -> Mapping[str, Statement]:
        """Return the SQL of each derived dataset by the dataset's id."""
        pairs = ((d, self.beside(d, ".sql")) for d in self.each("datasets"))
        return {d.data["id"]: self.compiled(sql) for d, sql in pairs if sql is not None}

    @cached_property
    def indicators(self) -> Mapping[str, IndicatorSql]:
        """Return the SQL of each indicator by the indicator's id."""
        pairs = ((d, self.beside(d, ".sql")) for d in self.each("indicators"))
        return {d.data["id"]: self.compiled(s) for d, s in pairs if s is not None}

    def words(self, language: str) -> Mapping[str, str]:
        """Return the words in ``zh-CN`` or ``en`` that people read, an area's own first."""
        own, former = self.own_words(language), self.former_words.get(language)
        area = self.area_words.get(language)
        if area:
            return {**(former or {}), **own, **area}
        return {**former, **own} if former else own

    def own_words(self, language: str) -> Mapping[str, str]:
        """Return the words of the package itself, as its file says them."""
        document = self.documents.get(f"messages/{language}.yaml")
        return document.data if document is not None and isinstance(document.data, dict) else {}

    def say(self, key: str, language: str, /, **facts: object) -> str:
        """Return the word of ``key`` with its places filled; an unknown key is shown as it is."""
        found = self.words(language).get(key)
        return key if found is None else filled(str(found), facts)
