"""Children of one process that has everything imported: each runs a command and ends by force.

A child is a copy (a fork) of a process that has read the program but used none of it, so it costs
what its command costs. It may be killed (SIGKILL) at one of its calls that touch a folder, or after
some time, and memory may be refused to it from one request on; or it sits at a terminal, and nobody
waits for it. As a script it is that process: it takes a line of JSON for each child and gives one
back.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import termios
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from pexpect.fdpexpect import fdspawn
from pexpect.spawnbase import SpawnBase

ROOT = Path(__file__).parents[1]
MOST_SECONDS = 100.0
_RULES_READ = "--rules-read"
_USED = [
    "screening.api",
    "screening.batch.case_pages",
    "screening.batch.merge",
    "screening.batch.migrate",
    "screening.cli.batch",
    "screening.cli.case_file",
    "screening.cli.intake",
    "screening.cli.migrate",
    "screening.cli.report",
    "screening.cli.screen",
    "screening.report.html_page",
    "polars",
    "xlsxwriter",
]


@dataclass(frozen=True)
class Child:
    """How a child ended, what it said, and how often it touched the folder."""

    code: int
    """Its exit code; below 0 the signal that ended it."""
    said: str
    error: str
    touched: int


@dataclass
class Children:
    """Starts children, one after the other."""

    process: subprocess.Popen[str]

    def run(
        self,
        *words: object,
        stdin: str = "",
        state: Path | None = None,
        watch: Path | None = None,
        killed_at: int | None = None,
        killed_by: int = signal.SIGKILL,
        killed_after: float | None = None,
        refused: tuple[int, int] | None = None,
        most_bytes: int | None = None,
    ) -> Child:
        """Run a command of the program in a child.

        Args:
            words: the words of the command.
            stdin: what it reads from standard input.
            state: where it keeps drafts; otherwise, with the other children.
            watch: the folder whose touches are counted.
            killed_at: the touch at which it is killed, from 0 on.
            killed_by: the signal that it is given there.
            killed_after: the seconds after which it is killed.
            refused: the first request for memory that is refused, and the first after it that is
                not (0: none after it is granted).
            most_bytes: how much its address space may grow.

        """
        asked = {
            "words": [str(word) for word in words],
            "stdin": stdin,
            "state": str(state) if state else None,
            "watch": str(watch) if watch else None,
            "killed_at": killed_at,
            "killed_by": killed_by,
            "killed_after": killed_after,
            "refused": refused,
            "most_bytes": most_bytes,
        }
        return Child(**self._ask(asked))

    def at_terminal(
        self, words: list[str], env: dict[str, str], size: tuple[int, int]
    ) -> SpawnBase:
        """Begin a command at a terminal of some lines and columns; it ends when that is closed."""
        ours, theirs = os.openpty()
        termios.tcsetwinsize(theirs, size)
        self._ask({"terminal": os.ttyname(theirs), "words": words, "env": env})
        os.close(theirs)
        return fdspawn(ours, encoding="utf-8", timeout=60)

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def children(state: Path, rules_read: bool = False) -> Iterator[Children]:
    """Give what starts children; drafts are kept in a folder of the test.

    Where the rules are read already, a child reads none: so it is for what is killed many times.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "tests.children", *([_RULES_READ] if rules_read else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "XDG_STATE_HOME": str(state), "COLUMNS": "100"},
    ) as process:
        yield Children(process)


# -- the process itself ---------------------------------------------------------------------------


def _serve() -> None:
    """Fork a child for each line; everything that any command imports is imported before."""
    if _RULES_READ in sys.argv:
        _read_rules()
    for name in _USED:
        import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        begun = _begin(asked) if "terminal" in asked else asdict(_child(asked))
        print(json.dumps(begun), flush=True)


def _read_rules() -> None:
    """Read the rules once for all children, before anything has taken hold of what reads them.

    Of a copy of the rules a child reads only what differs.
    """
    room, texts = (import_module(f"screening.rulebase.{name}") for name in ("base", "loader"))
    texts.read_yaml = cache(texts.read_yaml)
    kept, read = room.load(), room.load
    room.load = lambda rules=None, **how: read(rules, **how) if rules or how else kept
    import_module("screening.inference.infer").forward(kept)
    import_module("screening.cohort").Cohort(kept)


