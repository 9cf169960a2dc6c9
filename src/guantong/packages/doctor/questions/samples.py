"""Does every sample belong to something, and keep the contract it belongs to?

A sample that breaks its contract is refused when it is landed: in front of the audience of an
exercise. Files are read as at landing; SQL is run over one small county, so that its rows can
be checked as well.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from guantong.base.errors import GuantongError
from guantong.data.api import Batch, Contract, Held, check_rows, read_file
from guantong.packages.doctor import statements
from guantong.packages.doctor.columns import tables
from guantong.packages.doctor.examples import answer
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject, custom
from guantong.packages.document import Document
from guantong.packages.findings import Finding

_REPORT = Report("samples")
_DIVISION = "division_code"

# A county with one township of each early number, and twelve villages in each: invented codes of
# a form that every contract of divisions accepts.
_COUNTY = "330199000000"
_TOWNSHIPS, _VILLAGES = 6, 12


def check(subject: Subject) -> Iterator[Finding]:
    """Yield samples of nothing, and samples that break their contract."""
    owners = _owners(subject)
    known = tables(subject)
    for document in subject.each("samples"):
        contract_document = owners.get(document.path)
        if contract_document is None and not subject.whole("datasets", "objects", "replay"):
            continue
        if contract_document is None:
            yield _REPORT.error(document, "of-nothing", name=document.stem)
            continue
        contract = subject.compiled(contract_document)
        if document.path.endswith(".sql"):
            yield from _from_sql(subject, document, contract, known)
        elif contract is not None:
            yield from _from_file(subject, document, contract)


def _owners(subject: Subject) -> dict[str, Document]:
    """Return the contract each sample belongs to: by its name, by ``sample``, or as an input."""
    contracts = {**subject.by_id("datasets"), **subject.by_id("objects")}
    found = {
        f"samples/{document.stem}.{suffix}": document
        for document in contracts.values()
        for suffix in ("csv", "sql")
    }
    for document in contracts.values():
        if "sample" in custom(document):
            found[custom(document)["sample"]] = document
    replay = subject.one("replay")
    for given in replay.data["inputs"].values() if replay is not None else ():
        if given["dataset"] in contracts:
            found[given["default"]] = contracts[given["dataset"]]
    return found


def _from_file(subject: Subject, document: Document, contract: Contract) -> Iterator[Finding]:
    try:
        batch = read_file(Held(document.path, document.content), contract)
    except GuantongError as refusal:
        yield _REPORT.error(document, "refused", at=1, cause=refusal)
        return
    for row in batch.rejected:
        yield _REPORT.error(document, "row", at=row.line, cause=row.faults[0])
    yield from _nowhere(subject, document, contract, batch)


def _nowhere(
    subject: Subject, document: Document, contract: Contract, batch: Batch
) -> Iterator[Finding]:
    """Yield rows in divisions that the province does not have."""
    if subject.province is None:
        return
    signals = [s.data for s in subject.each("signals") if s.data["on"] == contract.id]
    named = {str(contract.custom.get("division", _DIVISION)), *(s["division"] for s in signals)}
    known = {division.code for division in subject.province.divisions}
    for row in batch.rows:
        for name in sorted(named & row.values.keys()):
            code = row.values[name]
            if code is not None and code not in known:
                yield _REPORT.warning(document, "nowhere", at=row.line, column=name, division=code)


def _from_sql(
    subject: Subject, document: Document, contract: Contract | None, known: Mapping[str, pa.Schema]
) -> Iterator[Finding]:
    statement = subject.compiled(document)
    if contract is None or statement is None or any(n not in known for n in statement.datasets):
        yield from statements.examine(_REPORT, subject, document, document.text, 0, known)
        return
    try:
        rows = answer(statement, _little_county(), known, statements.parameters(subject))
    except GuantongError as refusal:
        found = list(statements.examine(_REPORT, subject, document, document.text, 0, known))
        yield from found or [_REPORT.error(document, "refused", cause=refusal)]
        return
    checked: Batch = check_rows(contract, rows)
    if not rows:
        yield _REPORT.warning(document, "no-rows")
    for broken in checked.rejected[:1]:
        # One row speaks for all: the same line of SQL made them.
        fault = broken.faults[0]
        at = statements.line_in(document.text, {"column": fault.column or ""})
        yield _REPORT.error(
            document, "rows", at=at, cause=fault, bad=len(checked.rejected), rows=len(rows)
        )


def _little_county() -> Mapping[str, list[dict[str, Any]]]:
    """Return a county of a few townships and villages for SQL that makes rows from divisions."""
    divisions: list[dict[str, Any]] = [
        {"code": "330000000000", "name": "省", "tier": "province", "parent_code": None},
        {"code": "330100000000", "name": "市", "tier": "city", "parent_code": "330000000000"},
        {"code": _COUNTY, "name": "县", "tier": "county", "parent_code": "330100000000"},
    ]
    for township in range(1, _TOWNSHIPS + 1):
        code = f"330199{township:03}000"
        divisions.append({"code": code, "name": "镇", "tier": "township", "parent_code": _COUNTY})
        divisions += [
            {
                "code": f"330199{township:03}{v:03}",
                "name": "村",
                "tier": "village",
                "parent_code": code,
            }
            for v in range(1, _VILLAGES + 1)
        ]
    county = {"division_code": _COUNTY, "name": "县", "lon": 121.0, "lat": 28.5}
    return {"base.division": divisions, "base.county": [county]}
