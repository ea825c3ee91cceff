"""One reading of both legs on its scale, as SVG: bands, limits, measurement error and norms.

Zones differ by their hatching and carry their word; nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from textwrap import wrap

from screening.intake.thresholds import with_unit
from screening.record.scales import Scale, ScaleReading, Zone

_WIDTH, _LEFT, _RIGHT = 420, 52, 410
_LABELS, _LANE, _NORM, _STEP_LINE = 18, 34, 18, 12
_CLOSE = 30
"""Numbers below the scale that stand closer than this would touch."""
_LETTER = 5.6
"""About how wide a letter of the small text is."""

PATTERNS = (
    '<svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="zone-0" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="6" height="6" fill="#f3e4d7"/>'
    '<line x1="0" y1="0" x2="0" y2="6" stroke="#c9a689" stroke-width="1.2"/></pattern>'
    '<pattern id="zone-1" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#f8f3e2"/>'
    '<circle cx="3" cy="3" r="0.9" fill="#a8975c"/></pattern>'
    '<pattern id="zone-2" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#eef4f1"/></pattern>'
    "</defs></svg>"
)
"""The hatchings of the zones; they stand once on a page, before its drawings."""

_HATCHINGS = 3


def what_was_read(scale: Scale) -> str:
    """Say what was read, and why a scale has no limits."""
    read = ". ".join(
        f"{reading.side.title()} {': '.join(filter(None, (reading.said, reading.band)))}"
        for reading in scale.readings
    )
    return f"{read}.{scale.note and f' {scale.note}'}"


def description(scale: Scale) -> str:
    """Say in words what a drawing shows."""
    error = f" Measurement error (MDC) ± {with_unit(scale.mdc, scale.unit)}." if scale.mdc else ""
    return f"{what_was_read(scale)}{error}"


def norms(scale: Scale) -> list[str]:
    """Say every norm of a drawing, in the order of its bars."""
    return [
        f"{_norm_name(scale, i)}: {norm.text}: {with_unit(norm.mean, scale.unit)} "
        f"({with_unit(norm.low, '')} to {with_unit(norm.high, scale.unit)}), {sources}."
        for i, (norm, sources) in enumerate(scale.norms)
    ]


def limits(scale: Scale) -> str:
    """Say what the lines of a drawing are, for whom they hold, and how certain they are."""
    said = [
        f"{limit.text}, {limit.population} ({limit.certainty.replace('_', ' ')})"
        for limit in scale.limits
    ]
    return f"Limits: {'; '.join(said)}." if said else ""


def _norm_name(scale: Scale, index: int) -> str:
    return f"Norm {index + 1}" if len(scale.norms) > 1 else "Norm"


def scale_drawing(scale: Scale) -> str:
    """Draw one scale."""
    return _Drawing(scale).svg()


class _Drawing:
    """Lays one scale out from top to bottom: words, a lane for each leg, numbers, norms."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._lanes = _LABELS + _LANE * len(scale.readings)

    def svg(self) -> str:
        scale = self._scale
        parts = [
            *(part for i, zone in enumerate(scale.zones) for part in self._zone(i, zone)),
            *([] if scale.of_words else self._axis()),
            *(part for i, reading in enumerate(scale.readings) for part in self._lane(i, reading)),
        ]
        height = self._lanes + 20
        if scale.of_words:
            height = self._lanes + 4 + _STEP_LINE * max(len(self._step(z)) for z in scale.zones)
        for i in range(len(scale.norms)):
            parts += self._norm(i, height)
            height += _NORM
        name = escape(f"{scale.title}. {description(scale)}")
        return (
            f'<svg class="scale" role="img" aria-label="{name}" '
            f'viewBox="0 0 {_WIDTH} {height}">{"".join(parts)}</svg>'
        )

    def _x(self, value: int) -> float:
        low, high = self._scale.low, self._scale.high
        return round(_LEFT + (_RIGHT - _LEFT) * (value - low) / (high - low), 1)

    def _zone(self, index: int, zone: Zone) -> Iterator[str]:
        left, right = self._x(zone.low), self._x(zone.high)
        fill = f"url(#zone-{min(index, _HATCHINGS - 1)})" if zone.label else "none"
        yield (
            f'<rect x="{left}" y="{_LABELS}" width="{round(right - left, 1)}" '
            f'height="{self._lanes - _LABELS}" fill="{fill}"/>'
        )
        middle = (left + right) / 2
        yield _text(middle, _LABELS - 6, zone.label, "small")
        for i, line in enumerate(self._step(zone)):
            yield _text(middle, self._lanes + _STEP_LINE * (i + 1), line, "small quiet")

    def _step(self, zone: Zone) -> list[str]:
        width = int((self._x(zone.high) - self._x(zone.low)) / _LETTER)
        return wrap(zone.step, max(width, 1)) if zone.step else []

    def _axis(self) -> Iterator[str]:
        scale, y = self._scale, self._lanes
        yield f'<line class="axis" x1="{_LEFT}" y1="{y}" x2="{_RIGHT}" y2="{y}"/>'
        yield _text(_LEFT, y + 14, with_unit(scale.low, scale.unit), "small quiet", "start")
        yield _text(_RIGHT, y + 14, with_unit(scale.high, scale.unit), "small quiet", "end")
        values = sorted({limit.value for limit in scale.limits})
        at = [self._x(value) for value in values]
        for x, value in zip(at, values, strict=True):
            yield f'<line class="limit" x1="{x}" y1="{_LABELS}" x2="{x}" y2="{y + 4}"/>'
            if min(x - _LEFT, _RIGHT - x) > _CLOSE:
                near = [other - x for other in at if 0 < abs(other - x) < _CLOSE]
                anchor = ("end" if near[0] > 0 else "start") if len(near) == 1 else "middle"
                said = with_unit(value, scale.unit).removesuffix(f" {scale.unit}")
                yield _text(x, y + 14, said, "small", anchor)

    def _lane(self, index: int, reading: ScaleReading) -> Iterator[str]:
        scale = self._scale
        top = _LABELS + _LANE * index
        y = top + 24
        yield _text(0, y + 4, reading.side.title(), "side", "start")
        if index:
            yield f'<line class="lane" x1="{_LEFT}" y1="{top}" x2="{_RIGHT}" y2="{top}"/>'
        if reading.value is None:
            # Nothing read stands in no zone.
            yield (
                f'<rect class="blank" x="{_LEFT}" y="{top}" '
                f'width="{_RIGHT - _LEFT}" height="{_LANE}"/>'
            )
            yield _text((_LEFT + _RIGHT) / 2, y - 3, reading.said, "small quiet")
            return
        x = self._x(reading.value)
        if scale.mdc:
            ends = self._x(reading.value - scale.mdc), self._x(reading.value + scale.mdc)
            caps = "".join(f"M{end} {y - 4}V{y + 4}" for end in ends)
            yield f'<path class="error" d="M{ends[0]} {y}H{ends[1]}{caps}"/>'
        yield f'<circle class="reading" cx="{x}" cy="{y}" r="4.5"/>'
        if not scale.of_words:
            at = min(max(x, _LEFT + 20), _RIGHT - 20)
            yield _text(at, top + 14, with_unit(reading.value, scale.unit), "value")

    def _norm(self, index: int, top: int) -> Iterator[str]:
        norm, _ = self._scale.norms[index]
        y = top + 8
        left, right, mean = self._x(norm.low), self._x(norm.high), self._x(norm.mean)
        yield _text(0, y + 4, _norm_name(self._scale, index), "small quiet", "start")
        yield f'<line class="norm" x1="{left}" y1="{y}" x2="{right}" y2="{y}"/>'
        yield f'<path class="mean" d="M{mean} {y - 4}l4 4l-4 4l-4 -4z"/>'


def _text(x: float, y: float, content: str, style: str, anchor: str = "middle") -> str:
    return (
        f'<text x="{round(x, 1)}" y="{round(y, 1)}" class="{style}" '
        f'text-anchor="{anchor}">{escape(content)}</text>'
    )
