"""The picture of a case's process: the original document, labelled, and which steps are done.

The document is kept byte for byte in its package; labels in the reader's language are written
into a copy only when it is shown.
"""

from collections.abc import Iterable

from lxml import etree

from guantong.bpmn.api import Graph, Kind
from guantong.packages.api import Package


def labelled(xml: bytes, graph: Graph, package: Package, language: str) -> bytes:
    """Return the document with the name of each step and each way in the reader's language."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(xml, parser)
    words = package.words(language)
    for element in root.iter(etree.Element):
        id = element.get("id", "")
        known = id in graph.nodes or id in graph.flows
        kind = "flow" if etree.QName(element).localname == "sequenceFlow" else "node"
        if known and (text := words.get(f"{kind}.{id}")):
            element.set("name", text)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def steps_behind(graph: Graph, reached: Iterable[str]) -> set[str]:
    """Return the nodes that must have been passed to get to ``reached``.

    Ways that lead back tell nothing; where two ways meet that are alternatives, one cannot tell
    which was taken, and nothing before is claimed.
    """
    back = _ways_back(graph)
    passed: set[str] = set()
    waiting = list(reached)
    while waiting:
        node = graph.nodes[waiting.pop()]
        sources = {flow.source for flow in node.incoming if flow.id not in back}
        if len(sources) > 1 and node.kind is not Kind.PARALLEL:
            continue
        waiting.extend(sources - passed)
        passed |= sources
    return passed


def _ways_back(graph: Graph) -> set[str]:
    """Return the flows that lead back to a node one has come through, walking from the start."""
    found: set[str] = set()
    done: set[str] = set()

    def walk(id: str, through: tuple[str, ...]) -> None:
        node = graph.nodes[id]
        for flow in node.outgoing:
            if flow.target in (*through, id):
                found.add(flow.id)
            elif flow.target not in done:
                walk(flow.target, (*through, id))
        for boundary in node.boundaries:
            if boundary not in done:
                walk(boundary, (*through, id))
        done.add(id)

    for node in graph.nodes.values():
        if node.kind is Kind.START:
            walk(node.id, ())
    return found
