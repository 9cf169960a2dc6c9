"""The kernel's own YAML (words, lines, kinds), which every process reads when it starts.

The parser in C where the library was built with it: the same rules, a tenth of the time. What
comes from outside is read by whoever refuses it with a sentence (``data.contract``,
``packages.document``).
"""

from typing import Any

import yaml

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_declared(text: str) -> Any:
    """Return what a file of the kernel says."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
