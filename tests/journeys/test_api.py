"""A county's own system works with the platform: from the page that makes a key to its end.

The program of the other system knows nothing of ours: it speaks HTTP, as curl does.
"""

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.test import Client
from tests import province
from tests.journeys.test_proof import verify
from tests.journeys.work_story import EMERGENCY, step
from tests.province import PASSWORD

from guantong.access.models import User
from guantong.audit import api as audit
from guantong.base.ids import new_id
from guantong.base.realm import Realm
from guantong.packages.api import Package

NEIGHBOUR = "emergency@331083"


class System:
    """Another system: an address, a key, an exercise."""

    def __init__(self, root: str, key: str, realm: str) -> None:
        self.root, self.key, self.realm = root, key, realm

    def ask(self, path: str, sent: Any = None, *, token: str = "") -> tuple[int, Any]:
        """Send a request and return status and what came back."""
        headers = {
            "Authorization": f"Bearer {self.key}", "Guantong-Realm": self.realm,
            "Accept-Language": "en", "Content-Type": "application/json",
        }  # fmt: skip
        if sent is not None:
            headers["Idempotency-Key"] = token or str(new_id())
        body = None if sent is None else json.dumps(sent).encode()
        request = Request(f"{self.root}/api/v1/{path}", data=body, headers=headers)  # noqa: S310
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                said = answer.read()
                kind = answer.headers["Content-Type"]
                return answer.status, json.loads(said) if "json" in kind else said
        except HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())


@pytest.fixture
def address(live_server: Any, settings: Any, tmp_path: Path) -> str:
    """The web process on a port of its own."""
    settings.KEYS = settings.HEADS = tmp_path
    return str(live_server.url)


def make_key(user: User, name: str, *, acts: str) -> str:
    """Make a key as a person does: on the page, after the password."""
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.post("/sign-in", {"username": user.username, "password": PASSWORD})
    asked = browser.get("/account/keys/new")
    post = asked.content.decode().split('name="post"')[1].split('value="')[1].split('"')[0]
    given = {"name": name, "purpose": "duty screen", "post": post, "acts": acts, "days": "30"}
    shown = browser.post("/account/keys/new", given).content.decode()
    key = shown.split('value="gtk_')[1].split('"')[0]
    listed = browser.get("/account/keys").content.decode()
    assert name in listed
    assert key not in listed
    return f"gtk_{key}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.enable_socket
def test_a_county_s_system_makes_a_key_works_takes_a_proof_and_is_refused_at_the_end(
    realm: Realm, flood: Package, address: str, tmp_path: Path
) -> None:
    case = province.open_case(realm=realm, data={"track_id": "LEKIMA"})
    task = step(case, "advise")
    officer, stranger = province.user_for(EMERGENCY), province.user_for(NEIGHBOUR)
    system = System(address, make_key(officer, "Wenling duty screen", acts="act"), realm)

    # What waits for the post, and what one of the tasks asks.
    status, listed = system.ask("tasks")
    assert (status, listed["total"]) == (200, 2)
    assert str(task.id) in [row["id"] for row in listed["rows"]]
    assert system.ask(f"tasks/{task.id}")[1]["acts"] == ["accept"]

    # Accept it, twice on a weak network; complete it with its form.
    first = system.ask(f"tasks/{task.id}/acts", {"act": "accept"}, token="weak-network-1")
    again = system.ask(f"tasks/{task.id}/acts", {"act": "accept"}, token="weak-network-1")
    assert first == again == (200, {"id": str(task.id), "act": "accept", "state": "accepted"})
    form = system.ask(f"tasks/{task.id}")[1]["form"]
    assert "advice" in [field["name"] for field in form]
    wrong = system.ask(f"tasks/{task.id}/acts", {"act": "complete", "answers": {}})
    assert (wrong[0], wrong[1]["code"]) == (422, "answers-wrong")
    assert "advice" in wrong[1]["message"]
    done = {"act": "complete", "answers": {"advice": "请加强防范"}}
    finished = system.ask(f"tasks/{task.id}/acts", done, token="weak-network-2")
    assert finished == system.ask(f"tasks/{task.id}/acts", done, token="weak-network-2")
    assert finished[0] == 200
    task.refresh_from_db()
    assert (task.doer_id, task.answers["advice"]) == (officer.person_id, "请加强防范")

    # The county next door is told why not, and whom to ask.
    other = System(address, make_key(stranger, "Yuhuan", acts="act"), realm)
    refused = other.ask(f"tasks/{task.id}")
    assert (refused[0], refused[1]["code"]) == (403, "access-refused")
    assert "ask" in refused[1]["message"].lower()
    assert other.ask("tasks")[1]["rows"] == []

    # A proof, verified where we are not; the log names the key.
    while audit.sequence():
        pass
    proof, verifier, keys = (tmp_path / name for name in ("proof.json", "verify.py", "x.keys"))
    proof.write_text(json.dumps(system.ask(f"proofs/task/{task.id}/file")[1]), encoding="utf-8")
    verifier.write_bytes(system.ask("log/verifier")[1])
    keys.write_text("".join(f"{k}\n" for k in system.ask("log/keys")[1]["keys"]), encoding="utf-8")
    code, told = verify(verifier, "--key", keys, proof)
    assert code == 0, told
    assert "access-key:" in json.dumps(system.ask(f"proofs/task/{task.id}"))
    head = tmp_path / "head"
    head.write_text(system.ask("log/head")[1]["note"], encoding="utf-8")
    assert verify(verifier, "--key", keys, head)[0] == 0

    # Its person revokes the key: from that moment it opens nothing.
    id = system.ask("me")[1]["key"]["id"]
    browser = Client()
    browser.post("/sign-in", {"username": officer.username, "password": PASSWORD})
    browser.post(f"/account/keys/{id}/revoke")
    ended = system.ask("tasks")
    assert (ended[0], ended[1]["code"]) == (401, "key-ended")
    assert "make a new one" in ended[1]["remedy"]
