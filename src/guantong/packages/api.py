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
from guantong.packages.life.parameter import (
    LONGEST_REASON,
    Declared,
    Setting,
    changes_ahead,
    in_force,
    own_setting,
    reason,
    refuse_span,
    setting_for,
)
from guantong.packages.life.parameter_store import (
    declared_parameter,
    end_value,
    parameters_of,
    set_value,
    setting,
    settings_of,
    values_of,
)
from guantong.packages.outcome import exercises, outcome
from guantong.packages.package import Package
from guantong.packages.reading import read
from guantong.packages.sql import IndicatorSql, indicator_sql

__all__ = [
    "KERNEL_DATASETS",
    "LONGEST_REASON",
    "CannotRead",
    "CockpitPage",
    "Declared",
    "Document",
    "Finding",
    "IndicatorSql",
    "Input",
    "Package",
    "Progress",
    "Setting",
    "all_installed",
    "area_of",
    "asked",
    "begin",
    "changes_ahead",
    "cockpit_page",
    "cockpit_state",
    "declared_parameter",
    "end_value",
    "examine",
    "exercises",
    "in_force",
    "indicator_sql",
    "install",
    "installed",
    "light_word",
    "listed_tier",
    "name_of",
    "now_in",
    "on_tasks_dispatched",
    "on_tasks_sent_back",
    "outcome",
    "own_setting",
    "parameters_of",
    "place_of",
    "play",
    "reached",
    "read",
    "reason",
    "refuse_span",
    "rows_within",
    "set_value",
    "setting",
    "setting_for",
    "settings_of",
    "tier_below",
    "unit_word",
    "values_of",
]
