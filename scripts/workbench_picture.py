"""Take the picture of the workbench for README and docs anew; ``make picture`` runs it."""

from __future__ import annotations

from pathlib import Path

from screening.intake.questionnaire import Questionnaire
from screening.rulebase.base import load
from tests.browser import launched
from tests.workbench import Desk, served

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "pictures" / "workbench.png"
WORDS = PICTURE.with_suffix(".txt")
"""What stands on the picture; a test holds it to what the page says now."""
CASE = ROOT / "cases" / "base_case.yaml"


def take(path: Path) -> str:
    """Photograph the case of the README on a workbench of its own; give the words on it."""
    with served() as bench, launched() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(bench.address)
        return photographed(Desk(page, Questionnaire(load().vocabulary)), path)


def photographed(desk: Desk, path: Path) -> str:
    """Open the case of the README, photograph what stands there, and give the words on it."""
    page = desk.page
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
    return str(page.inner_text("#panel")) + "\n"


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    WORDS.write_text(take(PICTURE), encoding="utf-8")
