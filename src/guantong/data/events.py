"""Facts the data platform publishes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class BatchLanded:
    """A batch stands in the lake and its rows may be read. Ids are text, so that it travels."""

    ordered_by: ClassVar[str] = "dataset"
    run_id: str
    dataset: str
    contract_version: str
    batch_key: str
    rows: int
    rejected: int
    delta_version: int | None
    inputs: Mapping[str, object] = field(default_factory=dict)
