"""Bringing people in: what an import would change, what it doubts, and that it happens once."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from guantong.audit.check import _compare, _Look
from guantong.audit.suite import INTERNATIONAL
from guantong.base.models import OutboxMessage
from guantong.orgs import api as orgs
from guantong.orgs.api import Correction, PlanView, Scope, UnitRef
from guantong.orgs.errors import PlanInDoubt, PlanNotOpen
from guantong.orgs.models import Appointment, Person
from guantong.orgs.queries import person_by_number

TODAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
WENLING = Scope(prefixes=("331081",))
IMPORTER = UUID(int=7)

UNIT_HEAD = "单位编码,单位名称,上级单位编码,行政区划代码,条线\n"
PEOPLE_HEAD = "人员编号,姓名,任职单位编码,岗位,职务,任职方式,任职日期,截止日期,手机号码,身份证号\n"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counties")]


def plan(text: str, *, scope: Scope = WENLING, **more: Any) -> PlanView:
    id = orgs.plan_import(
        text.encode(), "people.csv", person_id=IMPORTER, scope=scope, on=TODAY, at=AT,
        actor="test", **more,
    )  # fmt: skip
    return orgs.plan_view(id)


def apply(made: PlanView) -> PlanView:
    return orgs.apply_plan(made.id, on=TODAY, scope=WENLING, at=AT, actor="test")


def bring(text: str, **more: Any) -> PlanView:
    return apply(plan(text, **more))


def doubts_of(made: PlanView) -> list[tuple[int, str, str]]:
    rows, _ = orgs.plan_rows(made.id, which="doubts")
    return [(row.number, doubt.code, doubt.field) for row in rows for doubt in row.doubts]


def changes_of(made: PlanView) -> list[str]:
    rows, _ = orgs.plan_rows(made.id)
    return [str(change["what"]) for row in rows for change in row.changes]


def posts_of(number: str, on: date = TODAY) -> list[tuple[str, str]]:
    id = person_by_number(number)
    assert id is not None, f"nobody has the number {number!r}"
    return [(held.unit.code, held.post_code) for held in orgs.posts_of_people([id], on=on)[id]]


def unit(code: str) -> UnitRef:
    found = orgs.unit_by_code(code, on=TODAY)
    assert found is not None
    return found


def people(*rows: str) -> str:
    return PEOPLE_HEAD + "".join(f"{row}\n" for row in rows)


def test_new_people_get_their_posts_and_their_leaves() -> None:
    done = bring(people(
        "WL-1,王小明,water@331081,工作人员,科员,,,,13800000001,11010519491231002X",
    ))  # fmt: skip

    assert done.state == "applied"
    assert posts_of("WL-1") == [("water@331081", "staff")]
    with connection.cursor() as cursor:
        cursor.execute("select kind, count(*) from audit_leaf group by 1 order by 1")
        leaves = dict(cursor.fetchall())
    assert (leaves["person"], leaves["appointment"], leaves["import"]) == (1, 1, 2)


def test_telephones_and_numbers_of_identity_stand_nowhere_in_clear() -> None:
    made = plan(people(
        "WL-1,王小明,water@331081,工作人员,,,,,13800000001,11010519491231002X"
    ))  # fmt: skip

    def everything() -> str:
        with connection.cursor() as cursor:
            cursor.execute(
                "select string_agg(r::text, ' ') from orgs_importrow r"
                " union all select string_agg(p::text, ' ') from orgs_person p"
                " union all select string_agg(f::text, ' ') from orgs_importfile f"
                " union all select string_agg(convert_from(encoded, 'UTF8'), ' ') from audit_leaf"
            )
            return " ".join(row[0] or "" for row in cursor.fetchall())

    planned = everything()
    apply(made)

    for text in (planned, everything()):
        assert "13800000001" not in text
        assert "11010519491231002X" not in text
    found = person_by_number("WL-1")
    assert found is not None
    contact = orgs.contact_of(found)
    assert (contact.mobile, contact.identity) == ("13800000001", "11010519491231002X")


def test_the_same_file_again_changes_nothing() -> None:
    text = people(
        "WL-1,王小明,water@331081,工作人员,科员,,2026-11-01,,13800000001,11010519491231002X",
        "WL-1,王小明,emergency@331081,工作人员,联络员,,,,,",
        "WL-2,李小红,water@331081,代理,,代理,,2027-01-01,,",
    ).replace("water@331081,代理", "water@331081,值班员")
    bring(text)

    again = plan(text)

    assert changes_of(again) == []
    assert (again.doubts, again.counts["unchanged"]) == (0, 3)


def test_a_book_that_was_taken_out_and_brought_back_changes_nothing() -> None:
    bring(people("WL-1,王小明,water@331081,工作人员,科员,,,,13800000001,"))
    cut = ("u.division_code like %s", ["331081%"])

    taken = orgs.book_workbook(cut, cut, orgs.EVERYTHING, on=TODAY, language="zh-CN")
    id = orgs.plan_import(
        taken, "book.xlsx", person_id=IMPORTER, scope=WENLING, leave_missing=True, on=TODAY,
        at=AT, actor="test",
    )  # fmt: skip

    again = orgs.plan_view(id)
    assert again.counts["rows"] > 100
    assert (changes_of(again), again.doubts) == ([], 0)


def test_a_person_whom_the_file_puts_elsewhere_moves() -> None:
    bring(people("WL-1,王小明,water@331081,工作人员,,,2026-11-01,,,"))

    made = plan(people("WL-1,王小明,emergency@331081,工作人员,,,,,,"))
    assert sorted(changes_of(made)) == ["ended", "moved"]
    apply(made)

    assert posts_of("WL-1") == [("emergency@331081", "staff")]
    assert posts_of("WL-1", date(2026, 11, 21)) == [("water@331081", "staff")]


def test_people_not_in_the_file_stay_unless_their_leaving_is_asked_for() -> None:
    bring(people("WL-1,王小明,water@331081,工作人员,,,2026-11-01,,,"))
    other = people("WL-2,李小红,water@331081,工作人员,,,,,,")

    kept, left = plan(other), plan(other, leave_missing=True)

    assert "ended" not in changes_of(kept)
    rows, total = orgs.plan_rows(left.id, which="ended", most=1000)
    assert total > 100  # everybody of Wenling but the one in the file, one by one
    assert "WL-1" in {row.cells["number"] for row in rows}
    assert {row.sheet for row in rows} == {"leavers"}


def test_whoever_would_leave_with_work_under_way_is_in_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bring(people("WL-1,王小明,water@331081,工作人员,,,2026-11-01,,,"))
    orgs.bring_held_work(lambda ids: dict.fromkeys(ids, 3))
    try:
        made = plan(people("WL-1,王小明,water@331081,工作人员,,,2026-11-01,2026-11-22,,"))
    finally:
        orgs.bring_held_work(lambda ids: {})

    assert doubts_of(made) == [(2, "tasks-held", "number")]


@pytest.mark.parametrize(
    ("row", "doubt", "field"),
    [
        ("WL-1,王小明,water@999999,工作人员,,,,,,", "unit-unknown", "unit"),
        ("WL-1,王小明,water@330327,工作人员,,,,,,", "unit-outside", "unit"),
        ("WL-1,王小明,water@331081,局长,,,,,,", "post-unknown", "post"),
        ("WL-1,王小明,water@331081,值班员,,,,,,", "post-filled", "post"),
        ("WL-1,王小明,water@331081,工作人员,,借调,,,,", "kind-unknown", "kind"),
        ("WL-1,王小明,water@331081,值班员,,代理,,,,", "acting-end", "valid_to"),
        ("WL-1,王小明,water@331081,工作人员,,,2026-13-01,,,", "date", "valid_from"),
        ("WL-1,王小明,water@331081,工作人员,,,2026-12-01,2026-11-30,,", "end-before", "valid_to"),
        ("WL-1,王小明,water@331081,工作人员,,,,,12345,", "mobile", "mobile"),
        ("WL-1,王小明,water@331081,工作人员,,,,,,110105194912310021", "identity", "identity"),
        ("WL-1,,water@331081,工作人员,,,,,,", "missing", "name"),
        ("WL-1,王小明,water@331081,,,,,,,", "missing", "post"),
        ("emergency@331081-1,王小明,water@331081,工作人员,,,,,,", "name-differs", "name"),
        ("emergency@330327-1,王小明,water@331081,工作人员,,,,,,", "person-outside", "name"),
    ],
)  # fmt: skip
def test_a_row_in_doubt_says_which_cell_and_nothing_is_applied(
    row: str, doubt: str, field: str
) -> None:
    made = plan(people(row))

    assert (2, doubt, field) in doubts_of(made)
    with pytest.raises(PlanInDoubt, match="1 rows are in doubt"):
        apply(made)
    assert not Person.objects.filter(number="WL-1").exists()


def test_two_people_with_one_number_or_one_post_are_in_doubt() -> None:
    made = plan(people(
        "WL-1,王小明,water@331081,工作人员,,,,,,",
        "WL-1,王大明,water@331081,工作人员,另一职务,,,,,",
    ))  # fmt: skip
    assert doubts_of(made) == [(3, "number-twice", "number")]

    head = orgs.people_of_unit(unit("water@331081").id, on=TODAY)[-1]
    made = plan(people(
        f"{head.number},{head.name},water@331081,主要负责人,,,2019-01-01,2026-11-22,,",
        "WL-1,王小明,water@331081,主要负责人,,,,,,",
        "WL-2,李小红,water@331081,主要负责人,,,,,,",
    ))  # fmt: skip
    assert doubts_of(made) == [(4, "post-twice", "post")]


def test_the_same_person_under_another_number_is_in_doubt_until_somebody_says_it_is_right() -> None:
    bring(people("WL-1,王小明,water@331081,工作人员,,,,,13800000001,"))

    made = plan(people("WL-9,王小明,emergency@331081,工作人员,,,,,13800000001,"))
    assert doubts_of(made) == [(2, "same-person", "number")]
    rows, _ = orgs.plan_rows(made.id, which="doubts")
    right = {rows[0].id: Correction(cells={}, confirm=frozenset({"same-person"}))}
    orgs.correct_rows(made.id, right, on=TODAY, scope=WENLING)

    assert apply(orgs.plan_view(made.id)).state == "applied"
    assert posts_of("WL-9") == [("emergency@331081", "staff")]


def test_a_doubt_is_corrected_in_the_plan_or_its_row_is_left_out() -> None:
    made = plan(people(
        "WL-1,王小明,water@999999,工作人员,,,,,12345,",
        "WL-2,李小红,water@330327,工作人员,,,,,,",
    ))  # fmt: skip
    first, second = orgs.plan_rows(made.id, which="doubts")[0]

    orgs.correct_rows(
        made.id,
        {
            first.id: Correction(cells={"unit": "water@331081", "mobile": "13800000001"}),
            second.id: Correction(cells={}, skip=True),
        },
        on=TODAY,
        scope=WENLING,
    )
    done = apply(orgs.plan_view(made.id))

    assert done.counts["skipped"] == 1
    assert posts_of("WL-1") == [("water@331081", "staff")]
    assert not Person.objects.filter(number="WL-2").exists()


def test_a_doubt_of_rights_is_not_settled_by_saying_that_it_is_right() -> None:
    made = plan(people("WL-1,王小明,water@330327,工作人员,,,,,,"))
    rows, _ = orgs.plan_rows(made.id, which="doubts")

    said = {rows[0].id: Correction(cells={}, confirm=frozenset({"unit-outside"}))}
    orgs.correct_rows(made.id, said, on=TODAY, scope=WENLING)

    assert orgs.plan_view(made.id).doubts == 1


def test_units_come_with_their_offices_in_whatever_order() -> None:
    done = bring(
        UNIT_HEAD
        + "wl-ocean-1,海洋渔业局办公室,wl-ocean,,\n"
        + "wl-ocean,温岭市海洋渔业局,area@331081,331081000000,能源\n"
    )

    assert done.counts["unit-new"] == 2
    bureau, office = unit("wl-ocean"), unit("wl-ocean-1")
    assert (bureau.line, office.line, office.division_code) == ("energy", "energy", "331081000000")
    assert orgs.units_above(office.id) == (bureau.id, unit("area@331081").id)
    # The energy bureau answers already; a second one answers only when somebody says so.
    assert orgs.jurisdictions_of(bureau.id) == []


def test_an_office_of_a_government_sees_no_more_than_its_own() -> None:
    bring(UNIT_HEAD + "wl-office,温岭市人民政府办公室,area@331081,331081000000,\n")

    assert unit("wl-office").line == "office"


@pytest.mark.parametrize(
    ("row", "doubt"),
    [
        ("x-1,某局,nowhere@1,331081000000,", "superior-unknown"),
        ("x-1,某局,,331081999000,水利", "division-unknown"),
        ("x-1,某局,,331081000000,水力", "line-unknown"),
        ("x-1,某局,,331081000000,", "no-superior"),
        ("x-1,某局,,330327000000,水利", "unit-outside"),
        ("x-1,某局,x-1,331081000000,水利", "superior-ring"),
        ("water@330327,苍南县水务局,,,", "unit-outside"),
    ],
)  # fmt: skip
def test_a_unit_in_doubt_says_why(row: str, doubt: str) -> None:
    made = plan(f"{UNIT_HEAD}{row}\n")

    assert doubt in [code for _, code, _ in doubts_of(made)]


def test_a_renamed_unit_keeps_its_old_name_for_the_days_before() -> None:
    bring(UNIT_HEAD + "water@331081,温岭市水务局,,,\n")

    water = unit("water@331081").id
    days = (date(2026, 11, 21), TODAY)
    names = [orgs.unit_names([water], on=day)[water][0] for day in days]
    assert names == ["温岭市水利局", "温岭市水务局"]


def test_a_heading_nobody_knows_is_told_with_the_nearest_and_can_be_explained() -> None:
    text = "人员编号,姓名,手机号吗\nWL-1,王小明,13800000001\n"
    made = plan(text)
    assert made.remarks == [
        {"code": "heading", "sheet": "CSV", "kind": "people", "heading": "手机号吗",
         "nearest": "mobile"}
    ]  # fmt: skip

    orgs.read_again(
        made.id, mapping={"手机号吗": "mobile"}, leave_missing=False, at=AT, actor="test"
    )

    assert orgs.plan_view(made.id).remarks == []
    rows, _ = orgs.plan_rows(made.id)
    assert rows[0].sealed == ("mobile",)


def test_an_applied_plan_is_not_applied_again() -> None:
    done = bring(people("WL-1,王小明,water@331081,工作人员,,,,,,"))

    with pytest.raises(PlanNotOpen, match="Bring the file again"):
        apply(done)


def test_a_plan_whose_ground_has_changed_meanwhile_is_in_doubt_again() -> None:
    made = plan(people("WL-1,王小明,water@331081,工作人员,,,,,,"))
    orgs.merge_unit("water@331081", into="agriculture@331081", on=TODAY, at=AT, actor="test")

    with pytest.raises(PlanInDoubt):
        apply(made)

    assert doubts_of(made) == [(2, "unit-closed", "unit")]


def test_a_large_plan_goes_batch_by_batch_and_a_repetition_does_no_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from guantong.orgs import imports

    monkeypatch.setattr(imports, "AT_ONCE", 3)
    monkeypatch.setattr(imports, "BATCH", 2)
    head = orgs.people_of_unit(unit("water@331081").id, on=TODAY)[-1]
    rows = [f"WL-{n},王某{n},water@331081,工作人员,职务{n},,,,," for n in range(5)]
    # The successor stands in an earlier batch than who makes place.
    rows.insert(0, "WL-9,李小红,water@331081,主要负责人,,,,,,")
    rows.append(f"{head.number},{head.name},emergency@331081,工作人员,,,,,,")

    reading = plan(people(*rows))
    assert (reading.state, reading.counts) == ("reading", {})
    orgs.go_on(imports.LIVE, AT, {"plan_id": str(reading.id)})
    going = apply(orgs.plan_view(reading.id))
    assert (going.state, going.done) == ("applying", 0)
    seen = []
    for _ in range(8):
        orgs.go_on(imports.LIVE, AT, {"plan_id": str(going.id)})
        seen.append(orgs.plan_view(going.id).done)

    assert seen == [2, 4, 6, 7, 7, 7, 7, 7]
    assert orgs.plan_view(going.id).counts["refused"] == 0
    assert posts_of("WL-9") == [("water@331081", "head")]
    assert posts_of(head.number) == [("emergency@331081", "staff")]
    assert Person.objects.filter(number__startswith="WL-").count() == 6


@pytest.mark.parametrize("successor", [False, True])
def test_a_mover_whose_post_was_filled_between_two_batches_has_not_left(
    monkeypatch: pytest.MonkeyPatch, successor: bool
) -> None:
    from guantong.orgs import imports

    monkeypatch.setattr(imports, "AT_ONCE", 1)
    monkeypatch.setattr(imports, "BATCH", 2)
    water, emergency = unit("water@331081").id, unit("emergency@331081").id
    mover = next(p for p in orgs.people_of_unit(water, on=TODAY) if p.post_code == "head")
    chief = next(p for p in orgs.people_of_unit(emergency, on=TODAY) if p.post_code == "head")
    chair = orgs.times_of_person(chief.id)[0].appointment_id
    orgs.appoint(chief.id, unit_id=emergency, post_code="staff", on=TODAY, at=AT, actor="test")
    orgs.end_appointment(chair, on=TODAY, at=AT, actor="test")
    rows = [f"WL-{n},王某{n},water@331081,工作人员,职务{n},,,,," for n in range(2)]
    if successor:
        rows[0] = "WL-0,王某0,water@331081,主要负责人,,,,,,"
    rows.append(f"{mover.number},{mover.name},emergency@331081,主要负责人,,,,,,")
    made = plan(people(*rows))
    orgs.go_on(imports.LIVE, AT, {"plan_id": str(made.id)})
    apply(orgs.plan_view(made.id))
    orgs.go_on(imports.LIVE, AT, {"plan_id": str(made.id)})
    orgs.appoint(chief.id, unit_id=emergency, post_code="head", on=TODAY, at=AT, actor="test")

    orgs.go_on(imports.LIVE, AT, {"plan_id": str(made.id)})

    done = orgs.plan_view(made.id)
    assert (done.state, done.counts["refused"]) == ("applied", 1)
    told = OutboxMessage.objects.filter(event="PersonLeft").count()
    if successor:
        # The file itself gave the old post to somebody else: the mover has nothing to go back to.
        assert (posts_of(mover.number), told) == ([], 1)
    else:
        assert (posts_of(mover.number), told) == ([("water@331081", "head")], 0)
        assert faults() == set()


def faults() -> set[tuple[str, str, str]]:
    """Compare every witnessed record with its leaves, inside the test's transaction."""
    with connection.cursor() as cursor:
        # The check keeps a table for as long as its transaction; here that is the test's.
        cursor.execute("drop table if exists audit_last")
        look = _Look(cursor, None, INTERNATIONAL, 0)
        _compare(look)
    return {(fault.code, fault.kind, fault.id) for fault in look.faults}


