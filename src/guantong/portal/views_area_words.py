"""The words of an application as an area has them: found by searching, and worded anew."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from guantong.base.errors import NotFound
from guantong.base.words import LANGUAGES, say
from guantong.packages import api as packages
from guantong.portal import area_changes
from guantong.portal.application_words import UNDER, package_title
from guantong.portal.area_changes import area_of, crumbs_of
from guantong.portal.lists import address, chip, count_text, hidden
from guantong.portal.people_acts import Fields, asked
from guantong.portal.people_forms import field, given
from guantong.portal.reader import page


@require_safe
def words(request: HttpRequest, id: str, area: str) -> HttpResponse:
    """List the words that the area may say differently, with what is read there today."""
    of = area_of(request, id, area)
    language = of.reader.language
    text, subject = request.GET.get("q", "").strip(), request.GET.get("subject", "")
    known = packages.rewordable(of.package)
    read = {one: of.as_read.words(one) for one in LANGUAGES}
    found = {
        key: about
        for key, about in known.items()
        if any(text.lower() in f"{key} {said.get(key, '')}".lower() for said in read.values())
    }
    counts, here = Counter(found.values()), f"{of.address}/words"
    shown = [key for key, about in found.items() if subject in ("", about)]
    title = say("areas.words_title", language, place=of.place)
    own = {e.key for e in of.holds if e.kind == "words"}
    columns = ("areas.chinese", "areas.english", "areas.own_now")
    return page(
        request,
        "area_words.html",
        title=title,
        lead=say("areas.words_lead", language),
        crumbs=crumbs_of(of, title),
        chips=[
            chip(say("areas.all_words", language), address(here, q=text),
                 current=subject == "", count=len(found)),
            *(
                chip(say(f"areas.subject.{one}", language), address(here, q=text, subject=one),
                     current=subject == one, count=counts[one])
                for one in packages.SUBJECTS
            ),
        ],
        q=text,
        here=here,
        query_hidden=hidden({"subject": subject}),
        count_text=count_text(len(shown), language),
        columns=[{"label": say(key, language), "right": False} for key in columns],
        rows=[
            {
                "cells": [
                    {"text": read["zh-CN"].get(key, ""), "href": f"{here}/{key}"},
                    {"text": read["en"].get(key, "")},
                    {"text": say("areas.yes", language) if key in own else ""},
                ]
            }
            for key in shown
        ],
        back_href=f"/apps/{of.package.id}/areas",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def reword(request: HttpRequest, id: str, area: str, key: str) -> HttpResponse:
    """Word one thing anew for an area, in one language or in both."""
    of = area_of(request, id, area)
    language = of.reader.language
    if key not in packages.rewordable(of.package):
        raise NotFound(what=say("areas.one", language))
    entries = {one: packages.word_entry(one, key) for one in LANGUAGES}
    read = {one: str(of.as_read.words(one).get(key, "")) for one in LANGUAGES}
    sent = request.POST

    def fields() -> Fields:
        return [
            *(
                field(one, say(f"areas.in.{one}", language), value=sent.get(one, read[one]),
                      max_length=packages.LONGEST_TEXT)
                for one in LANGUAGES
            ),
            *area_changes.when_and_why(request, of),
        ]  # fmt: skip

    def changes() -> dict[packages.Entry, object]:
        wanted = {entries[one]: _typed(request, one) for one in LANGUAGES}
        return area_changes.changed(of, wanted)

    return asked(
        request, title=say("areas.reword_title", language, place=of.place),
        of=(package_title(of.package, language), f"{of.address}/words"), fields=fields,
        button=say("areas.say", language),
        preview=lambda: area_changes.preview(request, of, changes()),
        act=lambda: area_changes.act(request, of, changes()),
        done=f"/apps/{of.package.id}/areas", lead=say("areas.reword_lead", language),
        under=UNDER, template="area_change.html",
        more={
            "sides": [
                {
                    "label": say(f"areas.package_in.{one}", language),
                    "text": of.package.own_words(one).get(key, ""),
                }
                for one in LANGUAGES
            ]
        },
    )  # fmt: skip


def _typed(request: HttpRequest, name: str) -> str:
    return " ".join(given(request, name, most=packages.LONGEST_TEXT + 1).split())
