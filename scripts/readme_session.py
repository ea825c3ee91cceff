"""Put the example case, and what is really printed for it, between the marks in README.md."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
CASE = "cases/base_case.yaml"


def session() -> str:
    """Give the README with the case and the session as they are now."""
    printed = subprocess.run(
        [sys.executable, "-m", "screening", "screen", CASE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    text = README.read_text(encoding="utf-8")
    case = (ROOT / CASE).read_text(encoding="utf-8").partition("\nexpect:")[0]
    text = _between(text, "case", "yaml", case)
    return _between(text, "session", "text", printed)


def _between(text: str, mark: str, kind: str, content: str) -> str:
    block = f"<!-- {mark} -->\n```{kind}\n{content.rstrip()}\n```\n<!-- /{mark} -->"
    return re.sub(rf"<!-- {mark} -->.*?<!-- /{mark} -->", lambda _: block, text, flags=re.DOTALL)


if __name__ == "__main__":
    README.write_text(session(), encoding="utf-8")
