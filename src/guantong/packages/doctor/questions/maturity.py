"""Has the package reached the rung it claims?

Areas choose a package by its rung. What is exempt says why; what is still to do keeps the
package below.
"""

from collections.abc import Iterator
from typing import Any

from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject
from guantong.packages.findings import Finding

_REPORT = Report("maturity")

# The rules of each rung; a rung is reached when its rules and those below it hold. Ours.
RUNGS: dict[str, tuple[str, ...]] = {
    "draft": ("manifest", "contracts", "one_scenario"),
    "pilot": (
        "closed_loop_tested",
        "roles_resolve",
        "deadlines",
        "feedback_collected",
        "scenario_that_ends_badly",
        "two_sides_see_it",
    ),
    "in_service": (
        "freshness_watched",
        "source_failure_rehearsed",
        "upgrade_tested",
        "access_explained",
    ),
    "exemplar": ("components_registered", "figures_of_effect", "guide_for_the_next"),
}
# Rules that a file proves: a rule said to be done without any is not.
_PROOF = {"one_scenario": "scenarios", "feedback_collected": "signals", "contracts": "datasets"}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a rung that is claimed and not reached, and rules done without what shows it."""
    document = subject.one("maturity")
    if document is None:
        return
    rules, claimed = document.data["rules"], document.data["rung"]
    for rung, needed in RUNGS.items():
        for rule in needed:
            if not _holds(rules, rule):
                yield _REPORT.error(document, "not-reached", "rung", rung=claimed, rule=rule)
        if rung == claimed:
            break
    for rule, kind in _PROOF.items():
        shown = subject.package.one(kind) is not None
        if rules.get(rule, {}).get("state") == "done" and not shown:
            yield _REPORT.error(document, "not-shown", "rules", rule, rule=rule, kind=kind)


def reached(rules: dict[str, Any]) -> str | None:
    """Return the highest rung whose rules, and those below, are done or exempt."""
    found = None
    for rung, needed in RUNGS.items():
        if not all(_holds(rules, rule) for rule in needed):
            break
        found = rung
    return found


def _holds(rules: dict[str, Any], rule: str) -> bool:
    return rules.get(rule, {}).get("state") in ("done", "exempt")
