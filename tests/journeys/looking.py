"""Looking at a page as a person would: what hinders somebody, and a picture of it."""

import json
import os
from pathlib import Path

from playwright.sync_api import Page
from tests.journeys.installation import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def axe(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.1 A and AA, with the places where it stands."""
    # Through the debugger, because the page's own policy refuses foreign scripts, as it should.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    options = json.dumps({"runOnly": RULES})
    run = f"axe.run(document, {options}).then(r => JSON.stringify(r.violations))"
    answer = session.send(
        "Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True}
    )
    session.detach()
    return [
        f"{v['id']}: {[node['target'] for node in v['nodes']][:3]}"
        for v in json.loads(answer["result"]["value"])
    ]


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page in the folder ``GUANTONG_PICTURES`` names, if it does."""
    folder = os.environ.get("GUANTONG_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
