"""A publisher's key pair: who can read the private half, and what is no key."""

from pathlib import Path

import pytest

from guantong.base.signing import ALGORITHMS
from guantong.packages.api import KeyRefused, new_key, read_key, read_public, write_key


@pytest.fixture
def private(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "taizhou.key"
    write_key(path, new_key("Taizhou 台州", "ed25519"))
    return path


def refusal(path: Path, *, public: bool = False) -> str:
    with pytest.raises(KeyRefused) as caught:
        read_public(path) if public else read_key(path)
    assert caught.value.sentence("zh-CN") != caught.value.sentence()
    return caught.value.sentence()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_that_was_written_is_read_again(tmp_path: Path, algorithm: str) -> None:
    key = new_key("Taizhou", algorithm)
    write_key(tmp_path / "a.key", key)
    (tmp_path / "a.pub").write_text(key.to_hand_out.line)

    assert read_key(tmp_path / "a.key") == key
    assert read_public(tmp_path / "a.pub") == key.to_hand_out


def test_only_its_owner_can_read_a_private_key(private: Path) -> None:
    assert private.stat().st_mode & 0o777 == 0o600
    assert private.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o620])
def test_a_key_that_others_may_read_or_write_is_refused(private: Path, rights: int) -> None:
    private.chmod(rights)

    assert "others on this machine can read" in refusal(private)


def test_a_key_is_never_written_over_another(private: Path) -> None:
    before = private.read_bytes()

    with pytest.raises(KeyRefused, match="is there already"):
        write_key(private, new_key("Taizhou", "sm2"))

    assert private.read_bytes() == before


def test_a_private_file_handed_over_as_the_public_one_is_noticed(private: Path) -> None:
    # Of Ed25519 both halves have 32 bytes: the file says which it is by nothing but its rights.
    write_key(private.with_name("b.key"), new_key("Taizhou", "sm2"))

    assert "never for the private file" in refusal(private.with_name("b.key"), public=True)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "ed25519 !!! x", "ed25519 QUJD x", "rsa QUJD x", "sm2 QUJD x", "a b"]
)
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.key"
    path.touch(mode=0o600)
    path.write_text(text)

    assert "holds no key" in refusal(path)
    assert refusal(path, public=True)


def test_a_key_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "nowhere.key")


@pytest.mark.parametrize(
    "name", ["", " x", "x ", "a\nb", "a\u202eb", "x" * 61, "<b>", "a/b", "..", "-"]
)
def test_a_name_that_could_deceive_is_refused(name: str) -> None:
    with pytest.raises(KeyRefused, match="is no name for a publisher"):
        new_key(name, "ed25519")


def test_an_unknown_algorithm_is_refused_with_those_there_are() -> None:
    with pytest.raises(KeyRefused, match="ed25519, sm2"):
        new_key("Taizhou", "rsa")


def test_a_private_key_does_not_show_itself() -> None:
    key = new_key("Taizhou", "ed25519")

    assert repr(key) == "PrivateKey('Taizhou', ed25519)"
