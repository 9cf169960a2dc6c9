"""The HTTP hook: one JSON document for each parcel, signed, under a key that repeats.

A CloudEvents 1.0 envelope in structured mode (https://cloudevents.io, spec section 3.1). The key is
its ``id`` and stands in ``Idempotency-Key``: a receiver that keeps keys takes each parcel once,
however often it is sent. What answers mean is in docs/operating/channels.md.
"""

import hashlib
import hmac
import http.client
import ssl
from datetime import UTC, timedelta
from urllib.parse import urlsplit

from guantong.base.hashing import canonical
from guantong.notices.channel import Item, Parcel, Setting
from guantong.notices.delivery import Answer

TYPE = "guantong.notice"
TIMEOUT_SECONDS = 10
LONGEST_WAIT = timedelta(hours=1)
# The receiver has it, or had it before under this key.
TAKEN = frozenset({409})
# Not now: the same parcel may be taken later.
NOT_NOW = frozenset({408, 425, 429})


def send(setting: Setting, parcel: Parcel) -> Answer:
    """Post a parcel and say what came of it."""
    body = document(setting, parcel)
    parts = urlsplit(setting.url)
    stamp = int(parcel.sent_at.timestamp())
    headers = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "Idempotency-Key": parcel.key,
        "User-Agent": "guantong",
    }
    secret = setting.secret()
    if secret:
        headers["Guantong-Signature"] = f"t={stamp},v1={sign(secret, stamp, body)}"
    connection = _connect(parts.scheme, parts.hostname or "", parts.port)
    left = False
    try:
        connection.connect()
        left = True
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body=body, headers=headers)
        response = connection.getresponse()
        response.read(65536)
        return judge(response.status, response.headers.get("Retry-After"))
    except (OSError, http.client.HTTPException) as fault:
        name = type(fault).__name__
        return Answer(came="silent" if left else "later", said=name, channel_fault=True)
    finally:
        connection.close()


def judge(status: int, retry_after: str | None = None) -> Answer:
    """Return what an answer code means. A redirect is a refusal: nothing is sent elsewhere."""
    said = str(status)
    if 200 <= status < 300 or status in TAKEN:
        return Answer(came="sent", said=said)
    if status in NOT_NOW or status >= 500:
        wait = None
        if retry_after is not None and retry_after.isascii() and retry_after.isdigit():
            wait = min(timedelta(seconds=min(int(retry_after), 86400)), LONGEST_WAIT)
        return Answer(came="later", said=said, wait=wait, channel_fault=True)
    return Answer(came="refused", said=said)


def sign(secret: str, stamp: int, body: bytes) -> str:
    """Return the signature: HMAC-SHA256 over the time, a full stop and the body, in hex."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def document(setting: Setting, parcel: Parcel) -> bytes:
    """Return the envelope; the same parcel gives the same bytes but for the time of sending."""
    to = parcel.to
    return canonical(
        {
            "specversion": "1.0",
            "id": parcel.key,
            "source": parcel.source,
            "type": TYPE,
            "time": parcel.sent_at.astimezone(UTC).isoformat(),
            "datacontenttype": "application/json",
            "data": {
                "to": {
                    "number": to.number, "mobile": to.mobile, "mail": to.mail,
                    "language": to.language,
                },
                "title": parcel.title,
                "text": parcel.text(setting.says),
                "notices": [_item(item, to.language, setting.says) for item in parcel.items],
            },
        }
    )  # fmt: skip


def _item(item: Item, language: str, says: str) -> dict[str, object]:
    return {
        "id": item.notice_id,
        "kind": item.kind,
        "asks": item.asks,
        "urgent": item.urgent,
        "occasion": item.occasion,
        "title": item.title[language],
        "text": item.text[language] if says == "text" else "",
        "sender": item.sender[language],
        "sent_at": item.sent_at.astimezone(UTC).isoformat(),
        "accept_by": item.accept_by.astimezone(UTC).isoformat() if item.accept_by else None,
        "items": item.items,
    }


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
