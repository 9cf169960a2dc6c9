"""What ``guantong check`` looks at besides the records: settings, keys, disk, clock, backups …

Each look gives findings: a light, a sentence with the fact, and what to do. Green is said, too: who
checks before a typhoon wants to read that the clock is right, and not to guess it from silence.
"""

import ctypes
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from guantong.base.words import say
from guantong.main import backup
from guantong.main.home import Home, current

Light = Literal["green", "yellow", "red"]
RANK: Mapping[Light, int] = {"green": 0, "yellow": 1, "red": 2}

# Ours. PostgreSQL stops when it cannot write its log: long before that somebody must act.
_LEAST_FREE = {"red": 2e9, "yellow": 10e9}
_FULL_SOON = {"red": timedelta(days=3), "yellow": timedelta(days=14)}
# Ours: limits are counted in minutes, sessions and signed heads carry times.
_CLOCK_OFF = {"red": 60.0, "yellow": 2.0}
# A backup a day, and two hours for it to be late; a week without one is no backup any more.
_BACKUP_OLD = {"red": timedelta(days=7), "yellow": timedelta(hours=26)}
_CERTIFICATE_ENDS = {"red": timedelta(days=7), "yellow": timedelta(days=30)}
_SETTING = re.compile(r"[\"'](GUANTONG_[A-Z_]+)[\"']")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})
# adjtimex(2): the state of a clock that nobody keeps right.
_TIME_ERROR = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; ``key`` names the sentence of the fact and its remedy."""

    check: str
    light: Light
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """Return what was found and, unless all is well, what to do."""
        facts = dict(self.facts)
        figure = facts.get("name") if self.key == "behind" else None
        if figure is not None:
            # The same words as on the page of the person on call.
            facts["name"] = say(f"operations.figure.{figure}", language)
        fact = say(f"cli.health.{self.key}", language, **facts)
        if self.light == "green":
            return fact
        remedy = f"operations.remedy.{figure}" if figure else f"cli.health.{self.key}.do"
        return fact + (" " if language == "en" else "") + say(remedy, language, **facts)


Look = Callable[[Home, datetime], Iterator[Finding]]


def settings_known() -> set[str]:
    """Return every setting that some module of the kernel names."""
    root = Path(str(resources.files("guantong")))
    return {
        name for path in root.rglob("*.py") for name in _SETTING.findall(path.read_text("utf-8"))
    }


def look_at_settings(_home: Home, _now: datetime) -> Iterator[Finding]:
    """Say which settings nobody reads: a wrong letter makes a setting do nothing."""
    given = sorted(name for name in os.environ if name.startswith("GUANTONG_"))
    known = settings_known()
    unknown = [name for name in given if name not in known]
    for name in unknown:
        yield Finding(check="settings", light="yellow", key="setting_unknown", facts={"name": name})
    if not unknown:
        yield Finding(check="settings", light="green", key="settings", facts={"count": len(given)})


def look_at_keys(home: Home, _now: datetime) -> Iterator[Finding]:
    """Say which keys others than their owner may read."""
    held = [p for p in home.keys.rglob("*") if p.is_file()] if home.keys.exists() else []
    if (home.path / "secret_key").exists():
        held.append(home.path / "secret_key")
    wide = [p for p in held if p.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    for path in wide:
        # What verifiers pin is public; its folder is not.
        if path.suffix != ".keys":
            yield Finding(check="keys", light="red", key="key_open", facts={"path": path})
    if not [p for p in wide if p.suffix != ".keys"]:
        yield Finding(check="keys", light="green", key="keys", facts={"count": len(held)})


def look_at_demo_accounts(_home: Home, _now: datetime) -> Iterator[Finding]:
    """Say whether printed passwords open accounts, and whether others than this machine reach us.

    The server listens on the loopback alone; a proxy in front of it shows in these settings.
    """
    from guantong.access.api import printed_accounts

    count = printed_accounts()
    hosts = {h.strip() for h in os.environ.get("GUANTONG_HOSTS", "").split(",") if h.strip()}
    beyond = (
        bool(hosts - _LOOPBACK)
        or os.environ.get("GUANTONG_TLS") == "1"
        or (os.environ.get("GUANTONG_PROXIES") or "0") != "0"
    )
    facts: dict[str, object] = {"count": count}
    if count and beyond:
        yield Finding(check="accounts", light="red", key="demo_open", facts=facts)
    else:
        key = "demo_here" if count else "demo_none"
        yield Finding(check="accounts", light="green", key=key, facts=facts)


def look_at_certificate(_home: Home, now: datetime) -> Iterator[Finding]:
    """Say how long the certificate lasts that the proxy shows, where the settings name it."""
    named = os.environ.get("GUANTONG_CERTIFICATE")
    if not named:
        if os.environ.get("GUANTONG_TLS") == "1":
            yield Finding(check="certificate", light="yellow", key="certificate_unnamed")
        return
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificate(Path(named).read_bytes())
    except (OSError, ValueError):
        facts: dict[str, object] = {"path": named}
        yield Finding(check="certificate", light="red", key="certificate_unreadable", facts=facts)
        return
    left = found.not_valid_after_utc - now
    facts = {"path": named, "day": f"{found.not_valid_after_utc:%Y-%m-%d}", "days": left.days}
    yield Finding(
        check="certificate", light=_low(left, _CERTIFICATE_ENDS), key="certificate", facts=facts
    )


def look_at_disk(home: Home, now: datetime) -> Iterator[Finding]:
    """Say how much room is left, and when it will be used up at last week's pace."""
    from guantong.base import lag

    free = float(shutil.disk_usage(home.path).free)
    light = _low(free, _LEAST_FREE)
    facts: dict[str, object] = {"gb": round(free / 1e9, 1), "home": home.path}
    yield Finding(check="disk", light=light, key="disk", facts=facts)
    kept = [(at, body["disk_free_bytes"]) for at, body in lag.history(now - timedelta(days=7))
            if "disk_free_bytes" in body]  # fmt: skip
    if len(kept) < 2 or kept[-1][0] - kept[0][0] < timedelta(hours=6):
        return
    used, took = kept[0][1] - kept[-1][1], kept[-1][0] - kept[0][0]
    if used > 0:
        left = timedelta(seconds=min(took.total_seconds() * free / used, 10 * 365 * 86400))
        facts = {"mb": round(used / 1e6 / (took / timedelta(days=1))), "days": left.days}
        yield Finding(check="disk", light=_low(left, _FULL_SOON), key="growth", facts=facts)


