"""What feeds are called in Chinese and English, and the series that detectors make of their records."""

from detectors.alerts import Text

FEEDS = {
    "deaths": Text("死亡登记", "deaths"),
    "vehicles": Text("车辆登记", "vehicles"),
    "properties": Text("不动产登记", "properties"),
    "social-insurance": Text("社会保险", "social insurance"),
    "housing-fund": Text("住房公积金", "housing fund"),
    "businesses": Text("市场主体登记", "businesses"),
    "marriages": Text("婚姻登记", "marriages"),
    "household-register": Text("户籍登记", "household register"),
    "taxes": Text("个人所得税", "taxes"),
    "pensions": Text("养老金", "pensions"),
    "medical": Text("医疗费用结算", "medical"),
    "disabilities": Text("残疾评定", "disabilities"),
    "subsidies": Text("财政补贴", "subsidies"),
    "public-posts": Text("财政供养人员", "public posts"),
    "custody": Text("服刑信息", "custody"),
}
SERIES = {
    "social-insurance": Text("社会保险缴费基数", "social insurance base"),
    "housing-fund": Text("住房公积金缴存基数", "housing fund base"),
    "taxes": Text("申报的工资收入", "taxed wages"),
    "pensions": Text("养老金", "pension"),
    "medical": Text("医疗自付费用", "out-of-pocket medical costs"),
    "subsidies": Text("补贴", "subsidies"),
    "wages": Text("工资性收入", "wages"),
    "other-taxes": Text("申报的其他收入", "other taxed income"),
    "events": Text("其他登记记录", "other registrations"),
}
"""What is watched of a person or household: of one feed, or of several together."""
_NO_DIVISION = Text("未注明地区", "no stated division")


def feed_name(feed: str) -> Text:
    """A feed's name; one without a name keeps its own."""
    return FEEDS.get(feed) or Text(feed, feed)


def series_name(series: str) -> Text:
    """A series' name; one without a name keeps its own."""
    return SERIES.get(series) or Text(series, series)


def division_name(division: str) -> Text:
    """A division by its code; records that name none have one too."""
    return Text(division, division) if division else _NO_DIVISION
