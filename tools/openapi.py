"""Writes the description of the interface for other systems into docs/api/openapi.yaml.

``python tools/openapi.py`` writes; ``--check`` writes nothing and ends with code 1 where the file
says something else than the operations. A guard test checks the same.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/api/openapi.yaml"
HEAD = "# Written by tools/openapi.py from the operations in src/guantong/portal/api_v1.\n"


def text() -> str:
    """Return the description as it should stand; the operations need settings, and no store."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guantong.main.settings")
    django.setup()
    from guantong.portal.api_v1.interface import description_text

    return HEAD + description_text()


def main() -> int:
    """Write the file, or say that it is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when stale")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as home:
        os.environ["GUANTONG_HOME"] = home
        wanted = text()
    if check:
        if PAGE.read_text("utf-8") == wanted:
            return 0
        print("docs/api/openapi.yaml is stale: run python tools/openapi.py")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
