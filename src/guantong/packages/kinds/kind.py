"""One kind of file: where it stands, how it is read, which schema closes it."""

import functools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath
from typing import Any

from jsonschema import Draft202012Validator

from guantong.packages.document import Document, read_plain

Reader = Callable[[str, str, bytes], Document]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of file. ``places`` are patterns of one folder's depth; ``compile`` may refuse.

    Files of a kind that may import one another are compiled with those that stand beside them.
    """

    name: str
    places: tuple[str, ...]
    read: Reader = read_plain
    schema: str | None = None
    needed: bool = False
    compile: Callable[[Document], Any] | None = None
    compile_beside: Callable[[Document, Iterable[Document]], Any] | None = None

    @property
    def compiles(self) -> bool:
        """Say whether an engine makes something of files of this kind."""
        return self.compile is not None or self.compile_beside is not None

    def holds(self, path: str) -> bool:
        """Say whether a file at this path is of this kind."""
        parts = PurePosixPath(path)
        return any(
            len(parts.parts) == place.count("/") + 1 and parts.match(place) for place in self.places
        )


@functools.cache
def validator(schema: str) -> Draft202012Validator:
    """Return the compiled schema of that name."""
    text = (resources.files(__package__) / "schemas" / f"{schema}.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))
