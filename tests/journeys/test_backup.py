"""Backed up while people work, destroyed, restored: nothing acknowledged before is missing.

The installation is the small one that release 0.1.0 left, brought to this version.
"""

import json
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journeys.begun import as_upgraded
from tests.journeys.installation import ROOT, Installation, installation
from tests.journeys.old_release import Person, at_work, counts, home_files, script

pytestmark = [pytest.mark.province, pytest.mark.xdist_group("backup")]

PASSPHRASE = "three short words"
TABLES = ("flows_case", "flows_task", "orgs_person", "access_user", "registry_object")


@pytest.fixture(scope="module")
def own() -> Iterator[Installation]:
    with installation() as made:
        as_upgraded(made, passing=False)
        yield made


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder for backups, outside the home."""
    with installation() as other:
        yield other.folder


# Opens cases and lets their first step be done, and tells each case once it stands in the store.
_LOAD = """
import sys, time
from guantong.main import store
with store.running():
    from guantong.main import wiring
    wiring.install_packages()
    from datetime import timedelta
    from guantong.access import api as access
    from guantong.base import clock
    from guantong.base.realm import LIVE
    from guantong.files import api as files
    from guantong.flows import api as flows
    from guantong.flows.models import Task
    from guantong.orgs.api import people_of_unit
    n = 0
    while True:
        n, at = n + 1, clock.machine_now()
        matter = f"load/{n}"
        case = flows.open_case(LIVE, package="flood_response", process="county_response",
            matter=matter, division_code="331081000000", level="orange", at=at,
            data={"alert_level": "orange", "alert_over": False, "matter": matter})
        task = Task.objects.get(case_id=case, item="advise")
        by = people_of_unit(task.unit_id, on=at.date())[0].id
        flows.accept(LIVE, {task.id: by}, at=at)
        if n == 1:
            user = access.User.objects.filter(kind="official", person_id__isnull=False).first()
            access.make_key(user, name="k", purpose="p", acts="act", post=(task.unit_id, "duty"),
                expires_at=at + timedelta(days=9), at=at)
        flows.complete(LIVE, {task.id: by}, at=at, answers={"advice": "请加强防范"})
        files.add(LIVE, ("case", case), f"\u6797\u963f\u5a46 {n}".encode(), name="a.txt", at=at,
            person_id=by, unit_id=task.unit_id)
        print(time.time(), case, flush=True)
