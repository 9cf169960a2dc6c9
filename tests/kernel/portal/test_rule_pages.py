"""The pages of decision tables: read, tried with own values, drafted, released, compared."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.kernel.packages.releases import enter
from tests.kernel.packages.releases import version as released_as
from tests.kernel.portal.test_parameter_pages import browser_of

from guantong.base.clock import local_day, machine_now
from guantong.packages import api as packages
from guantong.packages.api import Package
from guantong.packages.life.models import RuleVersion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]

LIST = "/apps/flood_response/rules"
TABLE = f"{LIST}/typhoon_signal"
PATH = "rules/typhoon_signal.dmn"
LEAD, COUNTY = "emergency@33", "emergency@331081"


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> None:
    settings.SECOND_FACTOR = "optional"


def today() -> str:
    return local_day(machine_now()).isoformat()


def begun(writer: Client) -> tuple[UUID, str]:
    """Begin a draft of what holds, and return it with the address of its page."""
    answer = writer.post(f"{TABLE}/draft", {"why": "会商：提前预警", "on": today()})
    assert answer.status_code == 302, answer.content.decode()
    return UUID(answer.headers["Location"].rpartition("/")[2]), answer.headers["Location"]


CELL = re.compile(r'<input type="(?:text|hidden)"[^>]*name="([^"]*)" value="([^"]*)"')
NOTE = re.compile(r'<textarea name="(cell[^"]*)"[^>]*>([^<]*)</textarea>')
HEAD = re.compile(r'<input type="text" id="field-[^"]*" name="([^"]*)" value="([^"]*)"')


def typed(page: str) -> dict[str, Any]:
    """Return the fields of a draft's form as a browser would send them."""
    rows = re.findall(r'name="row:[^"]*" value="([^"]*)"', page)
    found: dict[str, Any] = {name: unescape(value) for name, value in CELL.findall(page)}
    found |= dict(NOTE.findall(page)) | dict(HEAD.findall(page))
    found["why"] = re.findall(r'<textarea id="field-why"[^>]*>([^<]*)<', page)[0]
    return found | {"row:typhoon_signal": rows}


def write(writer: Client, address: str, *, do: str = "save", **cells: str) -> Any:
    """Change cells of the first row by column number (``c0``), as a person does in the form."""
    form = typed(writer.get(address).content.decode())
    for name, text in cells.items():
        form[f"cell:typhoon_signal:red_by_mean_wind:{name.removeprefix('c')}"] = text
    return writer.post(address, form | {"do": do}, follow=True)


# Reading


def test_everybody_in_a_post_reads_which_tables_there_are_and_how_they_stand() -> None:
    shown = browser_of(COUNTY, "duty").get(LIST).content.decode()

    assert TABLE in shown
    assert "FIRST" in shown
    assert "应用包的文件" in shown
    assert "台风预警" in shown  # the signal that asks it


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_table_shows_rows_words_types_basis_and_who_uses_it(language: str) -> None:
    shown = browser_of(COUNTY, "duty", language).get(TABLE).content.decode()

    assert "<code>&gt;= 32.7</code>" in shown
    assert ("红色" if language == "zh-CN" else "Red") in shown
    assert 'id="row-red_by_gust"' in shown
    assert "/apps/flood_response/flows/county_response" in shown
    assert ("数字" if language == "zh-CN" else "number") in shown
    assert "draft" not in re.findall(r'href="([^"]*)"', shown)


def test_a_table_that_is_not_there_is_refused_by_name() -> None:
    browser = browser_of(COUNTY, "duty")

    assert browser.get(f"{LIST}/nothing").status_code in (404, 409)
    assert browser.get("/apps/nothing/rules").status_code == 404
    assert browser.get(f"{TABLE}?version={UUID(int=7)}").status_code == 404


