"""A scenario lets somebody open a case: it ends without them, or is refused as it should be."""

from datetime import UTC, datetime

import pytest
from tests.province import WENLING, person

from guantong.flows.models import Case, Task
from guantong.packages.api import Package, Progress, Rehearsed, Speaker, installed, rehearse
from guantong.packages.document import Document, read_yaml

TODAY = datetime(2026, 9, 1, 9, tzinfo=UTC)
AUDIT, CITY = "audit@331081", "331000000000"
ANSWERS = {
    "list": '= \\"audit\\"', "title": "scenario.title_station",
    "description": "scenario.description", "found_by": '= \\"own\\"',
    "responsible_line": '= \\"water\\"',
}  # fmt: skip
_QUICK = "receive: [1, 2], read: [1, 2], accept: [1, 2], complete: [5, 10]"
_SAID = {
    "list_it": 'on_list: "= \\"yes\\"", grade: "= \\"serious\\"",'
    ' responsible_line: "= responsible_line"',
    "analyse": 'cause: "= \\"duty\\"", analysis: a, plan: p',
    "approve_measures": 'measures: "= \\"approved\\""',
    "rectify": "done: d",
    "accept_it": 'acceptance: "= \\"accepted\\"", opinion: o',
    "prevent": 'mechanism: "= \\"rule\\"", lesson: l',
    "look_again": 'outcome: "= \\"mended\\"", finding: f',
}

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("transactional_db", "province", "lake", "small_map"),
]


@pytest.fixture
def lists(flood: Package) -> Package:
    found = installed("problem_lists")
    assert found is not None, "the folder of applications holds problem_lists"
    return found


def actors(*unplayed: str, verify: str = ", verify: [5, 10]") -> str:
    played = [
        f"  - {{does: [{item}], {_QUICK}, answers: {{{said}}}}}\n"
        for item, said in _SAID.items()
        if item not in unplayed
    ]
    return f"actors:\n{''.join(played)}  - {{does: [check_itself], {_QUICK}{verify}}}\n"


def opened(
    at: str = "PT0H", *, flow: str = "problem", place: str = WENLING, by: str = "audit@county",
    refused: str = "", leave: str = "", **answers: str,
) -> str:  # fmt: skip
    said = {**ANSWERS, **answers}
    written = ", ".join(f'{k}: "{v}"' for k, v in said.items() if k != leave)
    code = f", refused: {refused}" if refused else ""
    return (
        f'  - {{at: {at}, open: {{flow: {flow}, in: "{place}", by: {by},'
        f" answers: {{{written}}}{code}}}}}\n"
    )


def act(at: str, verb: str, task: str, more: str = "") -> str:
    return f'  - {{at: {at}, act: {{verb: {verb}, task: {task}, in: "{WENLING}"{more}}}}}\n'


def scenario(when: str, then: str = "", played: str = "") -> Document:
    text = (
        "scenario: scenario.struck_off\n"
        'given: {samples: [], begins_at: "2026-03-02T09:00+08:00"}\n'
        f"when:\n{when}{'then:' if then else ''}\n{then}{played or actors()}"
    )
    document = read_yaml("scenarios/told.yaml", "scenarios", text.encode())
    assert document.flaw is None, document.flaw
    return document


def play(lists: Package, document: Document) -> Rehearsed:
    return rehearse(lists.changed(document.path, document), document, at=TODAY)


def whys(played: Rehearsed) -> list[str]:
    return [w.result["why"] for w in played.wishes if w.kind == "act"]


MENDED = f'  - {{case: {{flow: problem, in: "{WENLING}", ends_at: mended, count: 1}}}}\n'


def test_a_case_that_the_duty_officer_of_a_role_opens_goes_to_its_end(lists: Package) -> None:
    played = play(lists, scenario(opened(), MENDED))

    assert played.held, [w.result for w in played.wishes]
    assert played.unresolved == 0
    case = Case.objects.get(realm=played.realm)
    assert case.data["doers"]["found"] == str(person(AUDIT, "duty").id)
    assert (case.data["list"], case.data["title"]) == ("audit", "scenario.title_station")
    assert (played.ended_at - played.begins_at).days >= 90, "it was watched by the clock of it all"


