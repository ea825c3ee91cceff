"""Every number is held as a whole number of hundredths, in every reading (6.5 cm is 650)."""

from __future__ import annotations

from decimal import Decimal


def hundredths(value: int | Decimal) -> int:
    """Give a number in hundredths.

    Raises:
        ValueError: for more than two decimals, NaN and infinities.

    """
    exact = Decimal(value) * 100
    if not exact.is_finite():
        raise ValueError("is not a number")
    if exact != exact.to_integral_value():
        raise ValueError("has more than two decimals; round it")
    return int(exact)


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
