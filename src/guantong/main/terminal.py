"""What commands share with each other at the terminal: the language, Django, a line of progress."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


def language() -> str:
    """Return the language of the person at the terminal, by the usual variables."""
    spoken = (
        os.environ.get("GUANTONG_LANGUAGE")
        or os.environ.get("LC_ALL")
        or os.environ.get("LANG", "")
    )
    return "zh-CN" if spoken.lower().startswith("zh") else "en"


def load() -> None:
    """Load Django's registry of tables, without touching any store."""
    import django

    django.setup()


def passing_line() -> "Progress":
    """Return a line on standard error that says what is done and for how long, and then goes."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
