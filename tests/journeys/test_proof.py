"""Somebody asks for a proof: taken from the page or the command line, verified where we are not.

The verifier runs as a process of its own that can import nothing of the platform.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from tests import province
from tests.journeys.installation import Installation, installation
from tests.journeys.work_story import AREA, EMERGENCY, do_step, officer, step, text_of

from guantong.audit import api as audit
from guantong.audit.leaf import Leaf, encode
from guantong.base.ids import new_id
from guantong.base.realm import LIVE, Realm
from guantong.flows.models import Task
from guantong.packages.api import Package

RECORD = UUID("01890000-0000-7000-8000-000000000007")


def verify(verifier: Path, *given: object, language: str = "en") -> tuple[int, str]:
    """Run the verifier alone (-I): no folder, setting or package of ours is within its reach."""
    done = subprocess.run(
        [sys.executable, "-I", verifier, *map(str, given)], capture_output=True, check=False,
        encoding="utf-8", env={"LC_ALL": language, "PYTHONUTF8": "1"}, cwd=verifier.parent,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


# From the page


@pytest.fixture
def case(realm: Realm, flood: Package) -> UUID:
    return province.open_case(realm=realm, data={"track_id": "LEKIMA"})


@pytest.fixture
def task(realm: Realm, case: UUID, settings: Any, tmp_path: Path) -> Task:
    """A step that was accepted and done, and is in the log."""
    settings.KEYS, settings.HEADS = tmp_path, tmp_path
    asked = step(case, "advise")
    do_step(realm, case, "advise", EMERGENCY, "duty", advice="请加强防范")
    while audit.sequence():
        pass
    return asked


def files(browser: Any, address: str, folder: Path) -> tuple[Path, Path, Path]:
    """Take proof, verifier and keys from a page into a folder of somebody's own."""
    taken = []
    for end, name in (("file", "proof.json"), ("verify.py", "verify.py"), ("keys", "x.keys")):
        answer = browser.get(f"{address}/{end}")
        assert answer.status_code == 200
        assert "attachment" in answer["Content-Disposition"]
        (folder / name).write_bytes(answer.content)
        taken.append(folder / name)
    return taken[0], taken[1], taken[2]


@pytest.mark.django_db
def test_an_officer_takes_the_proof_of_a_task_and_a_stranger_verifies_it(
    task: Task, tmp_path: Path
) -> None:
    browser = officer(EMERGENCY)
    address = f"/proof/task/{task.id}"

    said = text_of(browser.get(address))
    proof, verifier, keys = files(browser, address, tmp_path)
    code, told = verify(verifier, "--key", keys, proof)

    assert "办结上报" in said
    assert "日志第 " in said
    assert province.person(EMERGENCY).name in said
    assert code == 0, told
    assert '"complete"' in told
    assert "leaves of this record are in the log" in told


@pytest.mark.django_db
def test_one_byte_altered_in_a_proof_is_refused_with_a_sentence_in_the_readers_language(
    task: Task, tmp_path: Path
) -> None:
    proof, verifier, keys = files(officer(EMERGENCY), f"/proof/task/{task.id}", tmp_path)
    proof.write_bytes(proof.read_bytes().replace(b"complete", b"complefe", 1))

    assert verify(verifier, "--key", keys, proof)[0] == 1
    assert "Does not hold" in verify(verifier, "--key", keys, proof)[1]
    assert "不成立" in verify(verifier, "--key", keys, proof, language="zh_CN.UTF-8")[1]


@pytest.mark.django_db
def test_what_waits_for_its_place_is_shown_as_waiting_and_is_not_in_the_proof_yet(
    task: Task, tmp_path: Path
) -> None:
    with transaction.atomic():
        audit.write(
            [Leaf(realm=task.realm, at=province.EVENING, actor="clock", act="supervise",
                  kind="task", object_id=task.id, body={})]
        )  # fmt: skip
    browser = officer(EMERGENCY, language="en")
    address = f"/proof/task/{task.id}"
    placed = len(audit.history("task", task.id)) - 1

    said = text_of(browser.get(address))
    proof, *_ = files(browser, address, tmp_path)

    assert "1 of these leaves wait for their place" in said
    assert "Not yet in the log" in said
    assert len(json.loads(proof.read_bytes())["leaves"]) == placed
    audit.sequence()
    assert "Not yet in the log" not in text_of(browser.get(address))


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["", "/file", "/verify.py", "/keys"])
def test_who_may_not_read_a_record_gets_neither_its_history_nor_its_proof(
    task: Task, end: str
) -> None:
    neighbour = officer("emergency@330327")

    assert neighbour.get(f"/proof/task/{task.id}{end}").status_code == 403
    assert neighbour.get(f"/proof/account/{new_id()}{end}").status_code == 403
    assert neighbour.get(f"/proof/nonsense/{new_id()}{end}").status_code == 403
    assert officer(AREA).get(f"/proof/task/{new_id()}{end}").status_code == 404


