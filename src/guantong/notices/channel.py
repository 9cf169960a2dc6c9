"""Which channels there are: read from the file that ``GUANTONG_CHANNELS`` names.

The file names each channel and how it is reached; what must stay secret stands in files of its
own, which are read at the moment of sending. Without a file there are no channels, and notices
stay in the platform. The format is docs/operating/channels.md.
"""

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import yaml

from guantong.base.reading import moment_text
from guantong.base.words import say
from guantong.notices.contacts import Contact
from guantong.notices.delivery import Answer
from guantong.notices.errors import BadChannels

SETTING = "GUANTONG_CHANNELS"
KINDS = ("hook", "mail", "dingtalk", "wecom", "sms")
# What must be known of a person to reach them there.
NEEDS = {"hook": "", "mail": "mail", "dingtalk": "mobile", "wecom": "mobile", "sms": "mobile"}
# Whether a delivery that may have left is sent again by itself. The hook's receiver knows keys; a
# second mail or chat message does less harm than a lost one; a second SMS costs money and trust,
# so there a person decides.
REPEATS = {"hook": True, "mail": True, "dingtalk": True, "wecom": True, "sms": False}

SECURITY = ("starttls", "tls", "none")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_KEYS = {
    "hook": {"url"},
    "mail": {"host", "from"},
    "dingtalk": {"secret_file"},
    "wecom": {"secret_file"},
    "sms": {"secret_file"},
}
_MORE = {
    "hook": {"secret_file"},
    "mail": {"port", "security", "user", "secret_file"},
    "dingtalk": set[str](),
    "wecom": set[str](),
    "sms": set[str](),
}
_ALWAYS = {"type", "per_minute", "default", "says"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One channel as the file declares it."""

    name: str
    type: str
    url: str = ""
    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    sender: str = ""
    secret_file: str = ""
    per_minute: int = 60
    # On for whoever has chosen nothing.
    default: bool = True
    # Whether the text goes out as well, or only the title and the address to read on.
    says: str = "text"

    @property
    def needs(self) -> str:
        """What must be known of a person: ``mobile``, ``mail`` or nothing."""
        return NEEDS[self.type]

    @property
    def repeats(self) -> bool:
        """Whether what may have left is sent again by itself."""
        return REPEATS[self.type]

    def secret(self) -> str:
        """Return what the file of the secret holds, read anew each time so that it can change."""
        if not self.secret_file:
            return ""
        try:
            return Path(self.secret_file).read_text(encoding="utf-8").strip()
        except OSError:
            raise BadChannels(path=self.secret_file, why=f"{self.name}: secret_file") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """All channels, and the address under which the platform is reached from a phone."""

    address: str = ""
    settings: Mapping[str, Setting]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One notice as it goes out: in the words of both languages."""

    notice_id: str
    kind: str
    asks: str
    urgent: bool
    occasion: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    sender: Mapping[str, str]
    sent_at: datetime
    accept_by: datetime | None
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What goes out at once to one person through one channel: one notice, or a digest."""

    key: str
    to: Contact
    items: tuple[Item, ...]
    source: str
    address: str
    sent_at: datetime

    @property
    def title(self) -> str:
        """The subject in the reader's language."""
        language = self.to.language
        if len(self.items) > 1:
            return say("notices.out.digest", language, count=len(self.items))
        item = self.items[0]
        key = "notices.out.reminder" if item.occasion == "reminded" else "notices.out.title"
        urgent = say("notices.out.urgent", language) if item.urgent else ""
        return urgent + say(key, language, title=item.title[language])

    def text(self, says: str) -> str:
        """The body in the reader's language; with ``says`` title, only where to read on."""
        language, lines = self.to.language, list[str]()
        for item in self.items:
            if len(self.items) > 1:
                lines.append(f"· {item.title[language]}")
            if says == "text" and item.text[language]:
                lines.append(item.text[language])
            if item.accept_by is not None:
                by = moment_text(item.accept_by, language)
                lines.append(say("notices.out.accept_by", language, at=by))
        if self.address:
            href = f"{self.address.rstrip('/')}/notices"
            if len(self.items) == 1:
                href += f"/{self.items[0].notice_id}"
            lines.append(say("notices.out.read_on", language, href=href))
        else:
            lines.append(say("notices.out.read_here", language))
        return "\n".join(lines)


class Sends(Protocol):
    """How a channel sends one parcel; it never raises for what the other side does."""

    def __call__(self, setting: Setting, parcel: Parcel) -> Answer:
        """Send a parcel and say what came of it."""
        ...


log = logging.getLogger(__name__)

_held: tuple[tuple[str, int, int], Channels] | None = None


def channels() -> Channels:
    """Return the channels of this installation; a changed file is read anew."""
    global _held
    named = os.environ.get(SETTING, "")
    if not named:
        return NONE
    path = Path(named)
    try:
        state = path.stat()
        stamp = (named, state.st_mtime_ns, state.st_size)
        held = _held
        if held is None or held[0] != stamp:
            held = _held = (stamp, parse(path.read_text(encoding="utf-8"), path=named))
    except OSError:
        raise BadChannels(path=named, why=f"{SETTING}: the file cannot be read") from None
    return held[1]


def usable_channels() -> Channels:
    """Return the channels, or none where the file is wrong: then notices stay in the platform.

    A wrong file must not keep people from telling each other something; it is in the log, on the
    page of deliveries and in ``guantong check``.
    """
    try:
        return channels()
    except BadChannels as refusal:
        log.error("%s", refusal)
        return NONE


def parse(text: str, *, path: str = "channels.yaml") -> Channels:
    """Return the channels a file declares, or refuse with what is wrong."""

    def refuse(why: str) -> BadChannels:
        return BadChannels(path=path, why=why)

    try:
        read = yaml.safe_load(text) or {}
    except yaml.YAMLError:
        raise refuse("not YAML") from None
    if not isinstance(read, dict) or set(read) - {"address", "channels"}:
        raise refuse("only 'address' and 'channels' stand at the top")
    address = read.get("address") or ""
    if address and urlsplit(str(address)).scheme not in ("http", "https"):
        raise refuse("address")
    declared = read.get("channels") or {}
    if not isinstance(declared, dict):
        raise refuse("channels")
    found = {}
    for name, given in declared.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name) or not isinstance(given, dict):
            raise refuse(f"{name!r}: a name is of small letters, digits and _")
        found[name] = _setting(name, given, refuse)
    return Channels(address=str(address), settings=found)


