"""Refusals of the data platform; their sentences are in ``messages/``."""

from guantong.base import words
from guantong.base.errors import GuantongError
from guantong.data.fault import Fault


class ContractRefused(GuantongError):
    """A contract document is not one this platform can hold to."""

    code = "contract-refused"

    def __init__(self, *, origin: str, where: str, problem: str, found: str) -> None:
        super().__init__(origin=origin, where=where, found=found)
        self.problem = problem

    def sentence(self, language: str = "en") -> str:
        """Return the document, the place in it, what is wrong and what to do."""
        problem = words.say(f"data.contract.{self.problem}", language, **self.facts)
        return words.say("error.contract-refused", language, **self.facts, problem=problem)


class FileRefused(GuantongError):
    """A file is refused as a whole; ``fault`` says where and why."""

    code = "file-refused"

    def __init__(self, *, file: str, fault: Fault) -> None:
        # A name may hold anything but a line break would make two lines of one sentence.
        super().__init__(file="".join(c if c.isprintable() else "?" for c in file))
        self.fault = fault

    def sentence(self, language: str = "en") -> str:
        """Return one line: the file, the place in it, what is wrong and what to do."""
        return words.say(
            "error.file-refused", language, **self.facts, fault=self.fault.sentence(language)
        )


class DatasetUnknown(GuantongError):
    """A dataset was asked for that nobody registered or brought."""

    code = "dataset-unknown"


class DatasetChanged(GuantongError):
    """A contract gives a column another type than the table in the lake has."""

    code = "dataset-changed"


class SqlRefused(GuantongError):
    """Foreign SQL asked for more than reading what it declares."""

    code = "sql-refused"

    def __init__(self, *, reason: str, **facts: object) -> None:
        super().__init__(**facts)
        self.reason = reason

    def sentence(self, language: str = "en") -> str:
        """Return what the SQL asked for and what it may do instead."""
        problem = words.say(f"data.sql.{self.reason}", language, **self.facts)
        return words.say("error.sql-refused", language, problem=problem)


class DerivationFailed(GuantongError):
    """The SQL of a derived dataset does not give what its contract promises."""

    code = "derivation-failed"

    def __init__(self, *, dataset: str, problem: str, **facts: object) -> None:
        super().__init__(dataset=dataset, **facts)
        self.problem = problem

    def sentence(self, language: str = "en") -> str:
        """Return which dataset, why and what to do."""
        reason = words.say(f"data.reason.{self.problem}", language, **self.facts)
        return words.say("error.derivation-failed", language, **self.facts, reason=reason)


class StagedRowsMissing(GuantongError):
    """A run cannot be finished, because the file with its rows is gone from the lake."""

    code = "staged-rows-missing"
