"""Where sealed values stand: each owner of a table names its own, so that keys can be changed.

``guantong.base`` knows no table of a package above it. A package brings its sealed columns here,
and ``guantong.base.resealing`` asks every place the same questions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.db import connection, transaction

# Called in the transaction that sealed these rows anew, to leave their leaves.
Told = Callable[[Sequence[UUID]], None]


class SealedPlace(Protocol):
    """Rows that hold sealed values."""

    @property
    def name(self) -> str:
        """What people read in the list of keys: the table and its columns."""
        ...

    def any_sealed(self) -> bool:
        """Say whether one value is sealed, under whatever key."""
        ...

    def keys_in_use(self) -> set[str]:
        """Return the names of the keys that some value needs."""
        ...

    def sealed_under(self, key: str) -> int:
        """Count the rows that need a key."""
        ...

    def waiting(self, key: str) -> int:
        """Count the rows that are plain yet, or sealed under another key than ``key``."""
        ...

    def reseal(self, key: str, *, most: int) -> int:
        """Seal up to ``most`` waiting rows under ``key``, the current one; return how many."""
        ...


_places: dict[str, SealedPlace] = {}


def bring_sealed(
    table: str, columns: Mapping[str, str], *, key: str = "id", told: Told = lambda ids: None
) -> None:
    """Name the sealed text columns of a table, each with what its values are bound to.

    ``columns`` gives for each column the ``about`` it is sealed with; ``{id}`` in it is the row's.
    """
    bring_sealed_place(SealedColumns(table=table, columns=columns, key=key, told=told))


def bring_sealed_place(place: SealedPlace) -> None:
    """Name a place that seals in a way of its own."""
    _places[place.name] = place


def sealed_places() -> tuple[SealedPlace, ...]:
    """Return all places that were brought, by name."""
    return tuple(_places[name] for name in sorted(_places))


def holds_sealed_values() -> bool:
    """Say whether the store holds a sealed value: then a lost ring must not be made anew."""
    return any(place.any_sealed() for place in sealed_places())


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedColumns:
    """Text columns of a table, sealed each for itself; an empty one stays empty."""

    table: str
    columns: Mapping[str, str]
    key: str
    told: Told

    @property
    def name(self) -> str:
        """The table and its columns."""
        return f"{self.table} ({', '.join(self.columns)})"

    def any_sealed(self) -> bool:
        """Say whether one value is sealed; a table not yet made holds none."""
        if not table_exists(self.table):
            return False
        return bool(self._count(f"{self._like()} limit 1", "gs1.%"))

    def keys_in_use(self) -> set[str]:
        """Return the keys of all values."""
        if not table_exists(self.table):
            return set()
        parts = " union ".join(
            f"select split_part({name}, '.', 2) from {self.table} where {name} like 'gs1.%%'"  # noqa: S608
            for name in self.columns
        )
        with connection.cursor() as cursor:
            cursor.execute(parts, [])
            return {row[0] for row in cursor.fetchall()}

    def sealed_under(self, key: str) -> int:
        """Count the rows with a value under ``key``."""
        return self._count(self._like(), f"gs1.{key}.%")

    def waiting(self, key: str) -> int:
        """Count the rows with a value that is not under ``key``."""
        return self._count(self._other(), f"gs1.{key}.%")

    def reseal(self, key: str, *, most: int) -> int:
        """Seal some of the waiting rows under ``key``."""
        from guantong.base.sealing import is_sealed, ring, seal_under, unseal

        names, current = list(self.columns), ring().keys[key]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"select {self.key}, {', '.join(names)} from {self.table} where {self._other()}"  # noqa: S608
                f" order by {self.key} limit %s for update",
                [*[f"gs1.{key}.%"] * len(names), most],
            )
            rows = cursor.fetchall()
            for id, *values in rows:
                fresh = []
                for name, value in zip(names, values, strict=True):
                    about = self.columns[name].format(id=id)
                    plain = unseal(value, about=about) if is_sealed(value) else value
                    fresh.append(seal_under(current, plain, about=about) if plain else plain)
                cursor.execute(
                    f"update {self.table} set {', '.join(f'{n} = %s' for n in names)}"  # noqa: S608
                    f" where {self.key} = %s",
                    [*fresh, id],
                )
            self.told([row[0] for row in rows])
        return len(rows)

    def _like(self) -> str:
        return " or ".join(f"{name} like %s" for name in self.columns)

    def _other(self) -> str:
        return " or ".join(f"({name} <> '' and {name} not like %s)" for name in self.columns)

    def _count(self, where: str, pattern: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                f"select count(*) from (select from {self.table} where {where}) as found",  # noqa: S608
                [pattern] * len(self.columns),
            )
            return int(cursor.fetchone()[0])


def table_exists(table: str) -> bool:
    """Say whether a table was made already: a first start seals before it migrates nothing."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", [table])
        return bool(cursor.fetchone()[0])
