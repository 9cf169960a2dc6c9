"""Words that people read, in Chinese and English, each in the package that says them.

A kernel package keeps ``messages/zh-CN.yaml`` and ``messages/en.yaml``: flat maps from a
dotted key to a sentence with ``{places}``. A subject with many words has files of its own beside
them, ``messages/<subject>.zh-CN.yaml`` and ``messages/<subject>.en.yaml``. Both languages must
hold the same keys with the same places; a guard test compares. Application packages bring their
own words and hand them in by ``guantong.packages``; they never enter this catalogue.
"""

import functools
from importlib import resources
from pathlib import Path

from guantong.base.declared import read_declared

LANGUAGES = ("zh-CN", "en")


@functools.cache
def catalogue(language: str) -> dict[str, str]:
    """Return every kernel word of one language by its key."""
    words: dict[str, str] = {}
    root = resources.files("guantong")
    for package in sorted(p.name for p in root.iterdir() if p.is_dir()):
        for path in sorted((Path(str(root)) / package / "messages").glob(f"*{language}.yaml")):
            words |= read_declared(path.read_text(encoding="utf-8")) or {}
    return words


def say(key: str, language: str, /, **facts: object) -> str:
    """Return the sentence of ``key`` with its places filled; an unknown key is shown as it is.

    A missing word must not take a page down: the key itself appears, and a guard test fails.
    """
    words = catalogue(language if language in LANGUAGES else "en")
    sentence = words.get(key)
    return key if sentence is None else sentence.format(**facts)
