"""Take the picture of the workbench for README and docs anew; ``make picture`` runs it."""

from __future__ import annotations

from pathlib import Path

from screening.intake.questionnaire import Questionnaire
from screening.rulebase.base import load
from tests.browser import launched
from tests.workbench import Desk, served

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "pictures" / "workbench.png"
CASE = ROOT / "cases" / "base_case.yaml"


def take(path: Path) -> None:
    """Open the case of the README and photograph what stands there."""
    with served() as bench, launched() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(bench.address)
        desk = Desk(page, Questionnaire(load().vocabulary))
        desk.wait()
        with page.expect_file_chooser() as chooser:
            page.click("#open")
        chooser.value.set_files(CASE)
        desk.until("$('panel').textContent.includes('Do first')")
        desk.wait()
        desk.until("$('ahead').textContent.includes('Record next')")
        page.evaluate("$('station-stand').scrollIntoView()")
        page.evaluate("document.activeElement.blur()")
        page.screenshot(path=path)


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    take(PICTURE)
