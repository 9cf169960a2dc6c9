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
    trust_publisher,
    withdraw_publisher,
)
from guantong.packages.archive.signature import fingerprint
from guantong.packages.archive.unpack import unpack, unpacked
from guantong.packages.archive.verdict import Publisher, Reason, Verdict, judge
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

__all__ = [
    "KERNEL_DATASETS",
    "Archive",
    "ArchiveRefused",
    "Asks",
    "CannotRead",
    "CockpitPage",
    "Document",
    "Finding",
    "IndicatorSql",
    "Input",
    "KeyRefused",
    "Package",
    "PrivateKey",
    "Progress",
    "PublicKey",
    "Publisher",
    "PublisherRefused",
    "Reason",
    "Verdict",
    "all_installed",
    "area_of",
    "asked",
    "asks_of",
    "begin",
    "cockpit_page",
    "cockpit_state",
    "examine",
    "exercises",
    "file_name",
    "fingerprint",
    "indicator_sql",
    "install",
    "installed",
    "is_version",
    "judge",
    "light_word",
    "listed_tier",
    "name_of",
    "new_key",
    "now_in",
    "on_tasks_dispatched",
    "on_tasks_sent_back",
    "open_archive",
    "outcome",
    "packed",
    "place_of",
    "play",
    "publisher_named",
    "publishers",
    "publishers_if_any",
    "reached",
    "read",
    "read_archive",
    "read_key",
    "read_public",
    "rows_within",
    "tier_below",
    "trust_publisher",
    "unit_word",
    "unpack",
    "unpacked",
    "withdraw_publisher",
    "write_key",
]
