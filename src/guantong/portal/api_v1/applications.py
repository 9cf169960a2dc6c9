"""Applications: the V-model of one, and all that is compiled from it.

Ids and roles, no words: the same object as ``guantong apps vmodel --json``. The states of the
demand list are those of the live province.
"""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Path, Router
from pydantic import StringConstraints

from guantong.base.errors import NotFound
from guantong.packages.api import plain
from guantong.portal.api_v1 import shapes
from guantong.portal.api_v1.shapes import Shape
from guantong.portal.application_words import APPLICATIONS, find_package
from guantong.portal.reader import decide, reader_of
from guantong.portal.vmodel_here import demands_here, models_here

router = Router(tags=["applications"])

ApplicationId = Annotated[
    str,
    StringConstraints(max_length=60, pattern=r"^[a-z][a-z0-9_]*$"),
    Path(description="The application"),
]
_ROLE = Field(description="line@tier", examples=["water@county"])


class Goal(Shape):
    """What the application is for: an indicator, and the value it must reach."""

    id: str
    indicator: str
    at_least: float | None
    at_most: float | None
    by: date | None


class Carrier(Shape):
    """A declared alternative that carries a unit of work out."""

    kind: str = Field(description="step, item, rule, signal, dataset, indicator, or form")
    name: str
    part: str = Field(description="The step of a process, or the item of a plan; else empty")


class WantedData(Shape):
    """Data that exist nowhere yet: of which class, who should have them, what for."""

    classification: str = Field(examples=["L2"])
    source: str = _ROLE
    purpose: str = Field(description="In Chinese")


class Need(Shape):
    """Which fields of one dataset a unit of work needs; of wanted data, by the name asked for."""

    dataset: str
    fields: list[str]
    wanted: WantedData | None


class WorkUnit(Shape):
    """A unit of work (最小单元)."""

    id: str
    role: str = _ROLE
    helpers: list[str]
    done_by: list[Carrier]
    needs: list[Need]
    limit_seconds: int | None
    basis: str = Field(description="The legal basis, in Chinese")


class WorkTask(Shape):
    """A task on the way from goals to units of work."""

    id: str
    serves: list[str]
    units: list[WorkUnit]


class WayOfHandOver(Shape):
    """One way on which a unit of work hands on."""

    kind: str = Field(description="flow, plan, settled, signal, or landing")
    giver: Carrier
    taker: Carrier


class HandOver(Shape):
    """One unit of work hands on to another (业务协同模型)."""

    giver: str
    taker: str
    crosses: list[str] = Field(description="tier, line, area")
    ways: list[WayOfHandOver]
    limit_seconds: int | None


class SharedField(Shape):
    """One field that a unit of work needs, and from whom (数据共享模型)."""

    unit: str
    dataset: str
    field: str
    known: bool
    classification: str = Field(examples=["L2"])
    source: str = Field(description="line@tier; empty for what the platform keeps")
    using: str = _ROLE
    sharing: str = Field(description="unconditional, conditional, none; empty where none is said")
    cycle: str = Field(description="ISO 8601; empty where nobody asks for a cycle")
    read_by: list[Carrier]
    crosses_line: bool
    crosses_tier: bool


class Demand(Shape):
    """One need with its state in the live province (数据需求清单)."""

    unit: str
    dataset: str
    fields: list[str]
    unknown: list[str]
    classification: str
    source: str
    using: str = _ROLE
    sharing: str
    state: str = Field(description="nowhere, missing, to_request, waiting, sample, landed, or kept")
    rows: int
    landed_at: datetime | None
    purpose: str = Field(description="What data are for that exist nowhere yet; in Chinese")


class Lacking(Shape):
    """What a unit of work still lacks."""

    unit: str
    lack: str
    what: str


class Completeness(Shape):
    """How many units of work there are, and how many are fully specified."""

    leaves: int
    specified: int
    lacking: list[Lacking]


class VModel(Shape):
    """The V-model of an application, and what is compiled from it."""

    package: str
    goals: list[Goal]
    tasks: list[WorkTask]
    cooperation: list[HandOver]
    sharing: list[SharedField]
    demand: list[Demand]
    completeness: Completeness


@router.get(
    "/{id}/vmodel",
    operation_id="read_vmodel",
    response={200: VModel, **shapes.OF_ONE},
    summary="The V-model of an application",
)
def read_vmodel(request: HttpRequest, id: ApplicationId) -> dict[str, Any]:
    """Return goals, units of work, hand-overs, shared fields and the demand list.

    An application that has no V-model is not found here.
    """
    reader = reader_of(request)
    decide(request, "read", APPLICATIONS)
    package = find_package(id, reader.language)
    found = models_here(package)
    if found is None:
        raise NotFound(what=f"{package.id}: vmodel.yaml")
    return plain(package.id, found, demands_here(found))
