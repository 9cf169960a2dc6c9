"""The rows of an import and what is known of the store: values that the rules judge.

A doubt has a code, the column it is about and facts for its sentence. ``SETTLED_BY_WORD`` are
doubts about something that may well be right: the importer may say that it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from guantong.orgs.columns import SheetKind
from guantong.orgs.fallback import Chains

SETTLED_BY_WORD = frozenset({"formula", "merged", "same-person", "name-differs", "tasks-held"})
LONGEST = 200
LEAVERS = "leavers"

Change = dict[str, object]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a row cannot simply be applied."""

    code: str
    field: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, field: str = "", /, **facts: object) -> "Doubt":
        """Make a doubt with facts for its sentence."""
        return cls(code, field, tuple((key, str(value)) for key, value in facts.items()))


@dataclass(slots=True)
class Row:
    """One row of the file, with what becomes of it."""

    sheet: SheetKind
    number: int
    cells: dict[str, str]
    mobile_mark: str = ""
    identity_mark: str = ""
    # Doubts found while reading: a wrong telephone, a formula; the values are not kept in clear.
    noted: tuple[Doubt, ...] = ()
    confirmed: frozenset[str] = frozenset()
    skipped: bool = False
    changes: list[Change] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def doubt(self, code: str, field: str = "", /, **facts: object) -> None:
        """Note a doubt, unless somebody said that it is right as it is."""
        if code in SETTLED_BY_WORD and code in self.confirmed:
            return
        self.doubts.append(Doubt.of(code, field, **facts))


@dataclass(slots=True)
class KnownUnit:
    """A unit of the store. ``mine`` says that the importer administers it."""

    code: str
    name_zh: str
    name_en: str
    line: str | None
    division_code: str
    parent: str
    open: bool
    mine: bool


@dataclass(slots=True)
class KnownPost:
    """What a person of the store holds from today on."""

    appointment: str
    unit: str
    post: str
    title: str
    kind: str
    valid_from: date
    valid_to: date | None
    mine: bool


@dataclass(slots=True)
class KnownPerson:
    """A person of the store."""

    id: str
    name: str
    mobile_mark: str = ""
    identity_mark: str = ""
    posts: list[KnownPost] = field(default_factory=list)
    # Holds a post in a unit outside the importer's scope.
    elsewhere: bool = False


@dataclass(slots=True)
class Known:
    """What the store says about everything the file names."""

    on: date
    units: Mapping[str, KnownUnit]
    divisions: frozenset[str]
    lines: Mapping[str, str]  # any word for a line → its id
    people: Mapping[str, KnownPerson]
    by_mobile: Mapping[str, Sequence[tuple[str, str]]]  # mark → (number, name)
    by_identity: Mapping[str, str]  # mark → number
    # (unit, single post) → number and appointment of who holds it
    holders: Mapping[tuple[str, str], tuple[str, str]]
    division_is_mine: Mapping[str, bool]
    # Lines and places that a unit answers for: (line or "area", division).
    answered: frozenset[tuple[str, str]] = frozenset()
    # Everybody who holds a post in scope, when those who are not in the file shall leave.
    book: Mapping[str, KnownPerson] | None = None
    # Fallback chains declared, and the topmost division: an empty cell means all of it.
    chains: Chains = field(default_factory=Chains)
    top: str = ""
    tasks: Mapping[str, int] = field(default_factory=dict)  # person id → tasks under way


def day_of(text: str) -> date | None:
    """Return a day as people write it: 2026-11-22, 2026/11/22, 2026年11月22日, 20261122."""
    plain = text.replace("年", "-").replace("月", "-").replace("日", "")
    plain = plain.replace("/", "-").replace(".", "-").strip("-")
    parts = plain.split("-")
    if len(parts) == 1 and len(plain) == 8:
        parts = [plain[:4], plain[4:6], plain[6:]]
    try:
        return date(*(int(part) for part in parts)) if len(parts) == 3 else None
    except ValueError:
        return None


def day_in(row: Row, name: str) -> date | None:
    """Return the day in a cell; a text that is no day is a doubt."""
    text = row.cells.get(name, "")
    if not text:
        return None
    found = day_of(text)
    if found is None or not 1949 <= found.year <= 2999:
        row.doubt("date", name)
        return None
    return found
