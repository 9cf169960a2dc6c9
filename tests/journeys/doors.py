"""The doors of the platform and who stands before them: what ``test_every_door`` crosses.

A door is an address, with a method. ``doors.yaml`` says of each which kind of thing and which act
it asks for, and which group of people it lets in. Here is how to find all doors there are, and a
small world in which each of them leads somewhere.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.db import connection
from django.test import Client
from django.urls import URLResolver, get_resolver
from tests import province
from tests.journeys.work_story import bring_to_action

from guantong.access.api import CITIZEN, User
from guantong.access.look_models import Approval, Look
from guantong.access.resident_models import Contest, Residence
from guantong.base import clock
from guantong.base.clock import local_day, machine_now
from guantong.base.ids import new_id
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE, Realm
from guantong.files import api as files
from guantong.flows.models import Task
from guantong.notices import api as notices
from guantong.notices.api import Recipient, Words
from guantong.orgs import api as orgs
from guantong.orgs.models import Appointment, Jurisdiction
from guantong.packages import api as packages

# An invented enterprise's number whose check character is right (GB 32100-2015).
USCC = "91330000MA00000007"
TABLE = Path(__file__).with_name("doors.yaml")

OWN, NEIGHBOUR, ABOVE = "own", "neighbour", "above"
AREAS = (OWN, NEIGHBOUR, ABOVE)

# Twelve roles, each in three areas: the county of the case and what lies in it, the county next
# door, and above. A village or township has nothing of its kind above it: there stand the
# province's duty officer and the platform's administrator.
YUHUAN_TOWN, YUHUAN_VILLAGE = "331083001000", "331083001001"
ROLES: dict[str, tuple[tuple[str, str], tuple[str, str], tuple[str, str]]] = {
    "area_head": (("area@331081", "head"), ("area@331083", "head"), ("area@3310", "head")),
    "area_duty": (("area@331081", "duty"), ("area@331083", "duty"), ("area@3310", "duty")),
    "lead_head": (("emergency@331081", "head"), ("emergency@331083", "head"),
                  ("emergency@3310", "head")),
    "lead_duty": (("emergency@331081", "duty"), ("emergency@331083", "duty"),
                  ("emergency@3310", "duty")),
    "lead_second": (("emergency@331081", "second_duty"), ("emergency@331083", "second_duty"),
                    ("emergency@3310", "second_duty")),
    "water_head": (("water@331081", "head"), ("water@331083", "head"), ("water@3310", "head")),
    "water_duty": (("water@331081", "duty"), ("water@331083", "duty"), ("water@3310", "duty")),
    "civil_duty": (("civil_affairs@331081", "duty"), ("civil_affairs@331083", "duty"),
                   ("civil_affairs@3310", "duty")),
    "township_duty": (("area@331081105", "duty"), ("area@331083001", "duty"),
                      ("emergency@33", "duty")),
    "township_line": (("emergency@331081105", "duty"), ("emergency@331083001", "duty"),
                      ("meteorology@33", "duty")),
    "village_head": ((f"area@{province.LIRUO}", "head"), ("", ""), ("emergency@33", "head")),
    # Nobody: an account without a person, somebody whose post has ended, a closed account.
    "nobody": (("", "no post"), ("", "leaver"), ("", "closed")),
}  # fmt: skip


def patterns() -> dict[str, frozenset[str]]:
    """Return every address of the official end as its pattern, with the methods it takes."""

    def walk(parts: list[Any], before: str) -> Iterator[tuple[str, frozenset[str]]]:
        for part in parts:
            here = before + str(part.pattern)
            if isinstance(part, URLResolver):
                yield from walk(part.url_patterns, here)
            else:
                yield here, methods_of(part.callback)

    return dict(walk(get_resolver().url_patterns, ""))


def methods_of(view: Any) -> frozenset[str]:
    """Return GET and POST as far as a view takes them: what its decorator was told."""
    operations = _operations(view)
    if operations:
        return frozenset(m for operation in operations for m in operation.methods)
    while view is not None:
        for cell in view.__closure__ or ():
            told = cell.cell_contents
            if isinstance(told, list | tuple) and {"GET", "POST"} & set(told):
                return frozenset(told) & {"GET", "POST"}
        view = getattr(view, "__wrapped__", None)
    return frozenset({"GET", "POST"})


def _operations(view: Any) -> list[Any]:
    """Return the operations of the interface that stand behind a view; none behind a page."""
    held = [cell.cell_contents for cell in getattr(view, "__closure__", None) or ()]
    return [operation for one in held for operation in getattr(one, "operations", ())]


@functools.cache
def table() -> dict[str, Any]:
    """Return the table of doors."""
    return dict(yaml.safe_load(TABLE.read_text("utf-8")))


@dataclass
class World:
    """A county in the middle of a typhoon, with one thing of each kind, and who stands outside."""

    realm: Realm
    # What the places of an address are filled with, by the name the table gives.
    ids: dict[str, str] = field(default_factory=dict)


def build(realm: Realm) -> World:
    """Make one thing of each kind in the county."""
    world = World(realm=realm)
    family = province.household("HH33108110522901", realm=realm)
    case = province.open_case(realm=realm, data={"track_id": "LEKIMA"})
    bring_to_action(realm, case)
    task = Task.objects.get(case_id=case, subject_id=family)
    subject = province.person("water@331081", "second_duty").id
    world.ids |= {
        "case": str(case), "family": str(family), "task": str(task.id),
        "person": str(subject), "unit": str(province.unit("water@331081").id),
        "nothing": str(UUID(int=7)),
    }  # fmt: skip
    world.ids["request"] = str(_request(realm, subject))
    world.ids |= _organisation(subject) | _papers(realm, case, UUID(world.ids["unit"]))
    release = _release()
    world.ids |= {
        "setting": str(_setting()), "difference": str(_difference()), "release": str(release),
        "rehearsal": str(_rehearsal(release)),
    } | _draft()  # fmt: skip
    with connection.cursor() as cursor:
        # Nobody counts the rows of a transaction that stays open: who reads was found in 270 ms.
        # Our tables only: those that databases share would be held from other workers' worlds.
        cursor.execute("analyze " + ", ".join(connection.introspection.table_names(cursor)))
    world.ids |= _citizens(realm, family)
    return world


def _organisation(subject: UUID) -> dict[str, str]:
    """Make a delegation, a shift, an import and an enterprise in the county's water bureau."""
    at, water = machine_now(), province.unit("water@331081")
    today = local_day(at)
    head = province.person("water@331081", "head").id
    appointment = Appointment.objects.get(person_id=head)
    delegation = orgs.delegate(
        head, subject, post_id=appointment.post_id, on=today, until=today + timedelta(days=2),
        at=at, actor="test",
    )  # fmt: skip
    shift = orgs.put_on_duty(
        water.id, [(subject, "duty", at, at + timedelta(hours=8))], at=at, actor="test"
    )[0]
    plan = orgs.plan_import(
        orgs.template("zh-CN"), "x.xlsx", person_id=head, on=today, at=at, actor="test",
        scope=orgs.Scope(unit_ids=(water.id,)),
    )  # fmt: skip
    enterprise = orgs.register_enterprise(
        name="某水泵厂", uscc=USCC, unit_id=water.id, division_code=province.WENLING, at=at,
        actor="test",
    )  # fmt: skip
    row = Jurisdiction.objects.get(unit_id=water.id)
    return {
        "delegation": str(delegation), "shift": str(shift), "plan": str(plan), "row": str(row.id),
        "appointment": str(Appointment.objects.get(person_id=subject).id),
        "enterprise": str(enterprise),
        "chain": str(
            orgs.declare_chain(
                "communications", province.WENLING, ("area",), on=local_day(machine_now()),
                at=machine_now(), actor="test",
            )
        ),
    }  # fmt: skip


