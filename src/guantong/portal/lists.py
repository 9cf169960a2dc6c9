"""What lists have in common: filters kept in the address, chips, and links to the next page."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from guantong.base.reading import figure_text
from guantong.base.words import say
from guantong.flows.api import Page

PAGE_ROWS = 25


def address(path: str, **filters: object) -> str:
    """Return an address with those filters that are set."""
    query = urlencode({name: str(value) for name, value in filters.items() if value})
    return f"{path}?{query}" if query else path


def pager(page: Page[Any], path: str, filters: Mapping[str, object], language: str) -> object:
    """Return the count and the links to the pages around, for ``parts/pager.html``."""
    before, after = page.before, page.after
    return {
        "count_text": count_text(page.total, language),
        "previous_href": address(path, **filters, before=before) if before else None,
        "next_href": address(path, **filters, after=after) if after else None,
    }


def count_text(total: int, language: str) -> str:
    """Return how many rows there are, in words."""
    return say("list.count", language, count=figure_text(total))


def hidden(filters: Mapping[str, object]) -> list[dict[str, object]]:
    """Return filters as hidden fields, kept while searching."""
    return [{"name": name, "value": value} for name, value in filters.items() if value]


def chip(label: str, href: str, *, current: bool, count: int | None = None) -> dict[str, object]:
    """Return one filter to choose."""
    return {"label": label, "href": href, "current": current, "count": count}
