"""The application packages of this installation: what stands, what the doctor says, what came when.

Everybody in a post reads; who administers the platform installs and withdraws.
"""

import functools
from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from guantong.base.clock import machine_now
from guantong.base.reading import figure_text, moment_text
from guantong.base.words import say
from guantong.flows.api import running_cases
from guantong.orgs import api as orgs
from guantong.packages import api as packages
from guantong.packages.api import Finding, Package, all_installed, examine, reached
from guantong.packages.errors import ReleaseUnsound
from guantong.portal.application_words import (
    APPLICATIONS,
    UNDER,
    Names,
    find_package,
    package_title,
)
from guantong.portal.lists import address, count_text
from guantong.portal.people_acts import Fields, asked
from guantong.portal.people_forms import field, given, option
from guantong.portal.people_words import actor_name
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.role_words import role_words
from guantong.portal.views_vmodel import complete_text

# A collision with an area's word is decided by another text.
ANEW = "anew"


@require_safe
def apps(request: HttpRequest) -> HttpResponse:
    """Show the installed packages, and the releases that wait for a decision."""
    reader = reader_of(request)
    decide(request, "read", APPLICATIONS)
    found, stand = all_installed(), packages.standings()
    keys = ("title", "version", "state", "since", "lead", "rung", "vmodel", "errors", "warnings")
    right = ("errors", "warnings")
    return page(
        request,
        "apps.html",
        columns=[
            {"label": say(f"apps.{key}", reader.language), "right": key in right} for key in keys
        ],
        rows=[{"cells": _cells(one, stand.get(one.id), reader.language)} for one in found],
        pager={"count_text": count_text(len(found), reader.language)},
        waiting=[
            {
                "href": f"/apps/releases/{one.id}",
                "title": f"{one.package} {one.version}",
                "at": moment_text(one.at, reader.language),
            }
            for one in packages.waiting_releases()
        ],
    )


def _cells(
    package: Package, stands: packages.Standing | None, language: str
) -> list[dict[str, object]]:
    app = package.one("app")
    assert app is not None, "an installed package has a manifest"
    maturity = package.one("maturity")
    rung = reached(maturity.data["rules"]) if maturity is not None else None
    found = _found(package, all_installed())
    errors = sum(finding.level == "error" for finding in found)
    texts = (
        app.data["version"],
        state_word(stands, language),
        moment_text(stands.since, language) if stands is not None else "",
        role_words(app.data["lead"], language),
        say(f"apps.rung_{rung or 'none'}", language),
    )
    units: dict[str, object] = {
        "text": complete_text(package),
        "href": f"/apps/{package.id}/vmodel",
    }
    counts = ({"text": figure_text(n), "right": True} for n in (errors, len(found) - errors))
    title: dict[str, object] = {
        "text": package_title(package, language),
        "href": f"/apps/{package.id}",
    }
    return [title, *({"text": text} for text in texts), units, *counts]


def state_word(stands: packages.Standing | None, language: str) -> str:
    """Return whether a package is installed or withdrawn, in words."""
    state = packages.INSTALLED if stands is None else stands.state
    return say(f"apps.state_{state}", language)


@functools.lru_cache(maxsize=64)
def _found(package: Package, beside: tuple[Package, ...]) -> tuple[Finding, ...]:
    """Return what the doctor finds; another release of any application is another value."""
    return tuple(examine(package, province=None, others=beside))


@require_safe
def application(request: HttpRequest, id: str) -> HttpResponse:
    """Show one application: how it stands, its versions, its history, what the doctor says."""
    reader = reader_of(request)
    language = reader.language
    decide(request, "read", APPLICATIONS)
    package = find_package(id, language)
    stands = packages.standing(package.id)
    history = packages.history(package.id)
    releases = packages.releases_of(package.id)
    rehearsed = packages.newest_rehearsals(one.id for one in releases)
    names = Names([c.by for c in history])
    may_administer = may(reader, "administer", APPLICATIONS).allowed
    installed = stands is not None and stands.state == packages.INSTALLED
    running = sum(running_cases(package.id).values())
    moves = _moves(package, stands.release, language) if stands is not None else None
    return page(
        request,
        "application.html",
        title=package_title(package, language),
        id=package.id,
        crumbs=_crumbs(package_title(package, language), language),
        withdrawn=say("apps.withdrawn_note", language, count=running)
        if stands is not None and not installed else "",
        moves=moves["text"] if moves is not None and moves["done"] != moves["all"] else "",
        release=f"/apps/releases/{stands.release}" if stands is not None else "",
        facts=_facts(package, stands, names, language, running),
        versions=[
            {
                "title": one.version, "href": f"/apps/releases/{one.id}",
                "current": stands is not None and one.id == stands.release,
                "text": _release_text(one, names, language),
                "rehearsed": packages.rehearsal_words(rehearsed.get(one.id), language),
            }
            for one in releases
        ],
        history=[
            {
                "at": moment_text(one.at, language), "why": one.why, "who": names.who(one.by),
                "act": f"{one.version} {packages.act_words(one.act, one.before, language)}",
            }
            for one in history
        ],
        findings=[
            f"{f.path}: {f.sentence(language)}" for f in _found(package, all_installed())
        ],
        withdraw=f"/apps/{package.id}/withdraw" if may_administer and installed else "",
    )  # fmt: skip


