"""How a question makes its findings: its own name, the document, the line of the part."""

from dataclasses import dataclass

from guantong.packages.document import Document
from guantong.packages.findings import Finding, Level


@dataclass(frozen=True)
class Report:
    """The findings of one question, named for its module."""

    check: str

    def error(
        self,
        document: Document,
        code: str,
        *keys: str | int,
        at: int | None = None,
        **facts: object,
    ) -> Finding:
        """Return an error at the part of these keys, or at the line ``at``."""
        return self._finding("error", document, code, keys, at, facts)

    def warning(
        self,
        document: Document,
        code: str,
        *keys: str | int,
        at: int | None = None,
        **facts: object,
    ) -> Finding:
        """Return a warning at the part of these keys, or at the line ``at``."""
        return self._finding("warning", document, code, keys, at, facts)

    def _finding(
        self,
        level: Level,
        document: Document,
        code: str,
        keys: tuple[str | int, ...],
        at: int | None,
        facts: dict[str, object],
    ) -> Finding:
        return Finding(
            check=self.check,
            path=document.path,
            line=document.line(*keys) if at is None else at,
            level=level,
            code=code,
            facts=facts,
        )


def line_of(document: Document, words: str) -> int:
    """Return the first line of a plain file in which these words stand."""
    place = document.text.find(words)
    return 1 if place < 0 else document.text.count("\n", 0, place) + 1
