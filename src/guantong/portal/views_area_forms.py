"""The forms of an application as an area has them: questions worded, moved, insisted on, added."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from guantong.base.errors import NotFound
from guantong.base.words import LANGUAGES, say
from guantong.forms.api import Field, Form
from guantong.packages import api as packages
from guantong.packages.api import OWN, OWN_PREFIX, Entry
from guantong.portal import area_changes
from guantong.portal.application_words import UNDER, package_title
from guantong.portal.area_changes import AreaOf, area_of, crumbs_of
from guantong.portal.form_view import option_word
from guantong.portal.people_acts import Fields, asked
from guantong.portal.people_forms import field, given, option
from guantong.portal.reader import page

FIRST = "-"
_TEXTS = ("label", "hint")


@require_safe
def forms(request: HttpRequest, id: str, area: str) -> HttpResponse:
    """Show every form as it is asked in the area, and what may be changed about it."""
    of = area_of(request, id, area)
    language = of.reader.language
    title = say("areas.forms_title", language, place=of.place)
    words = of.as_read
    return page(
        request,
        "area_forms.html",
        title=title,
        lead=say("areas.forms_lead", language),
        crumbs=crumbs_of(of, title),
        forms=[
            {
                "id": form.id,
                "title": words.say(form.title, language),
                "steps": _steps(of, form),
                "fields": [_shown(of, form, one) for one in packages.fitted(form, of.holds).fields],
                "add": f"{of.address}/forms/{form.id}/add",
            }
            for form in of.package.forms.values()
        ],
        back_href=f"/apps/{of.package.id}/areas",
    )


def _steps(of: AreaOf, form: Form) -> str:
    language = of.reader.language
    found = [
        of.as_read.say(f"node.{node.id}", language)
        for graph in of.package.flows.values()
        for node in graph.nodes.values()
        if node.form == form.id
    ]
    return say("list.and", language).join(dict.fromkeys(found))


def _shown(of: AreaOf, form: Form, one: Field) -> dict[str, object]:
    language = of.reader.language
    about = {e.about for e in of.holds if e.form == form.id and e.field == one.name}
    tags = [say("area.value.required" if one.required else "area.value.optional", language)]
    if about:
        tags.append(say("areas.added" if OWN in about else "areas.changed", language))
    # A question that a wider area added is that area's to change.
    mine = OWN not in about or _own_word(of, form.id, one.name) is not None
    return {
        "name": one.name,
        "label": of.as_read.say(one.label, language),
        "hint": of.as_read.say(one.hint, language) if one.hint else "",
        "tags": tags,
        "href": f"{of.address}/forms/{form.id}/fields/{one.name}" if mine else "",
    }


def _own_word(of: AreaOf, form: str, name: str) -> packages.Difference | None:
    entry = packages.property_entry(form, name, OWN)
    mine = [d for d in of.known if d.entry == entry]
    return packages.own_setting(mine, of.area, of.reader.on)


def _form(of: AreaOf, id: str) -> Form:
    if id not in of.package.forms:
        raise NotFound(what=id[:60])
    return of.package.forms[id]


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, id: str, area: str, form: str, name: str) -> HttpResponse:
    """Change one question of a form for an area; one that it has added is written anew."""
    of = area_of(request, id, area)
    whole = _form(of, form)
    added = _own_word(of, form, name)
    if added is not None:
        return _own(request, of, whole, added.entry, added.value)
    known = next((one for one in whole.fields if one.name == name), None)
    if known is None:
        raise NotFound(what=name[:60])
    return _changed(request, of, whole, known)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, id: str, area: str, form: str) -> HttpResponse:
    """Add a question of the area's own to a form; nobody has to answer it unless the area says."""
    of = area_of(request, id, area)
    whole = _form(of, form)
    return _own(request, of, whole, packages.own_field(of.package.id, form, area, of.known), {})


def _changed(request: HttpRequest, of: AreaOf, form: Form, known: Field) -> HttpResponse:
    language = of.reader.language
    fitted = packages.fitted(form, of.holds)
    now = next(one for one in fitted.fields if one.name == known.name)
    entries = _text_entries(form, known)

    def fields() -> Fields:
        posted = request.method == "POST"
        sent = request.POST
        found = [
            field(
                f"{about}-{one}",
                say(f"areas.{about}.{one}", language),
                value=sent.get(f"{about}-{one}", _read(of, entry)),
                max_length=packages.LONGEST_TEXT,
            )
            for (about, one), entry in entries.items()
        ]
        found.append(_place_field(of, fitted, known.name, sent.get("after")))
        if not known.required and known.widget != "checkbox":
            found.append(
                field(
                    "required",
                    say("areas.required", language),
                    widget="checkbox",
                    required=False,
                    hint=say("areas.required_hint", language),
                    value=sent.get("required") if posted else now.required,
                )
            )
        kept = {option.value for option in now.options}
        for one in known.options if packages.can_narrow(of.package, form.id, known.name) else ():
            name = f"choice-{one.value}"
            label = option_word(of.as_read, known, one.value, language)
            found.append(
                field(
                    name,
                    say("areas.offers", language, choice=label),
                    widget="checkbox",
                    required=False,
                    value=sent.get(name) if posted else one.value in kept,
                )
            )
        return [*found, *area_changes.when_and_why(request, of)]  # fmt: skip

    def changes() -> dict[Entry, object]:
        wanted: dict[Entry, object] = {
            entry: _typed(request, f"{about}-{one}") for (about, one), entry in entries.items()
        }
        wanted[packages.property_entry(form.id, known.name, "after")] = _after(request)
        # Once required for the area, it is made optional again by taking that word back.
        if request.POST.get("required") == "on":
            wanted[packages.property_entry(form.id, known.name, "required")] = True
        if packages.can_narrow(of.package, form.id, known.name):
            kept = [o.value for o in known.options if request.POST.get(f"choice-{o.value}") == "on"]
            wanted[packages.property_entry(form.id, known.name, "choices")] = kept
        return _without_unmoved(area_changes.changed(of, wanted), fitted, known.name)

    asks = of.as_read.say(now.label, language)
    return _asked(request, of, say("areas.question_title", language, place=of.place, field=asks),
                  fields, changes, say("areas.question_lead", language))  # fmt: skip


