"""What an attacker tries at the doors (docs/security/threats.yaml) and no other test tries."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests import province as small
from tests.journeys.work_story import EMERGENCY, VILLAGE, file_of, officer, step, text_of
from tests.province import EVENING, Province

from guantong.base.ids import new_id
from guantong.base.realm import LIVE
from guantong.flows.models import Case, Task
from guantong.gateway.api import make_application
from guantong.main import policy
from guantong.main.errors import BadAddress
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(document.domain)</script><img src=x onerror=alert(1)>"


def addresses() -> list[str]:
    """Return one address of each door of the official end; ids and codes are filled in."""

    def walk(patterns: list[Any], before: str) -> Iterator[str]:
        for pattern in patterns:
            route = f"{before}{pattern.pattern}"
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern):
                filled = re.sub(r"<uuid:[^>]+>", str(UUID(int=7)), route)
                filled = re.sub(r"<int:[^>]+>", "7", filled)
                yield "/" + re.sub(r"<[^>]+>", "x", filled)

    return sorted(set(walk(get_resolver().url_patterns, "")))


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def test_every_answer_of_the_pages_carries_the_headers(province: Province, flood: Package) -> None:
    browser = officer("emergency@33", "head")
    browser.raise_request_exception = False
    wrong = []

    for address in [*addresses(), "/static/mark.svg", "/no/such/page"]:
        for asker in (browser, Client()):
            answer = asker.get(address)
            said = {name: answer.headers.get(name) for name in HEADERS}
            # A file that was opened: answer.close() would end the store's connection, too.
            for close in answer._resource_closers:
                close()
            policy_said = answer.headers.get("Content-Security-Policy", "")
            fine = said == HEADERS and "Permissions-Policy" in answer.headers
            fine = fine and "Referrer-Policy" in answer.headers
            if not fine or "frame-ancestors 'none'" not in policy_said or "unsafe" in policy_said:
                wrong.append((address, said, policy_said))

    assert wrong == []


def test_what_a_signed_in_person_is_shown_stays_on_no_shared_machine(
    province: Province, flood: Package
) -> None:
    browser = officer(EMERGENCY)

    kept = [
        address
        for address in addresses()
        if not address.startswith("/static")
        and "store" not in browser.get(address).headers.get("Cache-Control", "")
    ]

    # Nothing of a person stands on these: a word for the machine, and an icon.
    assert set(kept) <= {"/healthz", "/readyz", "/favicon.ico", "/metrics"}


def test_the_gateway_carries_the_headers_on_answers_and_on_refusals() -> None:
    async def ask(path: str) -> dict[str, str]:
        said: dict[str, str] = {}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                said.update({k.decode(): v.decode() for k, v in message["headers"]})

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
            "query_string": b"", "headers": [(b"host", b"127.0.0.1")], "http_version": "1.1",
            "scheme": "http", "root_path": "", "client": ("127.0.0.1", 1), "server": ("h", 1),
        }  # fmt: skip
        await make_application()(scope, receive, send)
        return said

    for path in ("/healthz", "/no/such/stream"):
        said = asyncio.run(ask(path))

        assert said["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert said["x-content-type-options"] == "nosniff"
        assert said["cross-origin-resource-policy"] == "same-site"
        assert "permissions-policy" in said


def test_the_policy_allows_nothing_inline_and_names_the_gateway_it_was_given() -> None:
    plain = policy.content_policy(["gt.example.cn"], gateway="", port=8001, tls=False)
    proxied = policy.content_policy(
        ["gt.example.cn"], gateway="https://gt.example.cn:8443/live", port=8001, tls=True
    )

    assert not [s for sources in plain.values() for s in sources if "unsafe" in s or s == "*"]
    assert plain["default-src"] == ["'none'"]
    assert plain["connect-src"] == ["'self'", "http://gt.example.cn:8001"]
    assert proxied["connect-src"] == ["'self'", "https://gt.example.cn:8443"]


@pytest.mark.parametrize(
    "text",
    [
        "gt.example.cn", "javascript:alert(1)", "https://", "https://a;script-src *",
        "https://user:word@gt.example.cn", "https://gt.example.cn/?next=1",
    ],
)  # fmt: skip
def test_a_gateway_address_that_would_widen_the_policy_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("GUANTONG_GATEWAY_URL", text)

    with pytest.raises(BadAddress, match="Set it to one that begins with http"):
        policy.gateway_address()


def test_a_page_asked_for_by_a_foreign_host_is_not_given(province: Province) -> None:
    answer = officer(EMERGENCY).get("/inbox", headers={"host": "evil.example"})

    assert answer.status_code == 400


def test_the_page_after_signing_in_or_acting_never_lies_on_another_site(
    province: Province, flood: Package
) -> None:
    case = province_case()
    task = step(case, "advise")
    browser = officer(EMERGENCY)

    for away in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"):
        answer = browser.post(f"/tasks/{task.id}/act", {"act": "accept", "next": away})
        language = browser.post("/language", {"code": "en", "next": away})

        assert "evil" not in answer.headers.get("Location", "")
        assert "evil" not in language.headers.get("Location", "")


def province_case() -> UUID:
    return small.open_case(realm=LIVE)


def test_a_script_typed_into_a_form_is_shown_as_text_wherever_it_is_read(
    province: Province, flood: Package
) -> None:
    case = province_case()
    task, browser = step(case, "advise"), officer(EMERGENCY)
    browser.post(f"/tasks/{task.id}/act", {"act": "accept"})

    done = browser.post(f"/tasks/{task.id}/act", {"act": "complete", "advice": SCRIPT})

    assert done.status_code == 302
    for address in (f"/tasks/{task.id}", f"/cases/{case}", "/inbox", f"/search?q={SCRIPT}"):
        page = browser.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_script_in_the_label_of_a_process_stays_a_label(
    province: Province, flood: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, browser = province_case(), officer(EMERGENCY)
    known = flood.words
    label = '"><script>alert(1)</script>'
    monkeypatch.setattr(
        type(flood), "words",
        lambda self, language: {
            key: label if key.startswith("node.") else said
            for key, said in known(language).items()
        },
    )  # fmt: skip

    drawing = browser.get(f"/cases/{case}/process.bpmn")
    page = browser.get(f"/cases/{case}")

    assert "<script>" not in drawing.content.decode()
    assert "&lt;script&gt;" in drawing.content.decode()
    assert drawing.headers["Content-Type"].startswith(("application/xml", "text/xml"))
    assert "<script>alert" not in page.content.decode()


def test_a_script_in_every_word_of_a_package_stays_text_on_the_pages_that_show_it(
    province: Province, flood: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, browser = province_case(), officer(EMERGENCY)
    task = step(case, "advise")
    known = flood.words
    script = '"><script>alert(1)</script><svg onload=alert(1)>'
    monkeypatch.setattr(
        type(flood), "words",
        lambda self, language: {key: script + said for key, said in known(language).items()},
    )  # fmt: skip

    for address in (f"/tasks/{task.id}", f"/cases/{case}", "/inbox", "/cockpit/331081000000"):
        page = browser.get(address)

        assert page.status_code == 200, address
        text = page.content.decode()
        assert "&lt;script&gt;alert(1)" in text, address
        assert "<script>alert" not in text, address
        assert "<svg onload" not in text, address


def test_a_form_cannot_set_what_it_does_not_ask_for(province: Province, flood: Package) -> None:
    case = province_case()
    task, browser = step(case, "advise"), officer(EMERGENCY)
    before = Task.objects.filter(id=task.id).values(
        "unit_id", "limit_at", "finder_id", "verifier_id", "realm"
    ).get()  # fmt: skip
    more = {
        "state": "closed_out", "unit_id": str(new_id()), "limit_at": "2099-01-01", "realm": "live",
        "finder_id": str(new_id()), "doer_id": str(new_id()), "response_level": "none",
        "alert_level": "none", "alert_over": "true", "person": str(new_id()),
    }  # fmt: skip

    browser.post(f"/tasks/{task.id}/act", {"act": "accept", **more})
    browser.post(f"/tasks/{task.id}/act", {"act": "complete", "advice": "a", **more})

    after = Task.objects.filter(id=task.id).values(*before).get()
    data = Case.objects.get(id=case).data
    assert after == before
    assert Task.objects.get(id=task.id).doer_id == small.person(EMERGENCY).id
    assert data["alert_level"] == "orange"
    assert (data["alert_over"], data.get("response_level")) == (False, None)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_goes_out_as_text(
    province: Province, flood: Package, begin: str
) -> None:
    from guantong.base.spreadsheet import as_text

    formula = f'{begin}HYPERLINK("https://evil.example","x")'

    assert as_text(formula) == f"'{formula}"
    assert as_text(-3) == -3


def test_sql_in_a_search_or_a_cursor_is_looked_for_and_not_run(
    province: Province, flood: Package
) -> None:
    province_case()
    browser = officer(EMERGENCY)
    browser.raise_request_exception = False

    for text in ("'; drop table flows_task; --", "%' or '1'='1", "\\", "')) union select 1 --"):
        for address in ("/search", "/inbox", "/cases", "/inbox.csv", "/cases.csv"):
            answer = browser.get(address, {"q": text, "after": text, "before": text, "show": text})
            assert answer.status_code < 500, (address, text)

    assert Task.objects.exists()
    assert "LEKIMA" not in text_of(browser.get("/cases", {"q": "%' or '1'='1"}))


def test_a_request_too_large_or_too_crowded_is_refused(province: Province) -> None:
    browser = officer(EMERGENCY)
    browser.raise_request_exception = False

    crowded = browser.post("/inbox/accept", {f"f{n}": "x" for n in range(5000)})
    large = browser.post(
        "/inbox/accept", "task=" + "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1),
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip

    assert crowded.status_code in (400, 413)
    assert large.status_code in (400, 413)


def test_households_cannot_be_counted_off_by_guessing_their_numbers(
    province: Province, flood: Package
) -> None:
    theirs = small.household("WL-0001")
    stranger = officer("emergency@331126")

    refused = stranger.get(f"/objects/{theirs}")
    unknown = stranger.get(f"/objects/{new_id()}")

    assert (refused.status_code, unknown.status_code) == (403, 404)
    assert "林某" not in refused.content.decode()
    # Ids are 74 random bits behind the time (RFC 9562, 5.7): the next one cannot be told.
    assert len({str(new_id())[19:] for _ in range(1000)}) == 1000


def test_the_administrator_reads_facts_and_no_ones_household(
    province: Province, flood: Package
) -> None:
    theirs = small.household("WL-0001")
    curious = officer("emergency@33", "head")

    page = curious.get(f"/objects/{theirs}").content.decode()

    assert "林某01" not in page


def test_a_village_learns_of_no_other_village(province: Province, flood: Package) -> None:
    theirs = small.household("WL-0002", "331081105230")

    answer = officer(VILLAGE, "head").get(f"/objects/{theirs}")

    assert answer.status_code == 403


def test_a_forged_form_from_another_site_does_nothing(province: Province, flood: Package) -> None:
    case = province_case()
    task = step(case, "advise")
    victim = officer(EMERGENCY)
    victim.handler.enforce_csrf_checks = True

    answer = victim.post(
        f"/tasks/{task.id}/act", {"act": "accept"}, headers={"origin": "https://evil.example"}
    )

    assert answer.status_code == 403
    assert Task.objects.get(id=task.id).state == "dispatched"


def test_an_export_of_a_list_of_readings_is_named_and_never_shown_as_a_page(
    province: Province,
) -> None:
    answer = officer("emergency@33", "head").get("/operations.csv")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert file_of(answer).startswith("\ufeff")
    assert EVENING  # the story's hour