def test_the_rows_of_an_import_stand_under_the_eyes_of_the_audit() -> None:
    bring(people("WL-1,王小明,water@331081,工作人员,,,,,,"))
    mine = Appointment.objects.get(person_id=person_by_number("WL-1"))
    clean = faults()

    Appointment.objects.filter(id=mine.id).update(valid_to=date(2030, 1, 1))

    assert clean == set()
    assert faults() == {("record-altered", "appointment", str(mine.id))}


@pytest.mark.parametrize("table", ["unit", "person", "post", "appointment", "jurisdiction"])
def test_one_founded_row_altered_or_slipped_in_by_sql_is_found(table: str) -> None:
    columns = {
        "unit": "name_zh = 'x'", "person": "name = 'x'", "post": "title = 'x'",
        "appointment": "valid_to = '2030-01-01'", "jurisdiction": "kind = 'zone'",
    }  # fmt: skip
    clean = faults()

    with connection.cursor() as cursor:
        cursor.execute(
            f"update orgs_{table} set {columns[table]}"
            f" where id = (select min(id::text)::uuid from orgs_{table})"
        )

    assert clean == set()
    assert {(code, kind) for code, kind, _ in faults()} == {("record-altered", "founding")}


def test_a_founded_row_that_its_owner_changes_leaves_the_sums_right() -> None:
    orgs.rename_unit("water@331081", name_zh="新名", name_en="New", on=TODAY, at=AT, actor="test")
    head = orgs.people_of_unit(unit("emergency@331081").id, on=TODAY)[-1]
    orgs.leave_office(head.id, on=TODAY, at=AT, actor="test")

    assert faults() == set()


def test_text_of_offices_is_read_with_and_without_mark_and_in_gb18030() -> None:
    text = people("WL-1,王小明,water@331081,工作人员,,,,,,")

    for data in (text.encode(), text.encode("utf-8-sig"), text.encode("gb18030")):
        id = orgs.plan_import(
            data, "x.csv", person_id=IMPORTER, scope=WENLING, on=TODAY, at=AT, actor="test"
        )
        assert orgs.plan_rows(id)[0][0].cells["name"] == "王小明"


def test_rows_of_csv_keep_their_line_numbers() -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(
        [["温岭市人员表"], [], PEOPLE_HEAD.strip().split(","), ["WL-1", "王小明"], [], ["WL-2"]]
    )

    made = plan(buffer.getvalue())

    assert doubts_of(made) == [(6, "missing", "name")]
