"""Asking every question of one package; each answers, whatever the others found."""

from guantong.orgs.api import Province
from guantong.packages.doctor.asked import QUESTIONS
from guantong.packages.doctor.subject import Subject
from guantong.packages.findings import Finding, in_order
from guantong.packages.package import Package


def examine(package: Package, *, province: Province | None) -> list[Finding]:
    """Return every finding about a package, by path and line.

    Without a province, nobody can say whether its roles have units there; all else is asked.
    """
    subject = Subject(package, province)
    return in_order([finding for check in QUESTIONS.values() for finding in check(subject)])
