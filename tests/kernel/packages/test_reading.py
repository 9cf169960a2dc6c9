"""A folder is read whole: what is wrong inside it is a finding, only the path can be refused."""

from pathlib import Path

import pytest

from guantong.packages.api import CannotRead, Package, read

WORDS = "value.none: none\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "river_watch"
    (made / "messages").mkdir(parents=True)
    (made / "app.yaml").write_text("id: river_watch\n")
    (made / "messages" / "en.yaml").write_text(WORDS)
    return made


def strays(package: Package) -> dict[str, str]:
    return {finding.path: finding.code for finding in package.strays}


def test_a_folder_that_is_not_there_is_refused_with_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match=r"there is no such folder.*Name the folder"):
        read(tmp_path / "nowhere")


def test_an_empty_folder_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="holds no files"):
        read(tmp_path)


def test_the_refusal_speaks_chinese_too(tmp_path: Path) -> None:
    with pytest.raises(CannotRead) as refused:
        read(tmp_path / "nowhere")

    assert "没有这个文件夹" in refused.value.sentence("zh-CN")


def test_files_of_no_kind_are_left_unread_and_told(folder: Path) -> None:
    (folder / "signal").mkdir()
    (folder / "signal" / "flood.yaml").write_text("id: x\n")
    (folder / "hooks.py").write_text("import os\n")
    (folder / "codes").mkdir()
    (folder / "codes" / "safe.yaml").write_text("id: x\n")

    package = read(folder)

    assert strays(package) == {
        "signal/flood.yaml": "unknown-file",
        "hooks.py": "not-yet",
        "codes/safe.yaml": "not-yet",
    }
    assert set(package.documents) == {"app.yaml", "messages/en.yaml"}
    assert "signals/*.yaml" in package.strays[-1].sentence()


def test_a_link_out_of_the_package_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("password: x\n")
    (folder / "signals").symlink_to(tmp_path)
    (folder / "replay.yaml").symlink_to(tmp_path / "secret.yaml")

    package = read(folder)

    assert strays(package) == {"signals": "not-a-file", "replay.yaml": "not-a-file"}


def test_a_file_larger_than_a_declaration_can_be_is_left_unread(folder: Path) -> None:
    (folder / "samples").mkdir()
    (folder / "samples" / "x.csv").write_bytes(b"0" * 2_000_001)

    assert strays(read(folder)) == {"samples/x.csv": "too-large"}


def test_hidden_files_are_passed_over(folder: Path) -> None:
    (folder / ".editor.swp").write_text("x")

    assert strays(read(folder)) == {}


def test_the_digest_changes_with_any_byte_and_with_any_name(folder: Path) -> None:
    before = read(folder).digest
    again = read(folder).digest
    (folder / "app.yaml").write_text("id: river_watch \n")
    changed = read(folder).digest
    (folder / "app.yaml").write_text("id: river_watch\n")
    (folder / "messages" / "en.yaml").rename(folder / "messages" / "zh-CN.yaml")
    renamed = read(folder).digest

    assert before == again
    assert len({before, changed, renamed}) == 3


def test_words_are_said_with_their_places_and_an_unknown_key_as_it_is(folder: Path) -> None:
    (folder / "messages" / "en.yaml").write_text('matter.flood: "River {name}"\n')

    package = read(folder)

    assert package.say("matter.flood", "en", name="Ou") == "River Ou"
    assert package.say("matter.flood", "zh-CN", name="Ou") == "matter.flood"


def test_a_package_with_one_file_changed_leaves_the_other_as_it_was(folder: Path) -> None:
    package = read(folder)

    without = package.changed("app.yaml", None)

    assert without.one("app") is None
    assert without.id == "river_watch"
    assert package.one("app") is not None
