"""Standard input, output and error as they may be: closed, full, cut off, or of few letters."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from screening.errors import Problem, ScreeningError


class UnwrittenError(ScreeningError):
    """What was to be printed could not be."""

    exit_code = 1


def _unwritten(error: OSError) -> UnwrittenError:
    what = f"the result cannot be written: {error.strerror}."
    todo = "Make room, or write to a file with --out."
    return UnwrittenError(Problem("standard output", what, "What stands there is not whole.", todo))


class Output(io.TextIOWrapper):
    """Standard output that outlives its reader, so that the exit code is still what was found."""

    def write(self, text: str) -> int:
        """Write; what a closed pipe does not take is dropped.

        Raises:
            UnwrittenError: if the disk is full, or nothing is there to write to.

        """
        try:
            return super().write(text)
        except BrokenPipeError:
            self._drop()
            return len(text)
        except OSError as error:
            self._drop()
            raise _unwritten(error) from None

    def flush(self) -> None:
        """Bring everything out.

        Raises:
            UnwrittenError: if the disk is full, or nothing is there to write to.

        """
        try:
            super().flush()
        except BrokenPipeError:
            self._drop()
        except OSError as error:
            self._drop()
            raise _unwritten(error) from None

    def _drop(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def prepare() -> None:
    """Put streams in place that never end in a traceback.

    A stream that is closed gets its number back, so that no file that is opened later takes it:
    input is empty then, errors go nowhere, and output fails with a sentence.
    """
    closed = [stream is None for stream in (sys.stdin, sys.stdout, sys.stderr)]
    for number in (n for n, is_closed in enumerate(closed) if is_closed):
        # For output, opened to be read only: what is written there fails.
        flags = os.O_WRONLY if number == 2 else os.O_RDONLY
        handle = os.open(os.devnull, flags)
        if handle != number:
            os.dup2(handle, number)
            os.close(handle)
    if closed[0]:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: PTH123, SIM115
    if closed[2]:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: PTH123, SIM115
    if closed[1]:
        binary: Any = io.BufferedWriter(io.FileIO(1, "w", closefd=False))
        sys.stdout = Output(binary, encoding="utf-8")
        return
    given: Any = sys.stdout
    terminal, letters = given.isatty(), given.encoding
    # Data is UTF-8 in every locale; a terminal of few letters is shown what it can show.
    sys.stdout = Output(
        given.detach(),
        encoding=letters if terminal else "utf-8",
        errors="backslashreplace",
        line_buffering=terminal,
    )