@pytest.mark.django_db
def test_a_record_without_leaves_says_why_and_offers_no_proof(task: Task, realm: Realm) -> None:
    unit = province.unit(EMERGENCY)
    browser = officer(EMERGENCY, language="en")

    said = text_of(browser.get(f"/proof/unit/{unit.id}"))

    assert "The log holds no leaf of this record" in said
    assert "There is no proof to take yet" in said
    assert browser.get(f"/proof/unit/{unit.id}/file").status_code == 409


# From the command line

_FOUND = """
import django, os
from guantong.main import store
with store.running():
    from django.core.management import call_command
    call_command("migrate", verbosity=0)
"""
_SEQUENCE = """
import sys
from guantong.main import store
with store.running():
    from guantong.audit.api import sequence
    while sequence():
        pass
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Installation]:
    """An installation whose store stands, with nobody and nothing in it."""
    with installation() as made:
        python(made, _FOUND)
        with made.store():
            yield made


def python(home: Installation, program: str) -> None:
    subprocess.run([sys.executable, "-c", program], env=home.environment(), check=True)


def leave(home: Installation, count: int) -> None:
    """Write leaves as the platform would, and let the sequencer place them."""
    rows = []
    for n in range(count):
        id = new_id()
        leaf = Leaf(
            realm=LIVE, at=province.EVENING, actor="system", act="make", kind="flag",
            object_id=RECORD, body={"n": n},
        )  # fmt: skip
        rows.append((id, LIVE, "flag", RECORD, encode(id, leaf)))
    with home.store() as records, records.cursor() as cursor:
        cursor.executemany(
            "insert into audit_leaf_waiting (id, realm, kind, object_id, encoded)"
            " values (%s, %s, %s, %s, %s)",
            rows,
        )
    python(home, _SEQUENCE)


def test_from_the_command_line_all_is_written_verified_and_found_when_it_is_cut(
    home: Installation, tmp_path: Path
) -> None:
    nothing = home.run("audit", "head")
    leave(home, 5)
    assert home.run("audit", "verifier", tmp_path / "verify.py").code == 0
    for words in (
        ("head", tmp_path / "old.head"),
        ("keys", tmp_path / "log.keys"),
        ("proof", "flag", str(RECORD), tmp_path / "proof.json"),
    ):
        assert home.run("audit", *words).code == 0
    leave(home, 4)
    continued = home.run("audit", "consistency", tmp_path / "old.head", tmp_path / "same.json")
    exported = home.run("audit", "export", tmp_path / "log.jsonl", "--from", "3")
    young = home.run("audit", "archive", tmp_path, "--before", "2026-01-01")
    sound = home.run("check", "audit", "--json")

    assert (nothing.code, "There is no signed head yet" in nothing.err) == (2, True)
    assert (continued.code, exported.code) == (0, 0)
    assert (young.code, "leaves stay in the store for 3 years" in young.err) == (2, True)
    assert sound.code == 0
    assert (sound.last["entries"], sound.last["faults"]) == (9, [])
    assert sound.last["heads"] in (1, 2)  # one for each hour
    keys = ("--key", tmp_path / "log.keys")
    for name, sentence in (
        ("proof.json", "all 5 leaves of this record"),
        ("same.json", "the log of 9 leaves continues that of 5"),
        ("log.jsonl", "leaves 3 to 9 of the export"),
        ("old.head", "the head is signed, over 5 leaves"),
    ):
        code, told = verify(tmp_path / "verify.py", *keys, tmp_path / name)
        assert (code, sentence in told) == (0, True), told

    # Somebody takes the last four leaves out of every table, and everything in the store agrees.
    with home.store() as records:
        records.execute("delete from audit_leaf where seq > 5")
        records.execute("update audit_tile set digests = substring(digests for 160)")
        records.execute("delete from audit_head")
        head = (tmp_path / "old.head").read_text()
        records.execute("insert into audit_head (size, at, note) values (5, now(), %s)", [head])
    cut = home.run("check", "audit", "--json")
    broken = home.run("audit", "consistency", tmp_path / "old.head")

    assert cut.code == 1
    assert [(f["code"], f["id"]) for f in cut.last["faults"]] == [("tail-cut", "9")]
    assert broken.code == 0  # the old head is all there is again; the kept one tells