def _crumbs(here: str, language: str) -> list[dict[str, object]]:
    return [
        {"title": say(UNDER[0], language), "href": UNDER[1]},
        {"title": here, "href": None},
    ]


def _facts(
    package: Package,
    stands: packages.Standing | None,
    names: Names,
    language: str,
    running: int,
) -> list[tuple[str, str]]:
    app = package.one("app")
    assert app is not None, "an installed package has a manifest"
    found = {
        "version": app.data["version"],
        "lead": role_words(app.data["lead"], language),
        "running": figure_text(running),
    }
    if stands is not None:
        found |= {
            "state": state_word(stands, language),
            "since": moment_text(stands.since, language),
            "by": names.who(stands.by),
            "why": stands.why,
            "signer": stands.signer or say("life.unsigned", language),
            "digest": stands.digest[:16],
        }
    return [(say(f"apps.{key}", language), value) for key, value in found.items()]


def _release_text(one: packages.ReleaseView, names: Names, language: str) -> str:
    key = "apps.release_shipped" if one.origin == packages.SHIPPED else "apps.release_brought"
    return say(key, language, at=moment_text(one.at, language), who=names.who(one.by))


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, id: str) -> HttpResponse:
    """Withdraw an application: nothing new begins, running cases come to their end."""
    reader = reader_of(request)
    language = reader.language
    package = find_package(id, language)
    decide(request, "administer", APPLICATIONS)
    title, count = package_title(package, language), sum(running_cases(package.id).values())

    def act() -> str:
        packages.withdraw(package.id, by=actor_name(reader), why=_why(request), at=machine_now())
        packages.look_now()
        return say("apps.done_withdrawn", language, title=title)

    return asked(
        request, title=say("apps.withdraw_title", language, title=title),
        of=(title, f"/apps/{package.id}"), fields=lambda: [_why_field(reader, request)],
        button=say("apps.withdraw", language), act=act, done=f"/apps/{package.id}", danger=True,
        lead=say("apps.withdraw_lead", language, count=count), under=UNDER,
    )  # fmt: skip


def _why(request: HttpRequest) -> str:
    return given(request, "why", most=packages.LONGEST_REASON + 1)