def test_the_file_is_given_byte_for_byte_and_the_table_as_csv(flood: Package) -> None:
    browser = browser_of(COUNTY, "duty")

    file, rows = browser.get(f"{TABLE}.dmn"), browser.get(f"{TABLE}.csv")

    assert file.content == flood.documents[PATH].content
    lines = b"".join(rows.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 10
    assert ">= 32.7" in lines[1]


# Trying


def test_values_in_the_address_give_the_answer_the_row_and_the_reason() -> None:
    browser = browser_of(COUNTY, "duty")

    shown = browser.get(f"{TABLE}?in-wind_6h_ms=33&in-gust_6h_ms=20").content.decode()

    assert 'id="answer"' in shown
    assert re.search(r'<tr id="row-red_by_mean_wind" class="hit"', shown)
    assert shown.count('class="hit"') == 1
    assert 'name="in-wind_6h_ms" value="33"' in shown
    assert "中国气象局令第16号" in re.findall(r'id="answer".*?</section>', shown, re.DOTALL)[0]


def test_what_nobody_knows_may_be_left_empty() -> None:
    shown = browser_of(COUNTY, "duty", "en").get(f"{TABLE}?in-wind_6h_ms=").content.decode()

    assert re.search(r'<tr id="row-no_signal" class="hit"', shown)
    assert "takes every other case" in shown


def test_a_value_that_is_none_is_refused_beside_its_field() -> None:
    shown = browser_of(COUNTY, "duty").get(f"{TABLE}?in-wind_6h_ms=many").content.decode()

    assert 'id="error-in-wind_6h_ms"' in shown
    assert "many" in shown
    assert 'id="answer"' not in shown
    assert 'class="hit"' not in shown


def test_the_rows_that_decided_about_an_alert_are_marked_when_it_leads_here() -> None:
    shown = browser_of(COUNTY, "duty").get(f"{TABLE}?row=red_by_gust").content.decode()

    assert re.search(r'<tr id="row-red_by_gust" class="hit"', shown)
    assert "判断依据" in shown


# Drafting and releasing


@pytest.mark.parametrize(
    ("unit", "post"), [(COUNTY, "head"), ("area@3310", "head"), ("meteorology@33", "duty")]
)
def test_only_the_unit_that_leads_in_the_province_drafts(unit: str, post: str) -> None:
    browser = browser_of(unit, post)

    answers = [
        browser.get(f"{TABLE}/draft"),
        browser.post(f"{TABLE}/draft", {"why": "会商：提前预警", "on": today()}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not RuleVersion.objects.exists()
    assert f"{TABLE}/draft" not in browser.get(TABLE).content.decode()


def test_a_draft_is_written_cell_by_cell_compared_and_decides_nothing(flood: Package) -> None:
    writer = browser_of(LEAD, "duty")
    id, address = begun(writer)

    shown = write(writer, address, c0="≥ 30").content.decode()

    draft = packages.table_version(id)
    assert b"&gt;= 30<" in packages.table_content(draft)
    assert "&gt;= 32.7</del>" in shown
    assert "&gt;= 30</ins>" in shown
    assert packages.table_at(flood, PATH, machine_now())[0] is None
    tried = writer.get(f"{TABLE}?version={id}&in-wind_6h_ms=31").content.decode()
    assert re.search(r'<tr id="row-red_by_mean_wind" class="hit"', tried)


def test_rows_are_added_moved_and_taken_away_without_script() -> None:
    writer = browser_of(LEAD, "duty")
    id, address = begun(writer)

    def ids() -> list[str]:
        content = packages.table_content(packages.table_version(id))
        return [row.id for row in packages.sheets(content)["typhoon_signal"].rows]

    first = ids()
    write(writer, address, do="down:typhoon_signal:red_by_mean_wind")
    moved = ids()
    write(writer, address, do="remove:typhoon_signal:red_by_gust")
    fewer = ids()
    write(writer, address, do="add:typhoon_signal:red_by_mean_wind")
    more = ids()

    assert moved[:2] == first[1::-1]
    assert fewer == [id for id in moved if id != "red_by_gust"]
    assert [id for id in more if id in fewer] == fewer
    assert len(more) == len(fewer) + 1


def test_a_gap_that_was_planted_is_found_beside_the_draft_and_keeps_it_from_being_released() -> (
    None
):
    writer, head = browser_of(LEAD, "duty"), browser_of(LEAD, "head")
    _, address = begun(writer)

    shown = write(writer, address, do="remove:typhoon_signal:no_signal").content.decode()
    refused = head.post(f"{address}/release", {"on": today(), "why": "核对无误", "sure": "1"})

    findings = re.findall(r'id="findings".*?</section>', shown, re.DOTALL)[0]
    assert "错误" in findings
    assert refused.status_code == 409
    assert "体检发现" in refused.content.decode()


def test_the_author_may_not_release_and_a_second_person_does() -> None:
    head = browser_of(LEAD, "head")
    writer = browser_of(LEAD, "duty")
    id, address = begun(writer)
    write(writer, address, c0=">= 30")

    own = writer.post(f"{address}/release", {"on": today(), "why": "核对无误", "sure": "1"})
    looked = head.post(f"{address}/release", {"on": today(), "why": "核对无误"}).content.decode()
    assert packages.table_version(id).state == "draft"
    done = head.post(
        f"{address}/release", {"on": today(), "why": "核对无误", "sure": "1"}, follow=True
    ).content.decode()

    assert own.status_code == 403
    assert "有 1 行不同" in looked
    assert "自" in done
    assert packages.table_version(id).state == "released"
    assert "<code>&gt;= 30</code>" in head.get(TABLE).content.decode()
    assert head.get(address).status_code == 302  # it is no draft any more


def test_a_head_who_wrote_is_told_that_a_second_person_releases() -> None:
    head = browser_of(LEAD, "head")
    _, address = begun(head)
    write(head, address, c0=">= 30")

    shown = head.get(address).content.decode()
    refused = head.post(f"{address}/release", {"on": today(), "why": "核对无误", "sure": "1"})

    assert "须由不同的人承担" in shown
    assert f"{address}/release" not in shown
    assert refused.status_code == 403
    assert RuleVersion.objects.get().state == "draft"


def test_a_version_for_later_is_called_off_before_it_begins_and_stays_readable() -> None:
    writer, head = browser_of(LEAD, "duty"), browser_of(LEAD, "head")
    id, address = begun(writer)
    write(writer, address, c0=">= 30")
    later = (local_day(machine_now()) + timedelta(days=5)).isoformat()
    head.post(f"{address}/release", {"on": later, "why": "自汛期开始", "sure": "1"})

    before = head.get(f"{TABLE}?on={today()}").content.decode()
    after = head.get(f"{TABLE}?on={later}").content.decode()
    junior = writer.post(f"{address}/withdraw", {"why": "另有要求"})
    head.post(f"{address}/withdraw", {"why": "上级另有要求"})

    assert "&gt;= 32.7</code>" in before
    assert "&gt;= 30</code>" in after
    assert junior.status_code == 403
    assert "从未生效" in head.get(f"{TABLE}?version={id}").content.decode()


def test_the_version_that_held_is_found_by_its_day_and_begins_a_new_draft() -> None:
    writer, head = browser_of(LEAD, "duty"), browser_of(LEAD, "head")
    id, address = begun(writer)
    write(writer, address, c0=">= 30")
    head.post(f"{address}/release", {"on": today(), "why": "核对无误", "sure": "1"})
    RuleVersion.objects.filter(id=id).update(begins_at=machine_now() - timedelta(days=40))

    then = local_day(machine_now()) - timedelta(days=20)
    past = writer.get(f"{TABLE}?on={then}").content.decode()
    answer = writer.post(f"{TABLE}/draft?version=own", {"why": "恢复原标准", "on": today()})
    back = packages.table_version(UUID(answer.headers["Location"].rpartition("/")[2]))

    assert "&gt;= 30</code>" in past
    assert b"&gt;= 32.7" in packages.table_content(back)


def test_a_form_that_does_not_fit_the_table_is_refused_and_nothing_is_lost() -> None:
    writer = browser_of(LEAD, "duty")
    id, address = begun(writer)
    form = typed(writer.get(address).content.decode())
    before = packages.table_version(id).digest

    rows = form["row:typhoon_signal"]
    short = writer.post(address, form | {"row:typhoon_signal": rows[:3], "do": "save"})
    no_xml = writer.post(address, form | {"xml": "<a/>", "do": "file"})
    no_why = writer.post(address, form | {"why": "", "do": "save"})
    other = writer.post(address, form | {"was": "0" * 64, "do": "save"})

    assert [a.status_code for a in (short, no_xml, no_why, other)] == [409] * 4
    assert "他人保存过" in other.content.decode()
    assert packages.table_version(id).digest == before


def test_a_cell_that_is_no_feel_is_kept_shown_and_told(flood: Package) -> None:
    writer = browser_of(LEAD, "duty")
    _, address = begun(writer)

    shown = write(writer, address, c0="30 to 40").content.decode()
    tried = writer.get(f"{TABLE}?version={RuleVersion.objects.get().id}&in-wind_6h_ms=31")

    assert "30 to 40" in re.findall(r'id="findings".*?</section>', shown, re.DOTALL)[0]
    assert tried.status_code == 200
    assert "alarm" in tried.content.decode()


def test_the_list_and_the_table_ask_no_more_of_the_store_for_many_versions(
    flood: Package, django_assert_num_queries: Any
) -> None:
    browser, at = browser_of(COUNTY, "duty"), machine_now()
    content = flood.documents[PATH].content

    def add(number: int) -> None:
        changed = content.replace(b"32.7", str(30 + number / 100).encode(), 1)
        packages.draft_table(
            flood, PATH, changed, why="会商：提前预警", from_day=local_day(at), by="person:x", at=at
        )

    add(1)
    browser.get(TABLE)
    with CaptureQueriesContext(connection) as few:
        browser.get(TABLE)
    count = len(few)  # the next request begins its own list
    for number in range(2, 12):
        add(number)
    browser.get(TABLE)  # a session notes now and then that it is still used

    with django_assert_num_queries(count):
        assert browser.get(TABLE).status_code == 200


# A newer release of the package


def test_an_upgrade_asks_on_its_page_whether_the_version_written_here_is_kept(
    flood: Package,
) -> None:
    enter(flood)
    writer, head = browser_of(LEAD, "duty"), browser_of(LEAD, "head")
    id, address = begun(writer)
    write(writer, address, c0=">= 30")
    head.post(f"{address}/release", {"on": today(), "why": "核对无误", "sure": "1"})
    newer = flood.documents[PATH].text.replace("41.5", "41.6", 1)
    brought = packages.Brought(package=released_as(flood, "0.2.0", **{PATH: newer}))
    page = f"/apps/releases/{packages.bring_in(brought, by='person:x', at=machine_now())}"

    shown = head.get(page).content.decode()
    undecided = head.post(page, {"why": "年度更新"})
    done = head.post(page, {"why": "年度更新", f"table-{PATH}": "keep"}, follow=True)

    assert "保留本地编写的版本" in shown
    assert undecided.status_code == 409
    assert "逐一决定" in undecided.content.decode()
    assert done.status_code == 200
    assert packages.standing(flood.id).version == "0.2.0"  # type: ignore[union-attr]
    found, _ = packages.table_at(flood, PATH, machine_now())
    assert found is not None
    assert found.id == id
