"""How the installation fares: the page of the person on call, at three in the morning.

What is behind, since when, who works on it, how the last day went, and what to do. It shows the
whole installation, so only its administrator sees it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.views.decorators.http import require_POST, require_safe

from guantong.access.api import Thing
from guantong.base import clock, lag, laid_aside, workers
from guantong.base.reading import BEIJING, figure_text, moment_text
from guantong.base.realm import LIVE
from guantong.base.words import say
from guantong.flows import api as flows
from guantong.portal import fact_acts
from guantong.portal.day_chart import DayChart, chart_of
from guantong.portal.reader import decide, page, reader_of
from guantong.portal.views_export import csv_file

HERE = "/operations"
THING = Thing(kind="fact")
DAY = timedelta(hours=24)

# What a person on call looks at first stands first; a figure that no package brings is left out.
FIGURES = (
    "workers_missing", "workers_silent", "fact_oldest_seconds", "facts_waiting", "facts_retrying",
    "facts_laid_aside", "timer_oldest_seconds", "timers_failing", "leaf_oldest_seconds",
    "leaves_waiting", "notices_due", "notices_oldest_seconds", "notices_laid_aside",
)  # fmt: skip
CHARTS = ("fact_oldest_seconds", "timer_oldest_seconds", "leaf_oldest_seconds", "facts_waiting")
_RANK = {"green": 0, "yellow": 1, "red": 2}


@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """Show every figure with its light, the workers, the last day, and what failed."""
    reader = reader_of(request)
    decide(request, "read", THING)
    language, now = reader.language, clock.machine_now()
    found = lag.readings(now)
    shown = [name for name in FIGURES if name in found]
    worst = max((lag.light(name, found[name]) for name in shown), key=_RANK.__getitem__)
    kept = lag.history(now - DAY)
    return page(
        request,
        "operations.html",
        light=worst,
        light_word=say(f"operations.light.{worst}", language),
        summary=say(f"operations.summary.{worst}", language),
        at=now,
        columns=_columns(("what", "now", "light", "remedy"), language, right=("now",)),
        rows=[{"cells": _cells(name, found[name], language)} for name in shown],
        charts=_charts(kept, now, [n for n in CHARTS if n in found], language),
        workers=_workers(now, language),
        counts=[
            {
                "label": say(f"operations.facts.{state}", language),
                "count": count,
                "href": f"{HERE}/facts?show={state}",
            }
            for state, count in laid_aside.counts().items()
        ],
        timers=_timers(language),
        failing_timers=found.get("timers_failing", 0) > 0,
        export_href=f"{HERE}.csv",
    )


@require_safe
def readings_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Export the readings of the last week, one row a minute."""
    reader = reader_of(request)
    decision = decide(request, "read", THING)
    now = clock.machine_now()

    def rows() -> Iterator[list[object]]:
        for at, values in lag.history(now - lag.KEPT):
            local = at.astimezone(BEIJING)
            yield [local.isoformat(timespec="minutes"), *(values.get(name, "") for name in FIGURES)]

    heads = [say("operations.at", reader.language), *FIGURES]
    return csv_file(reader, decision, "operations", heads, rows())


@require_POST
def try_timers(request: HttpRequest) -> HttpResponse:
    """Let every failing timer of the live realm be tried at once."""
    reader = reader_of(request)
    decide(request, "administer", THING)
    count = fact_acts.try_timers_again(LIVE, actor=actor_of(request), at=clock.machine_now())
    messages.info(
        request, say("operations.timers_again", reader.language, count=count), extra_tags="fine"
    )
    return HttpResponseRedirect(HERE)


def actor_of(request: HttpRequest) -> str:
    """Return how the log names who acts."""
    person = reader_of(request).actor.person_id
    return f"person:{person}" if person is not None else reader_of(request).user.username


def value_words(name: str, value: float, language: str) -> str:
    """Return a figure as people read it: pieces, or how long."""
    if not name.endswith("_seconds"):
        return figure_text(value)
    return span_words(value, language)


def span_words(seconds: float, language: str) -> str:
    """Return a span of time in its largest fitting unit."""
    if seconds < 120:
        return say("operations.seconds", language, count=figure_text(seconds))
    if seconds < 7200:
        return say("operations.minutes", language, count=figure_text(seconds / 60))
    return say("operations.hours", language, count=figure_text(seconds / 3600))


def _columns(
    names: Sequence[str], language: str, *, right: Sequence[str] = ()
) -> list[dict[str, object]]:
    return [
        {"label": say(f"operations.column.{name}", language), "right": name in right}
        for name in names
    ]


def _cells(name: str, value: float, language: str) -> list[dict[str, object]]:
    light = lag.light(name, value)
    # What to do is said where there is something to do.
    remedy = say(f"operations.remedy.{name}", language) if light != "green" else ""
    href = {"facts_laid_aside": f"{HERE}/facts?show=dead",
            "facts_retrying": f"{HERE}/facts?show=retrying"}.get(name)  # fmt: skip
    return [
        {"text": say(f"operations.figure.{name}", language), "href": href},
        {"text": value_words(name, value, language), "right": True},
        {"text": say(f"operations.light.{light}", language), "light": light},
        {"text": remedy},
    ]


def _workers(now: datetime, language: str) -> dict[str, object]:
    lights = {"alive": "green", "silent": "red", "hangs": "yellow"}
    rows = []
    for worker in workers.workers():
        state = worker.light(now)
        doing = say(f"operations.doing.{worker.doing or 'nothing'}", language)
        rows.append(
            {
                "cells": [
                    {"text": worker.name},
                    {"text": say(f"operations.worker.{state}", language), "light": lights[state]},
                    {"text": doing},
                    {"text": str(worker.pid), "right": True},
                    {"text": moment_text(worker.since, language)},
                    {"text": span_words(max(0, (now - worker.seen_at).total_seconds()), language)},
                ]
            }
        )
    names = ("name", "light", "doing", "pid", "since", "seen")
    return {"columns": _columns(names, language, right=("pid",)), "rows": rows}


def _timers(language: str) -> dict[str, object]:
    rows = [
        {
            "cells": [
                {"text": timer.number, "href": f"/cases/{timer.case_id}"},
                {"text": timer.element},
                {"text": moment_text(timer.due_at, language)},
                {"text": figure_text(timer.attempts), "right": True},
                {"text": timer.fault.splitlines()[-1] if timer.fault else ""},
            ]
        }
        for timer in flows.failing_timers(LIVE)
    ]
    names = ("case", "element", "due", "attempts", "fault")
    return {"columns": _columns(names, language, right=("attempts",)), "rows": rows}


def _charts(
    kept: list[tuple[datetime, dict[str, float]]], now: datetime, names: list[str], language: str
) -> list[dict[str, object]]:
    charts = []
    for name in names:
        points = [(at, values[name]) for at, values in kept if name in values]
        chart: DayChart = chart_of(points, now - DAY, now)
        charts.append(
            {
                "name": name,
                "title": say(f"operations.figure.{name}", language),
                "highest": value_words(name, chart.highest, language),
                "highest_at": moment_text(chart.highest_at, language),
                "line": chart.line,
                "area": chart.area,
                "empty": not points,
                "light": lag.light(name, chart.highest),
                "light_word": say(f"operations.light.{lag.light(name, chart.highest)}", language),
            }
        )
    return charts
