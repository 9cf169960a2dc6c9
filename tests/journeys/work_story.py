"""What the journeys of officers share: who signs in, and a county's response at its stages."""

import re
import time
from html import unescape
from uuid import UUID

from django.contrib.auth.backends import ModelBackend
from django.test import Client
from tests import province

from guantong.base.clock import now
from guantong.base.realm import Realm
from guantong.flows import api as flows
from guantong.flows.models import Task
from guantong.portal.sign_in import PROVED

EMERGENCY, AREA = f"emergency@{province.WENLING[:6]}", f"area@{province.WENLING[:6]}"
VILLAGE, TOWNSHIP = f"area@{province.LIRUO}", f"area@{province.SHITANG[:9]}"


def officer(unit_code: str, post: str = "duty", *, language: str = "zh-CN") -> Client:
    """Return a browser in which the holder of a post is signed in; the hash is not waited for."""
    user = province.user_for(unit_code, post, language=language)
    browser = Client()
    browser.force_login(user, backend=f"{ModelBackend.__module__}.{ModelBackend.__name__}")
    # As after a sign-in: the password was shown just now.
    session = browser.session
    session[PROVED] = time.time()
    session.save()
    return browser


def text_of(answer: object) -> str:
    """Return what of a page people read."""
    html = answer.content.decode()  # type: ignore[attr-defined]
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def file_of(answer: object) -> str:
    """Return a file as it was sent."""
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def step(case: UUID, item: str) -> Task:
    """Return the newest task of a step or plan item that is not settled."""
    return (
        Task.objects.filter(case_id=case, item=item)
        .exclude(state__in=["closed_out", "withdrawn"])
        .latest("sent_at")
    )


def do_step(realm: Realm, case: UUID, item: str, unit_code: str, post: str, **answers: str) -> None:
    """Let a step be accepted and completed by the holder of a post."""
    person, at, task = province.person(unit_code, post).id, now(realm), step(case, item)
    flows.accept(realm, {task.id: person}, at=at)
    assert flows.complete(realm, {task.id: person}, at=at, answers=answers) == [task.id]


def bring_to_approval(realm: Realm, case: UUID, level: str = "orange") -> None:
    """Bring a case to the point where the county's government must approve its response."""
    do_step(realm, case, "advise", EMERGENCY, "duty", advice="请加强防范")
    do_step(realm, case, "control", EMERGENCY, "duty", measures="落实巡查")
    do_step(realm, case, "propose", EMERGENCY, "duty", response_level=level, grounds="会商结论")


def bring_to_action(realm: Realm, case: UUID, level: str = "orange") -> None:
    """Bring a case to the point where its plan has been expanded into tasks."""
    bring_to_approval(realm, case, level)
    do_step(realm, case, "approve", AREA, "head", approved="yes")


def task_of(subject: UUID) -> Task:
    """Return the task about an object."""
    return Task.objects.get(subject_id=subject)
