"""A template engine that draws nothing: for tests that ask who is let in, not what is shown."""

from typing import Any

from django.template.backends.base import BaseEngine


class Blank:
    """A page without a word."""

    origin = None

    def render(self, context: Any = None, request: Any = None) -> str:
        """Return nothing at all."""
        return ""


class Engine(BaseEngine):
    """Finds every template, and draws none."""

    app_dirname = "none"

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__({name: value for name, value in params.items() if name != "OPTIONS"})

    def get_template(self, template_name: str) -> Blank:
        """Return a blank page, whatever its name."""
        return Blank()

    def from_string(self, template_code: str) -> Blank:
        """Return a blank page."""
        return Blank()
