"""A case that a person opens: who may, at which places, what is asked, and what it is about.

The start event of a process says it. Its form is asked when the case is opened; the answer that
its ``matter`` names is what the case is about, so that one matter of a place has one open case
(promise P4). Who opens it found the matter, and takes part neither in the work that others
accept nor in accepting it (P2). Without a form at its start, a process is opened by a signal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from guantong.bpmn.api import Node
from guantong.flows.process import Process, all_processes
from guantong.forms.api import Form
from guantong.orgs.api import TIERS, Role, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a person opens a case of a process."""

    package: str
    process: str
    node: str
    roles: tuple[Role, ...]
    tiers: tuple[Tier, ...]
    form: Form
    matter: str
    # The answer that names the case this one came of, by its number.
    follows: str | None = None

    def about(self, answers: Mapping[str, Any], division_code: str) -> str:
        """Return what a case with these answers is about, at that place."""
        return f"{answers[self.matter]}/{division_code}"


def opening_of(process: Process) -> Opening | None:
    """Return how a person opens a case of ``process``; None where only a signal does."""
    start = process.graph.starts[0]
    form = process.forms.get(start.form or "")
    if form is None:
        return None
    assert start.role is not None, "the doctor refuses a start that asks and says not whom"
    return Opening(
        package=process.package, process=process.id, node=start.id,
        roles=tuple(Role.parse(text) for text in start.role.split()), tiers=tiers_of(start),
        form=form, matter=start.settings["matter"], follows=start.settings.get("follows"),
    )  # fmt: skip


def tiers_of(start: Node) -> tuple[Tier, ...]:
    """Return the tiers at whose places a case may be opened: those written, else the roles' own."""
    written = start.settings.get("places", "").split()
    own = [text.rpartition("@")[2] for text in (start.role or "").split()]
    return tuple(tier for tier in TIERS if tier in (written or own))


def openings() -> tuple[Opening, ...]:
    """Return every opening of the processes known here, by package and process."""
    found = (opening_of(process) for process in all_processes())
    return tuple(opening for opening in found if opening is not None)


def opened_by(process: Process, data: Mapping[str, Any]) -> UUID | None:
    """Return the person who opened a case of ``process`` by hand; None where a signal did."""
    by = data.get("doers", {}).get(process.graph.starts[0].id)
    return UUID(by) if by else None
