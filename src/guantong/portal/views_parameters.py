"""The parameters of an application: what is in force where, who said so, and setting them.

Everybody in a post reads them: a county that is warned later than its neighbour may see why. For
an area they are set by the unit that leads the application there, which ``access`` decides.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from guantong.access.api import Thing
from guantong.base.clock import machine_now
from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.packages import api as packages
from guantong.packages.api import Declared, Package, Setting
from guantong.portal.application_words import UNDER, Names, find_package, package_title
from guantong.portal.area_things import area_thing, may_set, own_areas, place_of
from guantong.portal.lists import address
from guantong.portal.people_acts import Fields, asked
from guantong.portal.people_forms import day_field, field, given, given_day, needed_day
from guantong.portal.people_words import actor_name, day_text, span_text
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.said_rows import said_row

# So many settings that are over are shown of each parameter, the newest first.
MOST_PAST = 50


def value_text(value: float) -> str:
    """Return a number without zeros that say nothing: 0.8, 5."""
    return f"{value:.10g}"


def parameter_title(package: Package, name: str, language: str) -> str:
    """Return what a parameter is called, where the package has a word for it; else its name."""
    return package.words(language).get(f"parameter.{name}", name)


@require_safe
def parameters(request: HttpRequest, id: str) -> HttpResponse:
    """Show every parameter: what is in force, what comes, and the history."""
    reader = reader_of(request)
    decide(request, "read", Thing(kind="package"))
    package = find_package(id, reader.language)
    known = packages.parameters_of(package)
    settings = packages.settings_of(package.id)
    names = Names(
        [who for s in settings for who in (s.by, s.ended_by)], [s.division_code for s in settings]
    )
    areas = own_areas(reader, package)
    title = say("parameters.title", reader.language)
    return page(
        request,
        "parameters.html",
        title=title,
        lead=say("parameters.lead", reader.language),
        crumbs=[
            {"title": say(UNDER[0], reader.language), "href": UNDER[1]},
            {"title": package_title(package, reader.language), "href": f"/apps/{package.id}"},
            {"title": title, "href": None},
        ],
        parameters=[
            _shown(reader, package, one, [s for s in settings if s.parameter == name], names, areas)
            for name, one in known.items()
        ],
    )


def _shown(
    reader: Reader,
    package: Package,
    known: Declared,
    settings: Sequence[Setting],
    names: Names,
    areas: Sequence[str],
) -> dict[str, object]:
    language, today = reader.language, reader.on
    now = [s for s in settings if s.holds_on(today) and _in_force(settings, s, today)]
    ahead = [s for s in settings if s.from_day > today and not s.void]
    past = [s for s in settings if s not in now and s not in ahead]
    own = reader.actor.posts[0].division_code if reader.actor.posts else ""
    return {
        "title": parameter_title(package, known.name, language),
        "name": known.name,
        "why": known.why["zh" if language == "zh-CN" else "en"],
        "facts": [
            (say("parameters.default", language), f"{value_text(known.default)} {_unit(known)}"),
            (say("parameters.range", language), _range(known)),
            (say("parameters.own", language), _own(known, settings, own, reader, names)),
        ],
        "now": [_row(reader, package, s, names) for s in now],
        "ahead": [_row(reader, package, s, names) for s in ahead],
        "past": [_row(reader, package, s, names) for s in past[:MOST_PAST]],
        "set": [
            {
                "href": address(f"/apps/{package.id}/parameters/{known.name}/set", area=code),
                "label": say("parameters.set_for", language, place=place_of(code, language)),
            }
            for code in areas
        ],
    }  # fmt: skip


def _in_force(settings: Sequence[Setting], one: Setting, day: date) -> bool:
    return packages.own_setting(settings, one.division_code, day) == one


def _unit(known: Declared) -> str:
    return "" if known.unit == "1" else known.unit


def _range(known: Declared) -> str:
    return f"{value_text(known.low)} – {value_text(known.high)} {_unit(known)}".strip()


def _own(
    known: Declared, settings: Sequence[Setting], place: str, reader: Reader, names: Names
) -> str:
    """Say which value is in force where the reader works, and whose word that is."""
    found = packages.setting_for(settings, place, reader.on) if place else None
    source = (
        say("parameters.by_default", reader.language)
        if found is None
        else names.place(found.division_code, reader.language)
    )
    value = known.default if found is None else found.value
    said = f"{value_text(value)} {_unit(known)}".strip() + f" · {source}"
    for day, then in packages.changes_ahead(known, settings, place, reader.on) if place else ():
        said += say(
            "parameters.then", reader.language, day=day_text(day, reader.language),
            value=value_text(then),
        )  # fmt: skip
    return said


def _row(reader: Reader, package: Package, one: Setting, names: Names) -> dict[str, object]:
    may = may_set(reader, package, one.division_code)
    end = f"/apps/{package.id}/parameters/settings/{one.id}/end" if may else ""
    return said_row(one, reader, names, end=end) | {"value": value_text(one.value)}


@require_http_methods(["GET", "HEAD", "POST"])
def set_value(request: HttpRequest, id: str, name: str) -> HttpResponse:
    """Set a value for an area that the reader's unit leads, from today or a later day on."""
    reader = reader_of(request)
    language = reader.language
    package = find_package(id, language)
    known = packages.declared_parameter(package, name)
    sent = request.POST if request.method == "POST" else request.GET
    area = (sent.get("area", "").strip() or next(iter(own_areas(reader, package)), ""))[:12]
    decide(request, "administer", area_thing(package, area, reader.on))
    place, title = place_of(area, language), parameter_title(package, name, language)
    settings = packages.settings_of(package.id, name)

    def fields() -> Fields:
        present = value_text(packages.in_force(known, settings, area, reader.on))
        return [
            field("value", say("parameters.value", language), widget="number",
                  value=sent.get("value", present), hint=_hint(known, language)),
            day_field("on", say("people.from", language), sent.get("on", reader.on.isoformat()),
                      language),
            day_field("until", say("parameters.until", language), sent.get("until", ""), language,
                      required=False, end=True),
            field("why", say("parameters.why", language), widget="textarea",
                  value=sent.get("why", ""), hint=say("parameters.why_hint", language),
                  max_length=packages.LONGEST_REASON),
            field("area", say("parameters.area", language), value=area),
        ]  # fmt: skip

    def preview() -> Sequence[str]:
        value, since = known.number(given(request, "value")), needed_day(request, "on")
        until = given_day(request, "until")
        packages.refuse_span(since, until, today=reader.on)
        packages.reason(given(request, "why", most=packages.LONGEST_REASON + 1))
        return _what_changes(reader, known, settings, area, place, value, since, until)

    def act() -> str:
        packages.set_value(
            package, name, area, given(request, "value"), from_day=needed_day(request, "on"),
            to_day=given_day(request, "until"),
            why=given(request, "why", most=packages.LONGEST_REASON + 1),
            by=actor_name(reader), at=machine_now(),
        )  # fmt: skip
        return say("parameters.done", language, place=place, parameter=title)

    return asked(
        request, title=say("parameters.set_title", language, parameter=title, place=place),
        of=(package_title(package, language), f"/apps/{package.id}/parameters"), fields=fields,
        button=say("parameters.set", language), act=act, done=f"/apps/{package.id}/parameters",
        lead=known.why["zh" if language == "zh-CN" else "en"], preview=preview, under=UNDER,
    )  # fmt: skip


