"""Headers on every answer of the gateway: what it sends is data, never a page."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def _headers() -> dict[bytes, bytes]:
    named = {
        "content-security-policy": settings.STREAM_POLICY,
        # Pages of the same host read the streams from another port: the same site.
        "cross-origin-resource-policy": "same-site",
        "permissions-policy": settings.PERMISSIONS_POLICY,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    if settings.SECURE_HSTS_SECONDS:
        named["strict-transport-security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return {name.encode(): value.encode() for name, value in named.items()}


class Headers:
    """Puts the headers around an ASGI application; a stream passes through unbuffered."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.headers = _headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers that are not there yet."""

        async def passed(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message.get("headers", ())}
                missing = [item for item in self.headers.items() if item[0] not in there]
                message["headers"] = [*message.get("headers", ()), *missing]
            await send(message)

        await self.app(scope, receive, passed)
