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
LANGUAGES = ("zh", "en")


def said(text: Text, language: str) -> str:
    """A text in one of the languages."""
    return text.zh if language == "zh" else text.en


def word(words: dict[str, Text], name: str, language: str) -> str:
    """A word of the contract in one of the languages; itself where there is no other word for it."""
    return said(words[name], language) if name in words else name
