"""Proofs, heads and exports: what leaves the house convinces a verifier that knows only files."""

import base64
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.province import EVENING

from guantong.audit import api as audit
from guantong.audit import blocks, keys, ledger, note, service, verifier
from guantong.audit.archive import RETENTION_YEARS, years_before
from guantong.audit.errors import (
    ArchiveForged,
    ArchiveUnreadable,
    ArchiveUnsound,
    KeyUnreadable,
    NoHeadYet,
    NotAHead,
    NotAPlace,
    NotArchived,
    NotContinued,
    NothingToProve,
    NotInLogYet,
    SuiteUnknown,
    TooYoung,
)
from guantong.audit.leaf import Leaf
from guantong.audit.models import Archived, HeadRow, LeafRow
from guantong.audit.suite import INTERNATIONAL, NATIONAL
from guantong.base import clock, signing
from guantong.base.ids import new_id
from guantong.base.realm import LIVE

VERIFIER = Path(audit.__file__).with_name("verifier.py")
SOMEBODY = UUID("01890000-0000-7000-8000-000000000001")
SUITES = pytest.mark.parametrize("suite", ["international", "national"])


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.KEYS, settings.HEADS = tmp_path / "keys", tmp_path / "heads"
    settings.KEYS.mkdir()


def tell(count: int, *, of: UUID | None = None, kind: str = "flag") -> None:
    with transaction.atomic():
        audit.write(
            Leaf(
                realm=LIVE, at=EVENING, actor="person:1", act="raise", kind=kind, object_id=of,
                body={"after": {"n": n}},
            )
            for n in range(count)
        )  # fmt: skip


def place(count: int, *, of: UUID | None = None) -> None:
    tell(count, of=of)
    while audit.sequence():
        pass


