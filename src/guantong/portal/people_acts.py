"""What the acts on units and people share: a form, a preview at need, and who may use it.

Each act is a page with a form and a POST to the same address. What changes a unit is shown before
it is done: the first POST answers with a preview, and only the second one, with ``sure``, acts.
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from guantong.access import api as access
from guantong.access.api import Thing
from guantong.access.errors import Refused
from guantong.base.errors import GuantongError
from guantong.base.words import say
from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef
from guantong.portal.people_forms import (
    form,
    given,
)
from guantong.portal.people_words import (
    first_allowed,
    person_things,
    post_text,
    unit_thing,
)
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.views_people import find_person, find_unit, units_of_person

Fields = list[dict[str, object]]


def words(reader: Reader, key: str, **facts: object) -> str:
    """Return a sentence of these pages."""
    return say(f"people.{key}", reader.language, **facts)


# Under which heading an act stands: the key of its word, and its address.
BOOK = ("people.title", "/people")


def _crumbs(
    reader: Reader, under: tuple[str, str], title: str, href: str, here: str
) -> list[dict[str, object]]:
    return [
        {"title": say(under[0], reader.language), "href": under[1]},
        {"title": title, "href": href},
        {"title": here, "href": None},
    ]


def asked(
    request: HttpRequest,
    *,
    title: str,
    of: tuple[str, str],
    fields: Callable[[], Fields],
    button: str,
    act: Callable[[], str],
    done: str,
    lead: str | None = None,
    danger: bool = False,
    preview: Callable[[], Sequence[str]] | None = None,
    multipart: bool = False,
    under: tuple[str, str] = BOOK,
    template: str = "people_form.html",
    more: Mapping[str, object] | None = None,
) -> HttpResponse:
    """Show a form, and on POST do what it asks for and go on; what is refused stands beside it."""
    reader = reader_of(request)
    refused: GuantongError | None = None
    shown: Sequence[str] = ()
    if request.method == "POST":
        try:
            if preview is not None and "sure" not in request.POST:
                shown = preview()
            else:
                sentence = act()
                messages.success(request, sentence, extra_tags="fine")
                return HttpResponseRedirect(done)
        except Refused:
            raise  # a page of its own, which says why and whom to ask
        except GuantongError as refusal:
            refused = refusal
    made = form(
        request.path,
        fields(),
        button if shown or preview is None else words(reader, "look_first"),
        refused=refused,
        language=reader.language,
        hidden={"sure": "1"} if shown else None,
        danger=danger,
        multipart=multipart,
    )
    return page(
        request,
        template,
        status=409 if refused else 200,
        title=title,
        crumbs=_crumbs(reader, under, of[0], of[1], title),
        lead=lead,
        form=made,
        preview=shown,
        back_href=of[1],
        **(more or {}),
    )


def administered(request: HttpRequest, id: UUID) -> tuple[Reader, UnitRef]:
    """Return reader and unit, or refuse: the reader does not administer it."""
    reader = reader_of(request)
    unit = find_unit(reader, id)
    decide(request, "administer", unit_thing(unit))
    return reader, unit


def administered_person(request: HttpRequest, id: UUID) -> tuple[Reader, str, str]:
    """Return reader, number and name of a person, of whom one unit at least is administered."""
    reader = reader_of(request)
    number, name, times = find_person(reader, id)
    things = person_things(id, units_of_person(id, times, reader))
    things = [_without_owner(thing) for thing in things]
    decide(request, "administer", first_allowed(reader, "administer", things))
    return reader, number, name


def wholly_administered(request: HttpRequest, id: UUID) -> tuple[Reader, str, str]:
    """Ask for every unit of a person: what is the person's own is not one unit's to change."""
    reader, number, name = administered_person(request, id)
    for unit in units_of_person(id, orgs.times_of_person(id), reader):
        decide(request, "administer", unit_thing(unit))
    return reader, number, name


def _without_owner(thing: Thing) -> Thing:
    return Thing(
        kind="unit", division_code=thing.division_code, unit_ids=thing.unit_ids,
        object_id=thing.object_id,
    )  # fmt: skip


def person_of_number(request: HttpRequest, name: str = "number") -> UUID:
    """Return the person whose number was typed, or refuse beside its field."""
    from guantong.orgs.errors import UnknownPerson

    id = orgs.person_by_number(given(request, name))
    if id is None:
        refusal = UnknownPerson(person="")
        refusal.field = name  # type: ignore[attr-defined]
        raise refusal
    return id


def guard_platform(request: HttpRequest, unit: UnitRef, post: str) -> None:
    """Let only who administers the platform say who else does: not the bureau's own staff."""
    platform = access.is_platform_unit(unit.code, unit.line, unit.tier, unit.division_code)
    if platform and post == access.ADMINISTRATOR_POST:
        decide(request, "administer", Thing(kind="settings"))


def lead_of(reader: Reader, time: orgs.PostTime) -> str:
    """Return unit and post in one line."""
    unit = time.unit_zh if reader.language == "zh-CN" else time.unit_en
    return f"{unit} · {post_text(time.post_code, time.title, reader.language)}"
