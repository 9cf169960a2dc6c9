"""Make the Word templates of the documents: ``python tools/document_templates.py``.

They lie in ``src/guantong/files/data`` and are checked in; an office that wants another look edits
them in Word. Sizes and margins: GB/T 9704-2012 (see data/document.css).
"""

from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

DATA = Path(__file__).resolve().parent.parent / "src" / "guantong" / "files" / "data"
KINDS = ("notice", "receipt", "rectification_order", "report")
RED = RGBColor(0xC8, 0x10, 0x2E)


def write(
    document: Document, text: str, *, font: str = "仿宋", size: float = 16, indent: bool = True,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY, colour: RGBColor | None = None,
    spacing: float = 29,
) -> Paragraph:  # fmt: skip
    """Add one paragraph in one font."""
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(spacing)
    shape.space_before = shape.space_after = Pt(0)
    if indent:
        shape.first_line_indent = Pt(2 * size)
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = font
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = colour
    return paragraph


def red_line(paragraph: Paragraph) -> None:
    """Draw the red line under the head."""
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "8"), ("color", "C8102E")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)


def page_number(document: Document) -> None:
    """Put the page's number, between dashes, at its foot."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for kind, text in (
        ("text", "— "),
        ("begin", ""),
        ("code", "PAGE"),
        ("end", ""),
        ("text", " —"),
    ):
        run = paragraph.add_run(text if kind == "text" else "")
        run.font.size = Pt(14)
        if kind in ("begin", "end"):
            field = OxmlElement("w:fldChar")
            field.set(qn("w:fldCharType"), kind)
            run._element.append(field)
        elif kind == "code":
            code = OxmlElement("w:instrText")
            code.text = text
            run._element.append(code)


def make(kind: str) -> None:
    """Write the template of one kind."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    centre, right = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
    title = "方正小标宋简体"
    write(document, "{{ agency }}{{ head }}", font=title, size=30, indent=False, align=centre,
          colour=RED, spacing=46)  # fmt: skip
    write(document, "", indent=False)
    red_line(write(document, "{{ number }}", indent=False, align=centre))
    write(document, "", indent=False)
    write(document, "{{ title }}", font=title, size=22, indent=False, align=centre, spacing=34)
    write(document, "", indent=False)
    write(document, "{{ addressee }}：", indent=False)
    write(document, "{%p for paragraph in paragraphs %}")
    write(document, "{{ paragraph }}")
    write(document, "{%p endfor %}")
    write(document, "", indent=False)
    write(document, "", indent=False)
    for text in ("{{ issuer }}", "{{ date }}"):
        write(document, text, indent=False, align=right).paragraph_format.right_indent = Pt(64)
    write(document, "{%p if not sealed %}", indent=False)
    write(document, "（未加盖电子印章）", size=12, indent=False, align=right)
    write(document, "{%p endif %}", indent=False)
    if kind == "rectification_order":
        # The slip that is signed on delivery (送达回证).
        write(document, "", indent=False)
        signed = "受送达人签名或盖章：＿＿＿＿＿＿＿＿　　日期：＿＿＿＿年＿＿月＿＿日"
        write(document, signed, size=12, indent=False)
        write(document, "送达人：＿＿＿＿＿＿＿＿　＿＿＿＿＿＿＿＿", size=12, indent=False)
    write(document, "", indent=False)
    paragraph = write(document, "{{ qr }}", indent=False)
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    write(document, "核验码 {{ code }}", font="黑体", size=10.5, indent=False, spacing=16)
    write(document, "核验地址 {{ verify }}", font="黑体", size=10.5, indent=False, spacing=16)
    write(document, "{%p if exercise %}", indent=False)
    write(document, "演练文件，不具有效力", font="黑体", size=10.5, indent=False, spacing=16)
    write(document, "{%p endif %}", indent=False)
    page_number(document)
    document.core_properties.author = "Guantong"
    document.save(str(DATA / f"{kind}.docx"))


if __name__ == "__main__":
    for kind in KINDS:
        make(kind)
        print(f"{kind}.docx written")