def _papers(realm: Realm, case: UUID, water: UUID) -> dict[str, str]:
    """Make a notice, an attachment, a document and a fact laid aside."""
    at = clock.now(realm)
    lead = province.unit("emergency@331081")
    sender, reader = province.person("emergency@331081").id, province.person("water@331081").id
    notice = notices.send(
        realm, to=[Recipient(person_id=reader, unit_id=water)], words=Words.same("请到岗"),
        kind="message", at=at, asks="acceptance", sender_id=sender, sender_unit=lead, urgent=True,
    )  # fmt: skip
    file = files.add(
        realm, ("case", case), "说明".encode(), name="说明.txt", at=at, person_id=sender,
        unit_id=lead.id,
    )  # fmt: skip
    made = files.issue(
        realm, ("case", case),
        files.Draft(
            kind="notice", agency_word="温应急", title="通知", addressee="各镇", body="请到岗。"
        ),
        files.Issuer(
            unit_id=lead.id, unit_code=lead.code, unit_name=lead.name_zh, person_id=sender
        ),
        at=at, verify="http://localhost/verify/",
    )  # fmt: skip
    fact = OutboxMessage.objects.filter(realm=realm).earliest("seq")
    OutboxMessage.objects.filter(seq=fact.seq).update(state="dead", attempts=9, fault="test")
    return {
        "notice": str(notice), "file": str(file.id), "document": str(made.id),
        "code": made.code, "fact": str(fact.id),
    }  # fmt: skip


