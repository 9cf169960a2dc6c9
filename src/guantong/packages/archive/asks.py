"""What a package asks of the area that takes it: data, posts, personal fields, tiers.

Read from the declarations, for whoever must approve it; nothing is carried out. A file that is
not as it should be is passed over here, because the doctor names it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guantong.access.api import PERSONAL
from guantong.base.errors import GuantongError
from guantong.data.api import Contract
from guantong.packages.package import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """What a package asks for. ``personal`` names columns of class L3 and L4 by their dataset."""

    title: Mapping[str, str]
    tiers: tuple[str, ...]
    lines: tuple[str, ...]
    datasets: tuple[str, ...]
    roles: Mapping[str, tuple[str, ...]]
    opens: tuple[str, ...]
    personal: Mapping[str, Mapping[str, str]]
    counts: Mapping[str, int]


def asks_of(package: Package) -> Asks:
    """Return what a package asks for, as far as its files can be read."""
    app, roles = _facts(package, "app"), _facts(package, "roles")
    declared = {name: role for name, role in roles.items() if isinstance(role, dict)}
    counts: dict[str, int] = {}
    for document in package.documents.values():
        counts[document.kind] = counts.get(document.kind, 0) + 1
    uses = app.get("uses")
    return Asks(
        title={name: str(text) for name, text in _map(app.get("title")).items()},
        tiers=_texts(app.get("tiers")),
        lines=tuple(dict.fromkeys((*_texts([app.get("lead")]), *_texts(app.get("supporting"))))),
        datasets=_texts(_map(uses).get("datasets")),
        roles={name: _texts(role.get("held_by")) for name, role in declared.items()},
        opens=tuple(sorted({text for role in declared.values() for text in _clear(role)})),
        personal={contract.id: found for contract, found in _personal(package)},
        counts=counts,
    )


def _clear(role: Mapping[str, Any]) -> Iterator[str]:
    grants = role.get("may")
    for grant in grants if isinstance(grants, list) else ():
        yield from _texts(_map(grant).get("clear"))


def _personal(package: Package) -> Iterator[tuple[Contract, dict[str, str]]]:
    for kind in ("datasets", "objects"):
        for document in package.each(kind):
            try:
                contract: Contract = package.compiled(document)
            except GuantongError:
                continue
            found = {c.name: c.classification for c in contract.columns}
            personal = {name: klass for name, klass in found.items() if klass in PERSONAL}
            if personal:
                yield contract, {name: str(klass) for name, klass in personal.items()}


def _facts(package: Package, kind: str) -> Mapping[str, Any]:
    document = package.one(kind)
    return _map(document.data if document is not None else None)


def _map(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}


def _texts(given: object) -> tuple[str, ...]:
    return tuple(t for t in given if isinstance(t, str)) if isinstance(given, list) else ()
