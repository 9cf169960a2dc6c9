"""The front door of ``guantong.packages``."""

from guantong.packages.archive.asks import Asks, asks_of
from guantong.packages.archive.errors import ArchiveRefused, KeyRefused, PublisherRefused
from guantong.packages.archive.key import (
    PrivateKey,
    PublicKey,
    new_key,
    read_key,
    read_public,
    write_key,
)
from guantong.packages.archive.manifest import is_version
from guantong.packages.archive.opening import Archive, open_archive, read_archive
from guantong.packages.archive.pack import file_name, packed
from guantong.packages.archive.publisher import (
    publisher_named,
    publishers,
    publishers_if_any,
    refuse_stranger,
    trust_publisher,
    withdraw_publisher,
)
from guantong.packages.archive.signature import fingerprint
from guantong.packages.archive.unpack import unpack, unpacked
from guantong.packages.archive.verdict import Publisher, Reason, Verdict, judge
from guantong.packages.areas.checking import LONGEST_TEXT, OWN_PREFIX, can_narrow
from guantong.packages.areas.difference import Difference, edits_at
from guantong.packages.areas.entry import (
    OWN,
    SUBJECTS,
    Entry,
    property_entry,
    rewordable,
    said_by,
    text_entry,
    word_entry,
)
from guantong.packages.areas.form import KINDS as FIELD_KINDS
from guantong.packages.areas.form import fitted
from guantong.packages.areas.held import form_at, installed_at, own_label, package_at
from guantong.packages.areas.merge import KEEP, THEIRS, AreaConflict, AreasMerged
from guantong.packages.areas.store import (
    difference,
    differences_of,
    own_field,
    refuse_change,
    say_differently,
    take_back,
)
from guantong.packages.areas.told import (
    area_conflict_words,
    entry_title,
    entry_value,
    reason_words,
)
from guantong.packages.areas.view import as_area
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
from guantong.packages.editor import publish
from guantong.packages.errands import on_tasks_dispatched, on_tasks_sent_back
from guantong.packages.errors import CannotRead
from guantong.packages.exercise import Input, Progress, asked, begin, play
from guantong.packages.findings import Finding
from guantong.packages.install import all_installed, install, installed, release_of
from guantong.packages.kernel_datasets import KERNEL_DATASETS
from guantong.packages.life.case_moves import former_of, move_waiting, progress
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
    standing_if_any,
    standings,
    waiting_releases,
    withdraw,
)
from guantong.packages.life.merge import END, Conflict, Decision, Merged
from guantong.packages.life.parameter import Declared, Setting, changes_ahead, in_force
from guantong.packages.life.parameter_store import (
    declared_parameter,
    end_value,
    parameters_of,
    set_value,
    setting,
    settings_of,
    values_of,
)
from guantong.packages.life.releases import read_release
from guantong.packages.life.said import (
    LONGEST_REASON,
    Said,
    own_setting,
    reason,
    refuse_span,
    setting_for,
)
from guantong.packages.life.source import Brought, bring
from guantong.packages.life.told import (
    act_words,
    conflict_words,
    headline,
    parts,
    progress_words,
    rehearsal_words,
    table_conflict_words,
)
from guantong.packages.new_package import make
from guantong.packages.outcome import exercises, outcome
from guantong.packages.package import Package
from guantong.packages.reading import read
from guantong.packages.rehearsal.coverage import possible, topics
from guantong.packages.rehearsal.kept import (
    BOX,
    PEOPLE,
    KeptRehearsal,
    ReadRehearsal,
    count_rehearsals,
    keep_rehearsal,
    newest_rehearsals,
    outcome_of,
    read_rehearsal,
    read_rehearsals,
    rehearsals_of,
)
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
from guantong.packages.rehearsal.report import Report, brief, union
from guantong.packages.rehearsal.saying import Speaker
from guantong.packages.rehearsal.script import Script, read_script
from guantong.packages.sql import IndicatorSql, indicator_sql
from guantong.packages.tables.comparison import CellChange, Comparison, RowChange, compare_all
from guantong.packages.tables.examining import examined_table, with_table
from guantong.packages.tables.kept import (
    table_content,
    table_digest,
    table_version,
    table_versions,
)
from guantong.packages.tables.merging import KEEP as KEEP_TABLE
from guantong.packages.tables.merging import TAKE as TAKE_TABLE
from guantong.packages.tables.merging import MergedTables, TableConflict
from guantong.packages.tables.sheet import (
    Column,
    Node,
    Row,
    Sheet,
    graph,
    namespace_of,
    rewritten,
    sheets,
)
from guantong.packages.tables.store import (
    draft_table,
    own_table,
    path_of,
    redraft_table,
    release_table,
    table_at,
    withdraw_table,
)
from guantong.packages.tables.timeline import (
    DRAFT,
    RELEASED,
    Version,
    coming,
    holding,
    holds_until,
    released_in_order,
)
from guantong.packages.vmodel.completeness import Completeness, Lacking
from guantong.packages.vmodel.cooperation import CROSSINGS, Cooperation, HandOver, Way
from guantong.packages.vmodel.demand import STATES, Demand, Landed, counted, demand_list
from guantong.packages.vmodel.known_data import KnownData
from guantong.packages.vmodel.model import Carrier, Goal, VModel, WorkTask, WorkUnit
from guantong.packages.vmodel.models import Models, models_of
from guantong.packages.vmodel.plain import plain
from guantong.packages.vmodel.reads import Fields, plan_item, reads_of
from guantong.packages.vmodel.sharing import SharedField

