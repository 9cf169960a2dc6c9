"""Files that import files: found by namespace, named by who imports, handed in by the caller."""

import pytest
from tests.kernel.dmn.sample import (
    allowed,
    decision,
    document,
    invocation,
    item,
    knowledge,
    literal,
    service,
)

from guantong.dmn.api import (
    DmnImport,
    DmnReference,
    DmnUnreadable,
    DmnUnsupported,
    Import,
    Model,
    read,
)

BASE = document(
    item("tForce", allowed("[0..12]"), type="number"),
    decision("wind force", literal("speed / 3"), "input:speed", type="tForce"),
    knowledge("twice", literal("n * 2"), "n"),
    knowledge("say hello", literal('"hello, " + name'), "name"),
    service("calm", ["wind force"], ["input:speed"]),
    inputs=["speed:number"],
    own="urn:base",
)


def imports(name: str, namespace: str = "urn:base", **more: str) -> str:
    told = "".join(f' {key}="{value}"' for key, value in more.items())
    return f'<import namespace="{namespace}" name="{name}"{told}/>'


def opened(*parts: str, files: dict[str, bytes] | None = None, **options: object) -> Model:
    known = {"urn:base": BASE} if files is None else files
    return read(document(*parts, **options), lambda wanted: known.get(wanted.namespace))  # type: ignore[arg-type]


def test_what_another_file_decides_is_read_behind_its_name() -> None:
    asked = opened(
        imports("base file"),
        decision("d", literal("base file.wind force + 1"), "decision:urn:base#id_wind force"),
    ).decision("d")

    assert asked.inputs == ("speed",)
    assert asked.decide({"speed": 9}).value == 4
    assert asked.decide({"{urn:base}speed": 9}).value == 4


def test_its_knowledge_services_and_types_are_used_behind_its_name() -> None:
    wanted = ("knowledge:urn:base#id_twice", "knowledge:urn:base#id_calm")
    model = opened(
        imports("base"),
        decision("d", literal("base.twice(base.calm(9))"), *wanted),
        decision("e", literal("99"), type="base.tForce"),
    )

    assert model.decide("d", {}).value == 6
    assert model.decide("e", {}).fault is not None


def test_its_knowledge_is_called_by_a_name_with_spaces_and_invoked_in_a_box() -> None:
    model = opened(
        imports("base file"),
        decision("d", literal('base file.say hello("A")'), "knowledge:urn:base#id_say hello"),
        decision("e", invocation("base file.twice", n="3"), "knowledge:urn:base#id_twice"),
    )

    assert model.decide("d", {}).value == "hello, A"
    assert model.decide("e", {}).value == 6


def test_an_import_without_a_name_stands_among_the_files_own() -> None:
    model = opened(
        imports(""),
        decision("d", literal("wind force"), "decision:urn:base#id_wind force", type="tForce"),
    )

    assert model.decide("d", {"speed": 9}).value == 3


def test_two_files_may_import_one_and_it_is_worked_out_once() -> None:
    left = document(
        imports("b"), decision("l", literal("b.wind force"), "decision:urn:base#id_wind force"),
        own="urn:left",
    )  # fmt: skip
    asked = opened(
        imports("left", "urn:left"),
        imports("base"),
        decision(
            "d", literal("left.l + base.wind force"),
            "decision:urn:left#id_l", "decision:urn:base#id_wind force",
        ),
        files={"urn:base": BASE, "urn:left": left},
    ).decision("d")  # fmt: skip

    assert asked.decide({"speed": 9}).value == 6
    assert [each.name for each in asked.before] == ["wind force", "l"]


def test_inputs_of_one_name_in_two_files_are_told_apart_by_the_namespace() -> None:
    asked = opened(
        imports("base"),
        decision(
            "d", literal("speed + base.wind force"),
            "input:speed", "decision:urn:base#id_wind force",
        ),
        inputs=["speed:number"],
    ).decision("d")  # fmt: skip

    assert asked.decide({"speed": 1, "{urn:base}speed": 9}).value == 4


def test_the_caller_is_asked_by_namespace_name_and_place() -> None:
    asked: list[Import] = []

    with pytest.raises(DmnImport):
        read(document(imports("b", locationURI="base.dmn")), lambda wanted: asked.append(wanted))

    assert asked == [Import("urn:base", "b", "base.dmn")]


@pytest.mark.parametrize("files", [{}, {"urn:base": document(own="urn:other")}])
def test_a_file_that_is_not_at_hand_is_asked_for(files: dict[str, bytes]) -> None:
    with pytest.raises(DmnImport, match="'urn:base'") as refusal:
        opened(imports("b"), files=files)
    assert "提供" in refusal.value.sentence("zh-CN")


def test_without_a_caller_who_knows_files_an_import_is_refused() -> None:
    with pytest.raises(DmnImport, match="Put that file beside this one"):
        read(document(imports("b")))


def test_files_that_import_one_another_are_refused() -> None:
    circle = document(imports("me", "urn:test"), own="urn:base")

    with pytest.raises(DmnImport, match="leads back to itself"):
        opened(imports("b"), files={"urn:base": circle})


def test_what_is_no_dmn_file_is_not_imported() -> None:
    with pytest.raises(DmnUnsupported, match="XMLSchema"):
        opened(imports("b", importType="http://www.w3.org/2001/XMLSchema"))


def test_two_imports_of_one_name_and_what_no_file_holds_are_refused() -> None:
    with pytest.raises(DmnUnreadable, match="'b' twice"):
        opened(imports("b"), imports("b"))
    with pytest.raises(DmnReference, match="urn:base#id_lost"):
        opened(imports("b"), decision("d", literal("1"), "decision:urn:base#id_lost"))
