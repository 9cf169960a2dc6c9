"""What the log needs from the packages above it: how a record of theirs stands now."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Witness:
    """One kind of audited record.

    ``sql`` selects ``id uuid, after jsonb``: each record with its audited columns, named and
    formed exactly as the last leaf's ``body.after`` holds them.
    """

    kind: str
    sql: str


_witnesses: dict[str, Witness] = {}


def bring_witness(witness: Witness) -> None:
    """Let ``guantong check audit`` compare records of this kind with their last leaf."""
    _witnesses[witness.kind] = witness


def witnesses() -> tuple[Witness, ...]:
    """All witnesses that were brought, by kind."""
    return tuple(_witnesses[kind] for kind in sorted(_witnesses))