__all__ = [
    "BOX",
    "CROSSINGS",
    "DRAFT",
    "END",
    "FIELD_KINDS",
    "INSTALLED",
    "KEEP",
    "KEEP_TABLE",
    "KERNEL_DATASETS",
    "LONGEST_REASON",
    "LONGEST_TEXT",
    "OWN",
    "OWN_PREFIX",
    "PEOPLE",
    "RELEASED",
    "SHIPPED",
    "STATES",
    "SUBJECTS",
    "TAKE_TABLE",
    "THEIRS",
    "WITHDRAWN",
    "Archive",
    "ArchiveRefused",
    "AreaConflict",
    "AreasMerged",
    "Asks",
    "Brought",
    "CannotRead",
    "Carrier",
    "CellChange",
    "ChangeView",
    "Changed",
    "CockpitPage",
    "Column",
    "Comparison",
    "Completeness",
    "Conflict",
    "Cooperation",
    "Decision",
    "Declared",
    "Demand",
    "Difference",
    "Document",
    "DryRun",
    "Entry",
    "Fields",
    "Finding",
    "Goal",
    "HandOver",
    "IndicatorSql",
    "Input",
    "KeptRehearsal",
    "KeyRefused",
    "KnownData",
    "Lacking",
    "Landed",
    "Merged",
    "MergedTables",
    "Models",
    "Node",
    "Package",
    "PrivateKey",
    "Progress",
    "PublicKey",
    "Publisher",
    "PublisherRefused",
    "ReadRehearsal",
    "Reason",
    "Rehearsed",
    "ReleaseView",
    "Report",
    "Row",
    "RowChange",
    "Said",
    "Script",
    "Setting",
    "SharedField",
    "Sheet",
    "Speaker",
    "Standing",
    "TableConflict",
    "UnitScore",
    "VModel",
    "Verdict",
    "Version",
    "Way",
    "WorkTask",
    "WorkUnit",
    "act_words",
    "all_installed",
    "area_conflict_words",
    "area_of",
    "as_area",
    "asked",
    "asks_of",
    "begin",
    "begin_live",
    "brief",
    "bring",
    "bring_in",
    "brought_release",
    "can_narrow",
    "changes_ahead",
    "cockpit_page",
    "cockpit_state",
    "coming",
    "compare_all",
    "conflict_words",
    "count_rehearsals",
    "count_ways",
    "counted",
    "declared_parameter",
    "demand_list",
    "difference",
    "differences_of",
    "draft_table",
    "dry_run",
    "edits_at",
    "end_live",
    "end_value",
    "enter",
    "entry_title",
    "entry_value",
    "examine",
    "examined_table",
    "exercises",
    "file_name",
    "fingerprint",
    "fitted",
    "follow",
    "form_at",
    "former_of",
    "graph",
    "headline",
    "history",
    "holding",
    "holds_until",
    "in_force",
    "indicator_sql",
    "install",
    "installed",
    "installed_at",
    "is_version",
    "judge",
    "keep_rehearsal",
    "light_word",
    "listed_tier",
    "live_under_way",
    "look",
    "look_now",
    "make",
    "models_of",
    "move_waiting",
    "name_of",
    "namespace_of",
    "new_key",
    "newest_rehearsals",
    "now_in",
    "on_tasks_dispatched",
    "on_tasks_sent_back",
    "open_archive",
    "outcome",
    "outcome_of",
    "own_field",
    "own_label",
    "own_setting",
    "own_table",
    "package_at",
    "packed",
    "parameters_of",
    "parts",
    "path_of",
    "place_of",
    "plain",
    "plan_item",
    "play",
    "play_live",
    "possible",
    "progress",
    "progress_words",
    "property_entry",
    "publish",
    "publisher_named",
    "publishers",
    "publishers_if_any",
    "reached",
    "read",
    "read_archive",
    "read_key",
    "read_public",
    "read_rehearsal",
    "read_rehearsals",
    "read_release",
    "read_script",
    "reads_of",
    "reason",
    "reason_words",
    "redraft_table",
    "refuse_change",
    "refuse_span",
    "refuse_stranger",
    "rehearsal_words",
    "rehearsals_of",
    "rehearse",
    "release_of",
    "release_table",
    "released_in_order",
    "releases_of",
    "rewordable",
    "rewritten",
    "rows_within",
    "said_by",
    "say_differently",
    "scenarios",
    "score",
    "set_value",
    "setting",
    "setting_for",
    "settings_of",
    "sheets",
    "standing",
    "standing_if_any",
    "standings",
    "table_at",
    "table_conflict_words",
    "table_content",
    "table_digest",
    "table_version",
    "table_versions",
    "take_back",
    "text_entry",
    "tier_below",
    "topics",
    "trust_publisher",
    "union",
    "unit_word",
    "unpack",
    "unpacked",
    "values_of",
    "waiting_releases",
    "with_table",
    "withdraw",
    "withdraw_publisher",
    "withdraw_table",
    "word_entry",
    "write_key",
]
