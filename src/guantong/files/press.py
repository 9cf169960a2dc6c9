"""Print one document: PDF by weasyprint, Word by docxtpl. Runs as a process of its own.

``python -m guantong.files.press pdf|word`` reads what is to be printed as JSON from its input and
writes the file to its output. Both libraries are large and would stay in the memory of the pages'
process for good; here they go with the process. Nothing is fetched while a document is made.
"""

import io
import json
import resource
import sys
from importlib import resources
from typing import Any

MEMORY = 1_500 * 1024 * 1024
CPU_SECONDS = 60


def pdf(told: dict[str, Any]) -> bytes:
    """Return the PDF."""
    import jinja2
    import segno
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    data = resources.files("guantong.files") / "data"
    # What people typed may be anything: all of it is text, none of it markup.
    engine = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    css = engine.from_string((data / "document.css").read_text("utf-8")).render(**told)
    html = engine.from_string((data / "document.html").read_text("utf-8")).render(
        **told, css=_Css(css), qr=segno.make(told["verify"], error="m").svg_data_uri(border=0)
    )
    made = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",))).write_pdf()
    assert isinstance(made, bytes), "without a target the bytes come back"
    return made


def word(told: dict[str, Any]) -> bytes:
    """Return the Word file, made from the template of its kind."""
    import docxtpl
    import jinja2
    import segno
    from docx.shared import Mm

    source = resources.files("guantong.files") / "data" / f"{told['kind']}.docx"
    template = docxtpl.DocxTemplate(io.BytesIO(source.read_bytes()))
    picture = io.BytesIO()
    segno.make(told["verify"], error="m").save(picture, kind="png", scale=8, border=0)
    picture.seek(0)
    places = {**told, "qr": docxtpl.InlineImage(template, picture, width=Mm(20))}
    engine = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template.render(places, jinja_env=engine, autoescape=True)
    made = io.BytesIO()
    template.save(made)
    return made.getvalue()


class _Css(str):
    """Our own style sheet, put in as it is; the one word in it is ours, too."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def main(what: str) -> None:
    """Bound this process, then print."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    told = json.load(sys.stdin)
    sys.stdout.buffer.write(pdf(told) if what == "pdf" else word(told))


if __name__ == "__main__":
    main(sys.argv[1])
