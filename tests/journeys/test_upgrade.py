"""A store of release 0.1.0, in the middle of its work, becomes one of this release, and back.

The fixture was written by the code of 0.1.0 itself (``tools/make_store_fixture.py``): cases and
tasks in every state, a timer that is due, facts that wait and one that was laid aside, an exercise
that was interrupted, accounts, leaves with and without a place.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.journeys.installation import Installation, installation
from tests.journeys.old_release import Person, at_work, counts, left_by, script

pytestmark = [pytest.mark.province, pytest.mark.xdist_group("upgrade")]


@pytest.fixture(scope="module")
def old() -> Iterator[tuple[Installation, dict[str, Any]]]:
    """A home that release 0.1.0 left; the tests below follow it, in their order."""
    with installation() as own:
        yield own, left_by("0.1.0", own)


Old = tuple[Installation, dict[str, Any]]


def as_before(own: Installation, expected: dict[str, Any]) -> None:
    """Hold that the store is one of 0.1.0, with all its rows."""
    assert counts(own, expected["counts"]) == expected["counts"]
    with own.store() as connection:
        chain = connection.execute(
            "select encode(chain_hash, 'hex') from audit_entry order by seq desc limit 1"
        ).fetchone()
        news = connection.execute("select to_regclass('public.main_upgrade')").fetchone()
        facts = connection.execute(
            "select state, count(*) from base_outboxmessage group by state"
        ).fetchall()
    assert chain == (expected["head"],)
    assert news == (None,)
    assert dict(facts) == expected["facts"]


def upgrade_fails_while_a_table_is_in_the_way(own: Installation, expected: dict[str, Any]) -> None:
    with own.store() as connection:
        connection.execute("create table socialaccount_socialapp (in_the_way int)")

    answer = own.run("upgrade")

    assert answer.code == 2
    assert "could not be brought from 0.1.0 to " in answer.err
    assert "It is as it was; start version 0.1.0 again." in answer.err
    with own.store() as connection:
        connection.execute("drop table socialaccount_socialapp")
    as_before(own, expected)


def upgrade_waits_for_others_and_refuses(own: Installation, expected: dict[str, Any]) -> None:
    with own.store():
        answer = own.run("upgrade")

    assert answer.code == 2
    assert "but 1 others work with it" in answer.err
    as_before(own, expected)


def dry_run_changes_nothing(own: Installation, expected: dict[str, Any]) -> None:
    answer = own.run("upgrade", "--dry-run")

    assert answer.code == 0
    assert "audit.0002" in answer.out
    assert not (own.home / "backups").exists()
    as_before(own, expected)


def test_what_stands_in_the_way_of_an_upgrade_leaves_the_old_store_as_it_was(old: Old) -> None:
    own, expected = old

    dry_run_changes_nothing(own, expected)
    upgrade_waits_for_others_and_refuses(own, expected)
    upgrade_fails_while_a_table_is_in_the_way(own, expected)


def test_cases_that_were_running_before_the_upgrade_are_finished_after_it(old: Old) -> None:
    own, expected = old
    cases = expected["cases"]

    with at_work(own) as up:
        # Old accounts, old passwords, by the pages.
        steps = _open_steps(own, cases["opened"])
        officer = Person(up, "wenling")
        assert "/sign-out" in officer.page
        officer.do(steps["advise"], advice="请加强防范")
        officer.do(steps["control"], measures="落实巡查")
        officer.do(
            _open_steps(own, cases["opened"])["propose"], response_level="blue", grounds="会商结论"
        )
        head = Person(up, "wenling-head")
        head.do(_open_steps(own, cases["opened"])["approve"], approved="yes")
        # The facts that waited are handed on, the timer that was due goes off.
        _patiently(lambda: "approve_return" in _open_steps(own, cases["observing"]))
        _patiently(lambda: _facts(own).get("waiting", 0) == 0)
        ended = script(own, _FINISH, cases["opened"], cases["observing"], cases["acting"])
        exercise = own.run("replay", "flood_response", "--json", "--track", own.home / "track.csv")
    audited = own.run("check", "audit", "--json")

    said = up.running.answer().out
    assert "worked with by version 0.1.0" in said
    assert "nothing was altered" in said
    assert ended == {"opened": "closed", "observing": "closed", "acting": "closed"}
    assert _facts(own)["dead"] == expected["facts"]["dead"]
    # The interrupted exercise goes on in its own realm and comes to the end 0.1.0 comes to.
    assert exercise.code == 0, exercise.err
    told = {name: exercise.last[name] for name in expected["exercise"]}
    assert told == expected["exercise"]
    with own.store() as connection:
        realms = connection.execute("select realm, state from base_exercise").fetchall()
    assert realms == [(expected["realm"], "finished")]
    assert audited.code == 0, audited
    assert json.loads(audited.out)["faults"] == []


def test_the_log_of_the_old_release_goes_on_under_the_new_one(old: Old) -> None:
    own, expected = old

    with own.store() as connection:
        carried = connection.execute(
            "select convert_from(encoded, 'UTF8')::json -> 'body' from audit_leaf"
            " where kind = 'log' and convert_from(encoded, 'UTF8')::json ->> 'act' = 'carry_over'"
        ).fetchall()

    assert len(carried) == 1
    assert carried[0][0]["chain_head"] == expected["head"]
    assert carried[0][0]["chain_holds"] is True


def test_a_store_of_a_newer_version_is_left_alone(old: Old) -> None:
    own, _ = old
    with own.store() as connection:
        connection.execute(
            "insert into django_migrations (app, name, applied)"
            " values ('flows', '9999_later', now())"
        )
        connection.execute("insert into main_upgrade (version, before, at, backup, migrations)"
                           " values ('9.0', '', now(), '', '[]')")  # fmt: skip

    answers = [
        own.run("up", GUANTONG_REPLAY="0"),
        own.run("upgrade"),
        own.run("replay", "flood_response"),
    ]

    with own.store() as connection:
        connection.execute("delete from django_migrations where name = '9999_later'")
        connection.execute("delete from main_upgrade where version = '9.0'")
    for answer in answers:
        assert answer.code == 2
        assert "was brought to version 9.0, and this is " in answer.err


def test_the_way_back_leads_to_the_state_before_the_upgrade(old: Old) -> None:
    own, expected = old

    planned = own.run("upgrade", "--back", "--dry-run")
    answer = own.run("upgrade", "--back")

    assert planned.code == answer.code == 0, answer
    assert "set back to version 0.1.0" in planned.out
    assert "at version 0.1.0 again" in answer.out
    as_before(own, expected)
    # And forward once more, from the very store that went back.
    assert own.run("upgrade").code == 0
    assert counts(own, ["flows_case", "access_user"]) == {
        name: expected["counts"][name] for name in ("flows_case", "access_user")
    }


_FINISH = """
from datetime import timedelta
from uuid import UUID
from guantong.base import clock
from guantong.base.realm import LIVE
from guantong.flows import api as flows
from guantong.flows.models import Case, Task
from guantong.orgs.api import people_of_unit
answers = {"brief_city": {"situation": "s"}, "approve_return": {"approved": "yes"},
           "review": {"outcome": "confirmed", "lessons": "及时转移"},
           "confirm_review": {"approved": "yes"}}