def test_a_case_opened_by_hand_counts_as_reached(lists: Package) -> None:
    reached = play(lists, scenario(opened())).reached

    assert "problem found" in reached["nodes"]
    assert "problem f1" in reached["ways"]
    assert reached["ends"] == {"problem mended"}
    assert reached["items"] == {"check_itself"}


def test_whoever_opened_the_case_is_chosen_for_none_of_its_work(lists: Package) -> None:
    # The audit office finds, lists and accepts; only its duty officer may not. The ecology
    # bureau finds what it must mend itself.
    played = play(lists, scenario(opened() + opened(
        by="ecology@county", title="scenario.title_noise", responsible_line='= \\"ecology\\"',
    )))  # fmt: skip

    assert played.unresolved == 0
    barred = Task.objects.filter(realm=played.realm).exclude(opener_id=None)
    assert {t.item for t in barred} >= {"list_it", "rectify", "accept_it", "check_itself"}
    for task in barred:
        assert task.opener_id not in (task.doer_id, task.accepter_id)
        assert task.doer_id is not None


def test_an_act_of_the_holder_is_not_the_openers(lists: Package) -> None:
    when = (
        opened(by="ecology@county", responsible_line='= \\"ecology\\"')
        + act("PT4H", "accept", "rectify")
        + act("PT5H", "complete", "rectify", ", answers: {done: d}")
    )

    played = play(lists, scenario(when, MENDED, actors("rectify")))

    assert whys(played) == [""] * 3
    assert played.held


def test_an_act_of_the_verifier_is_not_the_openers(lists: Package) -> None:
    # Two townships check themselves, and the office whose officer opened the case verifies it.
    checked = act("PT10H", "verify", "check_itself")

    played = play(lists, scenario(opened() + checked + checked, MENDED, actors(verify="")))

    assert whys(played) == [""] * 3
    assert played.held


def test_the_same_matter_is_refused_and_so_is_a_form_with_a_gap(lists: Package) -> None:
    when = (
        opened()
        + opened("PT1M", by="area@county", refused="matter-open")
        + opened("PT2M", leave="found_by", title="other", refused="answers-incomplete")
        + opened("PT3M", title="third", responsible_line='= \\"audit\\"', origin="nothing",
                 refused="no-case-to-follow")
    )  # fmt: skip

    played = play(lists, scenario(when, MENDED))

    assert played.held, [w.result for w in played.wishes]
    assert Case.objects.filter(realm=played.realm).count() == 1
    assert played.reached["refusals"] == frozenset(), "they are refusals of no task"


@pytest.mark.parametrize(
    ("when", "why"),
    [
        (opened(refused="matter-open"), "not-refused"),
        (opened(leave="list"), "refused"),
        (opened(leave="list", refused="matter-open"), "refused-otherwise"),
        (opened(flow="county_response"), "no-opening"),
        (opened(by="water@county"), "no-opening"),
        (opened(place=CITY), "no-opening"),
        (opened(place="331099000000"), "no-opener"),
    ],
)
def test_an_opening_that_goes_otherwise_fails_and_says_how(
    lists: Package, when: str, why: str
) -> None:
    played = play(lists, scenario(when))

    assert whys(played) == [why]
    assert not played.held
    assert Case.objects.filter(realm=played.realm).exists() is (why == "not-refused")
    for language in ("zh-CN", "en"):
        told = Speaker(lists, language).failure(played, played.failed[0], "told.yaml")
        assert told.startswith("told.yaml:4")
        assert "rehearsal." not in told, "every word of the sentence is there"


def test_a_rehearsal_killed_beside_an_opening_is_judged_the_same(lists: Package) -> None:
    document = scenario(opened() + opened("PT1M", refused="matter-open"), MENDED)
    turns = 0

    def kill(_: Progress) -> None:
        nonlocal turns
        turns += 1
        if turns == 1:
            raise KeyboardInterrupt

    package = lists.changed(document.path, document)
    with pytest.raises(KeyboardInterrupt):
        rehearse(package, document, at=TODAY, progress=kill)

    played = rehearse(package, document, at=TODAY)

    assert played.held
    assert Case.objects.count() == 1
