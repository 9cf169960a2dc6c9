"""One poller for all who see the same cockpit: it asks while somebody listens, and sends changes.

What is sent is compared by digest with what was sent last, so a state that did not change is not
sent, and a number on a screen changes because a row changed and for no other reason.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from guantong.base.errors import GuantongError
from guantong.base.hashing import sha256

log = logging.getLogger(__name__)

Key = tuple[object, ...]
Ask = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often things are looked at, in seconds."""

    busy: float = 1
    calm: float = 5
    # Without a change for so long, looking every ``calm`` seconds is enough.
    calm_after: float = 60
    heartbeat: float = 15
    ask_again: float = 60
    # Whether the session still stands: one look at one row, so that ending it ends the stream.
    session_every: float = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A state as it goes over the wire."""

    digest: str
    body: bytes


@dataclass(eq=False)
class Channel:
    """What one group of listeners sees. ``changed`` of each listener is set with every message."""

    ask: Ask
    pace: Pace
    latest: Message | None = None
    listeners: set[asyncio.Event] = field(default_factory=set)
    task: asyncio.Task[None] | None = None

    async def poll(self) -> None:
        """Ask again and again; a fault is logged once a round and does not end the channel."""
        loop = asyncio.get_running_loop()
        changed_at = loop.time()
        while True:
            message = self.latest
            try:
                message = as_message(await self.ask())
            except GuantongError as refusal:
                # The realm or the package went away: its listeners learn it when asked about next.
                log.warning("cockpit not read: %s", refusal)
            except Exception:
                log.exception("cockpit not read")
            if message is not None and message != self.latest:
                self.latest = message
                changed_at = loop.time()
                for listener in self.listeners:
                    listener.set()
            calm = loop.time() - changed_at > self.pace.calm_after
            await asyncio.sleep(self.pace.calm if calm else self.pace.busy)


def as_message(state: dict[str, Any]) -> Message:
    """Return a state as it is sent: one line of JSON and its digest."""
    body = orjson.dumps(state)
    return Message(digest=sha256(body).hex()[:32], body=body)


class Channels:
    """The channels somebody listens to; each ends when the last listener leaves."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.open: dict[Key, Channel] = {}

    @property
    def listeners(self) -> int:
        """How many listen in all."""
        return sum(len(channel.listeners) for channel in self.open.values())

    def join(self, key: Key, ask: Ask, listener: asyncio.Event) -> Channel:
        """Return the channel of ``key`` with one more listener; the first one starts its poller."""
        channel = self.open.get(key)
        if channel is None:
            channel = self.open[key] = Channel(ask=ask, pace=self.pace)
            channel.task = asyncio.create_task(channel.poll())
        channel.listeners.add(listener)
        if channel.latest is not None:
            listener.set()
        return channel

    def leave(self, key: Key, listener: asyncio.Event) -> None:
        """Take a listener away; without any left, polling stops."""
        channel = self.open.get(key)
        if channel is None:
            return
        channel.listeners.discard(listener)
        if not channel.listeners:
            del self.open[key]
            if channel.task is not None:
                channel.task.cancel()
