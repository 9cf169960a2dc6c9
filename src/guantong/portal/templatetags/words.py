"""Words, moments and numbers in the reader's language: built into every template.

The reader's language stands in the context as ``language`` (``guantong.portal.context``).
"""

from datetime import datetime

from django import template

from guantong.base.reading import figure_text, moment_text
from guantong.base.words import say as _say

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: template.Context, key: str, **facts: object) -> str:
    """Return a word of the kernel's catalogue: ``{% say "inbox.title" %}``."""
    return _say(key, str(context.get("language", "zh-CN")), **facts)


@register.simple_tag(takes_context=True)
def moment(context: template.Context, at: datetime | None) -> str:
    """Return a moment in the reader's language: ``{% moment task.limit_at %}``."""
    return moment_text(at, str(context.get("language", "zh-CN")))


@register.filter(name="moment")
def moment_filter(at: datetime | None, language: str = "zh-CN") -> str:
    """Return a moment in the language given: ``{{ at|moment:language }}``."""
    return moment_text(at, language)


@register.filter(name="figure")
def figure_filter(value: float | None, decimals: int = 0) -> str:
    """Return a number with thousands separators: ``{{ value|figure:1 }}``."""
    return figure_text(value, decimals)
