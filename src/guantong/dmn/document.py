"""The XML of a decision file, made harmless before anything is read from it.

A rule file comes from outside: no document type is accepted (so no entity can grow or reach
a file), nothing is fetched, and the size is limited.
"""

from collections.abc import Iterator

from lxml import etree

from guantong.dmn.errors import DmnUnreadable

# Ours: the largest decision file of the conformance kit is far below a tenth of this.
MAX_BYTES = 5_000_000

# The namespaces of the OMG's model schemas (their DMN 1.1 to 1.5 files).
NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}


class Element:
    """An element of the DMN namespace; what belongs to other namespaces is not seen."""

    def __init__(self, element: "etree._Element", namespace: str) -> None:
        self._element = element
        self._namespace = namespace

    @property
    def tag(self) -> str:
        """The name without its namespace."""
        return str(etree.QName(self._element).localname)

    @property
    def id(self) -> str:
        """The id, or the name where an old file gives none."""
        return self.get("id") or self.get("name")

    def namespace_of(self, prefix: str) -> str:
        """Return what a prefix stands for at this place; empty where it stands for nothing."""
        return str(self._element.nsmap.get(prefix or None, "") or "")

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute; a name without the spaces that FEEL would not tell apart."""
        value = str(self._element.get(name, default))
        return " ".join(value.split()) if name == "name" else value

    def all(self, tag: str) -> Iterator["Element"]:
        """Yield the children of this name."""
        for child in self._element.findall(f"{{{self._namespace}}}{tag}"):
            yield Element(child, self._namespace)

    def children(self) -> Iterator["Element"]:
        """Yield every child of the DMN namespace."""
        for child in self._element.iterchildren(f"{{{self._namespace}}}*"):
            yield Element(child, self._namespace)

    def descendants(self, tag: str) -> Iterator["Element"]:
        """Yield the elements of this name at any depth."""
        for child in self._element.iter(f"{{{self._namespace}}}{tag}"):
            yield Element(child, self._namespace)

    def first(self, tag: str) -> "Element | None":
        """Return the first child of this name."""
        return next(self.all(tag), None)

    def text(self) -> str:
        """Return the ``text`` of an entry, without the spaces around it."""
        child = self.first("text")
        return child.own_text() if child else ""

    def own_text(self) -> str:
        """Return the text within this element, without the spaces around it."""
        return "".join(str(part) for part in self._element.itertext()).strip()


def open_document(xml: bytes) -> Element:
    """Return the ``definitions`` of a file, or say why it is refused."""
    if len(xml) > MAX_BYTES:
        raise DmnUnreadable("too-large", size=len(xml), limit=MAX_BYTES)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise DmnUnreadable("not-xml", line=line, column=column) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DmnUnreadable("document-type")
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise DmnUnreadable("not-dmn", found=str(name.localname)[:40])
    return Element(root, str(name.namespace))


def namespace_of(xml: bytes) -> str:
    """Return the namespace by which other files import this one."""
    return open_document(xml).get("namespace")
