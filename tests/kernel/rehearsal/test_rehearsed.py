"""A scenario is played, people act and are refused in it, and it is judged; whatever is killed."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.province import WENLING

from guantong.base.realm import Realm
from guantong.flows.models import Case, Task
from guantong.packages.api import Package, Progress, Rehearsed, possible, rehearse, scenarios
from guantong.packages.document import Document, read_yaml
from guantong.packages.errors import ExerciseWithoutEnd, UnknownScenario
from guantong.packages.rehearsal.coverage import topics
from guantong.packages.rehearsal.judging import kind_of

TODAY = datetime(2026, 9, 1, 9, tzinfo=UTC)
# Wenling, in the province of the tests; red at once, over after a day.
_ROW = (
    '{{track_id: T, division_code: "331081000000", observed_at: "{at}", distance_km: 300,'
    " closest_km: 90, {wind}, coastal: true, wind_source: reported, motion_ms: 5, course_deg: 300}}"
)
_LAND = "  - {{at: {at}, land: {{dataset: flood_response.county_exposure, rows: [{row}]}}}}\n"
_QUICK = "receive: [1, 5], read: [1, 5], accept: [2, 10]"
ACTORS = f"""actors:
  - {{does: [advise, control], {_QUICK}, complete: [10, 25], answers: {{advice: a, measures: m}}}}
  - {{does: [propose], {_QUICK}, complete: [10, 20],
     answers: {{response_level: "= alert_level", grounds: g}}}}
  - {{does: [approve], receive: [1, 5], read: [1, 5], accept: [90, 100], complete: [10, 20],
     answers: {{approved: "= \\"yes\\""}}}}
  - {{does: [brief_city], {_QUICK}, complete: [10, 20], answers: {{situation: s}}}}
  - {{does: [approve_return], {_QUICK}, complete: [10, 20], answers: {{approved: "= \\"yes\\""}}}}
  - {{does: [review], {_QUICK}, complete: [10, 20],
     answers: {{outcome: "= \\"confirmed\\"", lessons: l}}}}
  - {{does: [confirm_review], {_QUICK}, complete: [10, 20], answers: {{approved: "= \\"yes\\""}}}}
  - {{does: [acknowledge, evacuate, forecast_briefing, reservoir_check, boats_to_port], {_QUICK},
     complete: [10, 20], verify: [10, 20]}}
  - {{does: [duty_watch], {_QUICK}, complete: [10, 20], verify: [200, 220]}}