def _setting() -> UUID:
    """Let the county set a value of its own for a parameter of the application."""
    flood, at = packages.installed("flood_response"), machine_now()
    assert flood is not None, "the folder of applications holds flood_response"
    return packages.set_value(
        flood, "land_reduction", province.WENLING, "0.7", from_day=local_day(at), why="实测结果",
        by="person:x", at=at,
    )  # fmt: skip


def _draft() -> dict[str, str]:
    """Let the duty officer of the province draft another version of the application's table."""
    flood, at = packages.installed("flood_response"), machine_now()
    assert flood is not None, "the folder of applications holds flood_response"
    path = "rules/typhoon_signal.dmn"
    content = flood.documents[path].content.replace(b"&gt;= 32.7", b"&gt;= 30", 1)
    id = packages.draft_table(
        flood, path, content, why="会商：提前预警", from_day=local_day(at), at=at,
        by=f"person:{province.person('emergency@33').id}",
    )  # fmt: skip
    return {"draft": str(id), "draft_digest": packages.table_digest(content)}


def _difference() -> UUID:
    """Let the county word a step its own way, and ask a question of its own."""
    flood, at = packages.installed("flood_response"), machine_now()
    assert flood is not None, "the folder of applications holds flood_response"
    question = packages.own_field(flood.id, "advisory", province.WENLING, ())
    said: dict[packages.Entry, object] = {
        packages.word_entry("zh-CN", "node.advise"): "发风险提示给镇街",
        question: {"type": "text", "label": {"zh-CN": "已通知哪些镇街", "en": "Towns told"}},
    }
    made = packages.say_differently(
        flood, province.WENLING, said, from_day=local_day(at), why="本地叫法", by="person:x", at=at
    )
    return made[0]


def _release() -> UUID:
    """Keep a release of the application that nobody has installed."""
    flood = packages.installed("flood_response")
    assert flood is not None, "the folder of applications holds flood_response"
    return packages.bring_in(packages.Brought(package=flood), by="person:x", at=machine_now())


def _rehearsal(release: UUID) -> UUID:
    """Keep a rehearsal of a release: half of everything was reached, and one check failed."""
    flood = packages.installed("flood_response")
    assert flood is not None, "the folder of applications holds flood_response"
    moment = province.EVENING.isoformat()
    check = {
        "kind": "then", "place": 0, "due_at": None, "done_at": moment,
        "wish": {"task": {"task": "review", "in": province.WENLING, "state": "closed_out"}},
        "result": {"held": False, "count": 0, "states": {"accepted": 2}},
    }  # fmt: skip
    came = {
        "path": "scenarios/false_alarm.yaml", "realm": "exercise:x", "begins_at": moment,
        "ended_at": moment, "seconds": 1.0, "unresolved": 2, "wishes": [check],
        "reached": {
            topic: sorted(names)[::2] for topic, names in packages.possible(flood).items()
        },
        "cases_left_out": 0, "timeline": [],
    }  # fmt: skip
    outcome = {"scenarios": [came], "units": []}
    return packages.keep_rehearsal(
        release, outcome, kind=packages.BOX, by="person:x", at=machine_now()
    ).id


