"""What a damaged file does to the libraries that read it, turned into one error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_PANIC = "PanicException"
"""What a library in Rust raises where its authors expected nothing; it is no ``Exception``."""


class Damaged(Exception):
    """A library gave up on a file."""


@contextmanager
def unharmed() -> Iterator[None]:
    """Read with a library that may panic; what it says then may hold findings, and is not printed.

    Raises:
        Damaged: if it panicked, or wants more memory than there is.

    """
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    except MemoryError:
        raise Damaged from None
    except BaseException as error:
        if type(error).__name__ == _PANIC:
            raise Damaged from None
        raise
    finally:
        os.dup2(kept, 2)
        os.close(kept)