def look_at_clock(_home: Home, now: datetime) -> Iterator[Finding]:
    """Say whether this clock is that of the store, goes forward, and is kept right."""
    from django.db import connection

    from guantong.base import lag

    before = backup.machine_time()
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    here = before + (backup.machine_time() - before) / 2
    off = abs((there - here).total_seconds())
    facts: dict[str, object] = {"seconds": round(off, 2)}
    yield Finding(check="clock", light=_high(off, _CLOCK_OFF), key="clock", facts=facts)
    latest = [at for at, _ in lag.history(now - timedelta(days=1))][-1:]
    if latest and latest[0] - now > timedelta(minutes=2):
        facts = {"minutes": round((latest[0] - now).total_seconds() / 60)}
        yield Finding(check="clock", light="red", key="clock_back", facts=facts)
    if _clock_is_kept() is False:
        yield Finding(check="clock", light="yellow", key="clock_free")


def look_at_lag(home: Home, now: datetime) -> Iterator[Finding]:
    """Say what waits for longer than it should."""
    from guantong.base import lag

    found = lag.readings(now)
    working = _is_up(home)
    worst: Light = "green"
    for name, value in found.items():
        # Where nothing has been started, nobody is missing.
        light = lag.light(name, value) if working or not name.startswith("workers_") else "green"
        if light != "green":
            worst = max(worst, light, key=RANK.__getitem__)
            facts: dict[str, object] = {"name": name, "value": round(value)}
            yield Finding(check="lag", light=light, key="behind", facts=facts)
    if worst == "green":
        facts = {"facts": round(found.get("facts_waiting", 0))}
        yield Finding(check="lag", light="green", key="lag" if working else "lag_down", facts=facts)


def look_at_backups(home: Home, _now: datetime) -> Iterator[Finding]:
    """Say how old the newest backup is, and whether it is still where it was written."""
    known, age = backup.last(home), backup.age(home)
    if known is None or age is None:
        yield Finding(check="backup", light="yellow", key="backup_none")
        return
    facts: dict[str, object] = {"path": known["path"], "hours": round(age.total_seconds() / 3600)}
    if not Path(str(known["path"])).exists():
        yield Finding(check="backup", light="yellow", key="backup_gone", facts=facts)
        return
    yield Finding(check="backup", light=_high(age, _BACKUP_OLD), key="backup", facts=facts)


def look_at_libraries(_home: Home, _now: datetime) -> Iterator[Finding]:
    """Say whether this system can make PDF documents."""
    from guantong.files.api import pdf_fault

    missing = pdf_fault()
    light: Light = "yellow" if missing else "green"
    key = "pdf_missing" if missing else "pdf"
    yield Finding(check="documents", light=light, key=key, facts={"library": missing or ""})


def look_at_version(_home: Home, _now: datetime) -> Iterator[Finding]:
    """Say whether the store is of this version."""
    from guantong.main import upgrade

    left = upgrade.waiting()
    facts: dict[str, object] = {
        "store": upgrade.store_version(), "own": backup.version(), "steps": len(left)
    }  # fmt: skip
    yield Finding(
        check="version", light="red" if left else "green", facts=facts,
        key="version_old" if left else "version",
    )  # fmt: skip


LOOKS: tuple[Look, ...] = (
    look_at_settings, look_at_keys, look_at_demo_accounts, look_at_certificate, look_at_disk,
    look_at_clock, look_at_lag, look_at_backups, look_at_libraries,
)  # fmt: skip


def everything() -> Iterator[Finding]:
    """Yield every finding; the store must be running."""
    home, now = current(), datetime.fromtimestamp(backup.machine_time().timestamp(), UTC)
    of_version = list(look_at_version(home, now))
    yield from of_version
    if any(f.light == "red" for f in of_version):
        return  # the other looks ask for tables that are not there yet
    for look in LOOKS:
        yield from look(home, now)


def disk_gauge(_now: datetime) -> Mapping[str, float]:
    """Return how much room the home's disk has, for the readings that are kept."""
    return {"disk_free_bytes": float(shutil.disk_usage(current().path).free)}


def _low(value: Any, limits: Mapping[str, Any]) -> Light:
    """Return the light of a value that must not fall."""
    if value < limits["red"]:
        return "red"
    return "yellow" if value < limits["yellow"] else "green"


def _high(value: Any, limits: Mapping[str, Any]) -> Light:
    """Return the light of a value that must not rise."""
    if value > limits["red"]:
        return "red"
    return "yellow" if value > limits["yellow"] else "green"


def _is_up(home: Home) -> bool:
    """Say whether ``guantong up`` runs in this home."""
    import fcntl

    try:
        with (home.path / "up.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _clock_is_kept() -> bool | None:
    """Ask the system whether something keeps its clock right; None where it cannot say."""
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (AttributeError, OSError):
        return None
    # struct timex: reading (modes = 0) needs no right; its size is 208 bytes on Linux.
    state = adjtimex(ctypes.create_string_buffer(256))
    return None if state < 0 else state != _TIME_ERROR
