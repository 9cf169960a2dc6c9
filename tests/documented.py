"""The files that stand whole in the pages of kinds: together they are one package."""

import re
from pathlib import Path

PAGES = Path(__file__).parents[1] / "docs" / "packages"
EXAMPLE = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def examples() -> list[tuple[str, str, str]]:
    """Return page, path and text of every file that stands in a page."""
    return [
        (page.stem, path, text)
        for page in sorted(PAGES.glob("*.md"))
        for path, text in EXAMPLE.findall(page.read_text("utf-8"))
    ]


def put_together(folder: Path) -> Path:
    """Write every example into a folder and return it."""
    for _, path, text in examples():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder
