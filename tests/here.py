"""Commands in this process, where the process itself is not what is tested.

As a script it runs several one after the other, given as JSON, and says as JSON what each said.
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess

from screening.cli import app


def run(*words: object) -> CompletedProcess[str]:
    """Run a command; give its exit code and what it said."""
    said, error = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    before, sys.argv = sys.argv, ["screening", *map(str, words)]
    try:
        with redirect_stdout(said), redirect_stderr(error):
            code = app.run()
    finally:
        sys.argv = before
    texts = []
    for stream in (said, error):
        stream.seek(0)
        texts.append(stream.read())
    return CompletedProcess(words, code, *texts)


if __name__ == "__main__":
    done = [run(*words) for words in json.loads(sys.argv[1])]
    print(json.dumps([(each.returncode, each.stdout, each.stderr) for each in done]))
