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
from guantong.packages.rehearsal.coverage import possible, topics
from guantong.packages.rehearsal.live import (
    UnitScore,
    begin_live,
    end_live,
    live_under_way,
    play_live,
    score,
)
from guantong.packages.rehearsal.passed import count as count_ways
from guantong.packages.rehearsal.rehearse import Rehearsed, rehearse, scenarios
from guantong.packages.rehearsal.report import Report, union
from guantong.packages.rehearsal.saying import Speaker
from guantong.packages.rehearsal.script import Script, read_script
from guantong.packages.sql import IndicatorSql, indicator_sql

__all__ = [
    "KERNEL_DATASETS",
    "CannotRead",
    "CockpitPage",
    "Document",
    "Finding",
    "IndicatorSql",
    "Input",
    "Package",
    "Progress",
    "Rehearsed",
    "Report",
    "Script",
    "Speaker",
    "UnitScore",
    "all_installed",
    "area_of",
    "asked",
    "begin",
    "begin_live",
    "cockpit_page",
    "cockpit_state",
    "count_ways",
    "end_live",
    "examine",
    "exercises",
    "indicator_sql",
    "install",
    "installed",
    "light_word",
    "listed_tier",
    "live_under_way",
    "name_of",
    "now_in",
    "on_tasks_dispatched",
    "on_tasks_sent_back",
    "outcome",
    "place_of",
    "play",
    "play_live",
    "possible",
    "reached",
    "read",
    "read_script",
    "rehearse",
    "rows_within",
    "scenarios",
    "score",
    "tier_below",
    "topics",
    "union",
    "unit_word",
]