at = clock.machine_now()
ended = {}
def settle(case, at):
    for task in Task.objects.filter(case_id=case, state="sent_back"):
        people = [p.id for p in people_of_unit(task.superior_id, on=at.date())]
        flows.dispatch_anew(LIVE, {task.id: people[0]}, at=at)
    for task in Task.objects.filter(case_id=case, state__in=flows.ACTIVE).order_by("id"):
        people = [p.id for p in people_of_unit(task.unit_id, on=at.date())]
        doer = task.doer_id or flows.choose(people, without=[task.finder_id])
        flows.accept(LIVE, {task.id: doer}, at=at)
        flows.complete(LIVE, {task.id: doer}, at=at, answers=answers.get(task.item, {}))
        task.refresh_from_db()
        if task.state == "completed" and task.verifier_id:
            others = [p.id for p in people_of_unit(task.verifier_id, on=at.date())]
            other = flows.choose(others, without=[task.doer_id, task.finder_id])
            flows.verify(LIVE, {task.id: other}, at=at)
for name, id in zip(("opened", "observing", "acting"), sys.argv[1:]):
    case, now = UUID(id), at
    flows.change_level(LIVE, case, level="none", over=True, at=now)
    for _ in range(12):
        if Case.objects.get(id=case).state == "closed":
            break
        settle(case, now)
        now = now + timedelta(hours=4)
        flows.run_due(LIVE, now)
    ended[name] = Case.objects.get(id=case).state
print(json.dumps(ended))
"""


def _open_steps(own: Installation, case: str) -> dict[str, Any]:
    with own.store() as connection:
        return dict(
            connection.execute(
                "select item, id from flows_task where case_id = %s and kind <> 'plan'"
                " and state in ('dispatched', 'accepted')",
                [case],
            ).fetchall()
        )


def _facts(own: Installation) -> dict[str, int]:
    with own.store() as connection:
        return dict(
            connection.execute(
                "select state, count(*) from base_outboxmessage where realm = 'live' group by state"
            ).fetchall()
        )


def _patiently(holds: Any) -> None:
    import time

    until = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.5)
