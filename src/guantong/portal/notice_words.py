"""How a notice stands, in words and lights: in its reader's list and in its sender's table."""

from datetime import datetime

from guantong.base.reading import moment_text, short_moment_text
from guantong.base.words import say
from guantong.notices import api as notices
from guantong.notices.api import DeliveryView, Entry, NoticeView, ReceiptView
from guantong.portal.wording import left_text

Row = dict[str, object]


def title_of(notice: NoticeView, language: str) -> str:
    """Return the title, or that its words are no longer kept."""
    return notice.title(language) or say("notices.retired", language)


def entry_row(entry: Entry, now: datetime, language: str, *, choosable: bool) -> Row:
    """Return one notice of a reader's list for ``parts/list.html``."""
    notice = entry.notice
    facts = [notice.sender(language) or say("notices.platform", language)]
    facts.append(short_moment_text(notice.sent_at, language))
    if entry.items > 1:
        facts.append(say("notices.items", language, count=entry.items))
    if entry.reminded_times:
        facts.append(say("notices.reminded", language, count=entry.reminded_times))
    light, word = standing(entry, now, language)
    return {
        "id": notice.id,
        "href": f"/notices/{notice.id}",
        "title": _marked(notice, language),
        "facts": facts,
        "light": light,
        "light_word": word,
        "state": "",
        "late": entry.late(now),
        "left_text": left_text(notice.accept_by, now, language)
        if entry.waits() and notice.accept_by
        else "",
        "choosable": choosable and entry.read_at is None and notice.state == "sent",
    }


def _marked(notice: NoticeView, language: str) -> str:
    title = title_of(notice, language)
    return say("notices.urgent_title", language, title=title) if notice.urgent else title


def standing(entry: Entry, now: datetime, language: str) -> tuple[str, str]:
    """Return light and word of how a notice stands with its reader."""
    notice = entry.notice
    if notice.state == "withdrawn":
        return "grey", say("notices.state.withdrawn", language)
    if entry.accepted_at is not None:
        return "green", say("notices.state.accepted", language)
    if entry.waits():
        late = entry.late(now)
        return ("red" if late else "yellow"), say("notices.state.to_accept", language)
    if entry.read_at is None:
        return "blue", say("notices.state.unread", language)
    return "green", say("notices.state.read", language)


def receipt_light(receipt: ReceiptView, notice: NoticeView, now: datetime) -> str:
    """Return the light of one line of the sender's table."""
    if receipt.ended_at is not None:
        return "grey"
    late = notice.accept_by is not None and notice.accept_by < now
    return notices.light(
        asks=notice.asks, accepted=receipt.accepted_at is not None,
        read=receipt.read_at is not None, late=late,
    )  # fmt: skip


def receipt_word(receipt: ReceiptView, language: str) -> str:
    """Return how far a notice has come with one reader."""
    if receipt.accepted_at is not None:
        return say("receipt.accepted", language)
    if receipt.ended_at is not None:
        return say("notices.state.ended", language)
    for step in ("read", "received"):
        if getattr(receipt, f"{step}_at") is not None:
            return say(f"receipt.{step}", language)
    return say("receipt.sent", language)


def out_words(out: str, language: str) -> str:
    """Return what went out to one reader: the channels, each with its state."""
    parts = [pair.partition(":") for pair in out.split()]
    return say("list.and", language).join(
        say("notices.out_state", language, channel=name, state=delivery_state(state, language))
        for name, _, state in parts
    )


def delivery_state(state: str, language: str) -> str:
    """Return the state of a delivery in words."""
    return say(f"notices.delivery.{state}", language)


def delivery_light(state: str) -> str:
    """Return the light of a delivery."""
    lights = {"sent": "green", "queued": "blue", "sending": "blue", "failed": "red",
              "unknown": "orange"}  # fmt: skip
    return lights.get(state, "grey")


def said_words(delivery: DeliveryView, language: str) -> str:
    """Return what the other side said, where it is one of the words we know."""
    known = ("no-mobile", "no-mail", "interrupted", "secret_file", "address")
    if delivery.said in known:
        return say(f"notices.said.{delivery.said}", language)
    return delivery.said


def when(at: datetime | None, language: str) -> str:
    """Return a moment, or a dash."""
    return moment_text(at, language) or "–"
