"""Charts as SVG that stands in the page: drawn by Altair and vl-convert, without any request to anywhere."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import altair
import pandas
import vl_convert

from detectors.alerts import Text
from monitor.reporting.words import DIRECTIONS, LANGUAGES, said

COLOURS = {"exit": "#b4483a", "help": "#2f7d5b", "review": "#4a6fa5", "data": "#8a7f72"}
INK, GREY, ACCENT = "#23303d", "#8894a0", "#d98a29"
_FONT = "'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', 'Source Han Sans SC', system-ui, sans-serif"
_CONFIG = {
    "font": _FONT,
    "background": "transparent",
    "padding": {"left": 30, "right": 14, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "axis": {"labelColor": INK, "titleColor": GREY, "titleFontWeight": 400, "gridColor": "#e8ebee", "domain": False,
             "tickColor": "#c9d0d6", "labelFontSize": 12, "titleFontSize": 12, "labelLimit": 260},
    "legend": {"labelColor": INK, "title": None, "orient": "top", "labelFontSize": 12, "symbolType": "square"},
    "header": {"labelColor": INK, "titleColor": GREY, "labelFontSize": 12},
}  # fmt: skip
_CLIP = re.compile(r"\bclip\d+\b")
Rows = Sequence[dict[str, Any]]


class Picture(dict[str, str]):
    """A chart's SVG by language."""


def bars_by_direction(rows: Rows, *, title: Text, name: str = "name") -> Picture:
    """Horizontal bars, longest first, stacked by direction. A row: name (or zh, en), direction, count."""
    order = _by_total(rows, name)

    def draw(language: str) -> Any:
        y = altair.Y(f"{_field(rows, name, language)}:N", sort=[_label(row, name, language) for row in order])
        return _stacked(rows, language).encode(
            y=y.title(None), x=altair.X("sum(count):Q", title=said(title, language)).axis(format="~s", tickMinStep=1)
        ).properties(width=430, height=altair.Step(19))  # fmt: skip

    return _both(draw)


def columns_by_month(rows: Rows, *, title: Text) -> Picture:
    """Columns stacked by direction. A row: month, direction, count."""
    months = sorted({row["month"] for row in rows})

    def draw(language: str) -> Any:
        x = altair.X("month:N", title=None, sort=months).axis(labelAngle=-50 if len(months) > 8 else 0)
        y = altair.Y("sum(count):Q", title=said(title, language)).axis(format="~s", tickMinStep=1)
        return _stacked(rows, language).encode(x=x, y=y).properties(width=max(260, 26 * len(months)), height=230)

    return _both(draw)


def workload(rows: Rows, *, title: Text, capacity: int | None) -> Picture:
    """Orders that open in each week, by centre. A row: week (date), zh, en (the centre), count."""
    frame = pandas.DataFrame(rows)

    def draw(language: str) -> Any:
        base = altair.Chart(frame)
        columns = base.mark_bar(color="#4a6fa5", cornerRadiusTopLeft=1, cornerRadiusTopRight=1).encode(
            x=altair.X("week:T", title=None).axis(format="%Y-%m", grid=False),
            y=altair.Y("count:Q", title=said(title, language)).axis(tickMinStep=1),
        )
        layers: list[altair.Chart] = [columns]
        if capacity is not None:
            rule = base.transform_calculate(capacity=str(capacity)).mark_rule(color=ACCENT, strokeWidth=2)
            over = base.transform_filter(f"datum.count > {capacity}").mark_bar(color=ACCENT).encode(
                x="week:T", y="count:Q"
            )  # fmt: skip
            layers += [over, rule.encode(y="capacity:Q")]
        each = altair.layer(*layers).properties(width=900, height=150)
        return each.facet(
            row=altair.Row(f"{language}:N", title=None).header(labelAngle=0, labelOrient="top", labelAnchor="start")
        )

    return _both(draw)


def shares(rows: Rows, *, title: Text, name: str = "name", unit: str = "%") -> Picture:
    """Points with intervals. A row: name (or zh, en), value, low, high."""
    frame = pandas.DataFrame(rows)

    def draw(language: str) -> Any:
        shown = _field(rows, name, language)
        y = altair.Y(f"{shown}:N", title=None, sort=[_label(row, name, language) for row in rows])
        scale = altair.Scale(domain=[0, 1]) if unit == "%" else altair.Scale(zero=True)
        x = altair.X("value:Q", title=said(title, language), scale=scale).axis(format=".0%" if unit == "%" else "~s")
        base = altair.Chart(frame).encode(y=y)
        reach = base.mark_rule(color="#b9c4cf", strokeWidth=3).encode(x=altair.X("low:Q", scale=scale), x2="high:Q")
        return altair.layer(reach, base.mark_circle(color="#2b5c8a", size=70, opacity=1).encode(x=x)).properties(
            width=300, height=altair.Step(19)
        )

    return _both(draw)


