"""Explanations in both languages: what was expected, what came, against which past and which peers."""

from detectors.alerts import Text
from streams.moments import iso_month

Words = dict[str, dict[str, str]]
"""By language, what stands in each place of an explanation."""

FEEDS = {
    "social-insurance": ("社会保险缴费基数", "social insurance base"),
    "housing-fund": ("住房公积金缴存基数", "housing fund base"),
    "taxes": ("申报的工资收入", "taxed wages"),
    "pensions": ("养老金", "pension"),
    "medical": ("医疗自付费用", "out-of-pocket medical costs"),
    "subsidies": ("补贴", "subsidies"),
    "wages": ("工资性收入", "wages"),
    "other-taxes": ("申报的其他收入", "other taxed income"),
    "events": ("其他登记记录", "other registrations"),
}
"""What a series is called, in Chinese and English."""


def called(feed: str) -> tuple[str, str]:
    """A series' or feed's name in Chinese and English; a feed without one keeps its own."""
    return FEEDS.get(feed, (feed, feed))


def words(feed: str = "", **places: str) -> Words:
    """The same words for both languages, and the feed's name in each."""
    zh, en = called(feed)
    return {"zh": {**places, "feed": zh}, "en": {**places, "feed": en}}


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
