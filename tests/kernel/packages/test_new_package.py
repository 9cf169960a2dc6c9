"""A new package: small, sound from the first moment, and never written over anything."""

import threading
from pathlib import Path

import pytest

from guantong.base.errors import GuantongError
from guantong.orgs.api import lines, shipped_province
from guantong.packages import new_package
from guantong.packages.api import examine, make, read
from guantong.packages.errors import BadPackageId, CannotWrite, FolderTaken

STARTER = Path(str(new_package.__file__)).parent / new_package.STARTER
# How a file of each kind says what it is for, within its first lines.
COMMENTS = {
    ".yaml": "# ",
    ".sql": "-- ",
    ".bpmn": "<!-- ",
    ".dmn": "<!-- ",
    ".json": '"$comment": ',
}


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_files_a_new_package_is_made_of_are_a_sound_package_themselves() -> None:
    findings = examine(read(STARTER), province=shipped_province())

    # The legal basis is its makers' to name: that is what is left for them to do.
    left = [f"{f.path}:{f.line}: {f.sentence()}" for f in findings if f.code != "no-article"]
    assert left == []
    assert {f.level for f in findings} == {"warning"}


@pytest.mark.parametrize("line", ["area", *lines()])
def test_whoever_leads_a_new_package_has_no_error_and_no_warning_but_of_units(
    line: str, tmp_path: Path
) -> None:
    package = read(make("heat_watch", folder=tmp_path, lead=f"{line}@county"))

    findings = examine(package, province=shipped_province())

    # Where a line has no office of its own the next one answers: its makers are told. One that
    # has none in any county cannot lead there.
    told = {"meteorology": {"fallback"}, "communications": {"fallback", "no-unit"}}
    assert {f.code for f in findings} - {"no-article"} == told.get(line, set())


def test_id_titles_and_lead_stand_where_they_belong(tmp_path: Path) -> None:
    title = 'Heat "at\nwork": {hot}'

    made = make("heat_watch", folder=tmp_path, title_zh="高温", title_en=title, lead="health@city")

    app = read(made).one("app")
    assert app is not None
    assert app.data["id"] == "heat_watch"
    assert app.data["title"] == {"zh": "高温", "en": title}
    assert app.data["lead"] == "health@city"
    told = "\n".join(files(made).values())
    assert "starter" not in told
    assert "emergency" not in told
    assert "health@county" in files(made)["flows/look_after.bpmn"]


def test_without_titles_it_is_called_by_its_id(tmp_path: Path) -> None:
    app = read(make("heat_watch", folder=tmp_path)).one("app")

    assert app is not None
    assert app.data["title"] == {"zh": "heat_watch", "en": "Heat watch"}
    assert app.data["lead"] == "emergency@county"


@pytest.mark.parametrize("path", sorted(p for p in files(STARTER) if not p.endswith(".csv")))
def test_every_file_says_what_it_is_for(path: str) -> None:
    first = files(STARTER)[path].splitlines()[:2]

    comment = COMMENTS[Path(path).suffix]
    assert any(line.lstrip().startswith(comment) for line in first)


def test_it_is_small_enough_to_be_read() -> None:
    found = files(STARTER)
    drawn = found["flows/look_after.bpmn"].partition("<bpmndi:BPMNDiagram")[2]

    read_by_people = sum(text.count("\n") for text in found.values()) - drawn.count("\n")
    assert len(found) <= 20
    assert read_by_people < 400


@pytest.mark.parametrize(
    "id",
    ["", "Heat", "2heat", "heat-watch", "heat.watch", "../heat", "高温", "a" * 41, "flows", "a\n"],
)
def test_what_is_no_id_is_refused_with_the_rule(id: str, tmp_path: Path) -> None:
    with pytest.raises(BadPackageId, match="small letters, digits and '_', begins with a letter"):
        make(id, folder=tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_an_id_of_forty_letters_is_long_enough(tmp_path: Path) -> None:
    assert make("a" * 40, folder=tmp_path).is_dir()


@pytest.mark.parametrize(
    ("lead", "sentence"),
    [("watr@county", "nearest: water"), ("water@conty", "county"), ("water", "water")],
)
def test_a_lead_nobody_knows_is_refused_before_anything_is_written(
    lead: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(GuantongError, match=sentence):
        make("heat_watch", folder=tmp_path, lead=lead)

    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_never_written_over(tmp_path: Path) -> None:
    full, empty, file = tmp_path / "full", tmp_path / "empty", tmp_path / "file"
    make("full", folder=tmp_path)
    (full / "app.yaml").write_text("mine\n")
    empty.mkdir()
    file.write_text("mine\n")
    (tmp_path / "link").symlink_to("nowhere")

    for id in ("full", "empty", "file", "link"):
        with pytest.raises(FolderTaken, match=f"{id} is there already, and nothing is ever"):
            make(id, folder=tmp_path)

    assert (full / "app.yaml").read_text() == file.read_text() == "mine\n"
    assert list(empty.iterdir()) == []
    assert (tmp_path / "link").readlink() == Path("nowhere")
    assert {p.name for p in tmp_path.iterdir()} == {"full", "empty", "file", "link"}


def test_of_two_who_make_the_same_package_at_once_one_is_refused(tmp_path: Path) -> None:
    ready, refused = threading.Barrier(4), []

    def one() -> None:
        ready.wait(10)
        try:
            make("heat_watch", folder=tmp_path)
        except FolderTaken as refusal:
            refused.append(refusal)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(refused) == 3
    assert files(tmp_path / "heat_watch").keys() == files(STARTER).keys()
    assert [p.name for p in tmp_path.iterdir()] == ["heat_watch"]


def test_a_folder_that_is_not_there_or_takes_nothing_is_refused_with_the_reason(
    tmp_path: Path,
) -> None:
    with pytest.raises(CannotWrite, match=r"nowhere cannot be written into \(there is no such"):
        make("heat_watch", folder=tmp_path / "nowhere")
    # No account may make a folder here, the administrator's neither.
    with pytest.raises(CannotWrite, match=r"/proc cannot be written into \(writing there is not"):
        make("heat_watch", folder=Path("/proc"))
