"""The symbols of the status cards: each has its own shape, so that grey print tells them apart."""

from __future__ import annotations


def _svg(shapes: str) -> str:
    return (
        '<svg class="symbol" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        f"{shapes}</svg>"
    )


_MARK = '<path class="mark" d="M12 7V13.5M12 16.8V17"/>'
_QUERY = (
    '<path class="line" d="M9.5 9.8C9.5 6.4 14.7 6.6 14.5 9.8C14.4 11.6 12 11.8 12 14"/>'
    '<path class="line" d="M12 16.8V17"/>'
)
_RING = '<circle class="outline" cx="12" cy="12" r="9"/>'

SYMBOLS = {
    "emergency": _svg(f'<path class="solid" d="M8 2H16L22 8V16L16 22H8L2 16V8Z"/>{_MARK}'),
    "urgent": _svg(f'<path class="solid" d="M12 2L23 21H1Z"/>{_MARK}'),
    "referral": _svg(
        '<path class="solid" d="M2 4H14L23 12L14 20H2Z"/>'
        '<path class="mark" d="M7 12H16M13 8.5L16.5 12L13 15.5"/>'
    ),
    "none": _svg(
        '<path class="outline" d="M5 3H19V21H5Z"/>'
        '<path class="line" d="M8.5 8H15.5M8.5 12H15.5M8.5 16H13"/>'
    ),
    "not_complete": _svg(
        '<path class="outline" d="M12 1.5L22.5 12L12 22.5L1.5 12Z" stroke-dasharray="3 2"/>'
        f"{_QUERY}"
    ),
    "likely": _svg('<circle class="solid" cx="12" cy="12" r="10"/>'),
    "possible": _svg(f'{_RING}<path class="solid" d="M12 3A9 9 0 0 1 12 21Z"/>'),
    "unlikely": _svg(f'{_RING}<path class="line" d="M6 18L18 6"/>'),
    "cannot_be_judged": _svg(
        f'<path class="outline" d="M12 1.5L22.5 12L12 22.5L1.5 12Z"/>{_QUERY}'
    ),
    "suspended": _svg(
        '<path class="solid" d="M3 3H21V21H3Z"/><path class="mark" d="M9 8V16M15 8V16"/>'
    ),
}
"""By the word of a tier or a verdict."""
