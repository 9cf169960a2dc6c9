"""The front door of ``guantong.packages``."""

from guantong.packages.cockpit.area import area_of, listed_tier, rows_within, tier_below
from guantong.packages.cockpit.levels import name_of
from guantong.packages.cockpit.state import (
    CockpitPage,
    cockpit_page,
    cockpit_state,
    light_word,
    now_in,
    place_of,
    unit_word,
)
from guantong.packages.doctor.examine import examine
from guantong.packages.doctor.questions.maturity import reached
from guantong.packages.document import Document
from guantong.packages.errands import on_tasks_dispatched, on_tasks_sent_back
from guantong.packages.errors import CannotRead
from guantong.packages.exercise import Input, Progress, asked, begin, play
from guantong.packages.findings import Finding
from guantong.packages.install import all_installed, install, installed
from guantong.packages.kernel_datasets import KERNEL_DATASETS
from guantong.packages.outcome import exercises, outcome
from guantong.packages.package import Package
from guantong.packages.reading import read
from guantong.packages.sql import IndicatorSql, indicator_sql
from guantong.packages.vmodel.completeness import Completeness, Lacking
from guantong.packages.vmodel.cooperation import CROSSINGS, Cooperation, HandOver, Way
from guantong.packages.vmodel.demand import STATES, Demand, Landed, counted, demand_list
from guantong.packages.vmodel.known_data import KnownData
from guantong.packages.vmodel.model import Carrier, Goal, VModel, WorkTask, WorkUnit
from guantong.packages.vmodel.models import Models, models_of
from guantong.packages.vmodel.reads import Fields, plan_item, reads_of
from guantong.packages.vmodel.sharing import SharedField

__all__ = [
    "CROSSINGS",
    "KERNEL_DATASETS",
    "STATES",
    "CannotRead",
    "Carrier",
    "CockpitPage",
    "Completeness",
    "Cooperation",
    "Demand",
    "Document",
    "Fields",
    "Finding",
    "Goal",
    "HandOver",
    "IndicatorSql",
    "Input",
    "KnownData",
    "Lacking",
    "Landed",
    "Models",
    "Package",
    "Progress",
    "SharedField",
    "VModel",
    "Way",
    "WorkTask",
    "WorkUnit",
    "all_installed",
    "area_of",
    "asked",
    "begin",
    "cockpit_page",
    "cockpit_state",
    "counted",
    "demand_list",
    "examine",
    "exercises",
    "indicator_sql",
    "install",
    "installed",
    "light_word",
    "listed_tier",
    "models_of",
    "name_of",
    "now_in",
    "on_tasks_dispatched",
    "on_tasks_sent_back",
    "outcome",
    "place_of",
    "plan_item",
    "play",
    "reached",
    "read",
    "reads_of",
    "rows_within",
    "tier_below",
    "unit_word",
]
