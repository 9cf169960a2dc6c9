"""Passwords: how they are hashed, and which ones are refused.

NIST SP 800-63B-4, section 3.1.1.2, is followed where the rules of the trade differ: length counts,
mixtures of signs do not; common passwords and one's own name are refused; a password does not
expire by itself. GB/T 22239-2019, 8.1.4.1 a) asks for complexity and change "at intervals"; where
an examiner insists on an interval, the policy of the outside provider (OIDC) is the place for it.
"""

import functools
import unicodedata

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator

# Twelve: our own; SP 800-63B-4 asks for at least 8 beside a second factor and 15 without one.
LEAST_LENGTH = 12
# Longer is refused rather than cut; the hash would take it, and its time with it.
MOST_LENGTH = 128
# A name of two signs occurs by chance in many a good password.
LEAST_NAME = 4


class Argon2(Argon2PasswordHasher):
    """Argon2id with the second recommended option of RFC 9106, section 4: t=3, p=4, m=64 MiB.

    The first option needs 2 GiB for each sign-in; four at once must fit into a small machine.
    """

    time_cost = 3
    memory_cost = 64 * 1024  # KiB
    parallelism = 4


def normal(password: str) -> str:
    """Return a password in one form, whatever keyboard typed it (SP 800-63B-4, 3.1.1.2: NFKC)."""
    return unicodedata.normalize("NFKC", password)


def faults(password: str, *, names: tuple[str, ...]) -> list[str]:
    """Return what is wrong with a password, as keys of sentences; nothing when it will do.

    ``names`` are what an attacker would try first: the account, the person's name and number.
    """
    text = normal(password)
    if len(text) < LEAST_LENGTH:
        return ["account.password.short"]
    if len(text) > MOST_LENGTH:
        return ["account.password.long"]
    lower = text.lower()
    if lower in _common() or len(set(lower)) < 5:
        return ["account.password.common"]
    if any(len(name) >= LEAST_NAME and name.lower() in lower for name in names):
        return ["account.password.named"]
    return []


@functools.cache
def _common() -> frozenset[str]:
    # Django's list of the 20,000 most used; of those only the long ones can get this far.
    return frozenset(
        word for word in CommonPasswordValidator().passwords if len(word) >= LEAST_LENGTH
    )
