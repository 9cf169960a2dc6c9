"""What this process knows of areas' words: read with the set, so that no page asks the store.

The one place where words and forms are given their area. Read when the process starts and when the
number of the set has grown (``life.current``); what holds at a place is worked out once for each
set of areas that hold it, however many rows of a list ask. A process that does not follow the
store (a test, a doctor, a rehearsal) has the packages as they are.

A page shows what holds on the day it is read, in an exercise as well: how a question is worded
changes no answer that a replay gives, and the engine asks only for what the package asks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from guantong.base.clock import local_day, machine_now
from guantong.forms.api import Form
from guantong.orgs.api import covers, prefix
from guantong.packages.areas.difference import Difference, Edits, edits_at
from guantong.packages.areas.entry import OWN, TEXTS
from guantong.packages.areas.form import fitted
from guantong.packages.areas.store import all_differences
from guantong.packages.areas.view import as_area
from guantong.packages.install import installed
from guantong.packages.package import Package

T = TypeVar("T")
# What was worked out is thrown away at so many: days pass, and old releases are asked about once.
MOST_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class _Held:
    """One reading of the store, and what was worked out from it."""

    differences: Mapping[str, tuple[Difference, ...]] = field(default_factory=dict)
    areas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    made: dict[tuple[object, ...], object] = field(default_factory=dict)

    def once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        if key not in self.made:
            if len(self.made) >= MOST_KEPT:
                self.made.clear()
            self.made[key] = make()
            return self.made[key]  # type: ignore[return-value]  # of this key, made just now
        return self.made[key]  # type: ignore[return-value]  # what this key was made with


_held = _Held()


def hold() -> None:
    """Read what areas say differently, all of it: one query for the whole process."""
    global _held
    found: dict[str, list[Difference]] = {}
    for one in all_differences():
        found.setdefault(one.package, []).append(one)
    _held = _Held(
        {id: tuple(said) for id, said in found.items()},
        {id: tuple(sorted({d.division_code for d in said})) for id, said in found.items()},
    )


def forget() -> None:
    """Know of nothing that areas say: for a process that follows the store no longer."""
    global _held
    _held = _Held()


def _near(held: _Held, package: str, place: str) -> tuple[str, ...]:
    """Return the areas that hold a place and have said something."""
    areas = held.areas.get(package, ())
    return tuple(area for area in areas if covers(area, place)) if areas and place else ()


def _edits(held: _Held, package: str, near: tuple[str, ...], day: date) -> Edits:
    # Places that the same areas hold have the same words: a county's villages share one entry.
    def make() -> Edits:
        said = [d for d in held.differences[package] if d.division_code in near]
        return edits_at(said, max(near, key=_depth), day)

    return held.once(("edits", package, near, day), make)


def _depth(code: str) -> int:
    return len(prefix(code))


def package_at(package: Package, place: str, *, day: date | None = None) -> Package:
    """Return a package as people at a place read it: the package itself where no area speaks."""
    held = _held
    near = _near(held, package.id, place)
    if not near:
        return package
    on = day or local_day(machine_now())
    edits = _edits(held, package.id, near, on)
    # By its content: while the set changes, both releases may be asked about.
    key = ("package", package.id, package.digest, near, on)
    return held.once(key, lambda: as_area(package, edits))


def installed_at(id: str, place: str, *, day: date | None = None) -> Package | None:
    """Return an installed package as people at a place read it."""
    found = installed(id)
    return None if found is None else package_at(found, place, day=day)


def form_at(package: str, form: Form, place: str, *, day: date | None = None) -> Form:
    """Return a form as it is asked at a place: that of the release a case goes by, fitted."""
    held = _held
    near = _near(held, package, place)
    if not near:
        return form
    on = day or local_day(machine_now())
    edits = _edits(held, package, near, on)
    # The form stands in the key by what it is: releases have forms of the same name.
    known, made = held.once(
        ("form", package, form.id, id(form), near, on), lambda: (form, fitted(form, edits))
    )
    return made if known is form else fitted(form, edits)


def own_label(package: str, name: str, language: str) -> str | None:
    """Return what an area called a question of its own that is asked no longer."""
    for one in _held.differences.get(package, ()):
        if one.entry.about == OWN and one.entry.field == name:
            return str(one.value[TEXTS[0]][language])
    return None
