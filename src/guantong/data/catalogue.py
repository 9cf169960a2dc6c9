"""The datasets this process knows: contracts, how some are derived, and who brings the others.

Filled at start-up from the packages installed; the same in every process. A dataset is in the
lake (landed or derived under its contract) or brought: a table kept elsewhere, such as the
divisions, that can be read but whose changes start nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from guantong.data.contract import Contract
from guantong.data.errors import DatasetUnknown, DerivationFailed, SqlRefused
from guantong.data.ports import Provider, Values
from guantong.data.sandbox import Scalar, Statement, read_sql


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """How a dataset is made of others: one SELECT, and the values of its parameters.

    ``values`` is asked at each derivation which of them were set otherwise, and for which areas.
    """

    contract: Contract
    sql: str
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    values: Values | None = None


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One dataset of the lake; ``statement`` is its SQL, read, when it is derived."""

    contract: Contract
    derivation: Derivation | None = None
    statement: Statement | None = None


_registered: dict[str, Registered] = {}
_brought: dict[str, Provider] = {}


def register(contract: Contract, derivation: Derivation | None = None) -> None:
    """Make a dataset of the lake known; registering it again replaces what was known."""
    if contract.further or not contract.columns:
        raise DerivationFailed(dataset=contract.id, problem="several-tables")
    statement = None
    if derivation is not None:
        statement = read_sql(derivation.sql)
        if _leads_to(statement.datasets, contract.id):
            raise SqlRefused(reason="reads-itself", found=contract.id)
    _registered[contract.id] = Registered(
        contract=contract, derivation=derivation, statement=statement
    )


def bring_dataset(id: str, provider: Provider) -> None:
    """Let SQL read a table that is kept elsewhere."""
    _brought[id] = provider


def forget_datasets() -> None:
    """Empty the catalogue: for a process that installs packages anew, and for tests."""
    _registered.clear()
    _brought.clear()


def contract_of(id: str) -> Contract:
    """Return the contract of a dataset of the lake."""
    if id not in _registered:
        raise DatasetUnknown(dataset=id)
    return _registered[id].contract


def provider_of(id: str) -> Provider | None:
    """Return who brings that dataset, or None when it is one of the lake."""
    return _brought.get(id)


def derived_from(id: str) -> list[Registered]:
    """Datasets whose SQL reads ``id``, by id, so that two workers lock them in one order."""
    return [
        known
        for _, known in sorted(_registered.items())
        if known.statement is not None and id in known.statement.datasets
    ]


def catalogue() -> list[Registered]:
    """Every dataset of the lake that this process knows, by id."""
    return [known for _, known in sorted(_registered.items())]


def _leads_to(datasets: tuple[str, ...], id: str) -> bool:
    """Say whether ``id`` is among these datasets or what they are derived from."""
    for name in datasets:
        if name == id:
            return True
        known = _registered.get(name)
        if known is not None and known.statement and _leads_to(known.statement.datasets, id):
            return True
    return False
