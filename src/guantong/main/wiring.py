"""Who hears which fact, and who fills which port: the one place where packages are joined."""

import functools
import logging
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pyarrow as pa

from guantong.access import api as access
from guantong.base import clock
from guantong.base.errors import GuantongError
from guantong.base.lag import bring_gauge
from guantong.base.outbox import subscribe
from guantong.base.realm import LIVE
from guantong.brain import api as brain
from guantong.brain.events import AlertChanged
from guantong.data import api as data
from guantong.data.events import BatchLanded
from guantong.flows import api as flows
from guantong.flows.events import (
    CaseClosed,
    TasksAccepted,
    TasksDispatched,
    TasksDueSoon,
    TasksSentBack,
    TasksSupervised,
)
from guantong.geo.api import counties
from guantong.main import telling
from guantong.main.health import disk_gauge
from guantong.main.packages import refuse_unsound, remember_sound
from guantong.notices import api as notices
from guantong.orgs import api as orgs
from guantong.orgs.events import (
    DelegationEnded,
    DelegationGiven,
    ImportToGoOn,
    PersonAppointed,
    PersonLeft,
    SwapAsked,
    SwapDone,
    UnitMerged,
)
from guantong.packages import api as packages

log = logging.getLogger(__name__)

MOST_LEAVERS_ASKED = 500


def join() -> None:
    """Join subscribers to facts and bring the datasets the kernel itself keeps."""
    subscribe(BatchLanded, data.on_batch_landed)
    subscribe(BatchLanded, brain.on_batch_landed)
    subscribe(CaseClosed, brain.on_case_closed)
    subscribe(TasksDispatched, packages.on_tasks_dispatched)
    subscribe(TasksSentBack, packages.on_tasks_sent_back)
    subscribe(AlertChanged, telling.on_alert_changed)
    subscribe(TasksDispatched, telling.on_tasks_dispatched)
    subscribe(TasksAccepted, telling.on_tasks_accepted)
    subscribe(TasksSentBack, telling.on_tasks_sent_back)
    subscribe(TasksDueSoon, telling.on_tasks_due_soon)
    subscribe(TasksSupervised, telling.on_tasks_supervised)
    subscribe(PersonAppointed, telling.on_person_appointed)
    subscribe(DelegationGiven, telling.on_delegation_given)
    subscribe(DelegationEnded, telling.on_delegation_ended)
    subscribe(SwapAsked, telling.on_swap_asked)
    subscribe(SwapDone, telling.on_swap_done)
    subscribe(PersonLeft, access.on_person_left)
    subscribe(PersonLeft, telling.on_person_left)
    subscribe(UnitMerged, telling.on_unit_merged)
    subscribe(ImportToGoOn, orgs.go_on)
    flows.bring_walk_watch(packages.count_ways)
    orgs.bring_held_work(_held_work)
    bring_gauge("disk", disk_gauge)
    bring_gauge("notices", notices.readings)
    data.bring_dataset("base.county", _counties)
    data.bring_dataset("base.division", _divisions)


def install_packages() -> None:
    """Carry out the application packages that the store says are installed, now and from now on."""
    join()
    packages.follow()


def install_folder(root: Path) -> None:
    """Carry out every package of a folder that the doctor passes, without asking any store."""
    join()
    for path in sorted(p.parent for p in root.glob("*/app.yaml")):
        try:
            package = packages.read(path)
            refuse_unsound(package)
            remember_sound(package)
            packages.install(package)
        except GuantongError as refusal:
            # One wrong package must not keep the others from people.
            log.error("%s", refusal)


def _held_work(person_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many tasks of the live realm each person accepted and has not completed."""
    now = clock.now(LIVE)
    # Who leaves is asked about one by one; of thousands who leave at once, the first are told.
    asked = person_ids[:MOST_LEAVERS_ASKED]
    posts = orgs.posts_of_people(asked, on=clock.local_day(now))
    found = {}
    for id in asked:
        units = {post.unit.id for post in posts[id]}
        _, counts = flows.inbox(LIVE, unit_ids=units, person_id=id, now=now, chip="mine", most=1)
        if counts["mine"]:
            found[id] = counts["mine"]
    return found


@functools.cache
def _counties() -> pa.Table:
    found = counties()
    return pa.table(
        {
            "division_code": [f"{c.code6}000000" for c in found],
            "name": [c.name for c in found],
            "lon": [c.lon for c in found],
            "lat": [c.lat for c in found],
        }
    )


@functools.cache
def _divisions() -> pa.Table:
    found = orgs.divisions()
    return pa.table(
        {
            "code": [d.code for d in found],
            "name": [d.name for d in found],
            "tier": [str(d.tier) for d in found],
            "parent_code": [d.parent_code for d in found],
        }
    )


def bring_witnesses() -> None:
    """Load every package that keeps audited records, so that a check can compare them all."""
    # Importing a front door brings its witnesses; each is named here so that none is forgotten.
    from guantong.access import api as access
    from guantong.files import api as files
    from guantong.flows import api as flows
    from guantong.registry import api as registry

    known = (access, brain, data, files, flows, notices, packages, registry)
    assert all(known), "front doors with witnesses"
