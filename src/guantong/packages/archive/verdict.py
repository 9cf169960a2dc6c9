"""May this package file be installed here? A rule without I/O: it is told everything.

Three answers. *refused*: nobody may, whatever they sign. *needs approval*: a named person looks at
it first and answers for it. *may install*: a trusted publisher answers for it, and it goes forward.
All reasons are given, not the first only, so that nobody mends one and meets the next.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from guantong.base import signing, words
from guantong.packages.archive.manifest import parts_of
from guantong.packages.archive.opening import Archive
from guantong.packages.archive.signature import Signature

State = Literal["may_install", "needs_approval", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """A publisher whose key this installation knows: from when to when, or no longer."""

    id: UUID
    name: str
    algorithm: signing.Algorithm
    public: bytes
    since: datetime
    until: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a verdict, which can say its sentence."""

    state: State
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """Return why, and what to do."""
        return words.say(f"package.verdict.{self.code}", language, **self.facts)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, with every reason; the worst of them decides."""

    state: State
    reasons: tuple[Reason, ...]
    publisher: Publisher | None = None


def judge(
    archive: Archive,
    *,
    trusted: Iterable[Publisher],
    installed_version: str | None,
    at: datetime,
    installed_digest: str | None = None,
    installed_public: bytes | None = None,
) -> Verdict:
    """Return whether an archive may be installed at ``at``.

    ``installed_digest`` is the manifest's digest of what stands here, and ``installed_public`` the
    key that signed it, where they are known.
    """
    known = list(trusted)
    publisher = _publisher(archive.signature, known)
    reasons = [
        *_of_signer(archive.signature, publisher, known, at),
        *_of_version(archive, installed_version, installed_digest),
    ]
    if archive.manifest.hooks:
        reasons.append(Reason("refused", "hooks"))
    signed = archive.signature
    if installed_public is not None and (signed is None or signed.public != installed_public):
        reasons.append(Reason("needs_approval", "other-publisher"))
    states = {reason.state for reason in reasons}
    worst: State = "refused" if "refused" in states else "may_install"
    if worst != "refused" and "needs_approval" in states:
        worst = "needs_approval"
    return Verdict(worst, tuple(reasons), publisher)


def _publisher(signature: Signature | None, known: list[Publisher]) -> Publisher | None:
    if signature is None:
        return None
    key = (signature.algorithm, signature.public)
    return next((p for p in known if (p.algorithm, p.public) == key), None)


def _of_signer(
    signature: Signature | None, publisher: Publisher | None, known: list[Publisher], at: datetime
) -> Iterator[Reason]:
    if signature is None:
        yield Reason("needs_approval", "unsigned")
        return
    facts = {"signer": signature.signer, "fingerprint": signature.fingerprint}
    if publisher is None:
        # A name we know with a key we do not: whoever wants to pass for a publisher does just that.
        taken = any(p.name == signature.signer for p in known)
        yield (
            Reason("refused", "name-of-another", facts)
            if taken
            else Reason("needs_approval", "unknown-signer", facts)
        )
        return
    if publisher.name != signature.signer:
        yield Reason("refused", "other-name", {**facts, "name": publisher.name})
    if publisher.withdrawn_at is not None:
        on = publisher.withdrawn_at.date().isoformat()
        yield Reason("refused", "withdrawn", {**facts, "on": on})
    elif at < publisher.since:
        yield Reason("refused", "not-yet", {**facts, "on": publisher.since.date().isoformat()})
    elif at >= publisher.until:
        yield Reason("refused", "expired", {**facts, "on": publisher.until.date().isoformat()})


def _of_version(
    archive: Archive, installed_version: str | None, installed_digest: str | None
) -> Iterator[Reason]:
    if installed_version is None:
        return
    facts = {"version": archive.version, "installed": installed_version}
    if parts_of(archive.version) < parts_of(installed_version):
        yield Reason("refused", "older", facts)
    elif archive.version == installed_version and installed_digest not in (
        None,
        archive.manifest.digest,
    ):
        # Two packages of one version: nobody could say afterwards which of them was meant.
        yield Reason("refused", "same-version", facts)
