"""When Python looks for garbage: not while something large is built that stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_FROZEN_AT_START = gc.get_freeze_count()
"""Python 3.12 begins with some hundred objects frozen; more are what ``settle`` froze."""


@contextmanager
def building() -> Iterator[None]:
    """Build something large that stays.

    Python would look through all of it again and again, and find nothing to give back: half of the
    time that reading the rules takes. What was set before stands again afterwards.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        _count_as_old()
        gc.enable()


def seldom() -> None:
    """Look for garbage seldom, as every command does.

    What a screening makes goes when nobody holds it: there is hardly a ring in it to be found. To
    look for one as often as Python does by itself takes a tenth of the time.
    """
    gc.set_threshold(100_000, 20, 20)


def settle() -> None:
    """Take what stands by now for what stays as long as the process does.

    A server would look through all of it every hundred answers or so: a third of a second in which
    nobody is answered.
    """
    gc.collect()
    gc.freeze()


def _count_as_old() -> None:
    # Both only hang lists over. Without them all that was built would be looked through at once.
    if gc.get_freeze_count() <= _FROZEN_AT_START:
        gc.freeze()
        gc.unfreeze()
