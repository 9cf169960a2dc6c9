"""What the data platform takes from outside: tables of others, and who watches a landing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from guantong.base.realm import Realm
from guantong.data.sandbox import Parameter

# A table that is not in the lake: the divisions, a sample. Called at each reading; it may cache.
Provider = Callable[[], pa.Table]

# The values of a package's parameters in force in a realm at a time, by name.
Values = Callable[[Realm, datetime], Mapping[str, Parameter]]


class Watch(Protocol):
    """Told after each step of a landing: ``staged``, ``registered``, ``committed``, ``landed``."""

    def after(self, step: str) -> None:
        """Hear that ``step`` is done. Raising here is what a kill at that moment would be."""


class Unwatched:
    """Nobody watches."""

    def after(self, step: str) -> None:
        """Do nothing."""
