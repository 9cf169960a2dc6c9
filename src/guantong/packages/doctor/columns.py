"""Which tables a package may read, and their columns: of the kernel, and its own.

Columns of its own come from its contracts, so that an example gives only what it speaks of.
"""

from collections.abc import Mapping

import pyarrow as pa

from guantong.data.api import schema
from guantong.flows.api import KEPT_COLUMNS, kept_types
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.kernel_datasets import KERNEL_DATASETS, OBJECT_COLUMNS, SIGNAL_COLUMNS
from guantong.packages.package import Package

# The types of the kernel's tables as Arrow holds them.
_ARROW = {
    "varchar": pa.string(),
    "double": pa.float64(),
    "integer": pa.int32(),
    "boolean": pa.bool_(),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}


def tables(subject: Subject) -> dict[str, pa.Schema]:
    """Return every table the package may name, with its columns."""
    found = {name: _fields(columns) for name, columns in KERNEL_DATASETS.items()}
    for document in subject.each("datasets"):
        if contract := subject.compiled(document):
            found[contract.id] = schema(contract)
    for document in subject.each("objects"):
        if contract := subject.compiled(document):
            own = schema(contract)
            registered = [f for f in _fields(OBJECT_COLUMNS) if f.name not in own.names]
            found[contract.id] = pa.schema([*registered, *own])
    for id, document in subject.kept_by.items():
        _, graph = subject.flows[document.stem]
        found[id] = _fields({**KEPT_COLUMNS, **kept_types(graph, subject.forms.values())})
    for document in subject.each("signals"):
        kept = dict.fromkeys(document.data.get("keep", []), "double")
        found[document.data["id"]] = _fields({**SIGNAL_COLUMNS, **kept})
    return found


def fields_of(package: Package, document: Document) -> set[str]:
    """Return the columns that a dataset or an object of an application has for whoever reads it."""
    registered = OBJECT_COLUMNS if document.kind == "objects" else {}
    return {*registered, *schema(package.compiled(document)).names}


def _fields(columns: Mapping[str, str]) -> pa.Schema:
    return pa.schema([(name, _ARROW[type]) for name, type in columns.items()])
