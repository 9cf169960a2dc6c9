"""A package becomes one file: the same files, the same bytes; a stranger's zip tool reads it."""

from pathlib import Path

import pytest
from tests.kernel.packages.archive.package_file import FACTS, FILES, file_of, key, members, zipped

from guantong.packages import api as packages
from guantong.packages.api import ArchiveRefused
from guantong.packages.archive import container, pack

ROOT = Path(__file__).parents[4]


def test_the_same_files_and_key_give_the_same_bytes_whatever_their_order() -> None:
    signer = key()
    turned = dict(reversed(list(FILES.items())))

    assert file_of(FILES, signer) == file_of(turned, signer)
    assert file_of(FILES) == file_of(turned)


@pytest.mark.parametrize("algorithm", ["ed25519", "sm2"])
def test_what_was_packed_and_signed_opens_with_its_files_and_signer(algorithm: str) -> None:
    signer = key("浙江应急", algorithm)

    archive = packages.open_archive(file_of(FILES, signer))

    assert archive.files == FILES
    assert (archive.id, archive.version) == ("river_watch", "0.1.0")
    assert archive.signature is not None
    assert archive.signature.signer == "浙江应急"
    assert archive.signature.public == signer.public


def test_other_tools_read_the_file_as_a_folder_named_like_the_package() -> None:
    found = members(file_of())

    assert list(found) == ["MANIFEST.json", "river_watch/app.yaml", "river_watch/messages/en.yaml"]
    assert found["river_watch/app.yaml"] == FILES["app.yaml"]


def test_a_shipped_package_is_packed_and_comes_out_as_it_was(tmp_path: Path) -> None:
    folder = next(ROOT.glob("apps/*/app.yaml")).parent
    package = packages.read(folder)

    archive = packages.open_archive(packages.packed(package, key()))
    again = packages.read(packages.unpack(archive, tmp_path))

    assert again.digest == package.digest == archive.digest
    assert packages.packed(again) == packages.packed(package)


def test_a_folder_with_a_file_of_no_kind_is_not_packed(tmp_path: Path) -> None:
    folder = tmp_path / "river_watch"
    folder.mkdir()
    (folder / "app.yaml").write_bytes(FILES["app.yaml"])
    (folder / "hooks.py").write_text("import os\n")

    with pytest.raises(ArchiveRefused, match="holds files of no kind"):
        packages.packed(packages.read(folder))


def test_the_private_folder_of_a_file_is_gone_after_the_look() -> None:
    archive = packages.open_archive(file_of())

    with packages.unpacked(archive) as package:
        parent = package.folder.parent
        rights = {p.stat().st_mode & 0o077 for p in parent.rglob("*")}

    assert package.id == "river_watch"
    assert rights == {0}
    assert not parent.exists()


def test_a_zip_of_another_tool_with_the_same_members_is_not_taken() -> None:
    # One form only: else a second reader could find something else in the same file.
    with pytest.raises(ArchiveRefused, match="not one as `guantong apps pack` writes it"):
        packages.open_archive(zipped(members(file_of())))


def test_more_files_than_a_package_may_hold_are_not_packed() -> None:
    many = {**FILES, **{f"samples/{n}.csv": b"" for n in range(container.MOST_MEMBERS)}}

    with pytest.raises(ArchiveRefused, match="at most"):
        pack.of_files(many, **FACTS)