def _citizens(realm: Realm, family: UUID) -> dict[str, str]:
    """Make two citizens; the household is the first one's, who contests a look of the county's."""
    at, water = machine_now(), province.unit("water@331081")
    keeper, looker = province.unit(f"area@{province.LIRUO}"), province.person("water@331081").id
    hers, another = (
        orgs.register_citizen(
            name=name, identity=identity, mobile=mobile, unit_id=keeper.id,
            division_code=keeper.division_code, at=at, actor="test",
        )
        for name, identity, mobile in (
            ("王某一", "999999199001011238", "13800000001"),
            ("李某二", "999999199202022443", "13800000002"),
        )
    )  # fmt: skip
    for person, name in ((hers, "hers"), (another, "another")):
        User.objects.create(
            username=f"c-{name}", password="!", person_id=person, kind=CITIZEN, activated_at=at
        )
    residence = Residence.objects.create(
        citizen_id=hers, realm=realm, object_id=family, unit_id=keeper.id, code_hash="",
        division_code=keeper.division_code, made_by="test", made_at=at, expires_at=at,
        accepted_at=at,
    )  # fmt: skip
    looks = [
        Look.objects.create(
            realm=realm, at=clock.now(realm), person_id=looker, unit_id=water.id, kind="object",
            object_id=family, type="flood_response.household", purpose="complaint", classes="L3",
        )
        for _ in range(2)
    ]  # fmt: skip
    contest = Contest.objects.create(
        realm=realm, look_id=looks[0].id, looker_id=looker, citizen_id=hers, why="?", asked_at=at,
        unit_ids=[water.id, province.unit("area@331081").id], answer_by=at + timedelta(days=7),
        division_code=keeper.division_code,
    )  # fmt: skip
    notice = notices.send(
        LIVE, to=[Recipient(person_id=hers)], words=Words.same("请确认"), kind="message",
        asks="acceptance", at=at,
    )  # fmt: skip
    return {
        "residence": str(residence.id), "look": str(looks[1].id), "contest": str(contest.id),
        "citizen_notice": str(notice),
    }  # fmt: skip


def _request(realm: Realm, subject: UUID) -> UUID:
    at = machine_now()
    asker = province.person("water@331081", "duty").id
    row = Approval.objects.create(
        id=new_id(), realm=realm, kind="unit", object_id=subject, division_code=province.WENLING,
        unit_ids=[province.unit("water@331081").id, province.unit("area@331081").id],
        title="x", title_en="x", href="/", asker_id=asker, purpose="complaint", why="x", hours=1,
        asked_at=at - timedelta(minutes=1),
    )  # fmt: skip
    return row.id


def account(role: str, area: str) -> User:
    """Return the account that stands for a role in an area."""
    code, post = ROLES[role][AREAS.index(area)]
    if role == "nobody":
        return User.objects.create(
            username=f"nobody-{area}", password="!", is_active=post != "closed",
            person_id=None if post == "no post" else new_id(),
        )  # fmt: skip
    if not code:  # the second village of the small province next door
        code, post = f"area@{_village_next_door()}", "head"
    return province.user_for(code, post, username=f"{role}-{area}")


@functools.cache
def _village_next_door() -> str:
    made, _ = province._made()
    return next(code for code in made.villages if code.startswith("331083"))


def browser_of(user: User | None) -> Client:
    """Return a browser in which that account is signed in; without one, a visitor's."""
    browser = Client(raise_request_exception=False)
    if user is not None:
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser
