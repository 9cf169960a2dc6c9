"""Why somebody may or may not: the same answer as the page of rights gives."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import StringConstraints

from guantong.access import api as access
from guantong.base.errors import GuantongError
from guantong.base.words import say
from guantong.portal.api_v1 import shapes
from guantong.portal.api_v1.shapes import PlaceCode, Shape
from guantong.portal.reader import decide, reader_of
from guantong.portal.views_rights import (
    ACTS,
    own_area,
    own_thing,
    person_asked,
    wanted,
)

router = Router(tags=["rights"])

ActName = Annotated[
    str,
    Query(description="What somebody would do", pattern=f"^({'|'.join(ACTS)})$", examples=["read"]),
]
KindName = Annotated[
    str, StringConstraints(pattern=f"^({'|'.join(sorted(access.KINDS))})$"),
    Query(description="A kind of thing, where no address is given", examples=["case"]),
]  # fmt: skip


class RuleSaid(Shape):
    """One rule and what it had to say: met, silent, allowed, refused."""

    rule: str
    outcome: str
    sentence: str


class May(Shape):
    """Whether, why, and every rule that was asked."""

    allowed: bool
    sentence: str
    act: str
    kind: str
    place: str | None
    rules: list[RuleSaid]


class NothingToAsk(GuantongError):
    """The question names no page that asks anything, and no kind of thing; ``why`` says which."""

    code = "rights-nothing-to-ask"


class NotYourArea(GuantongError):
    """A question about another person concerns a place that the asker does not administer."""

    code = "rights-not-your-area"


@router.get(
    "",
    operation_id="may",
    response={200: May, **shapes.OF_ONE, 409: shapes.Refusal},
    summary="May somebody do something, and why",
)
def may(
    request: HttpRequest,
    address: Annotated[
        str,
        Query(description="The address of a page, as people paste it", max_length=400,
              pattern=shapes.NO_NUL, examples=["/cases"]),
    ] = "",
    act: ActName = "read",
    kind: KindName | None = None,
    place: Annotated[PlaceCode | None, Query(description="The place of the thing")] = None,
    person: Annotated[UUID | None, Query(description="Somebody else whom one administers")] = None,
) -> dict[str, Any]:  # fmt: skip
    """Answer for oneself, or for somebody whom one administers, rule by rule.

    Asking is no refusal: nothing is recorded of it.
    """
    reader = reader_of(request)
    language = reader.language
    decide(request, "read", own_thing(reader))
    actor = reader.actor if person is None else person_asked(request, str(person))
    found = wanted(reader, actor, address=address, act=act, kind=kind or "", place=place or "")
    asked = found.asked
    if asked is None:
        raise NothingToAsk(why=found.problem or say("rights.say_what", language))
    if person is not None and not own_area(reader, asked):
        raise NotYourArea
    question = access.question_of(
        actor, asked.act, asked.thing, realm=reader.realm, purpose=asked.purpose
    )
    answer = access.decide(actor, asked.act, asked.thing, realm=reader.realm, purpose=asked.purpose)
    return {
        "allowed": answer.allowed,
        "sentence": answer.sentence(language),
        "act": answer.act,
        "kind": asked.thing.kind,
        "place": asked.thing.division_code,
        "rules": [
            {
                "rule": step.rule,
                "outcome": step.outcome,
                "sentence": say(f"access.rule.{step.rule}", language),
            }
            for step in access.explain(question).steps
        ],
    }
