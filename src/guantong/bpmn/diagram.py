"""The drawing of a process: where each element stands on the page (BPMN DI).

Kept so that a page can show a case on the drawing its author made. It has no influence on
what a process does, and a file without a drawing is a whole process.
"""

import math
from dataclasses import dataclass

from lxml import etree

from guantong.bpmn.document import DC, DD, DI, bad_value


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the drawing, in its own units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shape:
    """How one element is drawn: a box, or the points of a line; and where its label stands."""

    element: str
    box: Box | None = None
    waypoints: tuple[tuple[float, float], ...] = ()
    label: Box | None = None


def shapes_in(root: etree._Element) -> dict[str, Shape]:
    """Return how each element is drawn, by element id; the first drawing of an element counts."""
    shapes: dict[str, Shape] = {}
    for drawn in root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge"):
        # The reference is a qualified name; a prefix, where there is one, is not part of the id.
        element = (drawn.get("bpmnElement") or "").rpartition(":")[2]
        if element:
            label = drawn.find(f"{{{DI}}}BPMNLabel")
            shape = Shape(
                element=element,
                box=_box(drawn),
                waypoints=tuple(
                    (_number(point, "x"), _number(point, "y"))
                    for point in drawn.iterchildren(f"{{{DD}}}waypoint")
                ),
                label=None if label is None else _box(label),
            )
            shapes.setdefault(element, shape)
    return shapes


def _box(drawn: etree._Element) -> Box | None:
    bounds = drawn.find(f"{{{DC}}}Bounds")
    if bounds is None:
        return None
    x, y, width, height = (_number(bounds, side) for side in ("x", "y", "width", "height"))
    return Box(x, y, width, height)


def _number(element: etree._Element, attribute: str) -> float:
    text = element.get(attribute) or ""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise bad_value(element, attribute, text, "0.0")
    return number
