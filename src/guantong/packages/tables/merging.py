"""What a newer release of a package does to the versions of its tables that were written here.

A version that holds, or will, stands on the file it was made from. Where the new release brings the
same file, nothing changes. Where it brings another one, somebody decides: keep the version, or take
the package's file. A version that the new release cannot carry can only make way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from guantong.packages.errors import RuleDecisionUnknown, RuleMergeUndecided
from guantong.packages.package import Package
from guantong.packages.tables import timeline
from guantong.packages.tables.examining import examined_table
from guantong.packages.tables.kept import table_content, table_digest, table_versions
from guantong.packages.tables.timeline import Version

KEEP, TAKE = "keep", "take"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableConflict:
    """One table of which versions hold here and the new release is another. ``why`` it is one:

    ``changed`` the file is another · ``gone`` there is none · ``unsound`` the doctor finds errors.
    """

    path: str
    why: str
    versions: tuple[Version, ...]

    @property
    def can_keep(self) -> bool:
        """Whether the versions can hold on with the new release."""
        return self.why == "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedTables:
    """The tables whose versions hold on as they are, and those to be decided."""

    kept: tuple[str, ...] = ()
    conflicts: tuple[TableConflict, ...] = ()


def merged_tables(base: Package | None, theirs: Package, *, at: datetime) -> MergedTables:
    """Return what a release would do to the versions of its tables here."""
    versions = table_versions(theirs.id)
    kept: list[str] = []
    conflicts: list[TableConflict] = []
    for path in sorted({v.path for v in versions}):
        mine = [v for v in versions if v.path == path]
        now = timeline.holding(mine, at)
        standing = [*([now] if now is not None else []), *timeline.coming(mine, at)]
        standing = [v for v in standing if not v.own_file]
        if not standing:
            continue
        why = _why(base, theirs, path, standing)
        if why is None:
            kept.append(path)
        else:
            conflicts.append(TableConflict(path=path, why=why, versions=tuple(standing)))
    return MergedTables(kept=tuple(kept), conflicts=tuple(conflicts))


def _why(
    base: Package | None, theirs: Package, path: str, standing: Iterable[Version]
) -> str | None:
    new = theirs.documents.get(path)
    if new is None:
        return "gone"
    for one in standing:
        found = examined_table(theirs, path, table_content(one))
        if any(finding.level == "error" for finding in found):
            return "unsound"
    old = base.documents.get(path) if base is not None else None
    same = {table_digest(new.content), *(v.digest for v in standing)}
    unchanged = old is not None and old.content == new.content
    # A release that brings just what holds here asks for no decision.
    return None if unchanged or len(same) == 1 else "changed"


def decided_tables(
    conflicts: Iterable[TableConflict], decisions: Mapping[str, str]
) -> dict[str, str]:
    """Return what is done about each table in conflict; refuse one that nobody decided."""
    open_ = {conflict.path: conflict for conflict in conflicts}
    for path, decision in decisions.items():
        known = open_.get(path)
        allowed = () if known is None else (KEEP, TAKE) if known.can_keep else (TAKE,)
        if decision not in allowed:
            raise RuleDecisionUnknown(path=path[:80], decision=decision[:20])
    left = [path for path in open_ if path not in decisions]
    if left:
        raise RuleMergeUndecided(count=len(left), paths=", ".join(left[:5]))
    return dict(decisions)
