"""Identifiers: UUIDv7 (RFC 9562, section 5.7), so that ids sort by the time they were made.

Every id of the platform comes from here. Codes that the public knows (division codes,
uscc) keep their own form and are not ids.
"""

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """Return a new UUIDv7; within one process each is greater than the one before.

    Layout of RFC 9562: 48 bits of Unix milliseconds, version 7, 12 bits that count within
    the millisecond (method 3, section 6.2: fractions of a millisecond), variant, 62 random bits.
    """
    global _last
    with _lock:
        ticks = time.time_ns() * 4096 // 1_000_000
        _last = ticks = max(ticks, _last + 1)
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    value = (ticks >> 12) << 80 | 7 << 76 | (ticks & 0xFFF) << 64 | 2 << 62 | random
    return UUID(int=value)
