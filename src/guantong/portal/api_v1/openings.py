"""Cases that a post may open by hand: which, where, what is asked; and opening one."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router
from pydantic import StringConstraints

from guantong.base.words import say
from guantong.flows import api as flows
from guantong.packages.api import installed_at
from guantong.portal import opening_deeds
from guantong.portal.api_v1 import shapes
from guantong.portal.api_v1.once import Token, done_once, earlier, plain
from guantong.portal.api_v1.refusals import AnswersWrong
from guantong.portal.api_v1.shapes import PlaceCode, Shape
from guantong.portal.api_v1.tasks import Answer, FieldName, Question, questions_of
from guantong.portal.reader import decide, may, reader_of
from guantong.portal.views_opening import title_of

router = Router(tags=["cases"])

Name = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]


class CanOpen(Shape):
    """A kind of case that this post may open, at these places, with these questions."""

    package: str = Field(examples=["an_application"])
    process: str
    title: str
    places: list[PlaceCode]
    form: list[Question]


class NewCase(Shape):
    """A case to open. Answers are texts, as a page sends them."""

    package: Name
    process: Name
    place: PlaceCode
    answers: dict[FieldName, Answer] = Field(
        default={}, max_length=60, json_schema_extra={"additionalProperties": False}
    )


class CaseOpened(Shape):
    """The case that was opened, by its number."""

    id: UUID
    number: str


@router.get(
    "/openings",
    operation_id="list_openings",
    response={200: list[CanOpen], **shapes.ALWAYS},
    summary="Cases that the post may open",
)
def list_openings(request: HttpRequest) -> list[dict[str, Any]]:
    """Return each process that this post may open a case of by hand; empty where there is none."""
    reader, found = reader_of(request), []
    for opening in opening_deeds.openable(reader):
        decision = may(reader, "open", opening_deeds.case_to_open(opening))
        places = opening_deeds.places_of_opening(opening, decision)
        place = opening_deeds.place_asked(reader, places)
        package = installed_at(opening.package, place)
        assert package is not None, "only what is installed can be opened"
        form = opening_deeds.asked_at(opening, place).form
        found.append(
            {
                "package": opening.package,
                "process": opening.process,
                "title": title_of(opening, reader.language),
                "places": [p.code for p in places],
                "form": questions_of(form, package, reader.language),
            }
        )
    return found


@router.post(
    "/openings",
    operation_id="open_case",
    response={200: CaseOpened, **shapes.OF_AN_ACT},
    summary="Open a case by hand",
)
def open_case(
    request: HttpRequest, response: HttpResponse, sent: NewCase, token: Token
) -> dict[str, Any]:
    """Open a case as the page does. A matter that has an open case already is 409."""
    reader = reader_of(request)
    opening = opening_deeds.opening_named(sent.package, sent.process)
    asked = sent.dict()
    before = earlier(token, request, asked)
    if before is not None:
        return done_once(request, response, token, asked, dict)
    decide(request, "open", opening_deeds.case_to_open(opening, sent.place))
    opening = opening_deeds.asked_at(opening, sent.place)
    known = {field.name for field in opening.form.fields}
    strange = sorted(set(sent.answers) - known)
    if strange:
        names = ", ".join(strange)[:200]
        raise AnswersWrong(what=f"{names}: {say('api.no_field', reader.language)}")
    given = {**sent.answers, opening_deeds.PLACE: sent.place}
    errors, answers = opening_deeds.read(opening, given)
    if errors:
        sentences = "; ".join(f"{e.field}: {e.sentence(reader.language)}" for e in errors)
        raise AnswersWrong(what=sentences)

    def do() -> dict[str, Any]:
        id = opening_deeds.open_case(reader, opening, sent.place, answers)
        case = flows.case(reader.realm, id, now=reader.now)
        assert case is not None, "it was opened just now"
        return plain(id, number=case.number)

    return done_once(request, response, token, asked, do)
