"""A refusal as JSON: one shape for every address and stream (``code, message, remedy, trace``)."""

import re

from guantong.base.errors import GuantongError

# A full stop in either language; the one in 0.5 or in a file's name is followed by no space.
_SENTENCE = re.compile(r"(?<=。)|(?<=\.)\s+")


def problem(refusal: GuantongError, language: str, *, trace: str) -> dict[str, str]:
    """Return the refusal; ``remedy`` is its last sentence, which says what to do next.

    ``trace`` is the number under which the refusal was recorded, so that it can be asked about.
    """
    message = refusal.sentence(language)
    sentences = [part.strip() for part in _SENTENCE.split(message) if part.strip()]
    return {"code": refusal.code, "message": message, "remedy": sentences[-1], "trace": trace}
