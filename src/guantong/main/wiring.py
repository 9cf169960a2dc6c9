"""Who hears which fact, and who fills which port: the one place where packages are joined."""

import functools
import logging
from pathlib import Path

import pyarrow as pa
from django.conf import settings

from guantong.base.errors import GuantongError
from guantong.base.outbox import subscribe
from guantong.brain import api as brain
from guantong.data import api as data
from guantong.data.events import BatchLanded
from guantong.flows.events import CaseClosed, TasksDispatched, TasksSentBack
from guantong.geo.api import counties
from guantong.main.packages import refuse_unsound, remember_sound
from guantong.orgs.api import divisions
from guantong.packages import api as packages

log = logging.getLogger(__name__)


def join() -> None:
    """Join subscribers to facts and bring the datasets the kernel itself keeps."""
    subscribe(BatchLanded, data.on_batch_landed)
    subscribe(BatchLanded, brain.on_batch_landed)
    subscribe(CaseClosed, brain.on_case_closed)
    subscribe(TasksDispatched, packages.on_tasks_dispatched)
    subscribe(TasksSentBack, packages.on_tasks_sent_back)
    data.bring_dataset("base.county", _counties)
    data.bring_dataset("base.division", _divisions)


def install_packages(folder: Path | None = None) -> None:
    """Install every application package of the folder the settings name that the doctor passes."""
    join()
    root = folder or settings.APPS_FOLDER
    for path in sorted(p.parent for p in root.glob("*/app.yaml")):
        try:
            package = packages.read(path)
            refuse_unsound(package)
            remember_sound(package)
            packages.install(package)
        except GuantongError as refusal:
            # One wrong package must not keep the others from people.
            log.error("%s", refusal)


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
    found = divisions()
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
    from guantong.flows import api as flows
    from guantong.registry import api as registry

    assert all((access, brain, data, flows, registry)), "front doors with witnesses"
