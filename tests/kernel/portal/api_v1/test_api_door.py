"""The door of the interface: who comes in, what is refused before any operation, in which words."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import province
from tests.journeys.doors import World, browser_of
from tests.journeys.test_proof import verify
from tests.journeys.work_story import AREA, EMERGENCY, VILLAGE

from guantong.access import api as access
from guantong.access.models import User
from guantong.base.clock import local_day, machine_now
from guantong.base.ids import new_id
from guantong.base.realm import Realm
from guantong.flows.models import Task
from guantong.notices import api as notices
from guantong.notices.models import Receipt
from guantong.orgs import api as orgs
from guantong.portal.api_v1.door import MOST_BODY

ROOT = Path(__file__).parents[4]
ME = "/api/v1/me"


def key_of(user: User, code: str, post: str = "duty", *, acts: str = "act") -> str:
    now = machine_now()
    _, text = access.make_key(
        user, name="k", purpose="p", acts=acts, post=(province.unit(code).id, post),
        expires_at=now + timedelta(days=1), at=now,
    )  # fmt: skip
    return text


def system(
    code: str, world: World, *, acts: str = "act", post: str = "duty", **more: str
) -> Client:
    """Return another system with a key of the holder of that post, in the world's exercise."""
    user = User.objects.filter(username=f"{post}.{code}").first() or province.user_for(code, post)
    text = key_of(user, code, post, acts=acts)
    headers = {"Authorization": f"Bearer {text}", "Guantong-Realm": world.realm} | more
    return Client(headers=headers, raise_request_exception=False)


def act(client: Client, task: object, sent: Any, *, token: str | None = None) -> Any:
    headers = {"Idempotency-Key": token or str(new_id())}
    address = f"/api/v1/tasks/{task}/acts"
    return client.post(address, json.dumps(sent), "application/json", headers=headers)


def operations() -> list[tuple[str, str]]:
    paths = yaml.safe_load((ROOT / "docs/api/openapi.yaml").read_text("utf-8"))["paths"]
    return [
        (method, path.format(id=UUID(int=7), code="331081000000", kind="task"))
        for path, found in paths.items()
        for method in found
    ]


@pytest.mark.parametrize("shown", [None, "Bearer gtk_nothing", "Basic eDp5", "Bearer", "\u00ff"])
def test_no_operation_answers_who_shows_no_key_or_a_wrong_one(shown: str | None) -> None:
    client = Client(headers={} if shown is None else {"Authorization": shown})

    for method, address in operations():
        answer = client.generic(method.upper(), address, "{}", "application/json")

        assert answer.status_code == 401, (method, address)
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert set(answer.json()) == {"code", "message", "remedy", "trace"}


def test_every_operation_says_what_it_is_and_names_its_refusals() -> None:
    told = yaml.safe_load((ROOT / "docs/api/openapi.yaml").read_text("utf-8"))
    found = [op for path in told["paths"].values() for op in path.values()]

    assert len({op["operationId"] for op in found}) == len(found) >= 30
    for op in found:
        assert op["summary"], op["operationId"]
        assert len(op["description"]) > 20, op["operationId"]
        assert {"401", "403", "422", "429"} <= set(op["responses"]), op["operationId"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [("en-GB,zh;q=0.5", "Send the header"), ("zh", "没有放行"), ("fr, en", "Send the header")],
)
def test_a_refusal_is_in_the_language_asked_for(asked: str, sentence: str) -> None:
    answer = Client().get(ME, headers={"Accept-Language": asked})

    assert sentence in answer.json()["message"]


def test_a_key_reads_in_its_own_post_and_says_which_key_it_is(world: World) -> None:
    told = system(EMERGENCY, world).get(ME).json()

    assert [post["unit_code"] for post in told["posts"]] == [EMERGENCY]
    assert told["realm"] == world.realm
    assert told["key"]["acts"] == "act"


def test_a_key_stands_in_the_live_realm_unless_the_request_names_another(world: World) -> None:
    text = key_of(province.user_for(EMERGENCY), EMERGENCY)
    client = Client(headers={"Authorization": f"Bearer {text}"})

    assert client.get(ME).json()["realm"] == "live"
    assert client.get(f"/api/v1/cases/{world.ids['case']}").status_code == 404
    assert client.get(ME, headers={"Guantong-Realm": "exercise:nothing"}).status_code == 422


def test_a_leaver_s_key_opens_nothing_from_the_last_day_on(world: World) -> None:
    client = system(EMERGENCY, world)
    user = User.objects.get(username=f"duty.{EMERGENCY}")
    now = machine_now()
    assert user.person_id is not None
    assert client.get(ME).status_code == 200

    orgs.leave_office(user.person_id, on=local_day(now), at=now, actor="test")
    answer = client.get(ME)

    assert (answer.status_code, answer.json()["code"]) == (401, "key-ended")


