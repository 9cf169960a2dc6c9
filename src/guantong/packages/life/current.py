"""The set of applications this process carries out, as it stands in the store.

Read when the process starts, and again when the number of the set has grown: another process, or
a command, has installed, upgraded or withdrawn something. The number is looked at once a second
at most, so that asking at each request costs nothing.
"""

import logging
import threading
import time

from guantong.base.errors import GuantongError
from guantong.flows.api import bring_releases
from guantong.packages.areas import held
from guantong.packages.install import install, install_former, install_work
from guantong.packages.life.models import Installed, Release
from guantong.packages.life.releases import former_with, read_release
from guantong.packages.life.set_number import read_number

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0

_lock = threading.Lock()
_number: int | None = None
_looked_at = 0.0
# Release and state of each package as this process carries it out.
_held: dict[str, tuple[str, str]] = {}


def follow() -> None:
    """Carry out what the store says is installed, from now on and after each change."""
    global _number
    bring_releases(_bring)
    with _lock:
        _number = read_number()
        _carry_out()


def look() -> bool:
    """Say whether the set has changed, and carry the change out; cheap enough for each request.

    A process that does not follow the store (a test, a doctor) is left alone.
    """
    global _number, _looked_at
    now = time.monotonic()
    if _number is None or now - _looked_at < LOOK_SECONDS:
        return False
    _looked_at = now
    number = read_number()
    if number == _number or not _lock.acquire(blocking=False):
        return False  # another thread is at it
    try:
        # The number is read before the rows: a change in between gives one reading too many.
        _number = number
        _carry_out()
    finally:
        _lock.release()
    return True


def look_now() -> bool:
    """Carry a change out at once: for whoever made it, and shows what came of it."""
    global _looked_at
    _looked_at = 0.0
    return look()


def _carry_out() -> None:
    held.hold()
    for row in Installed.objects.select_related("release").order_by("package"):
        wanted = (str(row.release_id), row.state)
        if _held.get(row.package) == wanted:
            continue
        try:
            _take(row)
        except GuantongError as refusal:
            # One wrong package must not keep the others from people.
            log.error("%s", refusal)
        else:
            _held[row.package] = wanted


def _take(row: Installed) -> None:
    package = read_release(row.release)
    for former in reversed(former_with(row.release, package)):
        install_former(package, read_release(former))
    install(package, release=str(row.release_id), withdrawn=row.state == "withdrawn")


def _bring(package: str, release: str) -> None:
    """Read a release that a case began with, and make its processes and plans known."""
    found = Release.objects.filter(package=package, id=release).first()
    if found is not None:
        install_work(read_release(found), release=release, current=False)


def forget() -> None:
    """Follow the store no longer: for tests."""
    global _number
    _number = None
    _held.clear()
    held.forget()
