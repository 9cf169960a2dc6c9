"""What the documents say is there is there, and what is there has its place in the documents."""

import ast
import re
import shlex
from collections.abc import Iterable, Iterator
from itertools import dropwhile
from pathlib import Path

import click
import pytest
from tools import layer_table

from guantong.main.cli import guantong

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "src/guantong"
OPERATING = ROOT / "docs/operating"
COMMANDS = OPERATING / "commands.md"
EVENTS = ROOT / "docs/kernel/events.md"
UNHEARD = "Facts nobody hears yet"
READMES = ("README.md", "README.zh-CN.md")
SETTING = re.compile(r"GUANTONG_[A-Z_]+|DATABASE_URL")


def commands(group: click.Group, path: str = "guantong") -> Iterator[tuple[str, click.Command]]:
    """Yield every command by the words one types, groups included."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def options(command: click.Command) -> set[str]:
    """Return the options of a command, but for the help every command has."""
    return {word for p in command.params if isinstance(p, click.Option) for word in p.opts}


def sections(text: str) -> dict[str, str]:
    """Return the text under each heading; signs of code in a heading do not count."""
    parts = re.split(r"^#+ +(.+)$", text, flags=re.MULTILINE)
    return {head.replace("`", "").strip(): body for head, body in zip(parts[1::2], parts[2::2])}  # noqa: B905


def undocumented(known: Iterable[tuple[str, click.Command]], text: str) -> list[str]:
    """Return the commands without a heading, and the options their section does not name."""
    found = sections(text)
    faults = []
    for path, command in known:
        if path not in found:
            faults.append(path)
            continue
        faults += [f"{path} {o}" for o in sorted(options(command)) if f"`{o}" not in found[path]]
    return faults


def stale_headings(known: Iterable[str], text: str) -> list[str]:
    """Return the headings of commands that are not there."""
    return sorted(h for h in sections(text) if h.startswith("guantong ") and h not in set(known))


def settings_read(source: str) -> set[str]:
    """Return the names of settings that stand in a module as whole texts: those it reads."""
    texts = (n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant))
    return {text for text in texts if isinstance(text, str) and SETTING.fullmatch(text)}


def settings_told(text: str) -> set[str]:
    """Return the settings that have a row of their own in a table."""
    return set(re.findall(rf"^\| `({SETTING.pattern})` \|", text, flags=re.MULTILINE))


def classes(source: str) -> set[str]:
    """Return the names of the classes of a module."""
    return {n.name for n in ast.parse(source).body if isinstance(n, ast.ClassDef)}


def subscribed(source: str) -> set[str]:
    """Return the facts that somebody is joined to."""
    calls = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call))
    return {
        call.args[0].id
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "subscribe"
        and isinstance(call.args[0], ast.Name)
    }


def rows(section: str) -> set[str]:
    """Return the names in the first column of a section's table."""
    return set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE))


