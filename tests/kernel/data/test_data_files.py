"""A file arrives: what is read of it, and the one sentence it gets when it is not taken."""

import os
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guantong.data import api as data
from guantong.data.errors import FileRefused

HEADER = "track_id,season,time,lat,lon,wind\n"
GOOD = "A,2026,2026-06-20 00:00:00,20.0,125.0,\n"
LATER = "A,2026,2026-06-20 06:00:00,21.0,124.0,40\n"

# The official form: many columns, names in the first row, units in the second, blank is one space.
OFFICIAL_NAMES = [
    "SID",
    "SEASON",
    "NUMBER",
    "BASIN",
    "SUBBASIN",
    "NAME",
    "ISO_TIME",
    "NATURE",
    "LAT",
    "LON",
    "WMO_WIND",
    "WMO_PRES",
    "WMO_AGENCY",
    "TRACK_TYPE",
    "DIST2LAND",
    "LANDFALL",
    "IFLAG",
    "USA_AGENCY",
    "USA_ATCF_ID",
    "USA_LAT",
    "USA_LON",
]
OFFICIAL_UNITS = {"SEASON": "Year", "LAT": "degrees_north", "LON": "degrees_east"} | {
    "WMO_WIND": "kts",
    "WMO_PRES": "mb",
}


def official(*points: dict[str, str], units: bool = True) -> str:
    rows = [{n: n for n in OFFICIAL_NAMES}, *([OFFICIAL_UNITS] if units else []), *points]
    return "".join(",".join(r.get(n, " ") for n in OFFICIAL_NAMES) + "\n" for r in rows)


POINT = {"SID": "2026A", "SEASON": "2026", "ISO_TIME": "2026-06-20 00:00:00"} | {
    "LAT": "20.5",
    "LON": "185.0",
}


def refusal(path: Path, contract: data.Contract, language: str = "en") -> str:
    with pytest.raises(FileRefused) as caught:
        data.read_strict(path, contract)
    sentence = caught.value.sentence(language)
    assert "\n" not in sentence
    assert sentence.startswith(str(path))
    return sentence.removeprefix(str(path)).lstrip(":： ")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "track.csv"


def test_the_short_form_is_read_with_its_lines_as_an_editor_counts(
    file: Path, storm: data.Contract
) -> None:
    file.write_text(HEADER + GOOD + "\n" + LATER, encoding="utf-8")

    batch = data.read_strict(file, storm)

    assert batch.dialect == "short"
    assert [(r.line, r.values["lat"], r.values["wind_kt"]) for r in batch.rows] == [
        (2, 20.0, None),
        (4, 21.0, 40.0),
    ]


def test_the_official_form_skips_its_row_of_units_and_reads_one_space_as_no_value(
    file: Path, storm: data.Contract
) -> None:
    file.write_text(official(POINT), encoding="utf-8")

    batch = data.read_strict(file, storm)

    assert batch.dialect == "official"
    assert [(r.line, r.values["lon"], r.values["wind_kt"]) for r in batch.rows] == [
        (3, 185.0, None)
    ]


def test_a_copy_without_the_row_of_units_keeps_its_first_point(
    file: Path, storm: data.Contract
) -> None:
    file.write_text(official(POINT, units=False), encoding="utf-8")

    batch = data.read_strict(file, storm)

    assert [r.line for r in batch.rows] == [2]


def test_a_byte_order_mark_crlf_and_exponents_are_read(file: Path, storm: data.Contract) -> None:
    text = HEADER + "A,2026,2026-06-20T00:00Z,2.0e+01,1.25e2,4e1\n"
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    (row,) = data.read_strict(file, storm).rows

    assert (row.values["lat"], row.values["lon"], row.values["wind_kt"]) == (20.0, 125.0, 40.0)


