"""The messages on the wire: server-sent events (WHATWG HTML, section 9.2).

``state`` carries the whole cockpit, ``refused`` says why the stream ends; a comment keeps the
connection from being cut by whoever sits between.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import orjson

from guantong.access.api import session_stands
from guantong.base.errors import GuantongError
from guantong.base.problem import problem
from guantong.gateway.channel import Channels, Key, Message
from guantong.gateway.listener import Asked, Listener, admit
from guantong.gateway.offload import Offload
from guantong.packages.api import cockpit_state

RETRY_MILLISECONDS = 3000
_HEARTBEAT = b": alive\n\n"
_ROWS_CHANGED = "rows-changed"


async def messages(
    asked: Asked, listener: Listener, *, channels: Channels, offload: Offload
) -> AsyncGenerator[bytes, None]:
    """Yield what one listener receives, until they leave or may no longer listen."""
    changed = asyncio.Event()
    key = _key(listener)
    channel = channels.join(key, lambda: _ask(listener, offload), changed)
    loop = asyncio.get_running_loop()
    pace = channels.pace
    checked_at = looked_at = said_at = loop.time()
    sent = ""
    try:
        yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
        while True:
            with contextlib.suppress(TimeoutError):
                until = min(pace.heartbeat, pace.session_every)
                await asyncio.wait_for(changed.wait(), timeout=until)
            if loop.time() - said_at >= pace.heartbeat:
                said_at = loop.time()
                yield _HEARTBEAT
            changed.clear()
            ended = False
            if loop.time() - looked_at >= pace.session_every:
                looked_at = loop.time()
                ended = not await offload(session_stands, asked.session or "")
            if ended or loop.time() - checked_at >= pace.ask_again:
                checked_at = loop.time()
                refusal = await _refusal(asked, listener, offload)
                if refusal is not None:
                    if refusal["code"] == _ROWS_CHANGED:
                        return  # the page asks anew, and gets what it may see now
                    yield event("refused", refusal)
                    return
            latest = channel.latest
            if latest is not None and latest.digest != sent:
                sent, said_at = latest.digest, loop.time()
                yield state_event(latest)
    finally:
        channels.leave(key, changed)


def event(name: str, body: Mapping[str, Any]) -> bytes:
    """Return one event; JSON has no line break inside, so one data line is enough."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(body))


def state_event(message: Message) -> bytes:
    """Return a state as an event; its id is its digest."""
    return b"event: state\nid: %s\ndata: %s\n\n" % (message.digest.encode(), message.body)


def _key(listener: Listener) -> Key:
    return (listener.realm, listener.area, listener.rows, listener.language)


async def _ask(listener: Listener, offload: Offload) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        return cockpit_state(
            listener.realm, actor=listener.actor, language=listener.language, area=listener.area
        )

    return await offload(ask)


async def _refusal(asked: Asked, listener: Listener, offload: Offload) -> dict[str, str] | None:
    """Ask again whether they may; None while they may."""
    try:
        now = await offload(admit, asked)
    except GuantongError as refusal:
        return problem(refusal, listener.language, trace=asked.trace)
    if now.rows != listener.rows:
        # What they may see has changed: the stream ends, and the page asks anew.
        return {"code": _ROWS_CHANGED, "message": "", "remedy": "", "trace": asked.trace}
    return None