def keep_draft(age: str) -> int:
    """Keep a draft of an interview, as the interview does after an answer."""
    from screening.documents import Document
    from screening.intake import draft
    from screening.intake.case import read_case
    from screening.rulebase.base import load

    vocabulary = load().vocabulary
    case = read_case(Document("draft", {"case_id": "V1", "age_years": int(age)}), vocabulary)
    draft.keep(draft.folder() / "one.draft.yaml", case, ["age_years"], vocabulary)
    return 0


def _begin(asked: dict[str, Any]) -> dict[str, Any]:
    """Fork, and let the child be at its terminal: it owns it, as whoever logs in does."""
    terminal = os.open(asked["terminal"], os.O_RDWR | os.O_NOCTTY)
    if not os.fork():
        _be(lambda: _at_terminal(terminal, asked))
    os.close(terminal)
    return {}


def _at_terminal(terminal: int, asked: dict[str, Any]) -> int:
    os.login_tty(terminal)
    os.environ.clear()
    os.environ.update(asked["env"])
    return _command(asked["words"])


def _child(asked: dict[str, Any]) -> Child:
    """Fork, wait and tell."""
    streams = [os.memfd_create(name) for name in ("said", "error", "touched", "stdin")]
    os.write(streams[3], asked["stdin"].encode(errors="surrogateescape"))
    os.lseek(streams[3], 0, os.SEEK_SET)
    number = os.fork()
    if not number:
        _be(lambda: _watched(asked, streams))
    _wait(number, asked["killed_after"])
    code = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    texts = []
    for stream in streams:
        os.lseek(stream, 0, os.SEEK_SET)
        with os.fdopen(stream, encoding="utf-8", errors="replace") as file:
            texts.append(file.read())
    return Child(code, texts[0], texts[1], len(texts[2]))


def _wait(number: int, seconds: float | None) -> None:
    """Wait until the child has ended, or kill it."""
    handle = os.pidfd_open(number)
    ended, _, _ = select.select([handle], [], [], MOST_SECONDS if seconds is None else seconds)
    if not ended:
        os.kill(number, signal.SIGKILL)
    os.close(handle)


def _be(command: Callable[[], int]) -> NoReturn:
    """Be the child: run the command, and end."""
    code = 70
    try:
        code = command()
    except BaseException:
        _memory_again()
        traceback.print_exc(file=open(2, "w", closefd=False))  # noqa: PTH123, SIM115
    finally:
        os._exit(code)


def _watched(asked: dict[str, Any], streams: list[int]) -> int:
    """Run the command where what it says is kept and what it touches is counted."""
    from tests.faults import Disk

    if asked["state"]:
        os.environ["XDG_STATE_HOME"] = asked["state"]
    for ours, theirs in ((streams[3], 0), (streams[0], 1), (streams[1], 2)):
        os.dup2(ours, theirs)

    class Killing(Disk):
        """Kills at a touch, where another disk would fail."""

        def touched(self) -> None:
            os.write(streams[2], b".")
            if self.calls - 1 == asked["killed_at"]:
                os.kill(os.getpid(), asked["killed_by"])

    short = _short_of_memory(asked)
    with Killing(Path(asked["watch"] or "/nowhere"), None).at_work():
        return _command(asked["words"], short)


def _command(words: list[str], before: Callable[[], None] = lambda: None) -> int:
    """Run a command as ``main`` does; give its exit code."""
    from screening.cli import app

    sys.argv = ["screening", *words]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: PTH123, SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: PTH123, SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: PTH123, SIM115
    try:
        before()
        if words[0] == keep_draft.__name__:
            code = keep_draft(*words[1:])
        else:
            app.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    _memory_again()
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()
    return code


def _short_of_memory(asked: dict[str, Any]) -> Callable[[], None]:
    """Give what makes memory short from now on."""
    import _testcapi
    import resource

    def begin() -> None:
        if asked["most_bytes"] is not None:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            most = pages * resource.getpagesize() + asked["most_bytes"]
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        if asked["refused"]:
            _testcapi.set_nomemory(*asked["refused"])

    return begin


def _memory_again() -> None:
    import _testcapi

    _testcapi.remove_mem_hooks()


if __name__ == "__main__":
    _serve()
