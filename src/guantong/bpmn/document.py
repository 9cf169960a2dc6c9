"""A process file as XML, read safely, and the few words needed to walk through it.

No entity is expanded, no document type accepted, nothing fetched: a process file comes from
outside, and what it may do on being read is nothing at all.
"""

from collections.abc import Iterator

from lxml import etree

from guantong.bpmn.errors import BadValue, HasDoctype, NotBpmn, NotXml, TooLarge

# Namespaces of BPMN 2.0 (ISO/IEC 19510:2013, clause 15) and of its diagram interchange.
MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
OURS = "https://guantong.example/bpmn"
# Modellers write the decision of a rule task in this namespace; we read it where ours is absent.
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"

# Ours: the largest reference model of the vendors' interchange set is below 1 MB.
MOST_BYTES = 8_000_000


def parse(xml: bytes) -> etree._Element:
    """Return the root ``definitions`` of a process file, or refuse the file."""
    if len(xml) > MOST_BYTES:
        raise TooLarge(size=len(xml), most=MOST_BYTES)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as wrong:
        # The parser gives up on a bomb; the author is told of its fuse, not of a syntax error.
        if b"<!DOCTYPE" in xml:
            raise HasDoctype() from wrong
        line, column = wrong.position
        raise NotXml(line=line or 1, column=column or 1) from wrong
    if root.getroottree().docinfo.internalDTD is not None:
        raise HasDoctype()
    if root.tag != f"{{{MODEL}}}definitions":
        raise NotBpmn(element=local(root), line=line_of(root))
    return root


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return str(etree.QName(element).localname)


def is_model(element: etree._Element) -> bool:
    """Return whether an element belongs to BPMN itself, and not to a drawing or an extension."""
    return etree.QName(element).namespace == MODEL


def line_of(element: etree._Element) -> int:
    """Return the line of an element in the file."""
    line: int | None = element.sourceline  # type: ignore[assignment]  # the stubs say nothing
    return line or 0


def text_of(element: etree._Element) -> str:
    """Return the text of an element without the blanks around it."""
    return "".join(str(part) for part in element.itertext()).strip()


def settings_of(element: etree._Element) -> dict[str, str]:
    """Return the ``guantong:*`` attributes of an element by their local names."""
    mark = f"{{{OURS}}}"
    found = {str(name): str(value) for name, value in element.attrib.items()}
    return {name[len(mark) :]: value for name, value in found.items() if name.startswith(mark)}


def boolean(element: etree._Element, attribute: str, *, default: bool) -> bool:
    """Return a truth value as XML Schema writes it."""
    text = (element.get(attribute) or "").strip()
    if text in ("true", "1"):
        return True
    if text in ("false", "0"):
        return False
    if text:
        raise bad_value(element, attribute, text, "true / false")
    return default


def bad_value(element: etree._Element, place: str, value: str, wanted: str) -> BadValue:
    """Return the refusal of a value, with the element and the line where it stands."""
    owner: etree._Element | None = element
    while owner is not None and not owner.get("id"):
        owner = owner.getparent()
    name = element.get("id") or (owner.get("id") if owner is not None else None) or local(element)
    return BadValue(element=name, line=line_of(element), place=place, value=value, wanted=wanted)


def elements(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the children of one BPMN name."""
    return parent.iterchildren(f"{{{MODEL}}}{name}")
