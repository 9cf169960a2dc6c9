"""The application the gateway server loads: two addresses, and who may ask from which page."""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

from django.conf import settings
from django.db import InterfaceError, OperationalError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from guantong.access.errors import Refused
from guantong.base.errors import GuantongError, NotFound
from guantong.base.ids import new_id
from guantong.base.problem import problem
from guantong.gateway.channel import Channels, Pace
from guantong.gateway.errors import NotSignedIn, StoreGone, TooManyListeners
from guantong.gateway.headers import Headers
from guantong.gateway.listener import Asked, admit
from guantong.gateway.offload import Offload, Threads
from guantong.gateway.stream import messages

# One process holds each stream as an open connection; more need a second process. Ours.
MOST_LISTENERS = 200
# Of one account: a wall of screens, and not the whole process.
MOST_OF_ONE = 12


def web_origins() -> list[str]:
    """Return the addresses whose pages may listen: those of the portal."""
    hosts = [host for host in settings.ALLOWED_HOSTS if host not in ("*", "testserver")]
    own = [f"{s}://{host}:{settings.WEB_PORT}" for host in hosts for s in ("http", "https")]
    # Without a port: behind a proxy that ends TLS.
    return own + [f"https://{host}" for host in hosts]


def make_application(
    *,
    offload: Offload | None = None,
    pace: Pace | None = None,
    origins: Sequence[str] | None = None,
    most: int = MOST_LISTENERS,
) -> Starlette:
    """Return the application; what is not given is what an installation uses."""
    allowed = list(web_origins() if origins is None else origins)
    gateway = _Gateway(offload or Threads(), pace or Pace(), allowed, most)
    return Starlette(
        routes=[
            Route("/streams/{realm}/{area}", gateway.stream, methods=["GET"]),
            Route("/healthz", gateway.healthz, methods=["GET"]),
        ],
        middleware=[
            Middleware(Headers),
            Middleware(
                CORSMiddleware,
                allow_origins=allowed,
                allow_credentials=True,
                allow_methods=["GET"],
            ),
        ],
        lifespan=gateway.lifespan,
    )


class _Gateway:
    """What the addresses of one process share."""

    def __init__(self, offload: Offload, pace: Pace, origins: list[str], most: int) -> None:
        self.offload = offload
        self.channels = Channels(pace)
        self.origins = origins
        self.most = most
        self.held: Counter[str] = Counter()

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        yield
        if isinstance(self.offload, Threads):
            self.offload.close()

    async def healthz(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def stream(self, request: Request) -> Response:
        asked = Asked(
            session=request.cookies.get(settings.SESSION_COOKIE_NAME),
            realm=request.path_params["realm"],
            area=request.path_params["area"],
            trace=str(new_id()),
            language=request.query_params.get("language"),
        )
        try:
            if self.channels.listeners >= self.most:
                raise TooManyListeners(limit=self.most)
            listener = await self.offload(admit, asked)
            if self.held[listener.actor.account] >= MOST_OF_ONE:
                raise TooManyListeners(limit=MOST_OF_ONE)
        except GuantongError as refusal:
            body = problem(refusal, asked.language or "zh-CN", trace=asked.trace)
            return JSONResponse(body, status_code=_status(refusal))
        except (OperationalError, InterfaceError):
            body = problem(StoreGone(), asked.language or "zh-CN", trace=asked.trace)
            return JSONResponse(body, status_code=503, headers={"Retry-After": "10"})
        return StreamingResponse(
            self._counted(
                listener.actor.account,
                messages(asked, listener, channels=self.channels, offload=self.offload),
            ),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _counted(
        self, account: str, stream: AsyncGenerator[bytes, None]
    ) -> AsyncIterator[bytes]:
        """Pass a stream on, and count it to its account for as long as it is open."""
        self.held[account] += 1
        try:
            async with aclosing(stream):
                async for part in stream:
                    yield part
        finally:
            self.held[account] -= 1


def _status(refusal: GuantongError) -> int:
    if isinstance(refusal, NotSignedIn):
        return 401
    if isinstance(refusal, Refused):
        return 403
    if isinstance(refusal, TooManyListeners):
        return 503
    return 404 if isinstance(refusal, NotFound) or refusal.code == "no-such-stream" else 400