def typed(text: str) -> list[list[str]]:
    """Return what a page tells people to type: ``make …`` and ``guantong …``, in words."""
    # A file that stands whole in a page is nothing to type.
    text = re.sub(r"^```\w+ title=.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = re.findall(r"^ {4}(\S.*)$", text, flags=re.MULTILINE)
    lines += re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    lines += re.findall(r"`([^`\n]+)`", text)
    whole = [line.strip() for block in lines for line in block.splitlines()]
    words = [shlex.split(line, comments=True) for line in whole if "'" not in line]
    # Settings may stand before a command: GUANTONG_HOME=/var/lib/guantong guantong up.
    words = [list(dropwhile(lambda word: "=" in word, given)) for given in words]
    return [
        [Path(given[0]).name, *given[1:]]
        for given in words
        if given and Path(given[0]).name in {"make", "guantong"}
    ]


def impossible(given: list[str], targets: set[str], group: click.Group) -> str | None:
    """Return what of a typed line does not exist; None when all of it does."""
    if given[0] == "make":
        wrong = [word for word in given[1:] if "=" not in word and word not in targets]
        return f"make {wrong[0]}" if wrong else None
    command: click.Command = group
    # [--keep N] says that one may leave it out, FILE... that one may give several.
    given = [stripped for word in given if (stripped := word.strip("[].")) and word != "…"]
    for number, word in enumerate(given[1:], start=1):
        if isinstance(command, click.Group) and word.isupper() and word.isascii():
            return None  # PACKAGE: what it stands for says which options there are
        if isinstance(command, click.Group) and not word.startswith("-"):
            inner = command.get_command(click.Context(command), word)
            if inner is None:
                return " ".join(given[: number + 1])
            command = inner
        elif word.startswith("-") and word not in options(command) | {"--help", "-h"}:
            return f"{' '.join(given[:number])} {word}"
    return None


def make_targets(text: str) -> set[str]:
    """Return the targets of a Makefile that people may call."""
    return set(re.findall(r"^([a-z][\w-]*):", text, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def known() -> dict[str, click.Command]:
    return dict(commands(_group()))


def _group() -> click.Group:
    assert isinstance(guantong, click.Group)
    return guantong


def test_every_command_and_option_is_in_the_operators_manual(
    known: dict[str, click.Command],
) -> None:
    text = COMMANDS.read_text("utf-8")

    assert len(known) >= 7
    assert undocumented(known.items(), text) == []
    assert stale_headings(known, text) == []


def test_every_setting_that_is_read_is_in_the_operators_manual_and_no_other() -> None:
    read = set().union(*(settings_read(p.read_text("utf-8")) for p in KERNEL.rglob("*.py")))

    assert len(read) >= 8
    assert settings_told((OPERATING / "running.md").read_text("utf-8")) == read


def test_every_fact_is_heard_or_named_as_heard_by_nobody() -> None:
    published = set().union(*(classes(p.read_text("utf-8")) for p in KERNEL.glob("*/events.py")))
    heard = subscribed((KERNEL / "main/wiring.py").read_text("utf-8"))
    told = sections(EVENTS.read_text("utf-8"))

    assert heard
    assert rows(told[UNHEARD]) == published - heard
    assert rows(told["Facts and who hears them"]) == heard


@pytest.mark.parametrize("readme", READMES)
def test_what_the_readme_tells_people_to_type_exists(readme: str) -> None:
    lines = typed((ROOT / readme).read_text("utf-8"))
    targets = make_targets((ROOT / "Makefile").read_text("utf-8"))

    assert ["make", "up"] in lines
    assert any(line[0] == "guantong" for line in lines)
    assert [fault for line in lines if (fault := impossible(line, targets, _group()))] == []


# A table cell may begin with a command and go on in words: only what the pages name in full counts.
PAGES = sorted(
    p.relative_to(ROOT)
    for folder in ("docs/operating", "docs/kernel", "docs/packages")
    for p in ROOT.glob(f"{folder}/*.md")
)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_what_a_page_tells_people_to_type_exists(page: Path) -> None:
    lines = typed((ROOT / page).read_text("utf-8"))
    targets = make_targets((ROOT / "Makefile").read_text("utf-8"))

    assert [fault for line in lines if (fault := impossible(line, targets, _group()))] == []


def test_what_sentences_of_the_platform_tell_people_to_type_exists() -> None:
    texts = [p.read_text("utf-8") for p in KERNEL.glob("*/messages/*.yaml")]
    lines = [line for text in texts for line in typed(text) if "{" not in " ".join(line[:2])]
    targets = make_targets((ROOT / "Makefile").read_text("utf-8"))

    assert len(lines) > 20
    assert [fault for line in lines if (fault := impossible(line, targets, _group()))] == []


def units_told(text: str) -> set[str]:
    """Return the units of systemd that a page tells people to start, stop or look at."""
    lines = re.findall(r"systemctl [a-z-]+(?: --now)?((?: guantong[\w@.-]*)+)", text)
    return {
        name if "." in name else f"{name}.service"
        for line in lines
        for name in re.sub(r"@\w+", "@", line).rstrip(".").split()
    }


def test_every_unit_a_page_tells_people_to_start_is_there() -> None:
    told = set().union(*(units_told(p.read_text("utf-8")) for p in OPERATING.glob("*.md")))

    assert len(told) >= 3
    assert told <= {p.name for p in (ROOT / "deploy/systemd").iterdir()}
    assert units_told("`systemctl enable --now guantong-x@2 guantong.timer`.") == {
        "guantong-x@.service", "guantong.timer",
    }  # fmt: skip


def test_the_architecture_page_shows_the_layers_as_they_are() -> None:
    page = (ROOT / layer_table.PAGE).read_text("utf-8")

    assert layer_table.with_table(page, layer_table.table(ROOT)) == page, (
        "Run: python tools/layer_table.py"
    )


def test_every_file_the_architecture_page_names_is_there() -> None:
    page = (ROOT / layer_table.PAGE).read_text("utf-8")
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", page))

    assert len(named) > 15
    assert [n for n in named if not (KERNEL / n).is_file() and not (ROOT / n).is_file()] == []


def test_every_link_between_documents_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    links = [
        (page, target.partition("#")[0])
        for page in pages
        for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", page.read_text("utf-8"))
        if "://" not in target and not target.startswith("#")
    ]

    assert len(links) > 10
    assert [(p.name, t) for p, t in links if not (p.parent / t).exists()] == []


@click.group()
def planted() -> None: ...


@planted.command()
@click.option("--fast", is_flag=True)
def run(fast: bool) -> None: ...


def test_a_command_and_an_option_without_documentation_are_found() -> None:
    assert undocumented(commands(planted), "# Commands\n") == ["guantong run"]
    assert undocumented(commands(planted), "## `guantong run`\nRuns.\n") == ["guantong run --fast"]
    assert undocumented(commands(planted), "## `guantong run`\n`--fast` runs.\n") == []


def test_the_documentation_of_a_command_that_went_away_is_found() -> None:
    text = "## `guantong run`\n## `guantong walk`\n## Other\n"

    assert stale_headings(["guantong run"], text) == ["guantong walk"]


def test_a_setting_is_found_where_it_is_read_and_not_where_it_is_mentioned() -> None:
    source = '"""Reads GUANTONG_HOME."""\nimport os\nport = os.environ.get("GUANTONG_PORT")\n'

    assert settings_read(source) == {"GUANTONG_PORT"}


def test_a_setting_is_told_by_a_row_and_not_by_a_mention() -> None:
    text = "See `GUANTONG_HOME`.\n\n| `GUANTONG_PORT` | the port | 8000 |\n"

    assert settings_told(text) == {"GUANTONG_PORT"}


def test_a_fact_is_heard_where_it_is_joined_and_not_where_it_is_imported() -> None:
    source = "from x import CaseClosed, CaseOpened\nsubscribe(CaseClosed, brain.hear)\n"

    assert subscribed(source) == {"CaseClosed"}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("    make fly\n", "make fly"),
        ("    .venv/bin/guantong walk\n", "guantong walk"),
        ("Type `guantong run --slow`.\n", "guantong run --slow"),
        ("    GUANTONG_HOME=/somewhere guantong walk\n", "guantong walk"),
        ("```sh\nmake up\nguantong walk  # slowly\n```\n", "guantong walk"),
    ],
)
def test_a_line_to_type_that_cannot_work_is_found(line: str, fault: str) -> None:
    faults = [impossible(given, {"up"}, planted) for given in typed(line)]

    assert [f for f in faults if f] == [fault]


@pytest.mark.parametrize("line", ["make up", "make up PYTHON=python3.12", "guantong run --fast"])
def test_a_line_to_type_that_works_is_no_fault(line: str) -> None:
    given = typed(f"    {line}      # says why\n")

    assert len(given) == 1
    assert impossible(given[0], {"up"}, planted) is None


def test_a_page_without_a_place_for_the_layers_is_refused() -> None:
    with pytest.raises(SystemExit, match="has no place for the layers"):
        layer_table.with_table("no markers", "| |")


def test_layers_that_are_out_of_date_are_found() -> None:
    page = f"a\n{layer_table.OPEN}\nold\n{layer_table.CLOSE}\nb\n"

    fresh = layer_table.with_table(page, layer_table.table(ROOT))

    assert fresh != page
    assert "| `flows` | Cases and tasks" in fresh
    assert fresh.startswith("a\n")
    assert fresh.endswith("\nb\n")
