"""A county publishes an application, a province receives it: the command line, as people use it.

A new key → packed → looked at → a changed byte refused → who must approve an unknown signer →
trusted by the administrator → an older version refused → the key withdrawn.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journeys.begun import as_upgraded
from tests.journeys.installation import ROOT, Answer, Installation, installation

pytestmark = [pytest.mark.province, pytest.mark.xdist_group("commands")]

FOLDER = next(ROOT.glob("apps/*/app.yaml")).parent


@pytest.fixture(scope="module")
def province() -> Iterator[Installation]:
    with installation() as made:
        as_upgraded(made)
        yield made


@pytest.fixture(scope="module")
def county() -> Iterator[Installation]:
    """Another machine, on which no store was ever made."""
    with installation() as made:
        yield made


def refused(answer: Answer) -> str:
    """Return the one sentence of a refusal."""
    assert answer.code == 2, answer
    assert answer.out == ""
    assert answer.err.count("\n") == 1, answer
    assert "Traceback" not in answer.err
    return answer.err.strip()


def version_of(folder: Path, version: str) -> Path:
    """Return a copy of the shipped application with another version."""
    copy = Path(shutil.copytree(FOLDER, folder / version / FOLDER.name))
    app = (copy / "app.yaml").read_text("utf-8")
    here = next(line for line in app.splitlines() if line.startswith("version:"))
    (copy / "app.yaml").write_text(app.replace(here, f"version: {version}"), "utf-8")
    return copy


def test_a_package_goes_from_a_county_to_the_province(
    county: Installation, province: Installation, tmp_path: Path
) -> None:
    # The county makes its key and packs.
    made = county.run("apps", "publisher", "new", "Taizhou Emergency")
    public = tmp_path / "taizhou.pub"
    public.write_text(made.out)
    packed = tmp_path / "new.gtpkg"
    newer = version_of(tmp_path, "0.9.1")
    written = county.run("apps", "pack", newer, "--out", packed, "--signer", "Taizhou Emergency")
    again = tmp_path / "again.gtpkg"
    county.run("apps", "pack", newer, "--out", again, "--signer", "Taizhou Emergency")
    print_of = made.err.split("Fingerprint: ")[1].strip()

    assert made.code == written.code == 0, (made, written)
    assert packed.read_bytes() == again.read_bytes()
    assert f"key {print_of}" in written.out

    # The province does not know the county yet.
    unknown = province.run("apps", "inspect", packed)
    assert unknown.code == 1
    assert "Verdict: needs the approval of a named person." in unknown.out
    assert f"(key {print_of})" in unknown.out
    assert "who administers the platform must look at it and approve it" in unknown.out
    assert "Personal fields: " in unknown.out

    # A changed byte.
    altered = tmp_path / "altered.gtpkg"
    content = bytearray(packed.read_bytes())
    content[content.index(b"version: 0.9.1") + 9] ^= 1
    altered.write_bytes(bytes(content))
    assert "damaged" in refused(province.run("apps", "inspect", altered))

    # Trusted by the administrator, and by nobody less.
    officer = province.run("apps", "publisher", "trust", public, "--by", "wenling")
    nobody = province.run("apps", "publisher", "trust", public, "--by", "nobody-of-that-name")
    trusted = province.run("apps", "publisher", "trust", public, "--by", "admin")
    listed = province.run("apps", "publisher", "list")
    assert "only who administers the platform" in refused(officer)
    assert "nobody signs in as 'nobody-of-that-name'" in refused(nobody)
    assert trusted.code == listed.code == 0, (trusted, listed)
    assert print_of in listed.out

    known = province.run("apps", "inspect", packed, "--json")
    assert known.code == 0, known
    assert known.last["verdict"] == "may_install"
    assert known.last["signer"] == "Taizhou Emergency"
    assert known.last["reasons"] == []

    # Older than what is installed.
    older = tmp_path / "old.gtpkg"
    county.run(
        "apps", "pack", version_of(tmp_path, "0.0.1"), "--out", older,
        "--signer", "Taizhou Emergency",
    )  # fmt: skip
    back = province.run("apps", "inspect", older)
    assert back.code == 2
    assert "an older version would bring back what was mended since" in back.out

    # The key is withdrawn: what it signed counts no longer.
    gone = province.run(
        "apps", "publisher", "withdraw", "Taizhou Emergency", "--by", "admin", "--why", "stolen"
    )
    after = province.run("apps", "inspect", packed, GUANTONG_LANGUAGE="zh-CN")
    assert gone.code == 0, gone
    assert after.code == 2
    assert "结论：拒绝。" in after.out
    assert "撤回" in after.out
    assert province.run("check", "audit").code == 0


def test_an_unsigned_package_and_a_folder_are_looked_at_without_a_store(
    county: Installation, tmp_path: Path
) -> None:
    packed = tmp_path / "x.gtpkg"
    county.run("apps", "pack", FOLDER, "--out", packed)

    file = county.run("apps", "inspect", packed)
    folder = county.run("apps", "inspect", FOLDER, "--json")

    assert file.code == 1
    assert "Not signed." in file.out
    assert "nobody answers for it" in file.out
    assert folder.code == 0
    assert folder.last["kind"] == "folder"
    assert folder.last["errors"] == 0


def test_what_cannot_be_packed_or_looked_at_is_refused_in_one_sentence(
    county: Installation, tmp_path: Path
) -> None:
    wrong = version_of(tmp_path, "0.9.1")
    (wrong / "hooks.py").write_text("import os\n")
    file = tmp_path / "x.gtpkg"
    file.write_bytes(b"no package at all, only some words that stand in a file")
    key = tmp_path / "open.key"
    county.run("apps", "publisher", "new", "Open", "--out", key)
    key.chmod(0o644)

    assert "1 errors" in refused(county.run("apps", "pack", wrong))
    assert "it is no package file" in refused(county.run("apps", "inspect", file))
    assert "cannot be read" in refused(county.run("apps", "inspect", tmp_path / "nowhere"))
    assert "others on this machine can read" in refused(
        county.run("apps", "pack", FOLDER, "--key", key, "--out", tmp_path / "y.gtpkg")
    )
    assert "cannot be read" in refused(county.run("apps", "pack", FOLDER, "--signer", "Nobody"))
    assert "not both" in refused(
        county.run("apps", "pack", FOLDER, "--signer", "Nobody", "--key", key)
    )
    assert "ed25519, sm2" in refused(
        county.run("apps", "publisher", "new", "X", "--algorithm", "rsa")
    )
    assert "There is no installation" in refused(county.run("apps", "publisher", "list"))
    assert not (tmp_path / "y.gtpkg").exists()


def test_a_key_of_the_national_kind_signs_as_well(county: Installation, tmp_path: Path) -> None:
    made = county.run("apps", "publisher", "new", "国密发布者", "--algorithm", "sm2")
    packed = tmp_path / "x.gtpkg"

    written = county.run("apps", "pack", FOLDER, "--out", packed, "--signer", "国密发布者")
    looked = county.run("apps", "inspect", packed, "--json")

    assert made.code == written.code == 0, (made, written)
    assert made.out.startswith("sm2 ")
    assert looked.last["algorithm"] == "sm2"
    assert json.loads(looked.out)["reasons"][0]["code"] == "unknown-signer"
