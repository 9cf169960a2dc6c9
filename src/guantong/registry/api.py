"""The front door of ``guantong.registry``."""

from guantong.registry.object_type import (
    Column,
    ObjectType,
    dataset_sql,
    object_type,
    object_types,
    register_type,
)
from guantong.registry.queries import ObjectView, mask, object_by_id, objects, totals
from guantong.registry.sealed import holds_plain_rows, seal_what_is_plain
from guantong.registry.service import NewObject, record, recount

__all__ = [
    "Column",
    "NewObject",
    "ObjectType",
    "ObjectView",
    "dataset_sql",
    "holds_plain_rows",
    "mask",
    "object_by_id",
    "object_type",
    "object_types",
    "objects",
    "record",
    "recount",
    "register_type",
    "seal_what_is_plain",
    "totals",
]