def test_a_time_with_a_zone_is_kept_in_utc(file: Path, storm: data.Contract) -> None:
    file.write_text(HEADER + GOOD.replace("00:00:00", "08:00:00+08:00"), encoding="utf-8")

    (row,) = data.read_strict(file, storm).rows

    assert str(row.values["observed_at"]) == "2026-06-20 00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the file is empty. Export it again with its header and rows."),
        (" \n\n", "the file is empty. Export it again with its header and rows."),
        (HEADER, "the file has a header and no rows. Export it again with its rows."),
        (
            HEADER + GOOD.replace("20.0", "north"),
            "line 2, column lat: 'north' is not a number. Write digits with a point, such as 12.5.",
        ),
        (
            HEADER + GOOD + LATER.replace("21.0", "123"),
            "line 3, column lat: '123' is above 90, the highest allowed. "
            "Correct the value, or leave the row out.",
        ),
        (
            HEADER + LATER + GOOD,
            "line 3, column time: '2026-06-20 00:00:00+00:00' is not later than "
            "'2026-06-20 06:00:00+00:00' in line 2. Sort the rows by time, or correct the time.",
        ),
        (
            HEADER + GOOD + GOOD,
            "line 3, column time: the same key (track_id, time) stands in line 2 already. "
            "Keep one of the two rows.",
        ),
        (
            HEADER + GOOD.replace("2026-06-20", "2026-02-30"),
            "line 2, column time: '2026-02-30 00:00:00' is not a time. "
            "Write it as 2019-08-09 18:00:00, in UTC or with its zone.",
        ),
        (
            HEADER + GOOD.replace("125.0,", '"125,0",'),
            "line 2, column lon: '125,0' has a decimal comma. Write a point instead.",
        ),
        (
            HEADER + GOOD.replace("125.0,", "125,0,"),
            "line 2: the row has 7 cells where the header has 6. "
            "Look for a missing or an extra comma.",
        ),
        (
            HEADER + GOOD.replace("125.0", "-inf"),
            "line 2, column lon: '-inf' is not a finite number. "
            "Leave the cell empty when nothing was measured.",
        ),
        (
            HEADER + GOOD.replace("125.0", "NaN"),
            "line 2, column lon: 'NaN' is not a finite number. "
            "Leave the cell empty when nothing was measured.",
        ),
        (
            HEADER + GOOD.replace("125.0", "1e999"),
            "line 2, column lon: '1e999' is not a finite number. "
            "Leave the cell empty when nothing was measured.",
        ),
        (
            HEADER + GOOD.replace("125.0", "  "),
            "line 2, column lon: the value is missing. Fill it in, or remove the row.",
        ),
        (
            HEADER + GOOD.replace("A,", '"A,'),
            "line 2: a quote is opened and not closed. Close it, or remove it.",
        ),
        (
            HEADER + GOOD.replace("A,", '"A"B,'),
            "line 2: a quoted cell goes on after its closing quote. "
            "Double each quote inside a quoted cell, or remove them.",
        ),
        (
            "track_id,season,time,Lat,lon\n" + GOOD,
            "line 1: columns are missing: lat, wind (form short; found: track_id, season, time,"
            " Lat, lon). Probably meant: Lat → lat. Rename them or add what is missing.",
        ),
        (
            "track_id;season;time;lat;lon;wind\n",
            "line 1: the columns are not separated by commas. Export the file again with commas.",
        ),
        (
            HEADER.replace("wind", "wind,lat") + GOOD,
            "line 1: column lat occurs more than once. Keep one of each.",
        ),
        (
            HEADER + "A,2026,\x00,20,125,\n",
            "line 2: there is a NUL byte, so this is no text. Export the data as CSV in UTF-8.",
        ),
    ],
)
def test_a_wrong_file_is_answered_with_place_reason_and_remedy(
    file: Path, storm: data.Contract, text: str, sentence: str
) -> None:
    file.write_text(text, encoding="utf-8")

    assert refusal(file, storm) == sentence


def test_the_same_refusal_is_said_in_chinese(file: Path, storm: data.Contract) -> None:
    file.write_text(HEADER + GOOD.replace("20.0", "123"), encoding="utf-8")

    sentence = refusal(file, storm, "zh-CN")

    assert sentence == "第 2 行 lat 列：“123”高于允许的最大值 90。请改正，或去掉这一行。"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named_with_and_without_its_mark(
    file: Path, storm: data.Contract, encoding: str
) -> None:
    file.write_bytes((HEADER + GOOD).encode(encoding))

    assert refusal(file, storm) == (
        "the file is UTF-16 and must be UTF-8. Save it again as CSV UTF-8."
    )


def test_gbk_is_named_with_its_line(file: Path, storm: data.Contract) -> None:
    file.write_bytes((HEADER + GOOD + GOOD.replace("A", "利奇马")).encode("gbk"))

    assert refusal(file, storm) == (
        "line 3: the text is GBK and must be UTF-8. Save the file again as CSV UTF-8."
    )


def test_a_missing_file_a_folder_and_a_device_are_told_apart(
    tmp_path: Path, storm: data.Contract
) -> None:
    missing = refusal(tmp_path / "nothing.csv", storm)
    below_a_file = refusal(Path(__file__) / "x.csv", storm)
    folder = refusal(tmp_path, storm)
    device = refusal(Path("/dev/zero"), storm)

    assert missing == below_a_file == "there is no such file. Check the path."
    assert folder == "this is a folder. Name one CSV file in it."
    assert device.startswith("this is not an ordinary file.")


