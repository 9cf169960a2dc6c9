"""Refusals of package files and of publishers' keys."""

from guantong.base import words
from guantong.base.errors import GuantongError


class ArchiveRefused(GuantongError):
    """A file is no package file, or not one that may be opened; ``reason`` says why."""

    code = "package-file-refused"

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(**{name: _shown(fact) for name, fact in facts.items()})
        self.reason = reason

    def sentence(self, language: str = "en") -> str:
        """Return what is wrong with the file and what to do."""
        problem = words.say(f"package.file.{self.reason}", language, **self.facts)
        return words.say(f"error.{self.code}", language, problem=problem)


class KeyRefused(GuantongError):
    """A file is no key of a publisher, or lies where others can read it."""

    code = "publisher-key-refused"

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(**{name: _shown(fact) for name, fact in facts.items()})
        self.reason = reason

    def sentence(self, language: str = "en") -> str:
        """Return what is wrong with the key and what to do."""
        problem = words.say(f"package.key.{self.reason}", language, **self.facts)
        return words.say(f"error.{self.code}", language, problem=problem)


class PublisherRefused(GuantongError):
    """A publisher is not taken among the trusted, or not taken out of them."""

    code = "publisher-refused"

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(**{name: _shown(fact) for name, fact in facts.items()})
        self.reason = reason

    def sentence(self, language: str = "en") -> str:
        """Return why, and what to do."""
        problem = words.say(f"package.publisher.{self.reason}", language, **self.facts)
        return words.say(f"error.{self.code}", language, problem=problem)


def _shown(fact: object) -> object:
    """Return a fact of a stranger's file so that it stays one short line."""
    if not isinstance(fact, str):
        return fact
    line = "".join(c if c.isprintable() else "?" for c in fact)
    return line if len(line) <= 120 else f"{line[:119]}…"
