"""Asking every question of one package; each answers, whatever the others found."""

from collections.abc import Iterable, Sequence

from guantong.orgs.api import Province
from guantong.packages.doctor.asked import QUESTIONS
from guantong.packages.doctor.subject import Subject
from guantong.packages.findings import Finding, in_order
from guantong.packages.package import Package


def examine(
    package: Package,
    *,
    province: Province | None,
    others: Iterable[Package] = (),
    former: Sequence[Package] = (),
) -> list[Finding]:
    """Return every finding about a package, by path and line.

    Without a province, nobody can say whether its roles have units there; without the ``former``
    releases, whether their cases come to an end in this one; all else is asked. ``others`` are
    the applications it is to stand beside; an older release of itself is none.
    """
    beside = tuple(other for other in others if other.id != package.id)
    subject = Subject(package, province, beside, tuple(former))
    return in_order([finding for check in QUESTIONS.values() for finding in check(subject)])