def test_a_file_that_may_not_be_read_says_so(file: Path, storm: data.Contract) -> None:
    file.write_text(HEADER + GOOD, encoding="utf-8")
    file.chmod(0)
    if os.access(file, os.R_OK):
        file = Path("/proc/self/mem")  # which not even the superuser can read from its start

    assert "cannot be read (" in refusal(file, storm)


def test_a_file_name_with_a_line_break_still_gives_one_line(
    tmp_path: Path, storm: data.Contract
) -> None:
    with pytest.raises(FileRefused) as caught:
        data.read_strict(tmp_path / "a\nb.csv", storm)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["random", "one line", "blank lines", "open quote", "good header"])
def test_two_hundred_megabytes_of_rubbish_are_refused_in_little_memory(
    file: Path, storm: data.Contract, kind: str
) -> None:
    block = {
        "random": os.urandom(1 << 20),
        "one line": b"x" * (1 << 20),
        "blank lines": b"\n" * (1 << 20),
        "open quote": b"\n".join([b"a" * 99] * 10_486),
        "good header": b"\n".join([b"a,b,c,d,e,f,g"] * 74_898),
    }[kind]
    start = b"" if kind in ("random", "one line") else HEADER.encode()
    with file.open("wb") as out:
        out.write(start + (b'"' if kind == "open quote" else b""))
        for _ in range(200):
            out.write(block)
    tracemalloc.start()

    try:
        refusal(file, storm)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        file.unlink()

    assert most < 16 << 20


def test_a_batch_keeps_its_good_rows_and_sets_the_others_aside_with_every_reason(
    file: Path, storm: data.Contract
) -> None:
    wrong = "A,x,2026-06-20 03:00:00,95,125.0,-1\n"
    file.write_text(HEADER + GOOD + wrong + "A,B\n" + LATER, encoding="utf-8")

    batch = data.read_file(file, storm)

    assert [r.line for r in batch.rows] == [2, 5]
    assert [(r.line, [(f.code, f.column) for f in r.faults]) for r in batch.rejected] == [
        (3, [("number", "season"), ("above", "lat"), ("below", "wind")]),
        (4, [("cells", None)]),
    ]
    assert batch.rejected[0].raw["lat"] == "95"
    assert batch.rejected[1].raw == {"cells": ["A", "B"]}


def test_a_bad_row_does_not_make_the_next_one_late(file: Path, storm: data.Contract) -> None:
    bad_and_later = GOOD.replace("20.0", "95").replace("2026-06-20", "2026-06-25")
    file.write_text(HEADER + bad_and_later + GOOD + LATER, encoding="utf-8")

    batch = data.read_file(file, storm)

    assert [r.line for r in batch.rows] == [3, 4]


def test_a_personal_value_does_not_appear_in_a_sentence(storm: data.Contract) -> None:
    document = storm.original.replace(
        b"maxLength: 20}, classification: L1", b"maxLength: 2}, classification: L3"
    )
    personal = data.read_contract(document)

    (rejected,) = data.check_rows(personal, [{"track_id": "Chen", "lat": 1, "lon": 1}]).rejected

    assert "Chen" not in rejected.faults[0].sentence()


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    content=st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=200).map(lambda b: (HEADER + GOOD).encode() + b),
        st.text(st.sampled_from('\r\n,"\x00 eE+-.0123456789:TZAé\ufeff'), max_size=200).map(
            lambda t: (HEADER + t).encode()
        ),
        st.text(max_size=100).map(lambda t: t.encode("utf-8", "surrogatepass")),
    )
)
def test_whatever_the_bytes_there_is_a_batch_or_a_sentence(
    tmp_path: Path, storm: data.Contract, content: bytes
) -> None:
    file = tmp_path / "any.csv"
    file.write_bytes(content)

    for read in (data.read_file, data.read_strict):
        try:
            batch = read(file, storm)
        except FileRefused as refused:
            for language in ("en", "zh-CN"):
                sentence = refused.sentence(language)
                assert sentence.isprintable()
                assert "data." not in sentence.replace(str(file), "")
                assert not re.search(r"{[a-z_]+}", sentence)
        else:
            assert batch.rows or batch.rejected
            assert all(f.sentence().isprintable() for r in batch.rejected for f in r.faults)
