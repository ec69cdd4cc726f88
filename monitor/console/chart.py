"""A small chart of a detector's evidence, as points of an SVG made on the server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 320, 72
_LEFT, _TOP, _BOTTOM = 4, 8, 8


@dataclass(frozen=True)
class Chart:
    """Bars over time, the last one marked; `labels` are the periods where the evidence names them."""

    bars: Sequence[tuple[float, float, float, float]]
    values: Sequence[float]
    labels: Sequence[str]
    width: int = WIDTH
    height: int = HEIGHT


def chart_of(evidence: Mapping[str, Any]) -> tuple[Chart | None, str | None]:
    """The chart of the first series of at least three numbers in the evidence, and that series' name.

    A series is a list of numbers, or of pairs of a period and a number, or a mapping of periods to numbers.
    """
    for name, value in evidence.items():
        pairs = _pairs(value)
        if len(pairs) >= 3:
            return _draw(pairs), name
    return None, None


def _pairs(value: Any) -> list[tuple[str, float]]:
    if isinstance(value, dict):
        value = list(value.items())
    if not isinstance(value, list):
        return []
    pairs = [pair for element in value if (pair := _pair(element)) is not None]
    return pairs if len(pairs) == len(value) else []


def _pair(element: Any) -> tuple[str, float] | None:
    if isinstance(element, list | tuple) and len(element) == 2:
        label, number = element
    else:
        label, number = "", element
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    return str(label), float(number)


def _draw(pairs: Sequence[tuple[str, float]]) -> Chart:
    values = [number for _, number in pairs]
    top = max([*values, 0.0]) or 1.0
    step = (WIDTH - 2 * _LEFT) / len(values)
    bars = []
    for index, number in enumerate(values):
        height = max(1.0, (HEIGHT - _TOP - _BOTTOM) * max(0.0, number) / top)
        bars.append((_LEFT + index * step, HEIGHT - _BOTTOM - height, max(1.0, step * 0.7), height))
    return Chart(bars, values, [label for label, _ in pairs])
