"""The installed application packages: what each is, what the doctor says, how mature it is."""

import functools

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guantong.access.api import Thing
from guantong.base.reading import figure_text
from guantong.base.words import say
from guantong.packages.api import Package, all_installed, examine, reached
from guantong.portal.lists import count_text
from guantong.portal.reader import decide, page, reader_of
from guantong.portal.role_words import role_words
from guantong.portal.views_vmodel import complete_text


@require_safe
def apps(request: HttpRequest) -> HttpResponse:
    """Show the installed packages."""
    reader = reader_of(request)
    decide(request, "read", Thing(kind="package"))
    packages = all_installed()
    keys = ("title", "version", "lead", "rung", "vmodel", "errors", "warnings")
    right = ("errors", "warnings")
    return page(
        request,
        "apps.html",
        columns=[
            {"label": say(f"apps.{key}", reader.language), "right": key in right} for key in keys
        ],
        rows=[{"cells": _cells(package, reader.language)} for package in packages],
        pager={"count_text": count_text(len(packages), reader.language)},
    )


def _cells(package: Package, language: str) -> list[dict[str, object]]:
    app = package.one("app")
    assert app is not None, "an installed package has a manifest"
    maturity = package.one("maturity")
    rung = reached(maturity.data["rules"]) if maturity is not None else None
    errors, warnings = _found(package)
    texts = (
        app.data["title"]["zh" if language == "zh-CN" else "en"],
        app.data["version"],
        role_words(app.data["lead"], language),
        say(f"apps.rung_{rung or 'none'}", language),
    )
    units: dict[str, object] = {
        "text": complete_text(package),
        "href": f"/apps/{package.id}/vmodel",
    }
    counts = ({"text": figure_text(n), "right": True} for n in (errors, warnings))
    return [*({"text": text} for text in texts), units, *counts]


@functools.lru_cache(maxsize=64)
def _found(package: Package) -> tuple[int, int]:
    """Return the doctor's errors and warnings; an installed package changes with a restart only."""
    found = examine(package, province=None)
    errors = sum(finding.level == "error" for finding in found)
    return errors, len(found) - errors
