"""The page's own words in both languages, and the contract's."""

from detectors.alerts import Text

DIRECTIONS = {
    "exit": Text("应退", "exit"),
    "help": Text("应救", "help"),
    "review": Text("复核", "review"),
    "data": Text("数据存疑", "data"),
}
SEVERITIES = {
    "critical": Text("特急", "critical"),
    "high": Text("高", "high"),
    "medium": Text("中", "medium"),
    "low": Text("低", "low"),
}
REASONS = {
    "undecodable": Text("无法读取", "cannot be read"),
    "missing": Text("必填项缺失", "missing"),
    "bad_date": Text("日期错误", "bad date"),
    "future": Text("日期在未来", "in the future"),
    "bad_identity": Text("身份证号错误", "bad identity number"),
    "unknown_word": Text("代码不明", "unknown word"),
    "bad_number": Text("数字错误", "bad number"),
    "bad_columns": Text("列数不符", "wrong columns"),
}
FEEDS = {
    "deaths": Text("死亡", "deaths"),
    "vehicles": Text("车辆", "vehicles"),
    "properties": Text("不动产", "properties"),
    "social-insurance": Text("社会保险", "social insurance"),
    "housing-fund": Text("住房公积金", "housing fund"),
    "businesses": Text("市场主体", "businesses"),
    "marriages": Text("婚姻", "marriages"),
    "household-register": Text("户籍", "household register"),
    "taxes": Text("个人所得税", "taxes"),
    "pensions": Text("养老金", "pensions"),
    "medical": Text("医疗", "medical"),
    "disabilities": Text("残疾", "disabilities"),
    "subsidies": Text("财政补贴", "subsidies"),
    "public-posts": Text("财政供养", "public posts"),
    "custody": Text("服刑", "custody"),
}
LANGUAGES = ("zh", "en")


def said(text: Text, language: str) -> str:
    """A text in one of the languages."""
    return text.zh if language == "zh" else text.en


def word(words: dict[str, Text], name: str, language: str) -> str:
    """A word of the contract in one of the languages; itself where there is no other word for it."""
    return said(words[name], language) if name in words else name
