"""Ask a service beside us over HTTP: JSON there, JSON back, bounded in time and size.

For ports whose other side is another program (a key service, a seal service). What goes there is
secret, so the address must be https, or http on this very machine.
"""

import http.client
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import orjson

SECONDS = 10.0


class PortAway(Exception):
    """The other side did not answer as it must. The port's owner turns it into its own refusal."""


def ask(
    address: str, verb: str, facts: Mapping[str, str], *, token_file: str | None, most: int
) -> dict[str, str]:
    """Return the answer to ``POST <address>/<verb>``, an object of texts."""
    parts = urlsplit(address)
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    if not safe or not parts.hostname:
        raise PortAway("plain-http")
    headers = {"Content-Type": "application/json"}
    secured = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secured else http.client.HTTPConnection
    try:
        if token_file:
            token = Path(token_file).read_text(encoding="utf-8").strip()
            headers["Authorization"] = f"Bearer {token}"
        connection = kind(parts.hostname, parts.port, timeout=SECONDS)
        try:
            path = f"{parts.path.rstrip('/')}/{verb}"
            connection.request("POST", path, orjson.dumps(dict(facts)), headers)
            answer = connection.getresponse()
            content = answer.read(most + 1)
            if answer.status != 200 or len(content) > most:
                raise PortAway(str(answer.status))
            told = orjson.loads(content)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as fault:
        raise PortAway(type(fault).__name__) from None
    if not isinstance(told, dict) or not all(isinstance(v, str) for v in told.values()):
        raise PortAway("answer")
    return told


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
