"""The leader's page: drawn whole with the first state, kept up to date by the gateway's stream.

It works without script; ``state.json`` is for whoever cannot hold a stream open, and says the same.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from guantong.access.api import Decision, Rows, Thing
from guantong.access.errors import Refused
from guantong.base.errors import NotFound
from guantong.base.hashing import canonical, sha256
from guantong.base.ids import new_id
from guantong.base.problem import problem
from guantong.base.words import say
from guantong.geo.api import boundaries_geojson, map_note
from guantong.orgs.api import DivisionRef, is_code
from guantong.packages.api import area_of, cockpit_page, cockpit_state, name_of, place_of
from guantong.portal.lists import address
from guantong.portal.reader import Reader, decide, page, reader_of

PROVINCE = "330000000000"
MAP_TIERS = ("city", "county")
# Outlines change when the map file does, and then their digest does, too.
MAP_AGE_SECONDS = 24 * 3600


def area_asked(reader: Reader, asked: str | None) -> str:
    """Return the area asked for, else the reader's own; whoever has none is refused the whole."""
    return asked or area_of(reader.actor) or PROVINCE


def decide_figure(request: HttpRequest, area: str) -> Decision:
    """Return the decision to read the figures of an area; a refusal is recorded and raised."""
    return decide(request, "read", Thing(kind="figure", division_code=area))


@require_safe
def cockpit(request: HttpRequest, division: str | None = None) -> HttpResponse:
    """Show the cockpit of an area."""
    reader = reader_of(request)
    area = area_asked(reader, division)
    answer = decide_figure(request, area)
    place = place_of(area)
    return page(
        request,
        "cockpit.html",
        title=cockpit_page().title(reader.language),
        area_name=name_of(place, reader.language),
        area_href=_up(place, answer.rows),
        nav=_nav(reader.language),
        map_href=address("/map/county.geojson", under=area),
        map_note=map_note(reader.language),
        stream_href=stream_address(request, reader, area),
        state=cockpit_state(reader.realm, actor=reader.actor, language=reader.language, area=area),
    )


@require_safe
def state_json(request: HttpRequest) -> HttpResponse:
    """Return the same state as the stream sends."""
    reader = reader_of(request)
    area = area_asked(reader, request.GET.get("area"))
    trace = str(new_id())
    thing = Thing(kind="figure", division_code=area)
    try:
        decide(request, "read", thing, purpose=f"trace:{trace}")
        found = cockpit_state(reader.realm, actor=reader.actor, language=reader.language, area=area)
    except (Refused, NotFound) as refusal:
        status = 403 if isinstance(refusal, Refused) else 404
        return JsonResponse(problem(refusal, reader.language, trace=trace), status=status)
    response = JsonResponse(found)
    patch_cache_control(response, no_store=True)
    return response


@require_safe
def outlines(request: HttpRequest, tier: str) -> HttpResponse:
    """Return the outlines of a tier as GeoJSON; a browser keeps them for a day."""
    decide(request, "read", Thing(kind="dataset"))
    under = request.GET.get("under", PROVINCE)
    if tier not in MAP_TIERS or not is_code(under):
        raise NotFound(what=f"{tier}.geojson")
    body = canonical(boundaries_geojson("city" if tier == "city" else "county", under))
    tag = f'"{sha256(body).hex()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type="application/geo+json")
    response["ETag"] = tag
    patch_cache_control(response, private=True, max_age=MAP_AGE_SECONDS)
    return response


def stream_address(request: HttpRequest, reader: Reader, area: str) -> str:
    """Return where the gateway streams this area: the same host, the gateway's port."""
    host, _ = split_domain_port(request.get_host())
    path = f"/streams/{reader.realm}/{area}"
    origin = settings.GATEWAY_URL or f"{request.scheme}://{host}:{settings.GATEWAY_PORT}"
    return address(origin + path, language=reader.language)


def _up(place: DivisionRef, rows: Rows) -> str | None:
    """Return the address of the area above, where the reader may look there."""
    above = place.parent_code
    return f"/cockpit/{above}" if above is not None and rows.covers(above) else None


def _nav(language: str) -> list[dict[str, str]]:
    return [
        {"label": say("inbox.title", language), "href": "/inbox"},
        {"label": say("cases.title", language), "href": "/cases"},
        {"label": say("evacuation.title", language), "href": "/evacuation"},
        {"label": say("datasets.title", language), "href": "/data"},
    ]
