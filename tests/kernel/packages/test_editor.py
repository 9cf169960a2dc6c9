"""The schemas as an editor takes them: one for each kind, closed, with ids that stay."""

import json
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from guantong.packages import new_package
from guantong.packages.api import publish
from guantong.packages.editor import schemas
from guantong.packages.errors import CannotWrite, SettingsTaken
from guantong.packages.kinds.known import KINDS

STARTER = Path(str(new_package.__file__)).parent / new_package.STARTER


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".vscode"


def patterns(folder: Path) -> list[tuple[str, str]]:
    """Return each pattern of the settings with the schema that it leads to."""
    settings = json.loads((folder / "settings.json").read_text("utf-8"))
    found = [(p, url) for url, ps in settings["yaml.schemas"].items() for p in ps]
    return found + [(p, e["url"]) for e in settings["json.schemas"] for p in e["fileMatch"]]


def test_every_kind_of_yaml_and_json_has_a_schema_with_an_id_that_stays(folder: Path) -> None:
    publish(folder)

    for kind in KINDS:
        path = folder / f"{kind.name}.schema.json"
        assert path.exists() == (kind.schema is not None)
        if path.exists():
            schema = json.loads(path.read_text("utf-8"))
            Draft202012Validator.check_schema(schema)
            assert schema["$id"] == f"https://guantong.example/schemas/{kind.name}.schema.json"
    assert len({schema["$id"] for schema in schemas().values()}) == len(schemas()) >= 15


def test_the_settings_lead_each_file_of_a_package_to_the_schema_that_it_keeps(folder: Path) -> None:
    publish(folder)

    asked = 0
    for path in STARTER.rglob("*.*"):
        urls = {url for pattern, url in patterns(folder) if fnmatch(path.as_posix(), pattern)}
        if path.suffix in (".yaml", ".json"):
            (url,) = urls
            schema = json.loads((folder.parent / url).read_text("utf-8"))
            Draft202012Validator(schema).validate(yaml.safe_load(_without_on(path)))
            asked += 1
        else:
            assert urls == set()
    assert asked >= 14


def _without_on(path: Path) -> str:
    """Return a file so that a reader of YAML 1.1, too, reads ``on``, ``yes`` and days as texts."""
    text = path.read_text("utf-8")
    for word in ("on", "yes", "no"):
        text = text.replace(f"\n{word}: ", f'\n"{word}": ').replace(f": {word}\n", f': "{word}"\n')
    return text


def test_json_is_named_to_the_editor_of_json_and_yaml_to_that_of_yaml(folder: Path) -> None:
    publish(folder)

    settings = json.loads((folder / "settings.json").read_text("utf-8"))
    forms = {"fileMatch": ["**/forms/*.json"], "url": "./.vscode/forms.schema.json"}
    assert settings["json.schemas"] == [forms]
    assert not [url for url in settings["yaml.schemas"] if "forms" in url]
    assert len(settings["yaml.schemas"]) == len(schemas()) - 1


def test_publishing_again_renews_what_it_wrote_and_nothing_else(folder: Path) -> None:
    publish(folder)
    (folder / "app.schema.json").write_text("{}")
    (folder / "launch.json").write_text("mine")

    publish(folder)

    assert json.loads((folder / "app.schema.json").read_text("utf-8"))["title"] == "app"
    assert (folder / "launch.json").read_text() == "mine"


@pytest.mark.parametrize("mine", ['{"editor.fontSize": 12, "yaml.schemas": {}}', "// a remark\n{}"])
def test_settings_of_ones_own_are_left_alone(folder: Path, mine: str) -> None:
    folder.mkdir()
    (folder / "settings.json").write_text(mine)

    with pytest.raises(SettingsTaken, match="holds settings of your own"):
        publish(folder)

    assert [p.name for p in folder.iterdir()] == ["settings.json"]
    assert (folder / "settings.json").read_text() == mine


def test_outside_the_folder_that_is_open_the_schemas_are_named_whole(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    publish(elsewhere)

    assert all(url.startswith(elsewhere.as_uri()) for _, url in patterns(elsewhere))


def test_a_folder_that_takes_nothing_is_refused(folder: Path) -> None:
    with pytest.raises(CannotWrite, match="writing there is not allowed"):
        publish(Path("/proc/nowhere"))
