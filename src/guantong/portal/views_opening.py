"""A new case, entered by a person: the form that the start of its process asks.

What is wrong comes back beside its field with everything that was typed; also what only the
store can say, such as that the matter has an open case already.
"""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from guantong.access.api import Rows
from guantong.base.clock import local_day
from guantong.base.errors import GuantongError
from guantong.base.words import say
from guantong.flows import api as flows
from guantong.flows.api import CaseLink, CaseView, Opening
from guantong.forms.api import FieldError
from guantong.orgs import api as orgs
from guantong.orgs.api import DivisionRef
from guantong.packages.api import Package, form_at, installed, installed_at
from guantong.portal import opening_deeds
from guantong.portal.form_view import fields_of, option_word, summary_of
from guantong.portal.lists import address
from guantong.portal.opening_deeds import PLACE
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.wording import case_state, matter_words

HERE = "/cases/new"


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, package: str, process: str) -> HttpResponse:
    """Show the form of a process's start, or open a case with what it says."""
    reader = reader_of(request)
    opening = opening_deeds.opening_named(package, process)
    decision = decide(request, "open", opening_deeds.case_to_open(opening))
    places = opening_deeds.places_of_opening(opening, decision)
    chosen = (request.POST if request.method == "POST" else request.GET).get(PLACE, "")
    opening = opening_deeds.asked_at(opening, opening_deeds.place_asked(reader, places, chosen))
    if request.method != "POST":
        typed = {k: v for k, v in request.GET.items() if isinstance(v, str)}
        return _page(request, opening, places, typed=typed)
    typed = request.POST.dict()
    errors, answers = opening_deeds.read(opening, typed)
    if errors:
        return _page(request, opening, places, typed=typed, errors=tuple(errors), status=422)
    place = typed[PLACE]
    decide(request, "open", opening_deeds.case_to_open(opening, place))
    try:
        id = opening_deeds.open_case(reader, opening, place, answers)
    except opening_deeds.MENDABLE as refusal:
        return _page(request, opening, places, typed=typed, refusal=refusal, status=409)
    messages.success(request, say("opening.done", reader.language), extra_tags="fine")
    return HttpResponseRedirect(f"/cases/{id}")


def title_of(opening: Opening, language: str) -> str:
    """Return what opening a case is called: the name of its start."""
    package = installed(opening.package)
    assert package is not None, "only what is installed can be opened"
    return package.say(f"node.{opening.node}", language)


def address_of(opening: Opening) -> str:
    """Return the address of the page."""
    return f"{HERE}/{opening.package}/{opening.process}"


def links(reader: Reader) -> list[dict[str, str]]:
    """Return what this reader may open, as links."""
    return [
        {"label": title_of(one, reader.language), "href": address_of(one)}
        for one in opening_deeds.openable(reader)
    ]


def entered(case: CaseView, language: str) -> dict[str, object] | None:
    """Return what was said when a case was opened by hand, and by whom; else None."""
    day = local_day(case.opened_at)
    package = installed_at(case.package, case.division_code, day=day)
    found = next((o for o in opening_deeds.openings() if _opens(o, case)), None)
    if package is None or found is None:
        return None
    form = form_at(case.package, found.form, case.division_code, day=day)
    by = flows.opened_by(flows.process_of(case.package, case.process), case.data)
    names = orgs.names_of_people([by] if by is not None else [])
    return {
        "by": names[by][1] if by in names else "",
        "facts": [
            {
                "label": package.say(field.label, language),
                "value": option_word(package, field, str(value), language)
                if field.options
                else str(value),
            }
            for field in form.fields
            # What a later step asks again is shown as it is known now.
            if (value := case.data.get(field.name)) not in (None, "")
        ],
    }


def _opens(opening: Opening, case: CaseView) -> bool:
    return (opening.package, opening.process) == (case.package, case.process)


