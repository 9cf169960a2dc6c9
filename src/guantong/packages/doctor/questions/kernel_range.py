"""Was the package made for a kernel like this one?

A package that asks for another kernel may rest on what this one does not do; carried out
anyway, it would do something else than its makers tried.
"""

import re
from collections.abc import Callable, Iterator
from importlib.metadata import version

from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject
from guantong.packages.findings import Finding

_REPORT = Report("kernel_range")
_BOUND = re.compile(r"\s*(>=|<=|<|>|==)\s*([0-9]+(?:\.[0-9]+){0,2})\s*")
_HOLDS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": lambda kernel, bound: kernel >= bound,
    "<=": lambda kernel, bound: kernel <= bound,
    ">": lambda kernel, bound: kernel > bound,
    "<": lambda kernel, bound: kernel < bound,
    "==": lambda kernel, bound: kernel == bound,
}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a range that cannot be read, or that this kernel is not in."""
    app = subject.one("app")
    if app is None:
        return
    wanted, kernel = app.data["kernel"], version("guantong")
    bounds = [_BOUND.fullmatch(part) for part in wanted.split(",")]
    if not all(bounds):
        yield _REPORT.error(app, "unreadable", "kernel", range=wanted)
    elif not all(_HOLDS[b[1]](_parts(kernel), _parts(b[2])) for b in bounds if b is not None):
        yield _REPORT.error(app, "outside", "kernel", range=wanted, kernel=kernel)


def _parts(text: str) -> tuple[int, ...]:
    numbers = [int(found) for found in re.findall(r"[0-9]+", text)[:3]]
    return (*numbers, *(0,) * (3 - len(numbers)))
