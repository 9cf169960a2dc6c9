"""The processes packages brought: a graph, the file it came from, and the forms of its steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from guantong.bpmn.api import Graph
from guantong.forms.api import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process of a package, ready to carry cases. ``xml`` is the original document."""

    id: str
    package: str
    graph: Graph
    xml: bytes
    forms: Mapping[str, Form] = field(default_factory=dict)


_processes: dict[tuple[str, str], Process] = {}


def register_process(process: Process) -> None:
    """Make a process known to this process of ours."""
    _processes[process.package, process.id] = process


def process_of(package: str, id: str) -> Process:
    """Return a package's process; an unknown one is a fault of the caller."""
    return _processes[package, id]