def _hint(known: Declared, language: str) -> str:
    return say(
        "parameters.hint", language, low=value_text(known.low), high=value_text(known.high),
        default=value_text(known.default),
    )  # fmt: skip


def _what_changes(
    reader: Reader,
    known: Declared,
    settings: Sequence[Setting],
    area: str,
    place: str,
    value: float,
    since: date,
    until: date | None,
) -> list[str]:
    """Say what would hold here afterwards, and where inside the area it would not."""
    language = reader.language
    before = packages.in_force(known, settings, area, since)
    found = [
        say(
            "parameters.preview", language, place=place, was=value_text(before),
            value=value_text(value), span=span_text(since, until, language),
        )
    ]  # fmt: skip
    inside = {
        s.division_code for s in settings
        if s.holds_on(since) and s.division_code != area and orgs.covers(area, s.division_code)
    }  # fmt: skip
    if inside:
        found.append(say("parameters.preview_inside", language, count=len(inside)))
    later = [s for s in settings if s.division_code == area and s.from_day > since and not s.void]
    for one in later:
        if until is None or one.from_day < until:
            found.append(
                say(
                    "parameters.preview_overtaken", language, value=value_text(one.value),
                    span=span_text(one.from_day, one.to_day, language),
                )
            )  # fmt: skip
    return [*found, say("parameters.preview_when", language)]


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, id: str, setting: UUID) -> HttpResponse:
    """Take a value back from today on, with the reason."""
    reader = reader_of(request)
    language = reader.language
    package = find_package(id, language)
    found = packages.setting(setting)
    if found is None or found[0] != package.id:
        raise NotFound(what=say("parameters.one", language))
    one = found[1]
    decide(request, "administer", area_thing(package, one.division_code, reader.on))
    place = place_of(one.division_code, language)
    title = say(
        "parameters.end_title", language, place=place, value=value_text(one.value),
        parameter=parameter_title(package, one.parameter, language),
    )  # fmt: skip

    def fields() -> Fields:
        return [
            field("why", say("parameters.why", language), widget="textarea",
                  value=request.POST.get("why", ""), hint=say("parameters.why_hint", language),
                  max_length=packages.LONGEST_REASON)
        ]  # fmt: skip

    def act() -> str:
        why = given(request, "why", most=packages.LONGEST_REASON + 1)
        packages.end_value(setting, why=why, by=actor_name(reader), at=machine_now())
        return say("parameters.done_ended", language, place=place)

    return asked(
        request, title=title, of=(package_title(package, language), f"/apps/{id}/parameters"),
        fields=fields, button=say("parameters.end", language), act=act,
        done=f"/apps/{package.id}/parameters", lead=say("parameters.end_lead", language),
        danger=True, under=UNDER,
    )  # fmt: skip
