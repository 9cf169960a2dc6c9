"""Under which trace something happens: carried from a page to whoever hears its facts later.

Only the W3C ``traceparent`` is kept, a text without any personal data. Whoever observes the
installation sets it where a request begins; the outbox writes it beside each fact and sets it
again while the fact is handed on.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

Around = Callable[[str, str], AbstractContextManager[object]]

traceparent: ContextVar[str] = ContextVar("traceparent", default="")


@contextmanager
def _kept(_name: str, parent: str) -> Iterator[None]:
    token = traceparent.set(parent)
    try:
        yield
    finally:
        traceparent.reset(token)


_around: list[Around] = [_kept]


def bring_spans(around: Around) -> None:
    """Let ``around(name, parent)`` be what happens around each piece of work that is traced."""
    _around[0] = around


def under(name: str, parent: str) -> AbstractContextManager[object]:
    """Return a block whose work belongs to the trace ``parent``, under a name of its own."""
    return _around[0](name, parent)
