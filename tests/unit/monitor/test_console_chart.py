"""The small chart of a detector's evidence."""

from typing import Any

import pytest

from monitor.console.chart import HEIGHT, WIDTH, chart_of


@pytest.mark.parametrize(
    "series",
    [
        [1, 2, 3.5],
        [["2026-01", 1], ["2026-02", 2], ["2026-03", 3.5]],
        {"2026-01": 1, "2026-02": 2, "2026-03": 3.5},
    ],
)
def test_series_of_every_form_are_drawn(series: Any) -> None:
    chart, name = chart_of({"score": 3, "chart": series})
    assert chart is not None
    assert name == "chart"
    assert list(chart.values) == [1, 2, 3.5]
    heights = [height for *_, height in chart.bars]
    assert heights == sorted(heights)
    assert all(x >= 0 and x + width <= WIDTH and y + height <= HEIGHT for x, y, width, height in chart.bars)


@pytest.mark.parametrize(
    "evidence",
    [{}, {"a": [1, 2]}, {"a": ["x", "y", "z"]}, {"a": [1, 2, "z"]}, {"a": [True, False, True]}, {"a": "123"}],
)
def test_what_is_no_series_is_not_drawn(evidence: dict[str, Any]) -> None:
    assert chart_of(evidence) == (None, None)


def test_a_series_of_nothing_lies_on_the_ground() -> None:
    chart, _ = chart_of({"chart": [0, 0, 0]})
    assert chart is not None
    assert {height for *_, height in chart.bars} == {1.0}
