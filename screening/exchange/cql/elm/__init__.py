"""ELM, the form of CQL that engines run: HL7's translator makes it, where node has it."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from screening.errors import Problem, UsageError

TRANSLATE = Path(__file__).with_name("translate.mjs")
"""Translates files: ``node translate.mjs NODE_MODULES FILE.cql ...``."""

TRANSLATOR = "@cqframework/cql"


def translator(folder: Path) -> Path | None:
    """Give the node packages of a folder, if node is there and they hold the translator."""
    modules = folder / "node_modules"
    return modules if shutil.which("node") and (modules / TRANSLATOR).is_dir() else None


def translated(texts: Mapping[str, str], modules: Path) -> dict[str, str]:
    """Translate libraries.

    Args:
        texts: the CQL of each library by its name.
        modules: the folder of node packages that holds the translator.

    Raises:
        UsageError: if the translator does not run, or says anything but that all is well.

    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{title}.cql" for title in texts]
        for path, text in zip(paths, texts.values(), strict=True):
            path.write_text(text, encoding="utf-8")
        command = ["node", str(TRANSLATE), str(modules.resolve()), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = [json.loads(line) for line in done.stdout.splitlines()]
        wrong = [problem["message"] for each in said for problem in each["problems"]]
        if done.returncode or wrong:
            what = wrong[0] if wrong else "it ended before it had translated everything."
            raise UsageError(
                Problem(
                    "HL7's translator",
                    what,
                    "There is no ELM of these rules.",
                    f"Install {TRANSLATOR} 5.3, or take the folder node_modules away.",
                )
            )
        return {path.stem: path.with_suffix(".json").read_text(encoding="utf-8") for path in paths}