"""
ON = f'in: "{WENLING}"'


def land(at: str, hour: int, wind: str) -> str:
    stamp = f"2026-08-0{1 + hour // 24}T{hour % 24:02}:00:00Z"
    return _LAND.format(at=at, row=_ROW.format(at=stamp, wind=wind))


def scenario(when: str = "", then: str = "", actors: str = ACTORS) -> Document:
    """Return a scenario of one county at the lowest level, with more acts and checks."""
    text = (
        "scenario: scenario.lekima\n"
        'given: {samples: [], begins_at: "2026-08-01T00:00+00:00"}\n'
        f"when:\n{land('PT0H', 0, 'wind_24h_ms: 11.5')}{when}"
        f"{land('PT10H', 10, 'wind_24h_ms: 2')}"
        f"{'then:' if then else ''}\n{then}{actors}"
    )
    document = read_yaml("scenarios/told.yaml", "scenarios", text.encode())
    assert document.flaw is None, document.flaw
    return document


def act(at: str, **said: str) -> str:
    told = ", ".join(f"{name}: {value}" for name, value in said.items())
    return f"  - {{at: {at}, act: {{{told}, {ON}}}}}\n"


def check(said: str, at: str = "") -> str:
    return f"  - {{{f'at: {at}, ' if at else ''}{said}}}\n"


def play(flood: Package, document: Document) -> Rehearsed:
    return rehearse(flood.changed(document.path, document), document, at=TODAY)


def killed(flood: Package, document: Document, *, after: int) -> None:
    """Play a scenario and kill it after so many turns."""
    turns = 0

    def kill(_: Progress) -> None:
        nonlocal turns
        turns += 1
        if turns == after:
            raise KeyboardInterrupt

    package = flood.changed(document.path, document)
    with pytest.raises(KeyboardInterrupt):
        rehearse(package, document, at=TODAY, progress=kill)


pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("transactional_db", "province", "lake", "small_map"),
]

STORY = scenario(
    when=act("PT2H30M", verb="accept", task="approve", by="finder", refused="task-same-person")
    + act("PT2H30M", verb="accept", task="approve")
    + act("PT2H40M", verb="complete", task="approve", answers='{approved: "= \\"no\\""}')
    + act("PT9H", verb="verify", task="duty_watch", by="doer", refused="task-same-person"),
    then=check(f"alert: {{signal: flood_response.typhoon, {ON}, reaches: blue, count: 1}}", "PT1H")
    + check(f"task: {{task: propose, {ON}, state: closed_out, count: 2}}")
    + check(f"case: {{flow: county_response, {ON}, ends_at: end, count: 1}}", "PT9H")
    + check(f"case: {{flow: county_response, {ON}, ends_at: end, count: 1}}")
    + check("figure: {indicator: flood_response.tasks_overdue, equals: 0}"),
)


def without(facts: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in facts.items() if key != name}


def told(played: Rehearsed) -> dict[str, object]:
    """Return all that a rehearsal says, without ids and without what it cost."""
    wishes = [
        (
            w.kind,
            w.place,
            w.due_at,
            w.done_at,
            {k: v for k, v in w.result.items() if k != "unit_id"},
        )
        for w in played.wishes
    ]
    timeline = [
        (e.at, e.what, {k: v for k, v in e.facts.items() if k != "number"}) for e in played.timeline
    ]
    return {
        "wishes": wishes, "timeline": timeline, "reached": played.reached,
        "unresolved": played.unresolved, "ended_at": played.ended_at,
    }  # fmt: skip


def without_acts(played: Rehearsed) -> list[tuple[object, ...]]:
    return [(e.at, e.what, without(e.facts, "number")) for e in played.timeline if e.what != "act"]


def test_what_people_do_and_what_is_refused_goes_as_the_scenario_says(flood: Package) -> None:
    played = play(flood, STORY)

    acts = [w for w in played.wishes if w.kind == "act"]
    assert [w.held for w in acts] == [True] * 4
    assert [w.result["refused"] for w in acts] == ["task-same-person", "", "", "task-same-person"]
    assert played.unresolved == 0


def test_a_check_is_judged_at_its_instant_and_the_others_at_the_end(flood: Package) -> None:
    played = play(flood, STORY)

    checks = [w for w in played.wishes if w.kind == "then"]
    assert [w.held for w in checks] == [True, True, False, True, True]
    assert [w.place for w in played.failed] == [2]
    assert played.failed[0].result["open"] == 1
    assert checks[0].done_at == checks[0].due_at
    assert checks[1].done_at == played.ended_at


def test_what_was_reached_is_counted_from_what_happened(flood: Package) -> None:
    played = play(flood, STORY)

    found = {topic.name: topic for topic in topics(possible(flood), played.reached)}
    assert found["ends"].missing == []
    assert found["nodes"].missing == []
    assert "county_response not_approved" in found["ways"].reached
    assert "county_response raised" in found["ways"].missing
    assert {name.split(" ")[1] for name in found["rules"].reached} == {
        "blue_by_mean_wind", "no_signal",
    }  # fmt: skip
    assert found["signals"].reached == {
        f"flood_response.typhoon {what}" for what in ("blue", "ended", "feedback:confirmed")
    }
    assert "building_sites" in found["items"].missing
    assert found["refusals"].reached == {
        "task-same-person approve", "task-same-person duty_watch",
    }  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    """What the story says when nothing is killed; filled by the first who asks."""
    return {}


# The story has some fifty turns; a kill is tried at any of the first forty.
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip
@given(turn=st.integers(min_value=1, max_value=40))
def test_a_rehearsal_killed_and_continued_is_judged_the_same(
    flood: Package, undisturbed: dict[str, object], turn: int
) -> None:
    if not undisturbed:
        undisturbed |= told(play(flood, STORY))

    killed(flood, STORY, after=turn)

    assert told(play(flood, STORY)) == undisturbed


@pytest.mark.parametrize(
    ("told_act", "why"),
    [
        ({"verb": "accept", "task": "advise", "refused": "task-same-person"}, "not-refused"),
        ({"verb": "verify", "task": "advise", "by": "holder"}, "refused"),
        (
            {"verb": "verify", "task": "advise", "by": "holder", "refused": "task-same-person"},
            "refused-otherwise",
        ),
        ({"verb": "accept", "task": "approve"}, "no-task"),
        ({"verb": "accept", "task": "advise", "by": "doer"}, "nobody"),
    ],
)
def test_an_act_that_goes_otherwise_fails_and_says_how(
    flood: Package, told_act: dict[str, str], why: str
) -> None:
    played = play(flood, scenario(when=act("PT5M", **told_act)))

    assert [(w.held, w.result["why"]) for w in played.wishes] == [(False, why)]
    assert not played.held
    assert played.reached["refusals"] == frozenset(), "what did not come was not exercised"


def test_what_was_refused_has_changed_nothing(flood: Package) -> None:
    refused = act("PT35M", verb="complete", task="advise", answers="{remark: r}",
                  refused="answers-incomplete")  # fmt: skip
    once = play(flood, scenario(when=refused))

    assert once.held, [w.result for w in once.wishes]
    plain = play(flood, scenario())
    assert once.reached["ways"] == plain.reached["ways"]
    assert without_acts(once) == without_acts(plain)
    assert once.ended_at == plain.ended_at


def test_of_two_tasks_of_a_step_the_one_that_can_be_acted_on_is_meant(flood: Package) -> None:
    turned_down = '{approved: "= \\"no\\""}'
    when = (
        act("PT2H30M", verb="accept", task="approve")
        + act("PT2H40M", verb="complete", task="approve", answers=turned_down)
        + act("PT4H", verb="accept", task="approve")
    )

    played = play(flood, scenario(when=when))

    assert [w.result["why"] for w in played.wishes] == ["", "", ""]
    assert Task.objects.filter(realm=played.realm, item="approve").count() == 2


def test_a_task_that_nobody_plays_waits_until_the_scenario_acts(flood: Package) -> None:
    alone = ACTORS.replace("does: [advise, control]", "does: [advise]").replace(
        "advice: a, measures: m", "advice: a"
    )
    waits = play(
        flood, scenario(then=check("task: {task: propose, state: dispatched}"), actors=alone)
    )
    done = play(
        flood,
        scenario(
            when=act("PT1H", verb="accept", task="control")
            + act("PT2H", verb="complete", task="control", answers="{measures: m}"),
            then=check("case: {flow: county_response, ends_at: end}"),
            actors=alone,
        ),
    )

    assert not waits.held
    assert waits.unresolved > 0
    assert done.held


def test_work_that_always_comes_back_is_stopped_and_said_so(
    flood: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guantong.packages.exercise.MOST_TURNS", 300)
    yes = 'approved: "= \\"yes'
    never = ACTORS.replace(yes, yes.replace("yes", "no"), 1)
    assert never != ACTORS

    with pytest.raises(ExerciseWithoutEnd, match="stopped after 300 turns"):
        play(flood, scenario(actors=never))


def test_a_scenario_is_named_by_its_file(flood: Package) -> None:
    assert [s.stem for s in scenarios(flood, "lekima")] == ["lekima"]
    assert len(scenarios(flood)) >= 5
    with pytest.raises(UnknownScenario, match="lekima"):
        scenarios(flood, "lekma")


def test_the_live_realm_and_replays_count_no_ways(flood: Package) -> None:
    from guantong.packages.models import Passed

    played = play(flood, scenario())

    assert set(Passed.objects.values_list("realm", flat=True)) == {played.realm}
    assert Case.objects.filter(realm=played.realm).count() == 1
    assert Task.objects.filter(realm=Realm(played.realm)).exists()


def test_each_kind_of_check_is_known() -> None:
    assert kind_of({"at": "PT1H", "figure": {}}) == "figure"
