"""What an object type is: its columns, its key, and which columns are masked."""

from collections.abc import Mapping
from dataclasses import dataclass

SEALED = ("L3", "L4")
MASK = "＊＊＊"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the body. ``classification`` L3 and L4 are masked for who has no need."""

    name: str
    type: str
    classification: str = "L1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType:
    """A type of an application package."""

    id: str
    package: str
    title: str
    key: str
    columns: Mapping[str, Column]
    invented: bool = False

    @property
    def sealed(self) -> tuple[str, ...]:
        """The columns that stand sealed in the store: those of class L3 and L4."""
        return tuple(sorted(c.name for c in self.columns.values() if c.classification in SEALED))


_types: dict[str, ObjectType] = {}


def register_type(type: ObjectType) -> None:
    """Make the type known to this process; declared again, the newer declaration holds."""
    _types[type.id] = type


def object_type(id: str) -> ObjectType:
    """Return the type ``id``; an unknown one is a fault of the caller."""
    return _types[id]


def object_types() -> tuple[ObjectType, ...]:
    """All types that packages brought."""
    return tuple(_types[id] for id in sorted(_types))


# How a column of a contract reads out of the body, in the record store's own words.
_CASTS = {"integer": "::bigint", "number": "::double precision", "boolean": "::boolean"}


def dataset_sql(type: ObjectType) -> str:
    """Return the objects of a type as a table with typed columns, for indicators and replays.

    Of a sealed column a statement learns only whether it is filled: no figure is made of names.
    """
    taken = {"id", "division_code", "lon", "lat", "type", "realm"}
    columns = "".join(
        f", {_column_sql(c, c.name in type.sealed)} as {c.name}"
        for c in type.columns.values()
        if c.name not in taken
    )
    return (
        f"select id, division_code, lon, lat{columns} from registry_object"  # noqa: S608
        f" where realm = %(realm)s and type = '{type.id}'"
    )


def _column_sql(column: Column, sealed: bool) -> str:
    cast = _CASTS.get(column.type, "")
    if not sealed:
        return f"(body ->> '{column.name}'){cast}"
    if cast:
        return f"null{cast}"
    return f"case when body ->> '{column.name}' is not null then '{MASK}' end"
