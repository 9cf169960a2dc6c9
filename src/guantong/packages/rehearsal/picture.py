"""The drawing of a process with what was reached marked on it, as SVG without a script.

Reached and not reached differ by line and fill, not by colour alone; each element says its name
and which it is to whoever listens instead of looking.
"""

from collections.abc import Callable, Collection

from lxml import etree

from guantong.bpmn.api import Box, Graph, Kind

_MARGIN = 24.0
# So many characters go on one line of a box; Chinese ones are twice as wide.
_LINE = 15
_LINE_HEIGHT = 15.0
_MOST_LINES = 4

_GATEWAYS = {Kind.EXCLUSIVE: "×", Kind.PARALLEL: "+"}
_EVENTS = (Kind.START, Kind.END, Kind.TIMER, Kind.BOUNDARY)


def picture(
    graph: Graph,
    nodes: Collection[str],
    ways: Collection[str],
    *,
    title: str,
    name: Callable[[str], str],
    told: Callable[[bool], str],
) -> etree._Element | None:
    """Return the drawing; None where the file has none. ``told`` says reached or not."""
    boxes = [shape.box for shape in graph.shapes.values() if shape.box is not None]
    if not boxes:
        return None
    left, top = min(b.x for b in boxes) - _MARGIN, min(b.y for b in boxes) - _MARGIN
    width = max(b.x + b.width for b in boxes) + _MARGIN - left
    height = max(b.y + b.height for b in boxes) + _MARGIN - top
    root = _element(
        "svg", viewBox=f"{left:g} {top:g} {width:g} {height:g}", role="img",
        width=f"{width:g}", height=f"{height:g}", aria_label=title,
    )  # fmt: skip
    root.append(_arrow())
    for flow in graph.flows.values():
        shape = graph.shapes.get(flow.id)
        if shape is not None and len(shape.waypoints) > 1:
            root.append(_way(shape.waypoints, flow.id in ways))
    for node in graph.nodes.values():
        shape = graph.shapes.get(node.id)
        if shape is not None and shape.box is not None:
            reached = node.id in nodes
            root.append(_node(node.kind, shape.box, name(node.id), reached, told(reached)))
    return root


def _way(points: Collection[tuple[float, float]], reached: bool) -> etree._Element:
    return _element(
        "polyline", points=" ".join(f"{x:g},{y:g}" for x, y in points),
        class_="way reached" if reached else "way", marker_end="url(#arrow)",
    )  # fmt: skip


def _node(kind: Kind, box: Box, name: str, reached: bool, told: str) -> etree._Element:
    group = _element("g", class_="node reached" if reached else "node")
    title = _element("title")
    title.text = f"{name}: {told}"
    group.append(title)
    x, y = box.x + box.width / 2, box.y + box.height / 2
    if kind in _GATEWAYS:
        corners = [(x, box.y), (box.x + box.width, y), (x, box.y + box.height), (box.x, y)]
        group.append(_element("polygon", points=" ".join(f"{a:g},{b:g}" for a, b in corners)))
        group.append(_text(_GATEWAYS[kind], x, y, size=22))
    elif kind in _EVENTS:
        radius = box.width / 2
        end = {"class_": "end"} if kind is Kind.END else {}
        group.append(_element("circle", cx=f"{x:g}", cy=f"{y:g}", r=f"{radius:g}", **end))
        if kind is Kind.TIMER:
            group.append(_text("◷", x, y, size=20))
    else:
        group.append(
            _element(
                "rect", x=f"{box.x:g}", y=f"{box.y:g}", width=f"{box.width:g}",
                height=f"{box.height:g}", rx="8",
            )
        )  # fmt: skip
        lines = _lines(name)
        first = y - (len(lines) - 1) * _LINE_HEIGHT / 2
        for number, line in enumerate(lines):
            group.append(_text(line, x, first + number * _LINE_HEIGHT))
    if reached:
        group.append(_text("✓", box.x + box.width - 4, box.y + 6, size=14))
    return group


def _lines(name: str) -> list[str]:
    """Return a name broken to the width of a box, at blanks where it has any."""
    lines, line, width = [], "", 0
    words = name.split(" ") if " " in name else list(name)
    gap = " " if " " in name else ""
    for word in words:
        wide = sum(2 if ord(sign) > 0x2E80 else 1 for sign in word)
        if line and width + len(gap) + wide > _LINE:
            lines.append(line)
            line, width = "", 0
        line, width = (f"{line}{gap}{word}", width + len(gap) + wide) if line else (word, wide)
    return [*lines, line][:_MOST_LINES]


def _text(text: str, x: float, y: float, *, size: int = 12) -> etree._Element:
    element = _element(
        "text", x=f"{x:g}", y=f"{y:g}", font_size=str(size), text_anchor="middle",
        dominant_baseline="central",
    )  # fmt: skip
    element.text = text
    return element


def _arrow() -> etree._Element:
    marker = _element(
        "marker", id="arrow", viewBox="0 0 8 8", refX="7", refY="4", markerWidth="7",
        markerHeight="7", orient="auto",
    )  # fmt: skip
    marker.append(_element("path", d="M0 0 8 4 0 8z", class_="head"))
    return marker


def _element(tag: str, **attributes: str) -> etree._Element:
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    # Without a namespace: inside HTML a reader knows svg and what is in it by its name.
    return etree.Element(tag, given)