def _setting(name: str, given: Mapping[str, Any], refuse: Any) -> Setting:
    type = given.get("type")
    if type not in KINDS:
        raise refuse(f"{name}.type: one of {', '.join(KINDS)}")
    missing = sorted(_KEYS[type] - set(given))
    unknown = sorted(set(given) - _KEYS[type] - _MORE[type] - _ALWAYS)
    if missing or unknown:
        raise refuse(f"{name}.{(missing or unknown)[0]}: {'missing' if missing else 'not known'}")
    if type == "hook":
        parts = urlsplit(str(given["url"]))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise refuse(f"{name}.url: http or https, without a name or password in it")
    port, per_minute = given.get("port", 587), given.get("per_minute", 60)
    for key, value in (("port", port), ("per_minute", per_minute)):
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 65536:
            raise refuse(f"{name}.{key}: a number above 0")
    security, says = given.get("security", "starttls"), given.get("says", "text")
    if security not in SECURITY:
        raise refuse(f"{name}.security: one of {', '.join(SECURITY)}")
    if says not in ("text", "title"):
        raise refuse(f"{name}.says: text or title")
    default = given.get("default", True)
    if not isinstance(default, bool):
        raise refuse(f"{name}.default: true or false")
    return Setting(
        name=name, type=type, url=str(given.get("url", "")), host=str(given.get("host", "")),
        port=port, security=security, user=str(given.get("user", "")),
        sender=str(given.get("from", "")), secret_file=str(given.get("secret_file", "")),
        per_minute=per_minute, default=default, says=says,
    )  # fmt: skip


NONE = Channels(settings={})
