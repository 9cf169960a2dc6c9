"""What the data platform takes from outside: tables of others, and who watches a landing."""

from collections.abc import Callable
from typing import Protocol

import pyarrow as pa

# A table that is not in the lake: the divisions, a sample. Called at each reading; it may cache.
Provider = Callable[[], pa.Table]


class Watch(Protocol):
    """Told after each step of a landing: ``staged``, ``registered``, ``committed``, ``landed``."""

    def after(self, step: str) -> None:
        """Hear that ``step`` is done. Raising here is what a kill at that moment would be."""


class Unwatched:
    """Nobody watches."""

    def after(self, step: str) -> None:
        """Do nothing."""