def test_a_key_that_reads_does_not_act(world: World) -> None:
    client = system(VILLAGE, world, acts="read", post="head")

    answer = act(client, world.ids["task"], {"act": "accept"})

    assert (answer.status_code, answer.json()["code"]) == (403, "key-reads-only")
    assert client.get(f"/api/v1/tasks/{world.ids['task']}").status_code == 200


def test_a_repeated_act_is_done_once_and_answered_as_before(world: World) -> None:
    client, task = system(VILLAGE, world, post="head"), world.ids["task"]

    first = act(client, task, {"act": "accept"}, token="token-1234")
    again = act(client, task, {"act": "accept"}, token="token-1234")
    other = act(client, task, {"act": "complete"}, token="token-1234")
    late = act(client, task, {"act": "accept"})

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json() == {"id": task, "act": "accept", "state": "accepted"}
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert (other.status_code, other.json()["code"]) == (422, "token-reused")
    assert (late.status_code, late.json()["code"]) == (409, "task-not-in-that-state")


def test_a_repeated_act_is_not_answered_to_who_may_no_longer_read_the_task(world: World) -> None:
    task = world.ids["task"]
    client = system(VILLAGE, world, post="head")
    assert act(client, task, {"act": "accept"}, token="token-1234").status_code == 200

    Task.objects.filter(id=task).update(
        unit_id=province.unit("area@331083").id, division_code=province.YUHUAN,
        superior_id=None, coordinating_id=None,
    )  # fmt: skip
    again = act(client, task, {"act": "accept"}, token="token-1234")

    assert again.status_code == 403


def test_the_leaf_of_an_act_names_the_person_the_key_and_the_trace(world: World) -> None:
    client, task = system(VILLAGE, world, post="head"), world.ids["task"]
    key = client.get(ME).json()["key"]["id"]

    act(client, task, {"act": "accept"})
    refused = act(system("area@331083", world), task, {"act": "accept"}).json()

    with connection.cursor() as cursor:
        cursor.execute(
            "select convert_from(encoded, 'UTF8') from audit_leaf_waiting"
            " where object_id = %s order by id desc limit 2",
            [task],
        )
        refusal, leaf = (json.loads(row[0]) for row in cursor.fetchall())
    assert leaf["act"] == "accept"
    assert leaf["actor"] == f"person:{province.person(VILLAGE, 'head').id}"
    assert leaf["body"]["with"] == f"access-key:{key}"
    assert refusal["act"] == "refuse"
    assert refusal["body"]["trace"] == refused["trace"]
    told = client.get(f"/api/v1/proofs/task/{task}").json()
    assert told[-1]["key"] or told[-2]["key"] == f"access-key:{key}"


def test_a_field_that_is_not_described_is_refused_and_changes_nothing(world: World) -> None:
    client, task = system(VILLAGE, world, post="head"), world.ids["task"]

    for sent in (
        {"act": "accept", "state": "closed_out"},
        {"act": "accept", "unit_id": str(new_id())},
        {"act": "close_out"},
        {"act": "accept", "answers": {"state": "x"}},
    ):
        assert act(client, task, sent).status_code == 422, sent
    assert Task.objects.get(id=task).state == "dispatched"


def test_what_the_neighbour_asks_for_is_told_from_nothing_by_no_content(world: World) -> None:
    client = system("emergency@331083", world)

    theirs = client.get(f"/api/v1/tasks/{world.ids['task']}")
    nothing = client.get(f"/api/v1/tasks/{UUID(int=7)}")

    assert (theirs.status_code, nothing.status_code) == (403, 404)
    assert set(theirs.json()) == {"code", "message", "remedy", "trace"}
    assert client.get("/api/v1/tasks").json()["rows"] == []
    assert client.get("/api/v1/people", {"q": "温岭"}).json()["rows"] == []


def test_more_requests_than_a_key_has_are_told_when_to_go_on(world: World, settings: Any) -> None:
    client = system(EMERGENCY, world)
    settings.KEY_RATE = 1

    statuses = [client.get(ME).status_code for _ in range(3)]
    last = client.get(ME)

    assert statuses[-1] == 429
    assert 1 <= int(last["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{" + b" " * MOST_BODY + b"}", "application/json", 413), (b"a=1", "text/plain", 415),
        (b"a=1", "application/x-www-form-urlencoded", 415), (b"{", "application/json", 422),
        (b'{"act": "accept", "remark": "\\u0000"}', "application/json", 422),
        (b'{"act": "accept", "remark": "\\ud800"}', "application/json", 422),
        (b"[]", "application/json", 422), (b"\xff\xfe", "application/json", 422),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_meant_is_refused_in_the_one_shape(
    body: bytes, kind: str, status: int, world: World
) -> None:
    client = system(VILLAGE, world, post="head")

    answer = client.post(
        f"/api/v1/tasks/{world.ids['task']}/acts", body, kind,
        headers={"Idempotency-Key": "token-1234"},
    )  # fmt: skip

    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "remedy", "trace"}


