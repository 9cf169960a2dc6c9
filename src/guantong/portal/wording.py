"""What tasks and cases are called, how they stand, how long is left, in the reader's language."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from string import Formatter

from guantong.base.reading import moment_text
from guantong.base.words import say
from guantong.brain.api import signals_of
from guantong.flows.api import CaseView, TaskView
from guantong.orgs.api import DivisionRef, places
from guantong.packages.api import installed_at

LEVELS = ("blue", "yellow", "orange", "red")
Places = Mapping[str, DivisionRef]

# A task whose time is three quarters gone is shown in yellow (our choice).
SOON = 0.25


def places_of(codes: Iterable[str]) -> Places:
    """Return the divisions that a page names, in one query."""
    return places(codes)


def place_name(code: str, known: Places, language: str) -> str:
    """Return what a division is called; its code where it is not in the table."""
    found = known.get(code)
    if found is None:
        return code
    return found.name if language == "zh-CN" else found.name_en


def word(package_id: str, key: str, language: str, *, place: str) -> str:
    """Return a word of a package as a place says it; the key itself where the package is gone."""
    package = installed_at(package_id, place)
    return key if package is None else package.say(key, language)


def value_word(package_id: str, value: object, language: str, *, place: str) -> str:
    """Return what a value to choose is called at a place; anything else as it is."""
    package = installed_at(package_id, place)
    key = f"value.{value}"
    return str(value) if package is None else package.words(language).get(key, str(value))


def matter_words(package_id: str, process: str, matter: str, language: str, *, place: str) -> str:
    """Return what a case is about, in the words of the signal that opens its process."""
    package = installed_at(package_id, place)
    signal = next((s for s in signals_of(package_id) if s.opens == process), None)
    if package is None or signal is None:
        # Entered by hand: the name it was given, before the place.
        return matter.rpartition("/")[0] or matter
    facts = dict(zip(signal.same_matter, matter.split("/"), strict=False))
    key = f"matter.{signal.id.split('.')[-1]}"
    wanted = _places(package.words(language).get(key, ""))
    return package.say(key, language, **{name: facts.get(name, matter) for name in wanted})


def case_title(
    package_id: str, process: str, matter: str, division: str, known: Places, language: str
) -> str:
    """Return the title of a case: its package's ``case.title``, in which every place but
    ``{place}`` is filled with what the case is about.
    """
    package = installed_at(package_id, division)
    if package is None:
        return matter
    about = matter_words(package_id, process, matter, language, place=division)
    place = place_name(division, known, language)
    wanted = _places(package.words(language).get("case.title", ""))
    return package.say("case.title", language, **{**dict.fromkeys(wanted, about), "place": place})


def title_of_case(case: CaseView, known: Places, language: str) -> str:
    """Return the title of a case."""
    return case_title(case.package, case.process, case.matter, case.division_code, known, language)


def task_title(task: TaskView, known: Places, language: str) -> str:
    """Return what a task is called, and where it is to be done."""
    title = word(task.package, task.title, language, place=task.division_code)
    return f"{title} · {place_name(task.division_code, known, language)}"


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def left_text(limit: datetime | None, now: datetime, language: str) -> str:
    """Return how long is left until a limit, or by how much it has passed."""
    if limit is None:
        return say("left.none", language)
    left = limit - now
    late = "late_" if left < timedelta() else ""
    minutes = int(abs(left).total_seconds()) // 60
    if minutes < 60:
        return say(f"left.{late}minutes", language, minutes=minutes)
    hours = minutes // 60
    if hours < 48:
        return say(f"left.{late}hours", language, hours=hours, minutes=minutes % 60)
    return say(f"left.{late}days", language, days=hours // 24, hours=hours % 24)


def task_left(task: TaskView, now: datetime, language: str) -> str:
    """Return how long is left for a task, or when it was done."""
    if task.waits:
        return left_text(task.limit_at, now, language)
    return moment_text(task.completed_at or task.closed_at, language)


def task_light(task: TaskView, now: datetime) -> str:
    """Return the light of a task: red when late, yellow soon before, blue while it is checked."""
    if task.late(now):
        return "red"
    if task.state == "sent_back":
        return "orange"
    if task.state == "completed":
        return "blue"
    if task.state == "withdrawn":
        return "grey"
    soon = task.waits and task.limit_at - now < SOON * (task.limit_at - task.sent_at)
    return "yellow" if soon else "green"


def task_state(task: TaskView, language: str) -> str:
    """Return the state of a task in words; supervision (督办) goes before the rest."""
    if task.waits and task.supervised_at is not None:
        return say("state.under_supervision", language)
    return say(f"state.{task.state}", language)


def level_light(level: str) -> str:
    """Return the light of a level."""
    return level if level in LEVELS else "grey"


def level_word(level: str, language: str) -> str:
    """Return a level in words."""
    return say(f"level.{level if level in LEVELS else 'none'}", language)


def case_state(state: str, language: str) -> str:
    """Return the state of a case in words."""
    return say("cases.open" if state == "open" else "cases.closed", language)
