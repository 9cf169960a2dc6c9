"""What one process changes of who answers, another one sees without being started again."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from tests.province import WENLING, Province, unit

from guantong.base.clock import local_day, machine_now
from guantong.orgs import api as orgs
from guantong.orgs.queries import LOOK_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)

# Answers each line on its input with the unit that answers for water in Wenling on the morrow.
OTHER = """
import sys
from datetime import date
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from guantong.orgs import api as orgs
on = date.fromisoformat(sys.argv[2])
for _ in sys.stdin:
    role = orgs.Role.parse("water@county")
    found = orgs.resolve(role, sys.argv[3], units=orgs.jurisdictions(on), on=on)
    print(found.unit.code if isinstance(found, orgs.Responsibility) else found.reason, flush=True)
"""

TOMORROW = local_day(machine_now()) + timedelta(days=1)


class Other:
    """Another process on the same store."""

    def __init__(self) -> None:
        name = str(connection.settings_dict["NAME"])
        self._process = subprocess.Popen(
            [sys.executable, "-c", OTHER, name, TOMORROW.isoformat(), WENLING],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "guantong.main.settings"},
        )  # fmt: skip

    def ask(self) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.communicate(timeout=20)


@pytest.fixture
def other(transactional_db: None, province: Province) -> Iterator[Other]:
    process = Other()
    yield process
    process.end()


def said() -> dict[str, Any]:
    return {"at": machine_now(), "actor": "test"}


def test_another_process_sees_a_merger_and_a_declared_chain_within_a_moment(other: Other) -> None:
    before = other.ask()
    orgs.merge_unit("water@331081", into="agriculture@331081", on=TOMORROW, **said())
    time.sleep(LOOK_SECONDS + 0.1)
    merged = other.ask()
    heir = orgs.jurisdictions_of(unit("agriculture@331081").id)
    row = next(row for row in heir if row.line == "water")
    orgs.give_up(row.id, on=TOMORROW, **said())
    orgs.declare_chain("water", WENLING, ("area",), on=TOMORROW, **said())
    time.sleep(LOOK_SECONDS + 0.1)

    assert (before, merged, other.ask()) == ("water@331081", "agriculture@331081", "area@331081")
