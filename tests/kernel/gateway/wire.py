"""An ASGI client for streams: what a browser's EventSource would receive, message by message.

The event loop runs in a thread beside the test, and what the gateway asks of the record store is
done in the test's own thread: so it sees the test's transaction, which is rolled back.
"""

import asyncio
import json
import queue
import threading
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.applications import Starlette

T = TypeVar("T")
PATIENCE = 10


class TestThread:
    """Does the store's work in the thread of the test; counts what is asked."""

    __test__ = False

    def __init__(self) -> None:
        self.asked = 0
        self._work: queue.Queue[tuple[Callable[[], Any], asyncio.Future[Any]]] = queue.Queue()

    async def __call__(self, work: Callable[..., T], *arguments: Any) -> T:
        self.asked += 1
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._work.put((lambda: work(*arguments), answer))
        return await answer

    def tell(self, story: Coroutine[Any, Any, T]) -> T:
        """Run a story in its event loop and do its work here until it ends."""
        told: list[T] = []
        faults: list[BaseException] = []

        def loop() -> None:
            try:
                told.append(asyncio.run(story))
            except BaseException as fault:  # noqa: BLE001 - raised again in the thread of the test
                faults.append(fault)

        thread = threading.Thread(target=loop)
        thread.start()
        while thread.is_alive() or not self._work.empty():
            try:
                work, answer = self._work.get(timeout=0.01)
            except queue.Empty:
                continue
            self._do(work, answer)
        if faults:
            raise faults[0]
        return told[0]

    def _do(self, work: Callable[[], Any], answer: asyncio.Future[Any]) -> None:
        loop = answer.get_loop()
        try:
            found = work()
        except Exception as fault:  # noqa: BLE001 - whoever asked gets it
            self._give(loop, answer, answer.set_exception, fault)
        else:
            self._give(loop, answer, answer.set_result, found)

    def _give(
        self,
        loop: asyncio.AbstractEventLoop,
        answer: asyncio.Future[Any],
        setter: Callable[[Any], None],
        value: object,
    ) -> None:
        def give() -> None:
            if not answer.done():
                setter(value)

        if not loop.is_closed():
            loop.call_soon_threadsafe(give)


@dataclass
class Message:
    """One message of the stream; a comment has no event."""

    event: str
    data: Any
    id: str


@dataclass
class Answer:
    """What the application answers, as it comes."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def body(self) -> bytes:
        """The whole of an answer that ends."""
        assert self.task is not None
        await asyncio.wait_for(self.task, PATIENCE)
        found = b""
        while not self.chunks.empty():
            found += self.chunks.get_nowait()
        return found

    async def json(self) -> Any:
        return json.loads(await self.body())

    async def next(self, *, comments: bool = False) -> Message:
        """The next message of a stream that stays open; heartbeats do not lengthen the wait."""
        async with asyncio.timeout(PATIENCE):
            while True:
                text = (await self.chunks.get()).decode()
                if text.startswith(("retry:", ":")):
                    if comments:
                        return Message("", text.strip(), "")
                    continue
                fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
                return Message(fields["event"], json.loads(fields["data"]), fields.get("id", ""))

    async def leave(self) -> None:
        """Close the page."""
        self.gone.set()
        if self.task is not None:
            await asyncio.wait_for(self.task, PATIENCE)


async def get(
    app: Starlette, path: str, *, query: str = "", headers: Mapping[str, str] | None = None
) -> Answer:
    """Ask for an address; the answer is there once its status is known."""
    answer = Answer()
    sent = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "", "headers": sent,
        "server": ("127.0.0.1", 8001), "client": ("127.0.0.1", 50000),
    }  # fmt: skip
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await answer.gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            answer.started.set()
        elif message.get("body"):
            await answer.chunks.put(message["body"])

    async def run() -> None:
        await app(scope, receive, send)

    answer.task = asyncio.create_task(run())
    started = asyncio.create_task(answer.started.wait())
    await asyncio.wait(
        {answer.task, started}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
    )
    assert answer.started.is_set(), "the application never answered"
    return answer