def _why_field(reader: Reader, request: HttpRequest) -> dict[str, object]:
    return field(
        "why", say("parameters.why", reader.language), widget="textarea",
        value=request.POST.get("why", ""), hint=say("apps.why_hint", reader.language),
        max_length=packages.LONGEST_REASON,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show what installing a release would change, and let who administers the platform do it."""
    reader = reader_of(request)
    language = reader.language
    decide(request, "read" if request.method != "POST" else "administer", APPLICATIONS)
    brought = packages.brought_release(id)
    plan = packages.dry_run(brought, at=machine_now())
    package, stands = plan.package, plan.stands
    works = stands is not None and (stands.release, stands.state) == (id, packages.INSTALLED)
    title = package_title(package, language)

    def fields() -> Fields:
        conflicts = [
            field(
                f"decide-{one.setting.id}", packages.conflict_words(one, language),
                value=request.POST.get(f"decide-{one.setting.id}", ""),
                hint=say("apps.decide_gone" if one.theirs is None else "apps.decide", language),
            )
            for one in plan.merged.conflicts
        ]  # fmt: skip
        return [
            *conflicts, *_area_fields(request, plan, language),
            *_table_fields(request, plan, language), _why_field(reader, request),
        ]  # fmt: skip

    def act() -> str:
        if plan.errors:
            raise ReleaseUnsound(package=package.id, version=plan.version, errors=len(plan.errors))
        packages.enter(
            brought, by=actor_name(reader), why=_why(request), at=machine_now(),
            decisions=_decisions(request, plan), tables=_table_decisions(request, plan),
            approved=True,
        )  # fmt: skip
        packages.look_now()
        return say("apps.done_installed", language, title=title, version=plan.version)

    may_act = may(reader, "administer", APPLICATIONS).allowed and not works and not plan.errors
    return asked(
        request, title=packages.headline(plan, language) if not works else title,
        of=(title, f"/apps/{package.id}" if stands is not None else "/apps"), fields=fields,
        button=say("apps.install", language), act=act, done=f"/apps/{package.id}",
        lead=_release_lead(brought, works, plan.version, language),
        under=UNDER, template="application_release.html",
        more={
            "parts": packages.parts(plan, language, collisions=not may_act), "may_act": may_act,
            "moves": _moves(package, id, language), "local": _local(plan, language),
            "rehearsed": packages.rehearsal_words(plan.rehearsal, language),
            "doubtful": plan.rehearsal is None or not plan.rehearsal.held,
            "rehearsals_href": f"/apps/{package.id}/rehearsals",
        },
    )  # fmt: skip


def _local(plan: packages.DryRun, language: str) -> list[dict[str, str]]:
    """Return the roles that no unit of their own has everywhere here, with where to say who has.

    It is said once for the whole organisation, from a day on and with its basis, as for anybody
    else who asks for that line; dispatch and the doctor go by it.
    """
    roles = {str(gap.facts["role"]) for gap in plan.gaps if "role" in gap.facts}
    top = orgs.divisions(tier="province")
    area = top[0].code if top else ""
    return [
        {
            "text": role_words(role, language),
            "href": address("/people/chains/declare", line=role.partition("@")[0], area=area),
        }
        for role in sorted(roles)
        if role.partition("@")[0] in orgs.lines()
    ]


def _moves(package: Package, release: UUID, language: str) -> dict[str, object] | None:
    """Return how far running cases have gone over to a release; None where none was to."""
    found = packages.progress(package.id, release)
    if found is None:
        return None
    done = found.all - found.count("waiting")
    return {
        "done": done, "all": found.all, "lines": packages.progress_words(found, package, language),
        "text": say("apps.moves_done", language, done=figure_text(done),
                    count=figure_text(found.all)),
    }  # fmt: skip


def _release_lead(brought: packages.Brought, works: bool, version: str, language: str) -> str:
    """Return whether a release works, and who answers for it before it does."""
    if works:
        return say("apps.works", language, version=version)
    signed = say("apps.signed_by" if brought.signer else "apps.nobody_signed", language,
                 signer=brought.signer)  # fmt: skip
    return f"{say('apps.dry_lead', language, version=version)} {signed}"


def _area_fields(request: HttpRequest, plan: packages.DryRun, language: str) -> Fields:
    """Return the fields by which collisions with areas' words are decided, all three beside."""
    names = Names([], [one.difference.division_code for one in plan.areas.conflicts])
    found: Fields = []
    for one in plan.areas.conflicts:
        said = one.difference
        name, anew = f"decide-{said.id}", f"anew-{said.id}"
        place = names.place(said.division_code, language)
        offered = [packages.THEIRS]
        offered += [packages.KEEP] if one.can_keep else []
        offered += [ANEW] if one.can_write else []
        decision = field(
            name,
            f"{place} · {packages.entry_title(plan.base or plan.package, said.entry, language)}",
            widget="radio", value=request.POST.get(name, ""),
            hint=packages.reason_words(one, language),
            options=[option(each, say(f"areas.decide_{each}", language)) for each in offered],
        )  # fmt: skip
        decision["sides"] = _three(plan, one, place, language)
        found.append(decision)
        if one.can_write:
            found.append(
                field(anew, say("areas.anew", language), value=request.POST.get(anew, ""),
                      required=False, max_length=packages.LONGEST_TEXT)
            )  # fmt: skip
    return found


def _three(
    plan: packages.DryRun, one: packages.AreaConflict, place: str, language: str
) -> list[dict[str, str]]:
    """Return what the old release, the new one and the area say, each with its name."""
    was, now = plan.base or plan.package, plan.package
    before = plan.stands.version if plan.stands is not None else ""
    entry = one.difference.entry
    return [
        {"label": say("areas.old_release", language, version=before),
         "text": packages.entry_value(was, entry, one.base, language)},
        {"label": say("areas.new_release", language, version=plan.version),
         "text": packages.entry_value(now, entry, one.theirs, language)},
        {"label": say("areas.of_place", language, place=place),
         "text": packages.entry_value(now, entry, one.difference.value, language)},
    ]  # fmt: skip


def _decisions(request: HttpRequest, plan: packages.DryRun) -> Mapping[UUID, packages.Decision]:
    """Return what was chosen or typed beside each conflict; an empty field decides nothing."""
    end = {"end", "终止", "结束"}
    found: dict[UUID, packages.Decision] = {}
    for one in plan.merged.conflicts:
        text = given(request, f"decide-{one.setting.id}")
        if text:
            found[one.setting.id] = packages.END if text.lower() in end else text
    for collision in plan.areas.conflicts:
        id = collision.difference.id
        chosen = given(request, f"decide-{id}")
        if chosen == ANEW:
            found[id] = given(request, f"anew-{id}", most=packages.LONGEST_TEXT + 1)
        elif chosen:
            found[id] = chosen
    return found


def _table_fields(request: HttpRequest, plan: packages.DryRun, language: str) -> Fields:
    """Return a choice for each table in conflict: keep the version written here, or take."""
    return [
        field(
            f"table-{one.path}", packages.table_conflict_words(one, language), widget="select",
            value=request.POST.get(f"table-{one.path}", ""),
            options=[option(c, say(f"apps.table_{c}", language)) for c in _choices(one)],
        )
        for one in plan.tables.conflicts
    ]  # fmt: skip


def _choices(conflict: packages.TableConflict) -> tuple[str, ...]:
    take = (packages.TAKE_TABLE,)
    return (packages.KEEP_TABLE, *take) if conflict.can_keep else take


def _table_decisions(request: HttpRequest, plan: packages.DryRun) -> dict[str, str]:
    """Return what was chosen for each table in conflict; nothing chosen decides nothing."""
    chosen = {one.path: given(request, f"table-{one.path}") for one in plan.tables.conflicts}
    return {path: choice for path, choice in chosen.items() if choice}
