"""What an object type is: its columns, its key, who may read it, and which columns are masked."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the body. ``classification`` L3 and L4 are masked for who has no need."""

    name: str
    type: str
    classification: str = "L1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType:
    """A type of an application package. ``readers`` are the lines that may read its objects."""

    id: str
    package: str
    title: str
    key: str
    columns: Mapping[str, Column]
    readers: tuple[str, ...] = ()
    invented: bool = False


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
    """Return the objects of a type as a table with typed columns, for indicators and replays."""
    taken = {"id", "division_code", "lon", "lat", "type", "realm"}
    columns = "".join(
        f", (body ->> '{c.name}'){_CASTS.get(c.type, '')} as {c.name}"
        for c in type.columns.values()
        if c.name not in taken
    )
    return (
        f"select id, division_code, lon, lat{columns} from registry_object"  # noqa: S608
        f" where realm = %(realm)s and type = '{type.id}'"
    )
