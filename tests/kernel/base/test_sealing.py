"""Fields at rest: sealed where they belong, opened with the right key only, keys that change."""

import base64
import http.server
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from guantong.base import key_ring, resealing
from guantong.base.errors import GuantongError
from guantong.base.ids import new_id
from guantong.base.key_master import HttpKms, KmsAway, WrongMaster
from guantong.base.key_ring import KeyRingLost, KeyRingUnreadable, UnknownFieldSuite
from guantong.base.sealed_places import SealedColumns, bring_sealed, sealed_places
from guantong.base.sealing import (
    FieldKeyMissing,
    SealBroken,
    blind,
    is_sealed,
    key_of,
    seal,
    unseal,
)

AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NAME = "林阿婆"
ABOUT = "household.head_name:HH1"


@pytest.fixture(autouse=True)
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A ring of this test's own; nothing in the store needs it."""
    for name in ("GUANTONG_FIELD_KEY", "GUANTONG_KMS", "GUANTONG_FIELD_SUITE"):
        monkeypatch.delenv(name, raising=False)
    place = tmp_path / "keys" / "field_keys.json"
    monkeypatch.setenv("GUANTONG_FIELD_KEYS_FILE", str(place))
    monkeypatch.setattr("guantong.base.sealed_places._places", {})
    key_ring.forget()
    yield place
    key_ring.forget()


def set_env(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"GUANTONG_{name}", value)
    key_ring.forget()


