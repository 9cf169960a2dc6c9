"""How long 100,000 people take to bring in: from the bytes of a workbook to the last leaf.

``python -m benchmarks.people [people]`` starts a store of its own, founds the province, writes a
workbook with that many invented people in the units of all counties, plans the import (dry run),
applies it batch by batch, plans the same file again, and prints one JSON line. The peak is that of
this process; the leaves are counted in the store. There is no peer: nothing like it is to be had.
"""

import io
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

PEOPLE = 100_000


def _workbook(units: list[str], people: int) -> bytes:
    from openpyxl import Workbook

    weights, signs = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
    book = Workbook(write_only=True)
    sheet = book.create_sheet("岗位人员")
    sheet.append(
        ["人员编号", "姓名", "任职单位编码", "岗位", "职务", "任职日期", "手机号码", "身份证号"]
    )
    for n in range(people):
        body = f"3310811990{n // 3000 % 12 + 1:02d}{n // 100 % 28 + 1:02d}{n % 1000:03d}"
        digits = zip(body, weights, strict=True)
        check = signs[sum(int(digit) * weight for digit, weight in digits) % 11]
        # Not every number of identity may be new: the blind marks would find a twin.
        identity = f"{body}{check}" if n < 1000 * 28 * 12 // 100 else ""
        sheet.append(
            [f"B-{n:06d}", f"王某{n}", units[n % len(units)], "工作人员", "科员", "2026-11-01",
             f"139{n:08d}", identity if n % 100 == 0 else ""]
        )  # fmt: skip
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def main(people: int) -> dict[str, object]:
    """Bring people in and return what it took."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from guantong.base.clock import local_day, machine_now
    from guantong.base.outbox import deliver_one, subscribe
    from guantong.base.realm import LIVE
    from guantong.orgs import api as orgs
    from guantong.orgs.events import ImportToGoOn

    subscribe(ImportToGoOn, orgs.go_on)
    started = time.perf_counter()
    orgs.found_province(on=local_day(machine_now()))
    founded = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute(
            "select code from orgs_unit where tier in ('county', 'township') order by code"
        )
        units = [row[0] for row in cursor.fetchall()]
    data = _workbook(units, people)
    scope, who = orgs.Scope(everything=True), orgs.people_of_unit(
        orgs.unit_by_code("emergency@33", on=local_day(machine_now())).id,  # type: ignore[union-attr]
        on=local_day(machine_now()),
    )[0].id  # fmt: skip
    base_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def plan() -> tuple[object, float]:
        start = time.perf_counter()
        id = orgs.plan_import(
            data, "people.xlsx", person_id=who, scope=scope, on=local_day(machine_now()),
            at=machine_now(), actor="benchmark",
        )  # fmt: skip
        while orgs.plan_view(id).state == "reading":
            assert deliver_one(LIVE), "the import has nothing to go on with"
        return id, time.perf_counter() - start

    id, dry_run = plan()
    view = orgs.plan_view(id)  # type: ignore[arg-type]
    assert not view.doubts, orgs.plan_rows(id, which="doubts")[0][:3]  # type: ignore[arg-type]
    start = time.perf_counter()
    at = machine_now()
    orgs.apply_plan(id, on=local_day(at), scope=scope, at=at, actor="benchmark")  # type: ignore[arg-type]
    batches = 0
    while orgs.plan_view(id).state == "applying":  # type: ignore[arg-type]
        assert deliver_one(LIVE), "the import has nothing to go on with"
        batches += 1
    applied = time.perf_counter() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    again_id, again = plan()
    changes = orgs.plan_rows(again_id)[1]  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from orgs_person where number like 'B-%'")
        brought = cursor.fetchone()[0]
    return {
        "benchmark": "people", "people": brought, "file_mb": round(len(data) / 1e6, 1),
        "founding_s": round(founded, 1), "dry_run_s": round(dry_run, 1),
        "apply_s": round(applied, 1), "dry_run_and_apply_s": round(dry_run + applied, 1),
        "batches": batches, "again_s": round(again, 1), "changes_again": changes,
        "peak_mb": round(peak_mb), "before_mb": round(base_mb),
    }  # fmt: skip


if __name__ == "__main__":
    home = tempfile.mkdtemp(prefix="guantong-bench-")
    os.environ["GUANTONG_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "guantong.main.settings"
    os.environ.pop("DATABASE_URL", None)
    try:
        from guantong.main.home import Home
        from guantong.main.postgres import Server

        with Server(Home(Path(home))):
            print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)))
    finally:
        shutil.rmtree(home, ignore_errors=True)