def related(reader: Reader, case: CaseView, rows: Rows) -> list[dict[str, object]]:
    """Return the case that one came of, those that came of it, and the way to enter one more."""
    language, found = reader.language, list[dict[str, object]]()
    before = flows.case(reader.realm, case.follows_id, now=reader.now) if case.follows_id else None
    if before is not None and rows.covers(before.division_code):
        found.append(_link(before, say("case.follows", language), language))
    found += [
        _link(one, say("case.followed_by", language), language, package=case.package)
        for one in flows.followers(reader.realm, case.id, rows=rows)
    ]
    for opening in opening_deeds.openable(reader):
        if opening.package == case.package and opening.follows:
            href = address(address_of(opening), **{opening.follows: case.number})
            title = say("case.enter_follower", language, title=title_of(opening, language))
            found.append({"title": title, "href": href, "text": ""})
    return found


def _link(
    case: CaseView | CaseLink, title: str, language: str, package: str = ""
) -> dict[str, object]:
    of = case.package if isinstance(case, CaseView) else package
    about = matter_words(of, case.process, case.matter, language, place=case.division_code)
    text = f"{about} · {case_state(case.state, language)}"
    return {"title": f"{title} {case.number}", "href": f"/cases/{case.id}", "text": text}


def _page(
    request: HttpRequest,
    opening: Opening,
    places: Sequence[DivisionRef],
    *,
    typed: Mapping[str, str],
    errors: tuple[FieldError, ...] = (),
    refusal: GuantongError | None = None,
    status: int = 200,
) -> HttpResponse:
    reader = reader_of(request)
    language = reader.language
    place = opening_deeds.place_asked(reader, places, typed.get(PLACE, ""))
    package = installed_at(opening.package, place)
    assert package is not None, "only what is installed can be opened"
    fields = [
        _place_field(places, typed, errors, language),
        *fields_of(opening.form, package, language, typed=typed, errors=errors),
    ]
    summary = _summary(opening, package, errors, language)
    if refusal is not None:
        where, sentence = opening_deeds.field_of(opening, refusal), refusal.sentence(language)
        summary.append({"field": where, "sentence": sentence})
        for field in fields:
            if field["name"] == where:
                field["error"] = sentence
    return page(
        request,
        "opening.html",
        status=status,
        title=title_of(opening, language),
        crumbs=[
            {"title": say("cases.title", language), "href": "/cases"},
            {"title": title_of(opening, language), "href": None},
        ],
        form={
            "action": address_of(opening),
            "multipart": False,
            "hidden": [],
            "fields": fields,
            "errors": summary,
            "buttons": [{"name": "", "value": "", "label": say("opening.send", language),
                         "kind": ""}],
            "note": say("opening.note", language),
        },
    )  # fmt: skip


def _summary(
    opening: Opening, package: Package, errors: tuple[FieldError, ...], language: str
) -> list[dict[str, object]]:
    place = say("opening.place", language)
    own: list[dict[str, object]] = [
        {"field": PLACE, "sentence": f"{place}: {e.sentence(language)}"}
        for e in errors
        if e.field == PLACE
    ]
    rest = tuple(e for e in errors if e.field != PLACE)
    return own + summary_of(opening.form, package, rest, language)


def _place_field(
    places: Sequence[DivisionRef],
    typed: Mapping[str, str],
    errors: tuple[FieldError, ...],
    language: str,
) -> dict[str, object]:
    only = places[0].code if len(places) == 1 else ""
    return {
        "name": PLACE,
        "label": say("opening.place", language),
        "hint": say("opening.place_hint", language),
        "widget": "select",
        "value": typed.get(PLACE) or only,
        "required": True,
        "options": [
            {"value": p.code, "label": p.name if language == "zh-CN" else p.name_en} for p in places
        ],
        "error": next((e.sentence(language) for e in errors if e.field == PLACE), None),
        "prefilled_from": None,
        "max_length": None,
    }
