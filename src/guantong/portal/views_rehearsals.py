"""The rehearsals of an application that are kept: what was played, what held, what was reached.

Verdict, failures and coverage are those of the report itself; the page puts each in its frame and
offers the whole report as a file.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guantong.base.errors import NotFound
from guantong.base.reading import moment_text
from guantong.base.words import say
from guantong.packages import api as packages
from guantong.packages.api import KeptRehearsal, Package, ReadRehearsal
from guantong.portal.application_words import APPLICATIONS, UNDER, Names, package_title
from guantong.portal.delivery_log import note
from guantong.portal.lists import address, count_text
from guantong.portal.reader import decide, page, reader_of

# Each has its own tables; more would make a page that nobody reads to its end.
_AT_ONCE = 5


@require_safe
def rehearsals(request: HttpRequest, id: str) -> HttpResponse:
    """Show the rehearsals of an application, the newest first."""
    reader = reader_of(request)
    language = reader.language
    decide(request, "read", APPLICATIONS)
    package = _known(id, language)
    found = packages.rehearsals_of(package.id, before=_id(request), most=_AT_ONCE + 1)
    shown, older = found[:_AT_ONCE], found[_AT_ONCE:]
    names = Names([one.by for one in shown])
    here, title = f"/apps/{package.id}/rehearsals", package_title(package, language)
    application = f"/apps/{package.id}" if packages.installed(id) is not None else UNDER[1]
    return page(
        request,
        "rehearsals.html",
        title=say("rehearsals.of", language, title=title),
        crumbs=[
            {"title": say(UNDER[0], language), "href": UNDER[1]},
            {"title": title, "href": application},
            {"title": say("rehearsals.title", language), "href": None},
        ],
        rehearsals=[_shown(one, names, language) for one in packages.read_rehearsals(shown)],
        pager={
            "count_text": count_text(packages.count_rehearsals(package.id), language),
            "previous_href": None,
            "next_href": address(here, before=shown[-1].id) if older else None,
        },
    )


@require_safe
def report(request: HttpRequest, id: str, rehearsal: UUID) -> HttpResponse:
    """Send the report of one rehearsal as a file."""
    reader = reader_of(request)
    decision = decide(request, "read", APPLICATIONS)
    found = packages.read_rehearsal(id, rehearsal)
    made = packages.Report(at=found.kept.at, language=reader.language)
    made.add(found.package, found.played, units=found.units)
    name = f"{found.kept.package}-{found.kept.version}-rehearsal.html"
    note(reader, "export", decision, object_id=rehearsal, facts={"list": name})
    answer = HttpResponse(made.html(), content_type="text/html; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _shown(one: ReadRehearsal, names: Names, language: str) -> dict[str, object]:
    kept = one.kept
    return {
        "id": kept.id,
        "title": f"{kept.version} · {moment_text(kept.at, language)}",
        "text": _how(kept, names, language),
        "brief": packages.brief(
            one.package, one.played, units=one.units, places=one.places, language=language
        ),
        "report_href": f"/apps/{kept.package}/rehearsals/{kept.id}.html",
        "release_href": f"/apps/releases/{kept.release}",
    }


def _how(kept: KeptRehearsal, names: Names, language: str) -> str:
    """Say how it was played: in a box or with people, how much of it, how long, by whom."""
    return say(
        f"rehearsals.{kept.kind}", language, played=kept.played, declared=kept.declared,
        seconds=f"{kept.seconds:.1f}", who=names.who(kept.by), digest=kept.digest[:16],
    )  # fmt: skip


def _known(id: str, language: str) -> Package:
    """Return a package that is installed, or of which a release waits; or refuse."""
    found = packages.installed(id)
    if found is None:
        releases = packages.releases_of(id)
        if not releases:
            raise NotFound(what=say("apps.one", language))
        found = packages.brought_release(releases[0].id).package
    return found


def _id(request: HttpRequest) -> UUID | None:
    """Return after which rehearsal the page begins; what is no id begins at the newest."""
    try:
        return UUID(request.GET.get("before", ""))
    except ValueError:
        return None
