"""The cases of a process as a table: what each is about, how it ended, and the answers it keeps.

The start event names the answers that are columns (``guantong:keeps``); their types are those of
the forms that answer them. Without that, answers stay in the case and count for nothing.
"""

from collections.abc import Iterable, Mapping

from guantong.bpmn.api import Graph
from guantong.flows.process import Process, all_processes
from guantong.forms.api import Form

# What every such table has before the answers, with its type in DuckDB.
COLUMNS: Mapping[str, str] = {
    "id": "varchar",
    "number": "varchar",
    "division_code": "varchar",
    "matter": "varchar",
    "state": "varchar",
    "opened_at": "timestamptz",
    "closed_at": "timestamptz",
    "outcome": "varchar",
}
_TYPES: Mapping[str, str] = {"integer": "double", "number": "double", "boolean": "boolean"}
_CASTS: Mapping[str, str] = {"double": "double precision", "boolean": "boolean", "varchar": "text"}


def keeps(graph: Graph) -> tuple[str, ...]:
    """Return the answers that a process keeps as columns, in the order in which it names them."""
    return tuple(n for start in graph.starts for n in start.settings.get("keeps", "").split())


def kept_types(graph: Graph, forms: Iterable[Form]) -> dict[str, str]:
    """Return the type of each answer that is kept; one that no form answers is left out."""
    fields = {field.name: field.type for form in forms for field in form.fields}
    return {n: _TYPES.get(fields[n], "varchar") for n in keeps(graph) if n in fields}


def datasets_of_processes(package: str) -> dict[str, str]:
    """Return the SQL of each process of a package that keeps answers, by the dataset's id."""
    return {
        f"{package}.{process.id}": _sql(process)
        for process in all_processes()
        if process.package == package and keeps(process.graph)
    }


def _sql(process: Process) -> str:
    kept = "".join(
        f", (data ->> '{name}')::{_CASTS[type]} as {name}"
        for name, type in kept_types(process.graph, process.forms.values()).items()
    )
    return (
        f"select {', '.join(COLUMNS)}{kept} from flows_case where realm = %(realm)s"  # noqa: S608
        f" and package = '{process.package}' and process = '{process.id}'"
    )
