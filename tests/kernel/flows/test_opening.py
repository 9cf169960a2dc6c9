"""What the start of a process says: who opens a case by hand, about what, what it keeps."""

from dataclasses import replace

import pytest
from tests.kernel.bpmn.process_file import process_file

from guantong.bpmn import api as bpmn
from guantong.flows.case_role import CaseRole
from guantong.flows.errors import LineNotNamed
from guantong.flows.kept import keeps, kept_types
from guantong.flows.opening import Opening, opening_of, tiers_of
from guantong.flows.process import Process
from guantong.forms.api import read as read_form
from guantong.orgs.api import Role

FORM = read_form(
    {
        "id": "report", "title": "form.report",
        "schema": {
            "type": "object", "required": ["name"],
            "properties": {
                "name": {"type": "string"}, "houses": {"type": "integer"},
                "empty": {"type": "boolean"},
            },
        },
        "layout": [
            {"field": "name", "widget": "text", "label": "form.name"},
            {"field": "houses", "widget": "number", "label": "form.houses"},
            {"field": "empty", "widget": "checkbox", "label": "form.empty"},
        ],
    }
)  # fmt: skip


def graph(attributes: str) -> bpmn.Graph:
    return bpmn.read(
        process_file(f"""
        <bpmn:startEvent id="start" {attributes}/>
        <bpmn:userTask id="look" guantong:role="water@county" guantong:limit="P1D"
          guantong:form="report"/>
        <bpmn:endEvent id="end"/>
        <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="look"/>
        <bpmn:sequenceFlow id="b" sourceRef="look" targetRef="end"/>
        """)
    )


def opening(attributes: str) -> Opening | None:
    made = Process(id="p", package="some", graph=graph(attributes), xml=b"", forms={"report": FORM})
    return opening_of(made)


def test_a_start_that_asks_a_form_says_who_opens_a_case_and_about_what() -> None:
    found = opening(
        'guantong:form="report" guantong:role="water@county area@township" guantong:matter="name"'
    )

    assert found is not None
    assert found.roles == (Role("water", "county"), Role("area", "township"))
    assert found.about({"name": "a/b"}, "331081000000") == "a/b/331081000000"


def test_without_a_form_at_its_start_a_process_is_opened_by_a_signal() -> None:
    assert opening("") is None


def test_a_case_is_opened_at_the_tiers_written_else_at_those_of_the_roles() -> None:
    start = graph('guantong:form="report" guantong:role="water@city water@county"').starts[0]

    assert tiers_of(start) == ("city", "county")
    written = replace(start, settings={**start.settings, "places": "township county"})
    assert tiers_of(written) == ("county", "township")


def test_a_role_takes_its_line_from_the_case_that_names_it() -> None:
    role = CaseRole("{whose}@county")

    assert role.variable == "whose"
    assert role.settled({"whose": "water"}) == Role("water", "county")
    assert role.settled({"whose": "area"}) == Role("area", "county")
    assert CaseRole("water@county").settled({}) == Role("water", "county")


@pytest.mark.parametrize("data", [{}, {"whose": "watr"}, {"whose": None}, {"whose": "water@city"}])
def test_a_case_that_names_no_line_is_refused_without_repeating_what_it_names(
    data: dict[str, object],
) -> None:
    with pytest.raises(LineNotNamed) as refused:
        CaseRole("{whose}@county").settled(data)

    assert refused.value.facts == {"role": "{whose}@county", "variable": "whose"}
    assert "check the choices of that field" in refused.value.sentence()


def test_the_answers_a_process_keeps_have_the_types_of_their_form() -> None:
    kept = graph('guantong:keeps="name houses empty unasked"')

    assert keeps(kept) == ("name", "houses", "empty", "unasked")
    assert kept_types(kept, [FORM]) == {"name": "varchar", "houses": "double", "empty": "boolean"}
