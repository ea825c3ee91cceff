"""Put a part of the example case, and what is really printed, between the marks in README.md."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
CASE = "cases/base_case.yaml"
SESSIONS = {
    "session": ("screen", CASE),
    "table": ("batch", "cases/published", "--out", "run"),
    "rule": ("rules", "show", "mdc_lunge_cm"),
}
"""By mark: the command whose output stands there."""


def session() -> str:
    """Give the README with the case and the sessions as they are now."""
    text = README.read_text(encoding="utf-8")
    text = _between(text, "case", "yaml", _leg((ROOT / CASE).read_text(encoding="utf-8")))
    for mark, words in SESSIONS.items():
        text = _between(text, mark, "text", _printed(words))
    return text


def _leg(case: str) -> str:
    """Give the part of a case that tells of the leg that hurts."""
    return "right:" + case.partition("\nexpect:")[0].partition("\nright:")[2]


def _printed(words: tuple[str, ...]) -> str:
    """Run a command in a folder where the cases are, and nothing else is written to."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("cases", "rules"):
            (Path(folder) / part).symlink_to(ROOT / part)
        return subprocess.run(
            [sys.executable, "-m", "screening", *words],
            cwd=folder,
            env={**os.environ, "COLUMNS": "80"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout


def _between(text: str, mark: str, kind: str, content: str) -> str:
    block = f"<!-- {mark} -->\n```{kind}\n{content.rstrip()}\n```\n<!-- /{mark} -->"
    return re.sub(rf"<!-- {mark} -->.*?<!-- /{mark} -->", lambda _: block, text, flags=re.DOTALL)


if __name__ == "__main__":
    README.write_text(session(), encoding="utf-8")
