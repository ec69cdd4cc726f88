"""How a sentence shows what a rule's evidence holds, in Chinese and English."""

from detectors.rules.vocabulary import Value

_WORDS: dict[str, str] = {
    "dibao": "低保", "tekun": "特困供养", "temporary": "临时救助", "medical": "医疗救助", "education": "教育救助",
    "housing": "住房救助", "low_income": "低收入", "expense_poor": "支出型困难",
    "married": "结婚", "divorced": "离婚", "moved_in": "迁入", "moved_out": "迁出", "born": "出生",
    "cancelled": "注销", "legal_representative": "法定代表人", "shareholder": "股东", "sole_proprietor": "个体经营者",
    "executive": "高级管理人员", "car": "小汽车", "truck": "货车", "other": "其他",
}  # fmt: skip
"""The contract's words in Chinese."""
_FEEDS: dict[str, str] = {
    "deaths": "死亡登记", "vehicles": "车辆登记", "properties": "不动产登记", "social-insurance": "社会保险",
    "housing-fund": "住房公积金", "businesses": "市场主体登记", "marriages": "婚姻登记",
    "household-register": "户籍登记", "taxes": "个人所得税", "pensions": "养老金", "medical": "医疗费用结算",
    "disabilities": "残疾评定", "subsidies": "财政补贴", "public-posts": "财政供养人员", "custody": "服刑信息",
}  # fmt: skip
"""The feeds in Chinese; `medical` is a programme too."""
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
    known = _FEEDS if field == "feed" else _WORDS
    if value not in known:
        return value
    return known[value] if language == "zh" else value.replace("_", " ").replace("-", " ")
