"""Every number is held as a whole number of hundredths, in every reading (6.5 cm is 650)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

_LARGEST = 12
"""Digits before the point of the largest number there is; no measurement comes near it."""

TOO_LARGE = "is far too large for a measurement"


def number(text: str) -> int | Decimal:
    """Give a number exactly as it was typed.

    Raises:
        ValueError: for one that no computer holds.

    """
    if text.lstrip("-").isdigit() and len(text) <= _LARGEST:
        return int(text)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(TOO_LARGE) from None


def hundredths(value: int | Decimal) -> int:
    """Give a number in hundredths, exactly: nothing is rounded, however many digits it has.

    Raises:
        ValueError: for more than two decimals, NaN, infinities and what no measurement comes near.

    """
    exact = Decimal(value)
    if not exact.is_finite():
        raise ValueError("is not a number")
    if not exact:
        return 0
    if exact.adjusted() >= _LARGEST:
        raise ValueError(TOO_LARGE)
    sign, digits, exponent = exact.as_tuple()
    assert isinstance(exponent, int)
    more = exponent + 2
    if more < 0 and any(digits[more:]):
        raise ValueError("has more than two decimals; round it")
    kept = digits[:more] if more < 0 else (*digits, *(0,) * more)
    whole = int("".join(map(str, kept)) or "0")
    return -whole if sign else whole


def plain(value: int) -> int | float:
    """Give hundredths back as a number that JSON prints as it was typed."""
    return value // 100 if value % 100 == 0 else value / 100


def written(value: int, decimals: int | None = None) -> str:
    """Give hundredths as a person writes them: 650 is ``6.5``, 800 in cm is ``8.0``."""
    sign, whole, rest = "-" if value < 0 else "", abs(value) // 100, abs(value) % 100
    if rest % 10:
        return f"{sign}{whole}.{rest:02d}"
    if rest or decimals:
        return f"{sign}{whole}.{rest // 10}"
    return f"{sign}{whole}"
