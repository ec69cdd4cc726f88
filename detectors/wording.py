"""Explanations in both languages: what was expected, what came, against which past and which peers."""

from detectors.alerts import Text
from detectors.feed_names import series_name
from streams.moments import iso_month

Words = dict[str, dict[str, str]]
"""By language, what stands in each place of an explanation."""


def words(series: str = "", **places: str) -> Words:
    """The same words for both languages, and the series' name in each."""
    name = series_name(series)
    return {"zh": {**places, "feed": name.zh}, "en": {**places, "feed": name.en}}


def filled(template: Text, places: Words) -> Text:
    """The explanation with its places filled; what a detector has nothing to say about is a dash."""
    return Text(template.zh.format_map(_Dash(places["zh"])), template.en.format_map(_Dash(places["en"])))


class _Dash(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def money(amount: float) -> str:
    """An amount to the yuan."""
    return f"{amount:,.0f}"


def probability(p_value: float) -> str:
    """A p-value as people read it, with its sign: `p=0.002`, or `p<0.0001` for what is smaller."""
    return f"p={p_value:.2g}" if p_value >= 0.0001 else "p<0.0001"


def percent(change: float) -> str:
    """A ratio less one, as a signed percentage."""
    return f"{change * 100:+.0f} %"


def month(number: int) -> str:
    """A month as it is written in both languages."""
    return iso_month(number)