"""


def test_what_was_done_before_the_backup_is_there_after_the_restore_and_goes_on(
    own: Installation, place: Path
) -> None:
    backup, keys = place / "all.backup", place / "all.keys"
    with at_work(own):
        load = subprocess.Popen(
            [sys.executable, "-c", _LOAD], env=own.environment(), cwd=ROOT, text=True,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert load.stdout is not None
        told = [load.stdout.readline().split() for _ in range(3)]
        began = time.time()
        made = own.run("backup", backup)
        load.terminate()
        told += [line.split() for line in load.stdout.read().splitlines() if " " in line]
        load.stdout.close()
        load.wait()
    kept = own.run("backup", "--keys", keys, GUANTONG_BACKUP_PASSPHRASE=PASSPHRASE)
    before = [case for at, case in told if float(at) < began]
    lake = home_files(own, "lake")
    assert made.code == kept.code == 0, (made, kept)
    assert len(before) >= 3
    assert len(told) > len(before), "work went on while the backup was made"

    shutil.rmtree(own.home)
    restored = own.run("restore", backup, "--keys", keys, GUANTONG_BACKUP_PASSPHRASE=PASSPHRASE)

    assert restored.code == 0, restored
    assert "nothing was altered" in restored.out
    assert "The keys came from their backup." in restored.out
    with zipfile.ZipFile(backup) as held:
        manifest = json.loads(held.read("manifest.json"))
    counted = counts(own, TABLES)
    assert counted == {table: manifest["counts"][table] for table in TABLES}
    with own.store() as connection:
        found = {
            str(row[0])
            for row in connection.execute("select id from flows_case where matter like 'load/%'")
        }
        sessions = connection.execute("select count(*) from access_session").fetchone()
        keys_ended = connection.execute("select ended_because from access_accesskey").fetchall()
    assert set(before) <= found
    assert sessions == (0,)
    assert keys_ended == [("restored",)], "a key revoked since would open the interface again"
    assert home_files(own, "lake") <= lake
    assert own.run("check", "audit").code == 0
    checked = own.run("check", "files", "--json")
    assert checked.code == 0, checked
    contents = json.loads(checked.out.splitlines()[-1])
    assert contents["contents"] >= 3
    assert (contents["open"], contents["faults"]) == (0, [])
    with zipfile.ZipFile(backup) as held:
        kept_files = b"".join(held.read(n) for n in held.namelist() if n.startswith("files/"))
    assert kept_files
    assert "林阿婆".encode() not in kept_files, "without the keys a backup shows no attachment"
    # The work goes on: an officer signs in and does the next step of such a case.
    with at_work(own) as up:
        with own.store() as connection:
            row = connection.execute(
                "select id from flows_task where case_id = %s and item = 'control'", [before[0]]
            ).fetchone()
            assert row is not None
        Person(up, "wenling").do(row[0], measures="落实巡查")
        with own.store() as connection:
            state = connection.execute(
                "select state from flows_task where id = %s", [row[0]]
            ).fetchone()
    assert state == ("closed_out",)


def test_a_backup_is_verified_before_it_is_needed(own: Installation, place: Path) -> None:
    whole = place / "whole.backup"
    assert own.run("backup", whole).code == 0
    content = whole.read_bytes()
    cut, bent, other = place / "cut.backup", place / "bent.backup", place / "other.backup"
    cut.write_bytes(content[: len(content) // 2])
    middle = len(content) // 2
    bent.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    other.write_text("a letter")
    before = counts(own, TABLES)

    sound = own.run("backup", "--verify", whole)
    answers = {path.name: own.run("backup", "--verify", path) for path in (cut, bent, other)}
    restores = [own.run("restore", path, "--replace") for path in (cut, bent, other)]
    newer = own.run("restore", _newer(whole, place / "newer.backup"), "--replace")

    assert sound.code == 0
    assert "is whole" in sound.out
    for answer in (*answers.values(), *restores, newer):
        assert answer.code == 2, answer
        assert answer.err.count("\n") == 1, answer
    assert "is damaged: 1 of its parts" in answers["bent.backup"].err
    assert "is no whole backup" in answers["cut.backup"].err
    assert "is no whole backup" in answers["other.backup"].err
    assert "taken from version 9.0, which is newer than this one" in newer.err
    assert counts(own, TABLES) == before
    assert list(own.home.glob("restoring-*")) == []


def test_a_restore_never_writes_over_an_installation_that_is_there(
    own: Installation, place: Path
) -> None:
    backup = place / "before.backup"
    assert own.run("backup", backup).code == 0
    script(
        own,
        'from guantong.access.models import User\nUser.objects.create(username="later")\nprint(1)',
    )
    now = counts(own, TABLES)

    refused = own.run("restore", backup)
    with own.store():
        in_use = own.run("restore", backup, "--replace")
    after_refusals = counts(own, TABLES)
    replaced = own.run("restore", backup, "--replace")

    assert refused.code == in_use.code == 2
    assert "it is not overwritten" in refused.err
    assert "is at work" in in_use.err
    assert after_refusals == now
    assert replaced.code == 0, replaced
    assert "The keys that were here are kept." in replaced.out
    assert counts(own, TABLES) == now | {"access_user": now["access_user"] - 1}
    kept = list(own.home.glob("before-*"))
    assert len(kept) == 1
    assert (kept[0] / "postgres").is_dir()


def test_a_restore_that_was_killed_at_its_last_step_is_not_taken_for_an_empty_home(
    own: Installation, place: Path
) -> None:
    backup = place / "again.backup"
    assert own.run("backup", backup).code == 0
    now = counts(own, TABLES)
    # As the kill leaves it: the old state is away, the restored one is not there yet.
    (own.home / "exchanging").touch()
    (own.home / "postgres").rename(own.home / "postgres-away")

    started, checked = own.run("up"), own.run("backup", place / "never.backup")
    again = own.run("restore", backup, "--replace")

    assert started.code == 2
    assert "was interrupted at its last step" in started.err
    assert checked.code == 2
    assert again.code == 0, again
    shutil.rmtree(own.home / "postgres-away")
    assert counts(own, TABLES) == now


def test_a_backup_that_is_interrupted_or_has_no_room_leaves_no_file(
    own: Installation, place: Path
) -> None:
    folder = place / "killed"
    folder.mkdir()
    running = own.start("backup", folder)
    until = time.monotonic() + 60
    while not list(folder.iterdir()) and time.monotonic() < until:
        time.sleep(0.005)
    running.process.kill()
    running.answer()
    left = [path.name for path in folder.iterdir()]

    taken = own.run("backup", folder)
    full = own.run("backup", "/dev/full/x.backup")
    twice = own.run("backup", _one(folder))

    assert all(name.endswith(".partial") for name in left), left
    assert taken.code == 0
    assert [path.suffix for path in folder.iterdir()] == [".backup"], (
        "the killed one's rest is gone"
    )
    assert full.code == twice.code == 2
    assert "was not written, and nothing of it is left" in full.err
    assert "a backup never replaces one" in twice.err


def test_only_the_newest_backups_are_kept_and_others_files_stay(
    own: Installation, place: Path
) -> None:
    folder = place / "daily"
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"guantong-2026010{day}T020000Z.backup").write_text("old")
    (folder / "guantong-letters.backup").write_text("not ours to remove")

    answer = own.run("backup", folder, "--keep", "2")

    names = sorted(path.name for path in folder.iterdir())
    assert answer.code == 0
    assert "2 older backups were removed" in answer.out
    assert "guantong-20260103T020000Z.backup" in names
    assert "guantong-letters.backup" in names
    assert len(names) == 3


def test_keys_open_only_with_their_passphrase(own: Installation, place: Path) -> None:
    keys, backup = place / "own.keys", place / "own.backup"
    short = own.run("backup", "--keys", keys, GUANTONG_BACKUP_PASSPHRASE="short")
    taken = own.run("backup", "--keys", keys, GUANTONG_BACKUP_PASSPHRASE=PASSPHRASE)
    assert own.run("backup", backup).code == 0
    secrets = [p.read_bytes() for p in (own.home / "keys").rglob("*") if p.is_file()]

    wrong = own.run(
        "restore", backup, "--replace", "--keys", keys, GUANTONG_BACKUP_PASSPHRASE="a wrong phrase"
    )

    assert short.code == wrong.code == 2
    assert taken.code == 0
    assert "do not open with this passphrase" in wrong.err
    assert secrets
    assert oct(keys.stat().st_mode & 0o777) == oct(backup.stat().st_mode & 0o777) == "0o600"
    for path in (keys, backup):
        content = path.read_bytes()
        assert not any(secret.strip() in content for secret in secrets if len(secret) > 16), path


def _newer(whole: Path, target: Path) -> Path:
    """Return a copy of a backup as a later version would have taken it."""
    with zipfile.ZipFile(whole) as held, zipfile.ZipFile(target, "w") as made:
        for name in held.namelist():
            content = held.read(name)
            if name == "manifest.json":
                body = json.loads(content)
                body["guantong"] = "9.0"
                body["migrations"]["flows"].append("9999_later")
                content = json.dumps(body).encode()
            made.writestr(name, content)
    return target


def _one(folder: Path) -> Path:
    return next(folder.glob("*.backup"))
