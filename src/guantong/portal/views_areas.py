"""What areas say differently of an application: all of it in one list, taken back, and as a file.

Everybody in a post reads it: why a step has another name in the next county is no secret.
"""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from guantong.access.api import Thing
from guantong.base.clock import machine_now
from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.packages import api as packages
from guantong.packages.api import Difference, Package
from guantong.portal.application_words import UNDER, Names, find_package, package_title
from guantong.portal.area_things import area_thing, own_areas, place_of
from guantong.portal.lists import address, chip
from guantong.portal.people_acts import Fields, asked
from guantong.portal.people_forms import field, given
from guantong.portal.people_words import actor_name
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.said_rows import said_row
from guantong.portal.views_export import csv_file

# So many words that are over are shown, the newest first; the file has them all.
MOST_PAST = 50


@require_safe
def areas(request: HttpRequest, id: str) -> HttpResponse:
    """Show what areas say differently: what holds, what is to come, the history."""
    reader = reader_of(request)
    language = reader.language
    decide(request, "read", Thing(kind="package"))
    package = find_package(id, language)
    known = packages.differences_of(package.id)
    codes = sorted({d.division_code for d in known})
    area = request.GET.get("area", "")
    shown = [d for d in known if d.division_code == area] if area in codes else known
    names = Names([who for d in shown for who in (d.by, d.ended_by)], codes)
    own = own_areas(reader, package)
    title, here = say("areas.title", language), f"/apps/{package.id}/areas"
    now = [d for d in shown if d.holds_on(reader.on) and _in_force(shown, d, reader)]
    ahead = [d for d in shown if d.from_day > reader.on and not d.void]
    past = [d for d in shown if d not in now and d not in ahead]
    return page(
        request,
        "areas.html",
        title=title,
        lead=say("areas.lead", language),
        crumbs=_crumbs(package, title, language),
        own=[_own(package, code, language) for code in own],
        chips=[
            chip(say("areas.everywhere", language), here, current=area not in codes),
            *(
                chip(names.place(code, language), address(here, area=code), current=code == area)
                for code in codes
            ),
        ]
        if len(codes) > 1 else [],
        export_href=address(f"{here}.csv", area=area) if known else "",
        now=[_row(reader, package, d, names, own) for d in now],
        ahead=[_row(reader, package, d, names, own) for d in ahead],
        past=[_row(reader, package, d, names, own) for d in past[:MOST_PAST]],
    )  # fmt: skip


def _crumbs(package: Package, title: str, language: str) -> list[dict[str, object]]:
    return [
        {"title": say(UNDER[0], language), "href": UNDER[1]},
        {"title": package_title(package, language), "href": f"/apps/{package.id}"},
        {"title": title, "href": None},
    ]


def _own(package: Package, code: str, language: str) -> dict[str, object]:
    here = f"/apps/{package.id}/areas/{code}"
    return {
        "place": place_of(code, language),
        "links": [
            {"href": f"{here}/words", "label": say("areas.change_words", language)},
            {"href": f"{here}/forms", "label": say("areas.change_forms", language)},
        ],
    }


def _in_force(known: Sequence[Difference], one: Difference, reader: Reader) -> bool:
    same = [d for d in known if d.entry == one.entry]
    return packages.own_setting(same, one.division_code, reader.on) == one


def _row(
    reader: Reader, package: Package, one: Difference, names: Names, own: Sequence[str]
) -> dict[str, object]:
    end = f"/apps/{package.id}/areas/said/{one.id}/end" if one.division_code in own else ""
    return said_row(one, reader, names, end=end) | {
        "entry": packages.entry_title(package, one.entry, reader.language),
        "sides": sides(package, one, reader.language),
    }


def sides(package: Package, one: Difference, language: str) -> list[dict[str, str]]:
    """Return what the package says and what the area says, to stand beside each other."""
    ours = packages.entry_value(package, one.entry, one.value, language)
    if one.entry.about == packages.OWN:
        return [{"label": say("areas.ours", language), "text": ours}]
    theirs = packages.entry_value(
        package, one.entry, packages.said_by(package, one.entry), language
    )
    return [
        {"label": say("areas.theirs", language), "text": theirs},
        {"label": say("areas.ours", language), "text": ours},
    ]


@require_safe
def areas_csv(request: HttpRequest, id: str) -> StreamingHttpResponse:
    """Export what areas say differently, or what one area does, with the whole history."""
    reader = reader_of(request)
    language = reader.language
    decision = decide(request, "read", Thing(kind="package"))
    package = find_package(id, language)
    area = request.GET.get("area", "") or None
    known = packages.differences_of(package.id, area=area)
    names = Names(
        [who for d in known for who in (d.by, d.ended_by)], [d.division_code for d in known]
    )
    keys = ("division", "place", "entry", "name", "package", "area", "from", "until", "why", "by",
            "at", "ended_at", "ended_by", "ended_why")  # fmt: skip

    def rows() -> list[list[object]]:
        return [
            [
                d.division_code, names.place(d.division_code, language), str(d.entry),
                packages.entry_title(package, d.entry, language),
                packages.entry_value(
                    package, d.entry, packages.said_by(package, d.entry), language
                ),
                packages.entry_value(package, d.entry, d.value, language),
                d.from_day, d.to_day or "", d.why, names.who(d.by), d.at.isoformat(),
                d.ended_at.isoformat() if d.ended_at else "", names.who(d.ended_by), d.ended_why,
            ]
            for d in known
        ]  # fmt: skip

    heads = [say(f"areas.column.{key}", language) for key in keys]
    return csv_file(reader, decision, f"{package.id}-areas", heads, rows())


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, id: str, said: UUID) -> HttpResponse:
    """Take one word of an area back from today on, with the reason."""
    reader = reader_of(request)
    language = reader.language
    package = find_package(id, language)
    one = packages.difference(said)
    if one is None or one.package != package.id:
        raise NotFound(what=say("areas.one", language))
    decide(request, "administer", area_thing(package, one.division_code, reader.on))
    place = place_of(one.division_code, language)
    entry = packages.entry_title(package, one.entry, language)

    def fields() -> Fields:
        return [
            field("why", say("parameters.why", language), widget="textarea",
                  value=request.POST.get("why", ""), hint=say("areas.why_hint", language),
                  max_length=packages.LONGEST_REASON)
        ]  # fmt: skip

    def act() -> str:
        why = given(request, "why", most=packages.LONGEST_REASON + 1)
        packages.take_back(said, why=why, by=actor_name(reader), at=machine_now())
        packages.look_now()
        return say("areas.done_ended", language, place=place)

    here = f"/apps/{package.id}/areas"
    return asked(
        request, title=say("areas.end_title", language, place=place, entry=entry),
        of=(package_title(package, language), here), fields=fields,
        button=say("areas.end", language), act=act, done=here,
        lead=say("areas.end_lead", language), danger=True, under=UNDER,
        template="area_change.html", more={"sides": sides(package, one, language)},
    )  # fmt: skip
