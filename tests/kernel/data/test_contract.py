"""A contract is read: what it says, what it keeps, and what it may not say."""

from pathlib import Path

import pytest
import yaml

from guantong.data import api as data
from guantong.data.errors import ContractRefused

CONFORMANCE = Path(__file__).parents[3].parent / "shared" / "conformance" / "odcs"

MINIMAL = b"""
apiVersion: v3.1.0
kind: DataContract
id: test.station
version: 1.0.0
status: active
schema:
  - name: station
    properties:
      - {name: b, primaryKey: true, primaryKeyPosition: 2}
      - {name: a, primaryKey: true, primaryKeyPosition: 1, classification: L2}
      - name: kind
        quality: [{metric: invalidValues, arguments: {validValues: [river, tide]}, mustBe: 0}]
      - name: level_m
        logicalType: number
        logicalTypeOptions: {exclusiveMinimum: -5, maximum: 40}
      - {name: code, logicalTypeOptions: {pattern: "^S[0-9]+$"}}
"""


def refusal(document: bytes) -> str:
    with pytest.raises(ContractRefused) as caught:
        data.read_contract(document, origin="station.yaml")
    assert caught.value.sentence("zh-CN") != caught.value.sentence("en")
    return caught.value.sentence()


def test_a_contract_keeps_its_bytes_and_orders_its_key() -> None:
    contract = data.read_contract(MINIMAL)

    assert contract.original == MINIMAL
    assert contract.key == ("a", "b")
    assert contract.column("a").classification == "L2"
    assert contract.dialects[0].columns["level_m"] == "level_m"


def test_rules_of_the_document_become_checks_of_rows() -> None:
    contract = data.read_contract(MINIMAL)
    good = {"a": "1", "b": "1", "kind": "river", "level_m": "40", "code": "S1"}

    batch = data.check_rows(
        contract, [good, good | {"b": "2", "kind": "well", "level_m": "-5", "code": "X"}]
    )

    assert len(batch.rows) == 1
    assert [f.code for f in batch.rejected[0].faults] == ["enum", "not-above", "pattern"]


def test_a_column_the_contract_does_not_name_is_a_fault() -> None:
    contract = data.read_contract(MINIMAL)

    (rejected,) = data.check_rows(contract, [{"a": "1", "b": "1", "depth": 3}]).rejected

    assert [(f.code, f.column) for f in rejected.faults] == [("strange-column", "depth")]


def test_the_same_time_again_is_not_ascending_where_the_time_is_no_key(
    storm: data.Contract,
) -> None:
    keyless = data.read_contract(storm.original.replace(b"primaryKey: true, ", b""))
    row = {"track_id": "A", "observed_at": "2026-06-20 00:00:00", "lat": 1, "lon": 1}

    batch = data.check_rows(keyless, [row, row, row | {"track_id": "B"}])

    assert [r.line for r in batch.rows] == [1, 3]
    assert [f.code for f in batch.rejected[0].faults] == ["not-ascending"]


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        (b"kind: DataContract", b"kind: Table", "must be DataContract"),
        (b"v3.1.0", b"v2.2.2", "must be v3.x"),
        (b"status: active", b"staus: active", "does not know: staus"),
        (b"primaryKeyPosition: 2", b"primarykey: 2", "does not know: primarykey"),
        (b"logicalType: number", b"logicalType: decimal", "unknown logicalType 'decimal'"),
        (b"name: b,", b"name: a,", "names column a a second time"),
        (b"name: b,", b"name: _b,", "does not begin with an underscore"),
        (b"maximum: 40", b"maximum: high", "'high', which is no number"),
        (b"^S[0-9]+$", b"S[", "cannot be read"),
        (b"version: 1.0.0", b"version: 1.0", "version must be a text"),
        (b"kind: DataContract", b"kind: [", "cannot be read as YAML"),
    ],
)
def test_a_misspelt_contract_is_refused_with_its_place(old: bytes, new: bytes, part: str) -> None:
    sentence = refusal(MINIMAL.replace(old, new, 1))

    assert sentence.startswith("station.yaml: ")
    assert part in sentence


@pytest.mark.parametrize(
    ("landing", "part"),
    [
        ("[{name: x, columns: {A: depth}}]", "do not exist: depth"),
        ("[{name: x, columns: {A: a}}]", "does not map required columns: level_m"),
        ("[{name: x, columns: {A: a, L: level_m}, units_row: 3}]", "only row 2"),
        ("[{name: x, columns: {A: a, L: level_m}, sep: ';'}]", "does not know: sep"),
    ],
)
def test_a_dialect_must_map_what_is_required_and_nothing_else(landing: str, part: str) -> None:
    document = MINIMAL.replace(
        b"logicalType: number\n", b"logicalType: number\n        required: true\n"
    )
    custom = f"customProperties:\n  - {{property: landing, value: {landing}}}\n"

    assert part in refusal(document + custom.encode())


def test_every_valid_example_of_the_standard_with_columns_is_read() -> None:
    if not CONFORMANCE.is_dir():
        pytest.skip("the conformance examples are not here")
    expected = yaml.safe_load((CONFORMANCE / "expected.yaml").read_text(encoding="utf-8"))
    read = 0

    for entry in expected["files"]:
        if not any(v.split("-")[0] == entry["apiVersion"] for v in entry["valid_against"]):
            continue
        original = (CONFORMANCE / entry["file"]).read_bytes()
        contract = data.read_contract(original, origin=entry["file"])
        read += bool(contract.columns)

    assert read == 10  # those that carry columns
