"""What the processes write down: one JSON object a line, and nothing about persons.

A log is copied, searched and sent to strangers for help; so what a person has typed, or is called,
never gets into it. Three rules hold that, whoever logs:

* A line of ours is a sentence with places; what fills them is cleaned of numbers that belong to
  somebody. A line of a package we stand on keeps its places empty: what would fill them is unknown.
* Named values are kept when their name is on a list, and dropped when it is not.
* An exception keeps its type and where it was raised. Its message is kept only where it speaks of
  no person: our own refusals, and what the database or the system says of itself.
"""

import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

import structlog

from guantong.base.errors import GuantongError
from guantong.main.errors import BadSetting

Event = MutableMapping[str, Any]

# The only names under which a value may stand in a line.
NAMES = frozenset({
    "account", "act", "bytes", "code", "count", "event", "fact", "kind", "level", "logger",
    "method", "process", "realm", "route", "seconds", "span", "status", "time", "trace", "unit",
    "exception", "where",
})  # fmt: skip
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
WITHHELD = "…"
_FRAMES = 30
_LONGEST = 2000
# A resident's number (GB 11643-1999), a company's (GB 32100-2015), a mobile or fixed number, an
# address of mail, a number of a passport or permit.
_PERSONAL = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15}|[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}"
    r"|(?:\+?86[- ]?)?1[3-9]\d{9}|0\d{2,3}[- ]?\d{7,8}|[A-Za-z]{1,2}\d{7,9})(?![0-9A-Za-z])"
    r"|[^\s@<>\"']+@[^\s@<>\"']+\.[A-Za-z]{2,}"
)
# Names, addresses, remarks: Chinese text has no place in a line, whose own words are English.
_CHINESE = re.compile(r"[㐀-䶿一-鿿豈-﫿]+")


def clean(text: str) -> str:
    """Return ``text`` without anything that may be about a person."""
    return _CHINESE.sub(WITHHELD, _PERSONAL.sub(WITHHELD, text))[:_LONGEST]


def told(error: BaseException) -> dict[str, Any]:
    """Return what of an exception may be written down: what it is, and where it was raised."""
    found: dict[str, Any] = {"type": _name(type(error))}
    if isinstance(error, GuantongError):
        found |= {"code": error.code, "says": clean(str(error))}
    elif isinstance(error, OSError) and error.errno is not None:
        found["says"] = error.strerror or ""
    state = getattr(error, "diag", None) or getattr(error.__cause__, "diag", None)
    if state is not None:
        names = ("sqlstate", "constraint_name", "table_name", "column_name")
        found |= {name: value for name in names if (value := getattr(state, name, None))}
    found["at"] = list(_frames(error.__traceback__))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        found["cause"] = told(cause)
    return found


def _frames(at: TracebackType | None) -> Iterator[str]:
    """Yield the places of a trace: files, lines and functions are code, and code is no secret."""
    for frame in traceback.extract_tb(at)[-_FRAMES:]:
        yield f"{frame.filename.rpartition('/site-packages/')[2]}:{frame.lineno} {frame.name}"


def _name(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _of_record(_logger: Any, _method: str, event: Event) -> Event:
    """Take over a line of the standard library's logging."""
    record: logging.LogRecord | None = event.get("_record")
    if record is None:
        return event
    ours = record.name.split(".")[0] == "guantong"
    event["event"] = clean(str(event.get("event", "")) if ours else str(record.msg))
    event["logger"] = record.name
    event["level"] = record.levelname.lower()
    error = getattr(record, "raised", None)
    if error is not None:
        event["exception"] = told(error)
    return event


def _only_named(_logger: Any, _method: str, event: Event) -> Event:
    """Drop every value whose name is not on the list, and clean the others."""
    return {
        name: clean(value) if isinstance(value, str) and name != "time" else value
        for name, value in event.items()
        if name in NAMES
    }


def _traced(_logger: Any, _method: str, event: Event) -> Event:
    from guantong.base.trace import traceparent

    parts = traceparent.get().split("-")
    if len(parts) == 4:
        event["trace"], event["span"] = parts[1], parts[2]
    return event


class Formatter(structlog.stdlib.ProcessorFormatter):
    """One line of JSON for each record, ours or another package's."""

    def __init__(self, process: str = "") -> None:
        def named(_logger: Any, _method: str, event: Event) -> Event:
            event["process"] = process
            return event

        super().__init__(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder()],
            processors=[
                _of_record,
                named,
                _traced,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
                _only_named,
                structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=False),
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; the library's own way to tell an exception never sees it."""
        own = logging.makeLogRecord(record.__dict__)
        own.raised = record.exc_info[1] if record.exc_info else None
        own.exc_info = own.exc_text = own.stack_info = None
        return super().format(own)


def level() -> str:
    """Return from which level on our own lines are written down."""
    given = (os.environ.get("GUANTONG_LOG_LEVEL") or "INFO").upper()
    if given not in LEVELS:
        raise BadSetting(name="GUANTONG_LOG_LEVEL", value=given[:40])
    return given


def settings(process: str, level: str) -> dict[str, Any]:
    """Return what Django's LOGGING is to be for a process."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "guantong.main.logs.Formatter", "process": process}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "guantong": {"level": level},
            # Django says the same in its own words, with the address as it was asked for.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "ERROR"},
        },
    }


def catch_the_rest() -> None:
    """Let a fault that ends this process be told as a line, too, and not as Python tells it."""

    def fallen(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            sys.__excepthook__(kind, error, at)
            return
        logging.getLogger("guantong.main").critical("the process ends", exc_info=error)

    sys.excepthook = fallen
