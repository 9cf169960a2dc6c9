"""A file against the closed schema of its kind: unknown keys are refused with the nearest one.

The schema library says which rule broke; the words are ours, so that both languages say the
same and a value is repeated only where it is a choice or a form, never free text.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError

from guantong.packages.doctor.report import Report
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.kinds.kind import validator
from guantong.packages.kinds.known import by_name
from guantong.packages.nearest import nearest

_REPORT = Report("schema")
_SHOWN = 60


def faults(document: Document) -> Iterator[Finding]:
    """Yield what keeps a file from being what its schema says."""
    if document.flaw is not None:
        flaw = document.flaw
        yield _REPORT.error(document, flaw.code, at=flaw.line, **flaw.facts)
        return
    schema = by_name(document.kind).schema
    if schema is None:
        return
    for wrong in validator(schema).iter_errors(document.data):
        yield from _finding(document, wrong)


def _finding(document: Document, wrong: ValidationError) -> Iterator[Finding]:
    path = tuple(wrong.absolute_path)
    where = ".".join(str(part) for part in path) or document.path
    rule, wanted, found = str(wrong.validator), _any(wrong.validator_value), _any(wrong.instance)
    match rule:
        case "additionalProperties":
            assert isinstance(wrong.schema, Mapping), "a rule stands in a mapping"
            known = wrong.schema.get("properties", {})
            for key in sorted(str(key) for key in found if key not in known):
                near = nearest(key, known)
                yield _REPORT.error(
                    document, "unknown-key", *path, key, where=where, key=key, near=near
                )
        case "required":
            for key in (key for key in wanted if key not in found):
                yield _REPORT.error(document, "key-missing", *path, where=where, key=key)
        case "type":
            words = wanted if isinstance(wanted, str) else " / ".join(wanted)
            yield _REPORT.error(document, "wrong-type", *path, where=where, wanted=words)
        case "enum" | "const":
            choices = wanted if rule == "enum" else [wanted]
            yield _REPORT.error(
                document, "not-a-choice", *path, where=where, value=_shown(found),
                near=nearest(found, choices), choices=", ".join(map(str, choices)),
            )  # fmt: skip
        case "pattern":
            yield _REPORT.error(
                document, "wrong-form", *path, where=where, value=_shown(found), form=wanted
            )
        case _:
            yield _REPORT.error(
                document, "broken-rule", *path, where=where, rule=f"{rule} {_shown(wanted)}"
            )


def _any(value: object) -> Any:
    """Return what the library calls possibly unset: in an error it raised, it is set."""
    return value


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
