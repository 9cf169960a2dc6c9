"""The processes packages brought: a graph, the file it came from, and the forms of its steps.

A case goes on by the release of its package with which it began, whatever is installed since.
What this process of ours does not hold yet is asked of whoever keeps the releases.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from guantong.bpmn.api import Graph
from guantong.flows.errors import ProcessGone
from guantong.forms.api import Form

# Reads a release of a package again and registers its processes and plans.
Releases = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process of a package, ready to carry cases. ``xml`` is the original document.

    ``release`` names the release of the package; it is empty where nobody keeps releases.
    """

    id: str
    package: str
    graph: Graph
    xml: bytes
    release: str = ""
    forms: Mapping[str, Form] = field(default_factory=dict)


_processes: dict[tuple[str, str, str], Process] = {}
# The release by which new cases of a package begin.
_current: dict[str, str] = {}
_releases: Releases | None = None


def bring_releases(releases: Releases) -> None:
    """Say who knows the releases that this process of ours does not hold."""
    global _releases
    _releases = releases


def register_process(process: Process, *, current: bool = True) -> None:
    """Make a process known to this process of ours; new cases begin by the ``current`` release."""
    _processes[process.package, process.id, process.release] = process
    if current:
        _current[process.package] = process.release


def all_processes() -> tuple[Process, ...]:
    """Return every process by which new cases begin here, by package and id."""
    found = (p for p in _processes.values() if _current.get(p.package, "") == p.release)
    return tuple(sorted(found, key=lambda process: (process.package, process.id)))


def process_of(package: str, id: str, release: str | None = None) -> Process:
    """Return a package's process, as a release of it has it, or as new cases begin.

    Refuse one whose package is not installed here, or not any more: its cases stay as they are,
    and go on once the package is back.
    """
    # A case that began before releases were kept goes by what is there.
    wanted = release or _current.get(package, "")
    found = _processes.get((package, id, wanted))
    if found is None and wanted and _releases is not None:
        _releases(package, wanted)
        found = _processes.get((package, id, wanted))
    if found is None:
        raise ProcessGone(process=id, package=package)
    return found
