"""The record store, asked outside the event loop: Django waits for answers, and the loop must not.

A few threads that live as long as the process, so that each keeps its one connection and no
connection is left behind by a thread that ended.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from django.db import close_old_connections

T = TypeVar("T")

# Reading is all they do; more threads would be more connections, and one core computes anyway.
_THREADS = 3


class Offload(Protocol):
    """Runs work that waits, and gives its answer to the event loop."""

    def __call__(self, work: Callable[..., T], *arguments: Any) -> Awaitable[T]:
        """Run ``work`` elsewhere."""


class Threads:
    """Work done by a few threads of this process."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="store")

    async def __call__(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run ``work`` in one of the threads, with a connection that still holds."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _connected, work, arguments)

    def close(self) -> None:
        """Let the threads go once their work is done."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _connected(work: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    close_old_connections()
    try:
        return work(*arguments)
    finally:
        close_old_connections()
