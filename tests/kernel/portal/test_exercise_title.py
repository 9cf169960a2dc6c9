"""What an exercise is called on the pages: by its scenario, else by what was replayed."""

from datetime import UTC, datetime

from guantong.base.ids import new_id
from guantong.base.realm import exercise
from guantong.packages.api import Package
from guantong.portal.context import exercise_title
from guantong.portal.reader import RealmChoice

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def called(title: str, language: str) -> str:
    choice = RealmChoice(realm=exercise(new_id()), title=title, package="flood_response", now=NOON)
    return exercise_title(choice, language)


def test_an_exercise_of_a_scenario_is_called_by_its_title(flood: Package) -> None:
    assert called("false_alarm", "en") == "A warning that nothing came of"
    assert called("false_alarm", "zh-CN") == "预警后风雨未至"


def test_a_replay_is_called_by_what_was_replayed(flood: Package) -> None:
    assert called("2019214N15134", "en") == "Exercise: typhoon 2019214N15134"