def test_a_browser_reads_with_its_session_and_acts_with_the_token_of_our_pages(
    world: World,
) -> None:
    user = province.user_for(VILLAGE, "head")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    browser.get("/account")
    task, headers = world.ids["task"], {"Guantong-Realm": world.realm}
    address = f"/api/v1/tasks/{task}/acts"

    def send(**more: str) -> Any:
        return browser.post(
            address, '{"act": "accept"}', "application/json",
            headers=headers | {"Idempotency-Key": str(new_id())} | more,
        )  # fmt: skip

    without = send()
    from django.conf import settings as live

    token = browser.cookies[live.CSRF_COOKIE_NAME].value
    with_token = send(**{"X-CSRFToken": token})

    assert browser.get(ME, headers=headers).status_code == 200
    assert (without.status_code, without.json()["code"]) == (403, "form-stale")
    assert with_token.status_code == 200


def test_who_must_have_a_second_factor_is_not_let_in_by_a_session_without_one(
    world: World, settings: Any
) -> None:
    settings.SECOND_FACTOR = "required"
    user = province.user_for(EMERGENCY)
    User.objects.filter(id=user.id).update(printed_password=False)
    answer = browser_of(user).get(ME)

    assert (answer.status_code, answer.json()["code"]) == (403, "factor-missing")


def test_nor_by_a_key_even_of_a_post_that_asks_for_none(world: World, settings: Any) -> None:
    settings.SECOND_FACTOR = "administrators"
    client = system("meteorology@331081", world)
    user = User.objects.get(username="duty.meteorology@331081")
    User.objects.filter(id=user.id).update(printed_password=False)
    before = client.get(ME)

    orgs.appoint(
        user.person_id, unit_id=province.unit(EMERGENCY).id, post_code="staff",
        on=local_day(machine_now()), at=machine_now(), actor="test",
    )  # fmt: skip
    answer = client.get(ME)

    assert before.status_code == 200
    assert (answer.status_code, answer.json()["code"]) == (403, "factor-missing")


@pytest.mark.parametrize(
    "address",
    ["tasks", "cases", "units", "people", "notices", "figures", "cases/{case}", "units/{unit}"],
)
def test_a_list_asks_as_few_questions_for_many_rows_as_for_few(address: str, world: World) -> None:
    client = system(EMERGENCY, world)
    path = f"/api/v1/{address}".format(**world.ids)
    client.get(path)

    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)

    assert answer.status_code == 200, answer.json()
    assert len(asked) <= 22


def test_a_cursor_leads_through_the_book_without_a_gap_and_never_more_than_fifty(
    world: World,
) -> None:
    client = system("emergency@33", world)
    seen: list[str] = []
    after: str | None = "0"
    while after is not None:
        page = client.get("/api/v1/people", {"after": after}).json()
        assert len(page["rows"]) <= 50
        seen += [row["id"] for row in page["rows"]]
        after = page["after"]

    assert len(seen) == len(set(seen)) == page["total"] > 100


def test_who_answers_is_told_with_its_parents_and_a_gap_with_its_sentence(world: World) -> None:
    client = system(EMERGENCY, world, **{"Accept-Language": "en"})

    found = client.get(
        "/api/v1/responsibility", {"line": "water", "place": province.WENLING}
    ).json()
    unknown = client.get("/api/v1/responsibility", {"line": "magic", "place": province.WENLING})

    assert found["unit_code"] == "water@331081"
    assert found["superior"]["id"] == str(province.unit("water@3310").id)
    assert unknown.status_code == 404


def test_may_answers_as_the_page_does_rule_by_rule(world: World) -> None:
    ours, theirs = system(EMERGENCY, world), system("emergency@331083", world)
    asked = {"address": f"/cases/{world.ids['case']}"}

    yes, no = ours.get("/api/v1/may", asked).json(), theirs.get("/api/v1/may", asked).json()
    handle = ours.get("/api/v1/may", {"address": f"/tasks/{world.ids['task']}", "act": "handle"})

    assert (yes["allowed"], no["allowed"], handle.json()["allowed"]) == (True, False, False)
    assert yes["rules"][-1]["outcome"] == "allowed"
    assert no["rules"][-1]["outcome"] == "refused"
    assert theirs.get("/api/v1/may", asked | {"person": world.ids["person"]}).status_code == 403


