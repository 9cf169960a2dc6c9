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
from guantong.packages.install import all_installed, install, installed, release_of
from guantong.packages.kernel_datasets import KERNEL_DATASETS
from guantong.packages.life.current import follow, look, look_now
from guantong.packages.life.dry_run import Changed, DryRun, dry_run
from guantong.packages.life.installing import (
    INSTALLED,
    SHIPPED,
    WITHDRAWN,
    ChangeView,
    ReleaseView,
    Standing,
    bring_in,
    brought_release,
    enter,
    history,
    releases_of,
    standing,
    standings,
    waiting_releases,
    withdraw,
)
from guantong.packages.life.merge import END, Conflict, Decision, Merged
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
from guantong.packages.life.source import Brought, bring
from guantong.packages.life.told import act_words, conflict_words, headline, parts
from guantong.packages.outcome import exercises, outcome
from guantong.packages.package import Package
from guantong.packages.reading import read
from guantong.packages.sql import IndicatorSql, indicator_sql

__all__ = [
    "END",
    "INSTALLED",
    "KERNEL_DATASETS",
    "LONGEST_REASON",
    "SHIPPED",
    "WITHDRAWN",
    "Brought",
    "CannotRead",
    "ChangeView",
    "Changed",
    "CockpitPage",
    "Conflict",
    "Decision",
    "Declared",
    "Document",
    "DryRun",
    "Finding",
    "IndicatorSql",
    "Input",
    "Merged",
    "Package",
    "Progress",
    "ReleaseView",
    "Setting",
    "Standing",
    "act_words",
    "all_installed",
    "area_of",
    "asked",
    "begin",
    "bring",
    "bring_in",
    "brought_release",
    "changes_ahead",
    "cockpit_page",
    "cockpit_state",
    "conflict_words",
    "declared_parameter",
    "dry_run",
    "end_value",
    "enter",
    "examine",
    "exercises",
    "follow",
    "headline",
    "history",
    "in_force",
    "indicator_sql",
    "install",
    "installed",
    "light_word",
    "listed_tier",
    "look",
    "look_now",
    "name_of",
    "now_in",
    "on_tasks_dispatched",
    "on_tasks_sent_back",
    "outcome",
    "own_setting",
    "parameters_of",
    "parts",
    "place_of",
    "play",
    "reached",
    "read",
    "reason",
    "refuse_span",
    "release_of",
    "releases_of",
    "rows_within",
    "set_value",
    "setting",
    "setting_for",
    "settings_of",
    "standing",
    "standings",
    "tier_below",
    "unit_word",
    "values_of",
    "waiting_releases",
    "withdraw",
]
