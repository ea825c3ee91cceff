"""How the C module of durable-rules is loaded, and the one lock around all that it does.

durable-rules 2.0.28 names a C function that Python 3.13 dropped; only stores outside the process
call it, and none is used here. Built with ``CPPFLAGS`` as ``BUILD`` gives them it runs on every
Python from 3.11 to 3.14. Built without them, which compilers before gcc 14 let pass, it can be
loaded from 3.13 on only if functions are looked up when they are called.

Its setup.py takes CFLAGS for itself; unless ``CPPFLAGS`` ask for it, nothing of it is optimised.

Nothing in it is guarded: two threads in it at once end the process.

For every case it asks the system for some 34 MB and gives them back. Handed out anew, page by page,
that took two thirds of the time of a screening; so the process keeps them for the next case.
It does not look whether it was given them: without them, it ends the process without a word.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from screening.errors import EngineError, Problem

BUILD = (
    'CPPFLAGS="-O2 -fwrapv -fno-strict-aliasing -DPyEval_CallObject=PyObject_CallObject" '
    "python -m pip install --force-reinstall --no-deps --no-cache-dir durable-rules"
)
"""The command that builds durable-rules for this Python, whichever it is."""

IN_USE = threading.Lock()
"""Held by whoever loads the module, builds an engine or screens a case; one for the process."""


_NEEDED = 60 * 2**20
"""So many bytes must be there before the engine is entered."""
_KEPT = 64 * 2**20
"""Memory that was given back is kept up to so many bytes; of larger pieces nothing is kept."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Options of ``mallopt``, as the header malloc.h of glibc numbers them."""


class Native(NamedTuple):
    """Both halves of durable-rules."""

    python: Any
    """Its module ``durable.engine``."""
    c: Any
    """Its C module."""


@cache
def load() -> Native:
    """Load durable-rules; whoever calls this holds ``IN_USE``.

    Raises:
        EngineError: if it is not installed, or was built so that it cannot be loaded.
        MemoryError: if there is not enough memory for it.

    """
    _keep_memory()
    make_room()
    try:
        with _names_looked_up_late():
            native = Native(import_module("durable.engine"), import_module("durable_rules_engine"))
    except ImportError as error:
        raise EngineError(
            [
                Problem("rule engine", f"durable-rules cannot be loaded ({error})."),
                Problem("", f"Nothing can be screened without it. Build it anew: {BUILD}"),
            ]
        ) from None
    # Its own clock warns from Python 3.12 on; where warnings are errors it then runs no action.
    native.python._unix_now = time.time
    return native


@cache
def _of_c() -> ctypes.CDLL | None:
    """Give the C library, where there is one by no name."""
    return ctypes.CDLL(None) if os.name == "posix" else None


@cache
def _heap() -> tuple[Callable[[int], int | None], Callable[[int], None]] | None:
    """Give what takes memory of the system and what gives it back, where they are known."""
    malloc, free = getattr(_of_c(), "malloc", None), getattr(_of_c(), "free", None)
    if not malloc or not free:
        return None
    malloc.argtypes, malloc.restype = (ctypes.c_size_t,), ctypes.c_void_p
    free.argtypes, free.restype = (ctypes.c_void_p,), None
    return malloc, free


def make_room() -> None:
    """Look whether the memory of a case can be had, and leave it for the engine to take.

    Raises:
        MemoryError: if it cannot.

    """
    heap = _heap()
    if heap is not None:
        malloc, free = heap
        place = malloc(_NEEDED)
        if not place:
            raise MemoryError
        free(place)


def _keep_memory() -> None:
    """Let the next case have the memory of the last one; other C libraries do as they please."""
    mallopt = getattr(_of_c(), "mallopt", None)
    if mallopt:
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_MMAP_THRESHOLD, _KEPT)
        # Kept once, not once for every thread that screens.
        mallopt(_ARENA_MAX, 1)


@contextmanager
def _names_looked_up_late() -> Iterator[None]:
    """Look up the functions of modules that are loaded meanwhile when they are called."""
    if sys.version_info < (3, 13) or not hasattr(sys, "setdlopenflags"):
        yield
        return
    flags = sys.getdlopenflags()
    sys.setdlopenflags(os.RTLD_LAZY)
    try:
        yield
    finally:
        sys.setdlopenflags(flags)