def refusals(rows: Rows, *, title: Text) -> Picture:
    """Horizontal bars by reason. A row: zh, en, count."""

    def draw(language: str) -> Any:
        return altair.Chart(pandas.DataFrame(rows)).mark_bar(color="#8a7f72").encode(
            y=altair.Y(f"{language}:N", title=None, sort="-x"),
            x=altair.X("count:Q", title=said(title, language)).axis(format="~s", tickMinStep=1),
        ).properties(width=430, height=altair.Step(22))  # fmt: skip

    return _both(draw)


def differences(rows: Rows, *, words: Mapping[str, Text], title: Text) -> Picture:
    """Bars to both sides of nothing. A row: zh, en, kind (a key of `words`), count (negative for what is lost)."""
    colours = {"added": "#2b5c8a", "lost": "#b4483a", "changed": "#8a7f72"}

    def draw(language: str) -> Any:
        frame = pandas.DataFrame(rows)
        frame["word"] = [said(words[kind], language) for kind in frame["kind"]]
        scale = altair.Scale(domain=[said(words[kind], language) for kind in colours], range=list(colours.values()))
        return altair.Chart(frame).mark_bar().encode(
            y=altair.Y(f"{language}:N", title=None),
            x=altair.X("count:Q", title=said(title, language)).axis(tickMinStep=1),
            color=altair.Color("word:N", scale=scale),
        ).properties(width=330, height=altair.Step(22))  # fmt: skip

    return _both(draw)


def frontier(rows: Rows, *, x_title: Text, y_title: Text, budget: float | None) -> Picture:
    """Recall against workload. A row: workload, recall, label, role (``swept``, ``best``, ``present``, ``chosen``)."""
    frame = pandas.DataFrame(rows)
    roles = {"swept": "#b9c4cf", "best": "#2b5c8a", "present": ACCENT, "chosen": "#2f7d5b"}
    names = {
        "swept": Text("试过的设置", "tried"),
        "best": Text("前沿", "frontier"),
        "present": Text("现行设置", "present setting"),
        "chosen": Text("建议设置", "chosen setting"),
    }

    def draw(language: str) -> Any:
        frame["role_name"] = [said(names[role], language) for role in frame["role"]]
        base = altair.Chart(frame).encode(
            x=altair.X("workload:Q", title=said(x_title, language)),
            y=altair.Y("recall:Q", title=said(y_title, language), scale=altair.Scale(domain=[0, 1])).axis(format=".0%"),
        )
        domain = [said(names[role], language) for role in roles]
        colour = altair.Color("role_name:N").scale(domain=domain, range=list(roles.values()))
        best = base.transform_filter("datum.role == 'best' || datum.role == 'chosen'")
        line = best.mark_line(color="#2b5c8a", opacity=0.4)
        standing_out = "datum.role == 'present' || datum.role == 'chosen'"
        large = altair.condition(standing_out, altair.value(160), altair.value(45))
        points = base.mark_circle(opacity=1).encode(color=colour, size=large)
        layers: list[altair.Chart] = [line, points]
        if budget is not None:
            limit = altair.Chart(pandas.DataFrame({"budget": [budget]})).mark_rule(color=ACCENT, strokeDash=[4, 4])
            layers.append(limit.encode(x="budget:Q"))
        return altair.layer(*layers).properties(width=420, height=300)

    return _both(draw)


def _both(draw: Any) -> Picture:
    return Picture({language: _svg(draw(language)) for language in LANGUAGES})


def _svg(chart: Any) -> str:
    specification = chart.configure(**_CONFIG).to_json()
    drawn = str(vl_convert.vegalite_to_svg(specification))
    # The converter numbers its clips through the process; here they follow from the chart, and differ within a page.
    mark = f"{crc32(specification.encode()):08x}"
    numbers: dict[str, str] = {}
    return _CLIP.sub(lambda found: numbers.setdefault(found.group(), f"clip-{mark}-{len(numbers)}"), drawn)


def _stacked(rows: Rows, language: str) -> Any:
    present = [direction for direction in COLOURS if any(row["direction"] == direction for row in rows)]
    frame = pandas.DataFrame(rows)
    frame["direction_name"] = [said(DIRECTIONS[direction], language) for direction in frame["direction"]]
    frame["place"] = [present.index(direction) for direction in frame["direction"]]
    colour = altair.Color("direction_name:N").scale(
        domain=[said(DIRECTIONS[direction], language) for direction in present], range=[COLOURS[d] for d in present]
    )
    return altair.Chart(frame).mark_bar().encode(color=colour, order=altair.Order("place:Q"))


def _by_total(rows: Rows, name: str) -> list[dict[str, Any]]:
    """One row of each name, the one with the largest sum first."""
    totals: dict[str, int] = {}
    first: dict[str, dict[str, Any]] = {}
    for row in rows:
        totals[row[name]] = totals.get(row[name], 0) + row["count"]
        first.setdefault(row[name], row)
    return [first[key] for key in sorted(first, key=lambda key: (-totals[key], key))]


def _field(rows: Rows, name: str, language: str) -> str:
    return language if rows and language in rows[0] else name


def _label(row: dict[str, Any], name: str, language: str) -> str:
    return str(row.get(language, row[name]))
