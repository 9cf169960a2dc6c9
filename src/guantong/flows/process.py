"""The processes packages brought: a graph, the file it came from, and the forms of its steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from guantong.bpmn.api import Graph
from guantong.flows.errors import ProcessGone
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


def all_processes() -> tuple[Process, ...]:
    """Return every process known here, by package and id."""
    return tuple(_processes[key] for key in sorted(_processes))


def process_of(package: str, id: str) -> Process:
    """Return a package's process; refuse one whose package is not installed here, or not any more.

    Its cases stay as they are, and go on once the package is back.
    """
    found = _processes.get((package, id))
    if found is None:
        raise ProcessGone(process=id, package=package)
    return found
