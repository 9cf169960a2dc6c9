"""By what somebody acts who does not sit at the page: each leaf of that deed says so.

An access key acts as its person, so the leaf names the person; under ``with`` stands the key, so
that what a stolen key did can be told from what its person did. Under ``trace`` stands the number
that the caller was told, so that a refusal can be asked about.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_facts: ContextVar[Mapping[str, object]] = ContextVar("guantong_audit_facts", default={})  # noqa: B039 - never changed in place


@contextmanager
def acting_with(facts: Mapping[str, object]) -> Iterator[None]:
    """Put ``facts`` into the body of every leaf that is written until the end."""
    token = _facts.set(facts)
    try:
        yield
    finally:
        _facts.reset(token)


def told(body: Mapping[str, object]) -> Mapping[str, object]:
    """Return the body of a leaf with the facts of the running deed, where there are any."""
    facts = _facts.get()
    return {**body, **facts} if facts else body
