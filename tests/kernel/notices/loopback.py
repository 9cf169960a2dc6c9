"""The other side, on this machine: a receiver of the hook that knows keys, and a mail server.

Both are small real servers. What they took can be looked at; what they answer can be chosen.
"""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """A system of a bureau that honours the key: it takes each parcel once."""

    url: str = ""
    # Codes to answer with before it takes anything, one for each request.
    answers: list[int] = field(default_factory=list)
    retry_after: str = ""
    # After so many requests it hangs up without an answer, having taken the parcel.
    mute: int = 0
    taken: dict[str, Any] = field(default_factory=dict)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver while the test goes on."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
            code = state.answers.pop(0) if state.answers else 0
            if code == 0:
                key = self.headers.get("Idempotency-Key", str(len(state.requests)))
                code = 409 if key in state.taken else 202
                state.taken.setdefault(key, json.loads(body))
            if state.mute:
                state.mute -= 1
                self.close_connection = True
                return
            self.send_response(code)
            if state.retry_after:
                self.send_header("Retry-After", state.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}/notices"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class PostOffice:
    """A mail server: its port, what it took, and the code with which it answers a reader."""

    port: int = 0
    rcpt: str = "250 ok"
    tls: bool = False
    letters: list[str] = field(default_factory=list)


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Run a mail server while the test goes on."""
    state = PostOffice()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 loopback")
            while line := self.rfile.readline().decode().strip():
                word = line.split(":")[0].split(" ")[0].upper()
                if word == "DATA":
                    self._say("354 go on")
                    lines = []
                    while (text := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                        lines.append(text)
                    state.letters.append("\n".join(lines))
                    self._say("250 taken")
                elif word == "RCPT":
                    self._say(state.rcpt)
                elif word == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