@pytest.mark.parametrize("suite", ["aes-256-gcm", "sm4-gcm"])
def test_what_is_sealed_opens_and_does_not_show_what_it_is(
    suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_env(monkeypatch, FIELD_SUITE=suite)

    sealed, again = seal(NAME, about=ABOUT), seal(NAME, about=ABOUT)

    assert is_sealed(sealed)
    assert sealed != again, "the same name twice must not be seen to be the same"
    assert NAME not in sealed
    assert unseal(sealed, about=ABOUT) == unseal(again, about=ABOUT) == NAME


@pytest.mark.parametrize("suite", ["aes-256-gcm", "sm4-gcm"])
def test_a_sealed_value_opens_only_where_it_belongs(
    suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_env(monkeypatch, FIELD_SUITE=suite)
    sealed = seal(NAME, about=ABOUT)

    with pytest.raises(SealBroken, match=r"household\.head_name") as refused:
        unseal(sealed, about="household.head_name:HH2")

    assert "HH2" not in str(refused.value), "a refusal names the field, not the row"


@pytest.mark.parametrize("suite", ["aes-256-gcm", "sm4-gcm"])
def test_one_altered_bit_is_noticed(suite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_env(monkeypatch, FIELD_SUITE=suite)
    form, key, content = seal(NAME, about=ABOUT).split(".")
    data = bytearray(base64.urlsafe_b64decode(content))
    data[13] ^= 1

    with pytest.raises(SealBroken):
        unseal(f"{form}.{key}.{base64.urlsafe_b64encode(data).decode()}", about=ABOUT)


@pytest.mark.parametrize("text", ["", "张三", "gs1", "gs1.k1", "gs1.k1.", "gs2.k1.AAAA"])
def test_what_has_not_the_form_of_a_sealed_value_is_refused(text: str) -> None:
    with pytest.raises(SealBroken):
        unseal(text, about=ABOUT)


def test_a_cut_value_is_refused() -> None:
    sealed = seal(NAME, about=ABOUT)

    with pytest.raises(SealBroken):
        unseal(sealed[:30], about=ABOUT)


def test_the_ring_is_for_its_owner_only(ring: Path) -> None:
    seal(NAME, about=ABOUT)

    assert ring.stat().st_mode & 0o777 == 0o600
    assert ring.parent.stat().st_mode & 0o777 == 0o700


def test_a_blind_digest_finds_equals_and_says_nothing_of_the_field() -> None:
    assert blind("13800000000", about="mobile") == blind("13800000000", about="mobile")
    assert blind("13800000000", about="mobile") != blind("13800000001", about="mobile")
    assert blind("13800000000", about="mobile") != blind("13800000000", about="id_number")


def test_the_national_suite_blinds_with_sm3(monkeypatch: pytest.MonkeyPatch) -> None:
    from gmssl_pyx import sm3_hmac

    set_env(monkeypatch, FIELD_SUITE="sm4-gcm")
    seal(NAME, about=ABOUT)

    held = key_ring.read(key_ring.path(), key_ring.master())
    expected = bytes(sm3_hmac(held.blind, b"mobile\x1f138")).hex()
    assert blind("138", about="mobile") == expected


def test_a_blind_digest_outlives_a_change_of_keys() -> None:
    before = blind("13800000000", about="mobile")

    with_db_lock_free_rotation()

    assert blind("13800000000", about="mobile") == before


def with_db_lock_free_rotation() -> None:
    """Make a new key current as ``rotate`` does, without the store."""
    held = key_ring.read(key_ring.path(), key_ring.master())
    fresh = key_ring.new_key("aes-256-gcm", at=AT)
    key_ring.write(
        key_ring.path(), key_ring.with_new_current(held, fresh, at=AT), key_ring.master()
    )
    key_ring.forget()


def test_after_a_change_the_new_key_seals_and_the_old_one_still_opens() -> None:
    old = seal(NAME, about=ABOUT)

    with_db_lock_free_rotation()
    new = seal(NAME, about=ABOUT)

    assert key_of(old) != key_of(new)
    assert unseal(old, about=ABOUT) == unseal(new, about=ABOUT) == NAME


def test_a_value_of_a_key_that_another_process_made_just_now_opens(ring: Path) -> None:
    seal(NAME, about=ABOUT)  # this process has read the ring, and keeps it for some seconds
    held = key_ring.read(ring, key_ring.master())
    fresh = key_ring.new_key("aes-256-gcm", at=AT)
    key_ring.write(ring, key_ring.with_new_current(held, fresh, at=AT), key_ring.master())
    from guantong.base.sealing import seal_under

    assert unseal(seal_under(fresh, NAME, about=ABOUT), about=ABOUT) == NAME


def test_a_missing_key_is_one_sentence_that_says_what_to_do(ring: Path) -> None:
    sealed = seal(NAME, about=ABOUT)
    ring.unlink()
    key_ring.forget()

    with pytest.raises(FieldKeyMissing, match="Put the key back from the backup") as refused:
        unseal(sealed, about=ABOUT)

    assert key_of(sealed) in refused.value.sentence("zh-CN")


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"keys": [], "current": "k1"}', "\x00"])
def test_a_broken_ring_is_refused_and_nothing_is_written_plain(ring: Path, content: str) -> None:
    ring.parent.mkdir(exist_ok=True)
    ring.write_text(content, encoding="utf-8")

    with pytest.raises(KeyRingUnreadable):
        seal(NAME, about=ABOUT)

    assert ring.read_text(encoding="utf-8") == content, "a broken ring is never overwritten"


def test_a_key_of_the_wrong_length_is_refused(ring: Path) -> None:
    seal(NAME, about=ABOUT)
    told = json.loads(ring.read_text(encoding="utf-8"))
    told["keys"][0]["wrapped"] = base64.b64encode(b"short").decode()
    ring.write_text(json.dumps(told), encoding="utf-8")
    key_ring.forget()

    with pytest.raises(KeyRingUnreadable):
        seal(NAME, about=ABOUT)


def test_an_unknown_suite_is_refused(monkeypatch: pytest.MonkeyPatch, ring: Path) -> None:
    set_env(monkeypatch, FIELD_SUITE="rot13")

    with pytest.raises(UnknownFieldSuite, match="aes-256-gcm, sm4-gcm"):
        seal(NAME, about=ABOUT)

    assert not ring.exists()


def test_two_first_starts_agree_on_one_ring(ring: Path) -> None:
    made: list[str] = []

    def start() -> None:
        rings = key_ring.Rings(ring, key_ring.master(), lambda: True)
        made.append(rings.look(at=lambda: AT).current)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 1
    assert [p.name for p in ring.parent.iterdir()] == ["field_keys.json"], "nothing is left lying"


def master_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def test_with_a_master_key_the_file_alone_is_worth_nothing(
    monkeypatch: pytest.MonkeyPatch, ring: Path
) -> None:
    set_env(monkeypatch, FIELD_KEY=master_key())
    sealed = seal(NAME, about=ABOUT)

    set_env(monkeypatch, FIELD_KEY=master_key())
    with pytest.raises(WrongMaster, match="GUANTONG_FIELD_KEY"):
        unseal(sealed, about=ABOUT)
    monkeypatch.delenv("GUANTONG_FIELD_KEY")
    key_ring.forget()
    with pytest.raises(KeyRingUnreadable):
        unseal(sealed, about=ABOUT)


def test_a_new_master_before_the_old_one_opens_the_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = master_key(), master_key()
    set_env(monkeypatch, FIELD_KEY=old)
    sealed = seal(NAME, about=ABOUT)

    set_env(monkeypatch, FIELD_KEY=f"{new},{old}")

    assert unseal(sealed, about=ABOUT) == NAME


@pytest.mark.parametrize("text", ["short", "!!!", base64.b64encode(bytes(16)).decode()])
def test_a_master_key_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str, ring: Path
) -> None:
    set_env(monkeypatch, FIELD_KEY=text)

    with pytest.raises(WrongMaster) as refused:
        seal(NAME, about=ABOUT)

    assert text not in str(refused.value), "a key is never repeated in a sentence"
    assert not ring.exists()


@pytest.fixture
def kms() -> Iterator[tuple[str, dict[str, object]]]:
    """A key service on this machine: it turns bytes round and counts how often it is asked."""
    state: dict[str, object] = {"asked": 0, "status": 200, "token": None}

    class Service(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state["asked"] = int(str(state["asked"])) + 1
            state["token"] = self.headers.get("Authorization")
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path.endswith("/wrap"):
                answer = {"wrapped": "kms:" + told["plaintext"][::-1]}
            else:
                answer = {"plaintext": told["wrapped"].removeprefix("kms:")[::-1]}
            content = json.dumps(answer).encode()
            self.send_response(int(str(state["status"])))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/keys", state
    server.shutdown()
    server.server_close()


def test_a_key_service_wraps_the_keys_and_is_asked_once(
    kms: tuple[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch, ring: Path, tmp_path: Path
) -> None:
    address, state = kms
    (tmp_path / "token").write_text("secret\n", encoding="utf-8")
    set_env(monkeypatch, KMS=address, KMS_TOKEN_FILE=str(tmp_path / "token"))

    sealed = seal(NAME, about=ABOUT)
    asked = state["asked"]
    for _ in range(50):
        assert unseal(sealed, about=ABOUT) == NAME

    assert asked == state["asked"] == 4, "two keys wrapped when made, two opened when read"
    assert state["token"] == "Bearer secret"
    told = json.loads(ring.read_text(encoding="utf-8"))
    assert [k["by"] for k in told["keys"]] == ["kms"]
    assert all(k["wrapped"].startswith("kms:") for k in told["keys"])


def test_without_its_key_service_nothing_is_sealed(
    kms: tuple[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch, ring: Path
) -> None:
    address, state = kms
    state["status"] = 503
    set_env(monkeypatch, KMS=address)

    with pytest.raises(KmsAway, match="Start it, or correct GUANTONG_KMS"):
        seal(NAME, about=ABOUT)

    assert not ring.exists()


@pytest.mark.parametrize("address", ["http://kms.gov.example/keys", "ftp://127.0.0.1", "nonsense"])
def test_keys_never_go_over_a_network_in_clear(address: str) -> None:
    with pytest.raises(KmsAway, match="plain-http"):
        HttpKms(address, None).wrap(b"secret")


# What follows needs the store: places that hold sealed values, and the change of keys.


@pytest.fixture
def letters(db: None) -> SealedColumns:
    """A table of the test's own with two sealed columns, and the ids it was told of."""
    with connection.cursor() as cursor:
        cursor.execute("create temporary table letter (id uuid primary key, a text, b text)")
    told: list[UUID] = []
    bring_sealed("letter", {"a": "letter.a:{id}", "b": "letter.b"}, told=told.extend)
    (place,) = sealed_places()
    assert isinstance(place, SealedColumns)
    letters_told[id(place)] = told
    return place


letters_told: dict[int, list[UUID]] = {}


def put(count: int) -> list[UUID]:
    ids = [new_id() for _ in range(count)]
    with connection.cursor() as cursor:
        for number, row in enumerate(ids):
            values = (seal(f"A{number}", about=f"letter.a:{row}"), seal("B", about="letter.b"))
            cursor.execute("insert into letter values (%s, %s, %s)", [row, *values])
    return ids


def rows() -> list[tuple[UUID, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("select id, a, b from letter order by id")
        return list(cursor.fetchall())


def test_a_change_of_keys_seals_all_rows_anew_and_tells_their_owner(letters: SealedColumns) -> None:
    ids = put(7)
    old = resealing.key_states()[0].id

    fresh = resealing.rotate("sm4-gcm", at=AT)
    seen: list[tuple[int, int]] = []
    done = resealing.reseal(lambda now, total: seen.append((now, total)), batch=3)

    assert done == 7
    assert seen == [(3, 7), (6, 7), (7, 7)]
    assert {key_of(a) for _, a, _ in rows()} == {fresh.id}
    assert [unseal(a, about=f"letter.a:{row}") for row, a, _ in rows()] == [
        f"A{n}" for n in range(7)
    ]
    assert letters_told[id(letters)] == sorted(ids)
    assert letters.sealed_under(old) == 0
    assert resealing.reseal() == 0, "again is without effect"


def test_a_change_that_was_cut_off_goes_on_where_it_stood(letters: SealedColumns) -> None:
    put(5)
    fresh = resealing.rotate("aes-256-gcm", at=AT)
    assert letters.reseal(fresh.id, most=2) == 2

    assert resealing.waiting() == 3
    assert resealing.reseal(batch=2) == 3
    assert resealing.waiting() == 0


def test_a_plain_row_from_before_is_sealed_and_an_empty_one_stays_empty(
    letters: SealedColumns,
) -> None:
    row = new_id()
    with connection.cursor() as cursor:
        cursor.execute("insert into letter values (%s, %s, %s)", [row, NAME, ""])

    assert resealing.reseal() == 1
    ((_, a, b),) = rows()
    assert unseal(a, about=f"letter.a:{row}") == NAME
    assert b == ""


def test_a_key_that_rows_need_is_not_retired(letters: SealedColumns) -> None:
    put(1)
    old = resealing.key_states()[0].id
    with pytest.raises(resealing.KeyStillNeeded, match="current"):
        resealing.retire(old, pause=lambda seconds: None)
    resealing.rotate("aes-256-gcm", at=AT)

    with pytest.raises(resealing.KeyStillNeeded, match="rows: 1"):
        resealing.retire(old, pause=lambda seconds: None)

    assert {key.id for key in resealing.key_states()} >= {old}


def test_a_retired_key_lies_aside_and_can_be_brought_back(letters: SealedColumns) -> None:
    put(1)
    ((_, before, _),) = rows()
    old = key_of(before)
    resealing.rotate("aes-256-gcm", at=AT)
    resealing.reseal()

    waited: list[float] = []
    aside = resealing.retire(old, pause=waited.append)

    assert waited == [resealing.SETTLE_SECONDS], "others may still write under the old key"
    assert aside.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FieldKeyMissing):
        unseal(before, about=f"letter.a:{rows()[0][0]}")
    resealing.reopen(old)
    assert unseal(before, about=f"letter.a:{rows()[0][0]}") == "A0"
    assert resealing.key_states()[0].id != old, "it does not become current"


@pytest.mark.parametrize("name", ["k00000000", "../../secret_key"])
def test_a_key_nobody_knows_is_not_brought_back(letters: SealedColumns, name: str) -> None:
    put(1)

    with pytest.raises(GuantongError, match="There is no field key"):
        resealing.reopen(name)


def test_a_lost_ring_is_not_made_anew_over_sealed_rows(letters: SealedColumns, ring: Path) -> None:
    put(1)
    ring.unlink()
    key_ring.forget()

    with pytest.raises(KeyRingLost, match="Put the file back from the backup of the keys"):
        seal(NAME, about=ABOUT)

    assert not ring.exists()


def test_what_is_missing_is_named(letters: SealedColumns, ring: Path) -> None:
    put(1)
    lost = key_of(rows()[0][1])
    other = key_ring.new_ring("aes-256-gcm", at=AT)
    key_ring.write(ring, other, key_ring.master())
    key_ring.forget()

    assert resealing.missing() == [lost]


def test_no_place_is_brought_twice(letters: SealedColumns) -> None:
    bring_sealed("letter", {"a": "letter.a:{id}", "b": "letter.b"})

    assert len(sealed_places()) == 1
