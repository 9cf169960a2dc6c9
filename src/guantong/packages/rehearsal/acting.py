"""One act of one person on one task, as a scenario asks for it, and whether it was refused.

The verbs are those people use. An act that is refused leaves everything as it was.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from guantong.base.errors import GuantongError
from guantong.base.realm import Realm
from guantong.flows import api as flows
from guantong.flows.api import Duty
from guantong.packages.errands import behaviour_of, people_of, written

# Who acts where a scenario does not say: whoever looks at work is not whoever did it.
_USUALLY = {"verify": "verifier", "reject": "verifier"}

_VERBS = {
    "receive": flows.RECEIVE, "read": flows.READ, "accept": flows.ACCEPT,
    "send_back": flows.SEND_BACK, "dispatch_anew": flows.DISPATCH_ANEW,
    "complete": flows.COMPLETE, "verify": flows.VERIFY, "reject": flows.REJECT,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What became of an act. ``why`` is empty where it went as the scenario says.

    ``why`` is else no-task, nobody, not-refused, refused (nobody expected it) or refused-otherwise;
    of a case that was to be opened, also no-opening (nobody of that role may) or no-opener.
    """

    why: str = ""
    refused: str = ""
    task: str = ""
    unit_id: str = ""

    @property
    def held(self) -> bool:
        """Say whether the act went as the scenario says."""
        return not self.why

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values, with whether it held."""
        return {"held": self.held, **asdict(self)}


def usual_actor(wish: Mapping[str, Any]) -> str:
    """Return who does an act: as the scenario says, else whoever usually does it."""
    found: str = wish.get("by") or _USUALLY.get(wish["verb"], "holder")
    return found


def act(realm: Realm, wish: Mapping[str, Any], *, at: datetime) -> Acted:
    """Let somebody do what the scenario says, in the running transaction."""
    verb = _VERBS[wish["verb"]]
    duties = flows.duties_at(realm, wish["task"], wish["in"])
    if not duties:
        return Acted(why="no-task")
    duty = next((found for found in duties if found.state in verb.allowed), duties[0])
    person = _person(realm, usual_actor(wish), duty, at)
    named = {"task": duty.item, "unit_id": str(duty.unit_id)}
    if person is None:
        return Acted(why="nobody", **named)
    return tried(wish, lambda: _do(realm, wish, duty, person, at), **named)


def tried(wish: Mapping[str, Any], do: Callable[[], None], **named: str) -> Acted:
    """Try what a scenario says, and return whether it went, or was refused, as it says."""
    refused = _refusal_of(do)
    return Acted(why=_why(wish.get("refused", ""), refused), refused=refused, **named)


def _why(expected: str, refused: str) -> str:
    if refused == expected:
        return ""
    if not refused:
        return "not-refused"
    return "refused-otherwise" if expected else "refused"


def _refusal_of(do: Callable[[], None]) -> str:
    """Return the code with which something was refused, and nothing of it done; else nothing."""
    try:
        with transaction.atomic():
            do()
    except GuantongError as refusal:
        return refusal.code
    return ""


def _person(realm: Realm, who: str, duty: Duty, at: datetime) -> UUID | None:
    if who == "doer":
        return duty.doer_id
    if who == "finder":
        return duty.finder_id
    if who == "verifier":
        without = [duty.doer_id, duty.finder_id, duty.opener_id]
        return _first(realm, duty.verifier_id, without, at)
    return duty.doer_id or _first(realm, duty.unit_id, [duty.finder_id, duty.opener_id], at)


def _first(
    realm: Realm, unit_id: UUID | None, without: Sequence[UUID | None], at: datetime
) -> UUID | None:
    if unit_id is None:
        return None
    return flows.choose(people_of(realm, {unit_id}, at)[unit_id], without=without)


def _do(realm: Realm, wish: Mapping[str, Any], duty: Duty, person: UUID, at: datetime) -> None:
    name, acts = wish["verb"], {duty.id: person}
    reason = wish.get("why", "")
    if name == "complete":
        answers = _answers(realm, wish, duty)
        moved = flows.complete(realm, acts, at=at, answers=answers)
    elif name == "send_back":
        moved = flows.send_back(realm, acts, reason=reason, at=at)
    elif name == "reject":
        moved = flows.reject(realm, acts, reason=reason, at=at)
    else:
        moved = _PLAIN[name](realm, acts, at=at)
    flows.one(realm, _VERBS[name], duty.id, person, moved)


_PLAIN: Mapping[str, Callable[..., list[UUID]]] = {
    "receive": flows.receive, "read": flows.read, "accept": flows.accept,
    "dispatch_anew": flows.dispatch_anew, "verify": flows.verify,
}  # fmt: skip


def _answers(realm: Realm, wish: Mapping[str, Any], duty: Duty) -> dict[str, object]:
    """Return what is written into the form: what the act says, else what the actor would."""
    behaviour = behaviour_of(duty)
    usual = behaviour.answers if behaviour is not None else {}
    return written(wish.get("answers", usual), flows.variables(realm, duty.case_id))