def verify(path: Path, *given: object, language: str = "en") -> tuple[int, str]:
    """Run the verifier as a stranger would: alone, with nothing of ours to be found."""
    done = subprocess.run(
        [sys.executable, "-I", VERIFIER, *map(str, given), path], capture_output=True, check=False,
        encoding="utf-8", env={"LC_ALL": language, "PYTHONUTF8": "1"}, cwd=path.parent,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


def written(folder: Path, data: bytes, name: str = "proof.json") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def exported(folder: Path, *, first: int = 1) -> Path:
    file = io.BytesIO()
    audit.export(file, first=first)
    return written(folder, file.getvalue(), "log.jsonl")


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def log_id() -> UUID:
    with connection.cursor() as cursor:
        return ledger.log(cursor)[0]


@SUITES
@pytest.mark.django_db(transaction=True)
def test_a_proof_convinces_a_stranger_and_says_who_did_what(
    suite: str, settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_SUITE = suite
    place(300)
    place(3, of=SOMEBODY)
    place(40)
    path = written(tmp_path, audit.proof_of("flag", SOMEBODY))
    pinned = written(tmp_path, audit.public_keys().encode(), "log.keys")

    code, said = verify(path, "--key", pinned)

    assert code == 0, said
    assert "all 3 leaves of this record are in the log (343 leaves" in said
    assert '[301, "2019-08-09T12:00:00+00:00", "person:1", "raise"]' in said
    assert "CAUTION" not in said


@pytest.mark.django_db(transaction=True)
def test_a_verifier_that_is_given_no_key_says_loudly_whom_it_trusts(tmp_path: Path) -> None:
    place(2, of=SOMEBODY)
    path = written(tmp_path, audit.proof_of("flag", SOMEBODY))

    assert "CAUTION: the key was taken from the file itself" in verify(path)[1]
    assert "注意：公钥取自文件本身" in verify(path, language="zh_CN.UTF-8")[1]


def _leaf(file: dict[str, Any]) -> None:
    file["leaves"][0]["leaf"] = file["leaves"][0]["leaf"].replace("person:1", "person:2")


def _place(file: dict[str, Any]) -> None:
    file["leaves"][0]["place"] += 1


def _path(file: dict[str, Any]) -> None:
    file["leaves"][0]["path"][0] = base64.b64encode(bytes(32)).decode()


def _record(file: dict[str, Any]) -> None:
    file["record"]["id"] = str(new_id())


def _size(file: dict[str, Any]) -> None:
    file["head"] = file["head"].replace("\n5\n", "\n6\n")


def _signature(file: dict[str, Any]) -> None:
    body, _, line = file["head"].partition("\n\n")
    file["head"] = f"{body}\n\n{line[:-10]}AAAA{line[-6:]}"


def _key(file: dict[str, Any]) -> None:
    mine = keys.Signer(
        note.public_key(
            file["head"].split("\n")[0], INTERNATIONAL, signing.public_half("ed25519", b"\1" * 32)
        ),
        b"\1" * 32,
    )
    file["head"] = mine.sign(file["head"].partition("\n\n")[0] + "\n")
    file["keys"] = [mine.key.text]


FORGED = {
    "a leaf": (_leaf, "leaf 1 is not in the signed log"),
    "a place": (_place, "leaf 2 is not in the signed log"),
    "a path": (_path, "leaf 1 is not in the signed log"),
    "the record": (_record, "leaf 1 tells of another record"),
    "the size": (_size, "no key signed this head"),
    "the signature": (_signature, "no key signed this head"),
    "head and key together": (_key, "no key signed this head"),
}


@SUITES
@pytest.mark.parametrize("what", FORGED)
@pytest.mark.django_db(transaction=True)
def test_whatever_is_changed_in_a_proof_it_is_refused_with_a_sentence(
    suite: str, what: str, settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_SUITE = suite
    place(5, of=SOMEBODY)
    pinned = written(tmp_path, audit.public_keys().encode(), "log.keys")
    file = json.loads(audit.proof_of("flag", SOMEBODY))
    change, sentence = FORGED[what]
    change(file)

    code, said = verify(written(tmp_path, json.dumps(file).encode()), "--key", pinned)

    assert (code, sentence in said) == (1, True), said


@pytest.mark.django_db(transaction=True)
def test_wherever_a_byte_of_a_proof_is_changed_it_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place(2, of=SOMEBODY)
    pinned = written(tmp_path, audit.public_keys().encode(), "log.keys")
    good = audit.proof_of("flag", SOMEBODY)
    survived = []

    # All of them take a minute; those left out were tried by hand.
    for at in range(0, good.index(b'"keys"'), 17):
        bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        code = verifier.main(["--key", str(pinned), str(written(tmp_path, bad, "bad.json"))])
        # Not meant: white space, and the bits of base64 that stand for nothing.
        if code == 0 and good[at : at + 1].strip() and b"=" not in good[at : at + 2]:
            survived.append(good[at - 10 : at + 10])

    assert survived == []
    capsys.readouterr()


@SUITES
@pytest.mark.django_db(transaction=True)
def test_a_head_from_before_is_continued_by_the_log_of_today(
    suite: str, settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_SUITE = suite
    place(7)
    old = audit.newest()
    place(600)
    pinned = written(tmp_path, audit.public_keys().encode(), "log.keys")
    path = written(tmp_path, audit.consistency_of(old.note))

    code, said = verify(path, "--key", pinned)

    assert (code, "the log of 607 leaves continues that of 7" in said) == (0, True), said


@pytest.mark.django_db(transaction=True)
def test_a_log_that_was_rewritten_after_a_head_was_taken_away_is_not_its_continuation(
    tmp_path: Path,
) -> None:
    place(7)
    old = audit.newest()
    sql("truncate audit_leaf, audit_tile, audit_head")
    place(20)

    with pytest.raises(NotContinued, match="does not continue the head given"):
        audit.consistency_of(old.note)


@pytest.mark.django_db(transaction=True)
def test_a_head_of_elsewhere_is_refused_as_one() -> None:
    place(3)
    other = audit.newest().note.replace(str(log_id()), str(new_id()))

    for given in (other, "", "rubbish\n", "guantong/x\n1\n"):
        with pytest.raises(NotAHead, match="holds no head of this log"):
            audit.consistency_of(given)


@SUITES
@pytest.mark.parametrize("first", [1, 2, 256, 257, 300])
@pytest.mark.django_db(transaction=True)
def test_an_export_from_any_place_on_agrees_with_the_head(
    suite: str, first: int, settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_SUITE = suite
    place(256)
    HeadRow.objects.update(at=EVENING)  # of another hour, so that it stays
    place(60)
    pinned = written(tmp_path, audit.public_keys().encode(), "log.keys")

    path = exported(tmp_path, first=first)
    code, said = verify(path, "--key", pinned)

    assert code == 0, said
    assert f"leaves {first} to 316 of the export (0 of them as digests only)" in said
    assert path.read_text().count('{"head"') == (2 if first <= 256 else 1)


@pytest.mark.django_db(transaction=True)
def test_an_export_with_a_line_changed_left_out_or_moved_is_refused(tmp_path: Path) -> None:
    place(20)
    pinned = written(tmp_path, audit.public_keys().encode(), "log.keys")
    lines = exported(tmp_path).read_bytes().splitlines(keepends=True)
    entry = json.loads(lines[5])
    entry["leaf"] = base64.b64encode(b"{}").decode()
    bad = [
        [*lines[:5], json.dumps(entry).encode() + b"\n", *lines[6:]],
        [*lines[:5], *lines[6:]],
        [*lines[:5], lines[6], lines[5], *lines[7:]],
        lines[:-2],
        lines[:1],
    ]

    for forged in bad:
        path = written(tmp_path, b"".join(forged), "forged.jsonl")
        code, said = verify(path, "--key", pinned)
        assert (code, "does not agree with the signed head" in said) == (1, True), said


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"format": "x"}', b"\xff\xfe", b"a\nb\n"])
def test_what_is_no_proof_is_said_to_be_unreadable(content: bytes, tmp_path: Path) -> None:
    assert verify(written(tmp_path, content))[0] == 2
    assert verify(tmp_path / "nowhere")[0] == 2


@pytest.mark.django_db(transaction=True)
def test_a_head_is_text_that_a_person_can_read_and_a_stranger_can_verify(tmp_path: Path) -> None:
    place(9)
    pinned = written(tmp_path, audit.public_keys().encode(), "log.keys")

    head = audit.newest()

    assert head.note.split("\n")[:2] == [f"guantong/{log_id()}", "9"]
    code, said = verify(written(tmp_path, head.note.encode()), "--key", pinned)
    assert (code, "the head is signed, over 9 leaves" in said) == (0, True)


@pytest.mark.django_db(transaction=True)
def test_the_private_key_is_its_owners_only_and_the_public_one_is_kept_beside_it(
    settings: Any,
) -> None:
    place(1)

    private = settings.KEYS / f"audit-{log_id()}.key"
    assert private.stat().st_mode & 0o777 == 0o600
    assert keys.public_path(log_id()).read_text() == audit.public_keys()


@pytest.mark.django_db(transaction=True)
def test_a_changed_key_signs_on_and_the_heads_of_the_old_one_stay_good(
    settings: Any,
) -> None:
    place(1)
    HeadRow.objects.update(at=EVENING)
    (settings.KEYS / f"audit-{log_id()}.key").unlink()

    place(1)

    assert len(audit.public_keys().splitlines()) == 2
    report = audit.check()
    assert (report.heads, report.faults) == (2, ())


@pytest.mark.django_db(transaction=True)
def test_a_key_file_that_is_no_key_stops_the_sequencer_and_says_what_to_do(
    settings: Any,
) -> None:
    settings.AUDIT_SUITE = "national"
    place(1)
    (settings.KEYS / f"audit-{log_id()}.key").write_text("nonsense")
    tell(1)

    with pytest.raises(KeyUnreadable, match="Restore it from the backup of the keys"):
        audit.sequence()

    assert LeafRow.objects.filter(seq=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_log_keeps_the_algorithms_it_was_founded_with(settings: Any) -> None:
    settings.AUDIT_SUITE = "national"
    place(3)
    settings.AUDIT_SUITE = "international"

    place(3)

    report = audit.check()
    assert (report.suite, report.entries, report.faults) == ("national", 6, ())
    assert audit.newest().hash_name == "SM3"


@pytest.mark.django_db(transaction=True)
def test_a_log_is_not_founded_with_algorithms_nobody_knows(settings: Any) -> None:
    settings.AUDIT_SUITE = "md5"
    tell(1)

    with pytest.raises(SuiteUnknown, match="international, national"):
        audit.sequence()


@pytest.mark.django_db(transaction=True)
def test_of_each_hour_one_head_stays_and_it_is_the_last() -> None:
    for _ in range(3):
        place(1)
    HeadRow.objects.update(at=EVENING)
    place(1)

    assert list(HeadRow.objects.order_by("size").values_list("size", flat=True)) == [3, 4]


@pytest.mark.django_db(transaction=True)
def test_a_record_without_leaves_or_without_a_place_yet_has_no_proof() -> None:
    with pytest.raises(NothingToProve, match="has no leaf of the flag"):
        audit.proof_of("flag", SOMEBODY)
    with pytest.raises(NoHeadYet):
        audit.newest()
    tell(1, of=SOMEBODY)
    with pytest.raises(NotInLogYet, match="wait for their place"):
        audit.proof_of("flag", SOMEBODY)


@pytest.mark.django_db(transaction=True)
def test_an_export_from_a_place_the_log_does_not_have_is_refused() -> None:
    place(3)

    for first in (0, 4):
        with pytest.raises(NotAPlace, match="places 1 to 3"):
            audit.export(io.BytesIO(), first=first)


@pytest.mark.django_db(transaction=True)
def test_history_tells_oldest_first_and_what_waits_for_its_place_last() -> None:
    place(2, of=SOMEBODY)
    tell(1, of=SOMEBODY)
    tell(1, of=SOMEBODY, kind="other")

    told = audit.history("flag", SOMEBODY)

    assert [leaf.seq for leaf in told] == [1, 2, None]
    assert {(leaf.actor, leaf.act) for leaf in told} == {("person:1", "raise")}


# --- the head outside the store


def cut_to(size: int) -> None:
    """Make the store what it was when the log had ``size`` leaves, as whoever writes to it may."""
    sql("delete from audit_leaf where seq > %s", size)
    sql("update audit_tile set digests = substring(digests for %s) where level = 0", size * 32)
    sql("delete from audit_head where size > %s", size)


@pytest.mark.django_db(transaction=True)
def test_a_tail_that_was_cut_off_everywhere_is_found_by_the_head_outside_the_store(
    settings: Any,
) -> None:
    place(5)
    HeadRow.objects.update(at=EVENING)
    place(5)
    assert audit.check(heads=settings.HEADS).faults == ()

    cut_to(5)

    assert audit.check().faults == ()  # within the store nothing tells
    assert [(f.code, f.id) for f in audit.check(heads=settings.HEADS).faults] == [
        ("tail-cut", "10")
    ]


@pytest.mark.django_db(transaction=True)
def test_a_log_that_was_written_anew_from_where_it_was_cut_is_found_as_well(
    settings: Any,
) -> None:
    place(5)
    HeadRow.objects.update(at=EVENING)
    place(5)
    kept = ledger.head_path(log_id()).read_text()
    cut_to(5)
    place(9)
    ledger.head_path(log_id()).write_text(kept)

    assert [f.code for f in audit.check(heads=settings.HEADS).faults] == ["head-broken"]


@pytest.mark.django_db(transaction=True)
def test_a_log_that_was_emptied_or_exchanged_is_found_by_the_head_outside(
    settings: Any,
) -> None:
    place(5)
    sql("truncate audit_leaf, audit_tile, audit_head, audit_log")

    assert [f.code for f in audit.check(heads=settings.HEADS).faults] == ["log-exchanged"]
    place(5)
    assert [f.code for f in audit.check(heads=settings.HEADS).faults] == ["log-exchanged"]


@pytest.mark.django_db(transaction=True)
def test_a_kept_head_that_somebody_rewrote_is_found(settings: Any) -> None:
    place(5)
    path = ledger.head_path(log_id())
    path.write_text(path.read_text().replace("\n5\n", "\n4\n"))

    assert [f.code for f in audit.check(heads=settings.HEADS).faults] == ["head-forged"]


@pytest.mark.django_db(transaction=True)
def test_the_head_outside_never_goes_back() -> None:
    place(5)
    old = audit.newest()
    place(5)

    ledger.keep_head(old)

    kept = note.read(ledger.head_path(log_id()).read_text())
    assert kept is not None
    assert kept.size == 10


@pytest.mark.django_db(transaction=True)
def test_a_head_that_cannot_be_written_outside_keeps_no_leaf_from_its_place(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.HEADS = written(tmp_path, b"", "a_file") / "heads"

    place(3)

    assert LeafRow.objects.filter(seq=3).exists()
    assert "could not be kept outside the store" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_without_its_public_keys_no_head_is_trusted(settings: Any) -> None:
    place(2)
    keys.public_path(log_id()).unlink()

    assert [f.code for f in audit.check().faults] == ["head-forged"]


# --- long logs


@SUITES
@pytest.mark.django_db(transaction=True)
def test_a_long_log_is_checked_by_two_readers_of_one_snapshot(
    suite: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AUDIT_SUITE = suite
    monkeypatch.setattr(blocks, "_LONG", 10)
    place(700)
    told: list[tuple[int, int]] = []

    assert audit.check(lambda done, total: told.append((done, total))).faults == ()
    sql("update audit_leaf set encoded = 'x' where seq in (3, 650)")
    assert [f.code for f in audit.check().faults] == ["leaf-altered"] * 2
    assert told[-1] == (700, 700)


@pytest.mark.django_db(transaction=True)
def test_digests_changed_far_from_the_end_are_named_by_their_tile() -> None:
    place(600)
    sql(
        "update audit_tile set digests = overlay(digests placing sha256('x') from 33 for 32)"
        " where level = 0 and index = 1"
    )
    sql("delete from audit_tile where level = 0 and index = 5")

    faults = {(f.code, f.kind, f.id) for f in audit.check().faults}

    assert ("node-altered", "node", "0/1") in faults
    assert any(code == "leaf-altered" for code, _, _ in faults)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("delete from audit_tile where level = 1", ("node-missing", "1/0")),
        ("delete from audit_tile where level = 0 and index = 1", ("node-missing", "0/1")),
        (
            "update audit_tile set digests = overlay(digests placing sha256('x') from 1 for 32)"
            " where level = 1",
            ("node-altered", "0/0"),
        ),
        ("update audit_tile set index = 7 where level = 1", ("node-missing", "1/0")),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_node_of_the_tree_that_was_changed_is_named(
    statement: str, fault: tuple[str, str]
) -> None:
    place(600)

    sql(statement)

    assert fault in {(f.code, f.id) for f in audit.check().faults}


@pytest.mark.django_db(transaction=True)
def test_a_leaf_slipped_into_the_place_of_another_is_found() -> None:
    place(5)
    with connection.cursor() as cursor:
        ledger.attach(cursor, "audit_leaf_mine", date(1999, 1, 1))
    try:
        sql(
            "insert into audit_leaf (id, realm, kind, object_id, encoded, seq, month)"
            " select gen_random_uuid(), realm, kind, object_id, encoded, seq, '1999-01-01'"
            " from audit_leaf where seq = 2"
        )

        assert "leaf-not-in-log" in {f.code for f in audit.check().faults}
    finally:
        sql("drop table audit_leaf_mine")


@pytest.mark.django_db(transaction=True)
def test_a_batch_costs_as_many_queries_for_one_leaf_as_for_many() -> None:
    place(1)
    counts = []
    for leaves in (1, 300):
        tell(leaves)
        with CaptureQueriesContext(connection) as asked:
            audit.sequence()
        counts.append(len(asked))

    assert counts[1] <= counts[0] + 1  # the tile above, once it exists
    assert counts[0] < 20


# --- months that leave the store

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: moment)


@pytest.fixture
def years(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Any:
    """A log with three months: 300 leaves of 2021, 50 of 2022, 20 of now."""
    at(datetime(2021, 3, 5, tzinfo=UTC), monkeypatch)
    place(299)
    place(1, of=SOMEBODY)
    at(datetime(2022, 7, 5, tzinfo=UTC), monkeypatch)
    place(50)
    at(NOW, monkeypatch)
    place(20)
    yield
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists audit_leaf_kept")
        for month in ledger.months(cursor):
            if month.year < 2026:
                cursor.execute(f"drop table {ledger.table_of(month)}")


def test_a_month_that_was_archived_is_gone_and_log_and_file_still_hold(
    years: None, tmp_path: Path
) -> None:
    pinned = written(tmp_path, audit.public_keys().encode(), "log.keys")

    done = audit.archive(date(2022, 1, 1), tmp_path / "out", now=NOW)
    while audit.sequence():
        pass

    assert [(m.month, m.first, m.last) for m in done] == [(date(2021, 3, 1), 1, 300)]
    assert sorted(LeafRow.objects.values_list("seq", flat=True))[:3] == [300, 301, 302]
    report = audit.check()
    assert report.faults == ()
    assert (report.entries, report.archived) == (371, 299)
    code, said = verify(done[0].path, "--key", pinned)
    assert (code, "leaves 1 to 300 of the export (0 of them" in said) == (0, True), said


def test_an_export_after_archiving_holds_with_the_digests_of_what_is_gone(
    years: None, tmp_path: Path
) -> None:
    pinned = written(tmp_path, audit.public_keys().encode(), "log.keys")
    audit.archive(date(2022, 1, 1), tmp_path / "out", now=NOW)

    code, said = verify(exported(tmp_path), "--key", pinned)

    assert (code, "(299 of them as digests only)" in said) == (0, True), said


def test_the_last_leaf_of_a_record_stays_and_goes_on_to_be_proved(
    years: None, tmp_path: Path
) -> None:
    audit.archive(date(2022, 1, 1), tmp_path / "out", now=NOW)

    code, said = verify(written(tmp_path, audit.proof_of("flag", SOMEBODY)))

    assert (code, "[300, " in said) == (0, True), said


def archived_march(tmp_path: Path) -> Path:
    (month,) = audit.archive(date(2022, 1, 1), tmp_path / "out", now=NOW)
    while audit.sequence():
        pass
    return month.path


def rows() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select seq, id, realm, kind, object_id, month, encoded from audit_leaf"
            " where seq <= 370 order by seq"
        )
        return [(*row[:-1], bytes(row[-1])) for row in cursor.fetchall()]


def test_an_archived_month_comes_back_as_it_was_and_may_leave_again(
    years: None, tmp_path: Path
) -> None:
    before = rows()
    path = archived_march(tmp_path)
    assert rows() != before

    found = audit.bring_back(path, now=NOW)
    while audit.sequence():
        pass

    assert (found.month, found.first, found.last) == (date(2021, 3, 1), 1, 300)
    assert rows() == before
    report = audit.check()
    assert report.faults == ()
    assert (report.entries, report.archived) == (372, 0)
    with pytest.raises(NotArchived, match=r"2021-03 .* is in the store already"):
        audit.bring_back(path, now=NOW)
    (again,) = audit.archive(date(2022, 1, 1), tmp_path / "again", now=NOW)
    while audit.sequence():
        pass
    assert audit.check().faults == ()
    assert audit.check().archived == 299
    assert audit.examine_archive(again.path).away


def test_a_copy_of_a_month_stays_genuine_after_the_month_was_archived_a_second_time(
    years: None, tmp_path: Path
) -> None:
    first = archived_march(tmp_path)
    audit.bring_back(first, now=NOW)
    while audit.sequence():
        pass
    (second,) = audit.archive(date(2022, 1, 1), tmp_path / "again", now=NOW)
    while audit.sequence():
        pass

    assert first.read_bytes() != second.path.read_bytes()
    assert audit.examine_archive(first).away
    assert audit.examine_archive(second.path).away
    assert audit.check().faults == ()
    audit.bring_back(first, now=NOW)


def test_a_digest_that_somebody_adds_to_the_earlier_ones_is_named(
    years: None, tmp_path: Path
) -> None:
    archived_march(tmp_path)

    Archived.objects.update(earlier_digests=["0" * 64])

    assert ("archive", str(Archived.objects.get().id)) in {
        (f.kind, f.id) for f in audit.check().faults
    }


def test_leaves_that_came_back_are_missed_again_when_somebody_removes_them(
    years: None, tmp_path: Path
) -> None:
    audit.bring_back(archived_march(tmp_path), now=NOW)

    sql("delete from audit_leaf where seq = 7")

    assert ("leaf-missing", "entry", "7") in {(f.code, f.kind, f.id) for f in audit.check().faults}


def _bent(line: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    leaf = json.loads(base64.b64decode(line["leaf"]))
    leaf["actor"] = "somebody-else"
    line["leaf"] = base64.b64encode(json.dumps(leaf).encode()).decode()


def _bent_with_its_digest(line: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    _bent(line, lines)
    data = b"\0" + base64.b64decode(line["leaf"])
    line["digest"] = base64.b64encode(hashlib.sha256(data).digest()).decode()


def _bare(line: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    del line["leaf"]


def _cut(line: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    del lines[-50:]


def _of_another_head(line: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    begin = lines[0]
    name, size, root, rest = begin["head"].split("\n", 3)
    other = base64.b64encode(hashlib.sha256(root.encode()).digest()).decode()
    begin["head"] = "\n".join((name, size, other, rest))


def _signed_anew(line: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    """Forge as one who holds the signing key: the file agrees with itself from end to end."""
    _bent_with_its_digest(line, lines)
    lines[:] = [each for each in lines if "digest" in each or "format" in each]
    begin, stack = lines[0], []  # type: ignore[var-annotated]
    h = verifier.hasher("SHA-256")
    for height, digest in begin["left"]:
        verifier.push(h, stack, height, base64.b64decode(digest))
    for each in lines[1:]:
        verifier.push(h, stack, 0, base64.b64decode(each["digest"]))
    for height, digest in begin["right"]:
        verifier.push(h, stack, height, base64.b64decode(digest))
    head = note.read(begin["head"])
    assert head is not None
    text = note.body(head.log_id, head.size, verifier.fold(h, stack), INTERNATIONAL, head.at)
    begin["head"] = keys.signer(head.log_id, INTERNATIONAL).sign(text)


FORGERIES = [_bent, _bent_with_its_digest, _bare, _cut, _of_another_head, _signed_anew]


@pytest.mark.parametrize("forge", FORGERIES)
def test_an_archive_that_was_altered_is_refused_and_nothing_of_it_comes_in(
    years: None, tmp_path: Path, forge: Callable[[dict[str, Any], list[dict[str, Any]]], None]
) -> None:
    path = archived_march(tmp_path)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    forge(next(line for line in lines if line.get("place") == 7), lines)
    forged = tmp_path / "forged.jsonl"
    forged.write_text("".join(json.dumps(line) + "\n" for line in lines))
    before, told = rows(), Archived.objects.get().file_digest
    # Whoever forges the file and reaches the store, too, changes the digest there.
    Archived.objects.update(file_digest=hashlib.sha256(forged.read_bytes()).hexdigest())

    for refused in (audit.examine_archive, partial(audit.bring_back, now=NOW)):
        with pytest.raises(ArchiveForged, match="is not the file that left the store"):
            refused(forged)

    assert rows() == before
    Archived.objects.update(file_digest=told)
    assert audit.check().faults == ()
    audit.bring_back(path, now=NOW)


def test_a_file_whose_digest_the_log_does_not_name_is_refused_though_each_leaf_holds(
    years: None, tmp_path: Path
) -> None:
    path = archived_march(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'{"place": 7, ', b'{"place":  7, '))

    with pytest.raises(ArchiveForged, match="its digest is none that the log names"):
        audit.bring_back(path, now=NOW)


@pytest.mark.parametrize(
    "content", [b"", b"a letter\n", b"{}\n", b'{"format": "guantong-export/1", "head": 3}\n']
)
def test_a_file_that_is_no_archive_of_this_log_is_refused(
    years: None, tmp_path: Path, content: bytes
) -> None:
    other = tmp_path / "other.jsonl"
    other.write_bytes(content)

    for path in (other, tmp_path / "nowhere.jsonl", tmp_path):
        with pytest.raises(ArchiveUnreadable, match="is no archived month of this log"):
            audit.bring_back(path, now=NOW)


def test_leaves_removed_before_they_were_archived_are_not_excused_by_the_archive(
    years: None, tmp_path: Path
) -> None:
    sql("delete from audit_leaf where seq = 7")

    with pytest.raises(ArchiveUnsound, match="place 7 is missing"):
        audit.archive(date(2022, 1, 1), tmp_path / "out", now=NOW)

    assert list((tmp_path / "out").iterdir()) == []
    assert LeafRow.objects.filter(seq=8).exists()


def test_a_month_that_somebody_called_archived_himself_is_found(years: None) -> None:
    sql("delete from audit_leaf where seq <= 299")
    Archived.objects.create(
        month=date(2021, 3, 1), first_seq=1, last_seq=299, leaves=299, file_name="x",
        file_digest="x", archived_at=NOW,
    )  # fmt: skip

    assert {(f.code, f.kind) for f in audit.check().faults} == {("record-without-leaf", "archive")}


def test_leaves_of_the_last_three_years_are_not_archived(years: None, tmp_path: Path) -> None:
    assert RETENTION_YEARS == 3
    assert years_before(date(2026, 11, 22)) == date(2023, 11, 1)

    with pytest.raises(TooYoung, match="Give 2023-11-01 or an earlier day"):
        audit.archive(date(2023, 11, 2), tmp_path, now=NOW)
    assert audit.archive(date(2021, 3, 31), tmp_path, now=NOW) == []


def test_each_month_has_a_table_of_its_own(years: None) -> None:
    with connection.cursor() as cursor:
        assert ledger.months(cursor)[:2] == [date(2021, 3, 1), date(2022, 7, 1)]
        cursor.execute("select count(*) from audit_leaf_2022_07")
        assert cursor.fetchone()[0] == 50


def test_a_month_turns_at_midnight_of_utc() -> None:
    last = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)

    assert ledger.month_of(last) == date(2026, 12, 1)
    assert ledger.month_of(last + timedelta(seconds=1)) == date(2027, 1, 1)
    assert ledger.month_of(last.astimezone(clock.BEIJING)) == date(2026, 12, 1)


def test_the_national_algorithms_are_those_of_the_standards() -> None:
    # GB/T 32905-2016, annex A.1.
    digest = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"

    assert NATIONAL.digest(b"abc").hex() == digest
    assert service.BATCH > 0