def test_a_notice_is_taken_on_once(world: World) -> None:
    client = system("water@331081", world)
    address = f"/api/v1/notices/{world.ids['notice']}"

    assert client.get(address).json()["accepted_at"] is None
    answers = [
        client.post(
            f"{address}/acceptance",
            "{}",
            "application/json",
            headers={"Idempotency-Key": "token-1234"},
        ).json()
        for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert client.get(address).json()["accepted_at"] is not None


def with_another_post(code: str, post: str, other: str, world: World) -> tuple[Client, User]:
    """Return the key of a second post that the holder of the first has got in another unit."""
    user = User.objects.filter(username=f"{post}.{code}").first() or province.user_for(code, post)
    assert user.person_id is not None
    orgs.appoint(
        user.person_id, unit_id=province.unit(other).id, post_code="staff",
        on=local_day(machine_now()), at=machine_now(), actor="test",
    )  # fmt: skip
    text = key_of(user, other, "staff")
    headers = {"Authorization": f"Bearer {text}", "Guantong-Realm": world.realm}
    return Client(headers=headers, raise_request_exception=False), user


def test_a_key_of_one_post_neither_reads_nor_takes_on_what_is_for_another(world: World) -> None:
    other, _ = with_another_post("water@331081", "duty", "meteorology@331081", world)
    own = system("water@331081", world)
    address = f"/api/v1/notices/{world.ids['notice']}"
    token = {"Idempotency-Key": "token-1234"}

    listed = [row["id"] for row in other.get("/api/v1/notices").json()["rows"]]
    taken = other.post(f"{address}/acceptance", "{}", "application/json", headers=token)

    assert world.ids["notice"] not in listed
    assert (other.get(address).status_code, taken.status_code) == (403, 403)
    assert own.get(address).json()["accepted_at"] is None
    assert world.ids["notice"] in [r["id"] for r in own.get("/api/v1/notices").json()["rows"]]


def test_a_notice_to_both_posts_is_taken_on_for_the_unit_of_the_key_alone(world: World) -> None:
    other, user = with_another_post("water@331081", "duty", "meteorology@331081", world)
    ids = [province.unit(code).id for code in ("water@331081", "meteorology@331081")]
    person = user.person_id
    assert person is not None
    told = notices.send(
        Realm(world.realm), words=notices.Words.same("t"), kind="message", asks="acceptance",
        to=[notices.Recipient(person_id=person, unit_id=id, unit_zh="x", unit_en="x")
            for id in ids],
        at=machine_now(),
    )  # fmt: skip
    token = {"Idempotency-Key": "token-1234"}

    done = other.post(f"/api/v1/notices/{told}/acceptance", "{}", "application/json", headers=token)

    assert done.status_code == 200, done.json()
    taken = Receipt.objects.filter(notice_id=told, accepted_at__isnull=False)
    assert list(taken.values_list("unit_id", flat=True)) == [ids[1]]


def test_a_key_lists_what_its_person_has_done_in_its_post_and_not_elsewhere(world: World) -> None:
    other, user = with_another_post(VILLAGE, "head", "meteorology@331081", world)
    own = system(VILLAGE, world, post="head")
    Task.objects.filter(id=world.ids["task"]).update(
        state="completed", doer_id=user.person_id, completed_at=machine_now()
    )

    totals = [c.get("/api/v1/tasks", {"show": "done"}).json()["total"] for c in (own, other)]

    assert totals == [1, 0]


def test_nothing_of_the_interface_is_kept_in_a_cache_or_served_at_an_unknown_address(
    world: World,
) -> None:
    client = system(AREA, world)

    assert client.get(ME)["Cache-Control"] == "private, no-store"
    missing = client.get("/api/v1/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "no-such-address")
    wrong = client.delete(ME)
    assert (wrong.status_code, wrong.json()["code"], wrong["Allow"]) == (405, "not-that-way", "GET")


def test_a_proof_and_a_head_taken_here_hold_before_the_stand_alone_verifier(
    world: World, tmp_path: Path
) -> None:
    client = system(VILLAGE, world, post="head")
    proof, verifier, keys, head = (tmp_path / n for n in ("proof", "verify.py", "keys", "head"))

    proof.write_bytes(client.get(f"/api/v1/proofs/task/{world.ids['task']}/file").content)
    verifier.write_bytes(client.get("/api/v1/log/verifier").content)
    keys.write_text("".join(f"{k}\n" for k in client.get("/api/v1/log/keys").json()["keys"]))
    head.write_text(client.get("/api/v1/log/head").json()["note"], encoding="utf-8")

    assert verify(verifier, "--key", keys, proof)[0] == 0
    assert verify(verifier, "--key", keys, head)[0] == 0