def _without_unmoved(found: dict[Entry, object], fitted: Form, name: str) -> dict[Entry, object]:
    """Leave out the place where the question stands already, whoever moved it there."""
    before = _stands_after(fitted, name)
    return {e: value for e, value in found.items() if not (e.about == "after" and value == before)}


def _stands_after(fitted: Form, name: str) -> str:
    """Return the question of the package after which one stands, whatever areas put between."""
    names = [one.name for one in fitted.fields]
    before = names[: names.index(name)] if name in names else names
    return next((one for one in reversed(before) if not one.startswith(OWN_PREFIX)), "")


def _text_entries(form: Form, known: Field) -> dict[tuple[str, str], Entry]:
    return {
        (about, language): packages.text_entry(form.id, known.name, about, language)
        for about in _TEXTS
        for language in LANGUAGES
        # Help that the package does not give is the area's question of its own to give.
        if about == "label" or known.hint is not None
    }


def _read(of: AreaOf, entry: Entry) -> str:
    held = of.holds.get(entry)
    return str(held if held is not None else packages.said_by(of.package, entry) or "")


def _place_field(of: AreaOf, fitted: Form, name: str, sent: str | None) -> dict[str, object]:
    """Return the field that asks after which other question this one stands."""
    language = of.reader.language
    options = [option(FIRST, say("area.value.first", language))]
    for one in fitted.fields:
        if one.name != name and not one.name.startswith(OWN_PREFIX):
            label = of.as_read.say(one.label, language)
            options.append(option(one.name, say("area.value.after", language, field=label)))
    now = _stands_after(fitted, name) or FIRST
    return field("after", say("areas.after", language), widget="select", value=sent or now,
                 options=options)  # fmt: skip


def _after(request: HttpRequest) -> str:
    chosen = given(request, "after")
    return "" if chosen == FIRST else chosen


def _own(
    request: HttpRequest, of: AreaOf, form: Form, entry: Entry, value: Mapping[str, Any]
) -> HttpResponse:
    """Ask for a question of the area's own: its kind, its words, where it stands."""
    language, sent = of.reader.language, request.POST
    fitted = packages.fitted(form, of.holds)
    posted = request.method == "POST"

    def text(about: str, one: str) -> str:
        return str(sent.get(f"{about}-{one}", value.get(about, {}).get(one, "")))

    def fields() -> Fields:
        lines = "\n".join(f"{c['zh-CN']} | {c['en']}" for c in value.get("choices", ()))
        return [
            field("type", say("areas.kind", language), widget="radio",
                  value=sent.get("type", value.get("type", "text")),
                  options=[option(one, say(f"area.kind.{one}", language))
                           for one in packages.FIELD_KINDS]),
            *(
                field(f"{about}-{one}", say(f"areas.{about}.{one}", language),
                      value=text(about, one), required=about == "label",
                      max_length=packages.LONGEST_TEXT)
                for about in _TEXTS for one in LANGUAGES
            ),
            field("choices", say("areas.choices", language), widget="textarea", required=False,
                  value=sent.get("choices", lines), hint=say("areas.choices_hint", language),
                  max_length=3000),
            _place_field(of, fitted, entry.field, sent.get("after")),
            field("required", say("areas.required", language), widget="checkbox", required=False,
                  value=sent.get("required") if posted else value.get("required", False)),
            *area_changes.when_and_why(request, of),
        ]  # fmt: skip

    def changes() -> dict[Entry, object]:
        return {entry: _written(request)}

    key = "areas.own_title" if value else "areas.add_title"
    title = say(key, language, place=of.place, form=of.as_read.say(form.title, language))
    return _asked(request, of, title, fields, changes, say("areas.add_lead", language))


def _written(request: HttpRequest) -> dict[str, object]:
    """Return a question as it was written; whether it can be asked is judged elsewhere."""
    lines = (line for line in given(request, "choices", most=3000).splitlines() if line.strip())
    found: dict[str, object] = {
        "type": given(request, "type"),
        "required": request.POST.get("required") == "on",
        "after": _after(request),
        "choices": [dict(zip(LANGUAGES, _halves(line), strict=True)) for line in lines],
    }
    for about in _TEXTS:
        found[about] = {one: _typed(request, f"{about}-{one}") for one in LANGUAGES}
    return found


def _halves(line: str) -> tuple[str, str]:
    chinese, _, english = line.replace("｜", "|").partition("|")
    return chinese.strip(), english.strip()


def _asked(
    request: HttpRequest, of: AreaOf, title: str, fields: Any, changes: Any, lead: str
) -> HttpResponse:
    language = of.reader.language
    return asked(
        request, title=title, of=(package_title(of.package, language), f"{of.address}/forms"),
        fields=fields, button=say("areas.say", language),
        preview=lambda: area_changes.preview(request, of, changes()),
        act=lambda: area_changes.act(request, of, changes()),
        done=f"{of.address}/forms", lead=lead, under=UNDER, template="area_change.html",
    )  # fmt: skip


def _typed(request: HttpRequest, name: str) -> str:
    return " ".join(given(request, name, most=packages.LONGEST_TEXT + 1).split())
