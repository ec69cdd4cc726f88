"""How a sentence shows what a rule's evidence holds, in Chinese and English."""

from detectors.feed_names import FEEDS
from detectors.rules.vocabulary import Value

_WORDS: dict[str, str] = {
    "dibao": "低保", "tekun": "特困供养", "temporary": "临时救助", "medical": "医疗救助", "education": "教育救助",
    "housing": "住房救助", "low_income": "低收入", "expense_poor": "支出型困难",
    "married": "结婚", "divorced": "离婚", "moved_in": "迁入", "moved_out": "迁出", "born": "出生",
    "cancelled": "注销", "legal_representative": "法定代表人", "shareholder": "股东", "sole_proprietor": "个体经营者",
    "executive": "高级管理人员", "car": "小汽车", "truck": "货车", "other": "其他",
}  # fmt: skip
"""The contract's words in Chinese."""
_UNSTATED = {"zh": "未注明", "en": "not stated"}
_YES_NO = {"zh": ("否", "是"), "en": ("no", "yes")}


def words(value: Value | None, language: str, field: str = "") -> str:
    """A value as a sentence shows it; `field` is the change's field that holds it, if one does.

    >>> words(["dibao", "medical"], "zh"), words("medical", "zh", "feed"), words("moved_out", "en", "action")
    ('低保、医疗救助', '医疗费用结算', 'moved out')
    """
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(words(element, language) for element in value)
    if isinstance(value, bool):
        return _YES_NO[language][value]
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.2f}"
    if not value:
        return _UNSTATED[language]
    if field == "feed" and value in FEEDS:
        return FEEDS[value].zh if language == "zh" else FEEDS[value].en
    if value not in _WORDS:
        return value
    return _WORDS[value] if language == "zh" else value.replace("_", " ")
