"""The fifteen feeds as data: which fields a record has, and what each field may hold (contract.md §4)."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["text", "word", "amount", "grade", "period", "moment", "identity"]


class Field(NamedTuple):
    """A field of a record.

    `words` are the only ones allowed where `kind` is "word"; `zh` are headers that mean the same in Chinese files.
    """

    name: str
    kind: Kind
    required: bool = False
    words: frozenset[str] = frozenset()
    zh: tuple[str, ...] = ()


def _text(name: str, *zh: str, required: bool = False) -> Field:
    return Field(name, "text", required, zh=zh)


def _word(name: str, words: str, *zh: str) -> Field:
    return Field(name, "word", True, frozenset(words.split()), zh)


def _amount(name: str, *zh: str, required: bool = True) -> Field:
    return Field(name, "amount", required, zh=zh)


_PERIOD = Field("period", "period", True, zh=("所属期", "缴费月份", "费款所属期", "月份"))
_EMPLOYER = _text("employer", "单位名称", "用人单位", "单位", required=True)

COMMON: tuple[Field, ...] = (
    _text("event_id", "事件编号", "记录编号", "业务流水号"),
    Field("id_number", "identity", True, zh=("身份证号", "身份证号码", "公民身份号码", "证件号码")),
    _text("name", "姓名"),
    Field("occurred_at", "moment", True, zh=("发生时间", "发生日期")),
    Field("reported_at", "moment", zh=("上报时间", "报送时间", "上报日期")),
    _text("region", "行政区划", "行政区划代码", "区划代码"),
    _text("source", "来源", "数据来源", "来源部门"),
    Field("op", "word", words=frozenset({"upsert", "retract"}), zh=("操作", "操作类型")),
)
"""The fields that records of every feed have."""

FEEDS: Mapping[str, tuple[Field, ...]] = {
    "deaths": (_text("certificate_no", "死亡证明编号", "证明编号"),),
    "vehicles": (
        _text("plate", "号牌号码", "车牌号", "号牌", required=True),
        _word("vehicle_type", "car truck motorcycle agricultural tricycle other", "车辆类型"),
        _amount("value", "价值", "车辆价值", required=False),
        _word("action", "registered transferred scrapped", "业务类型", "动作"),
    ),
    "properties": (
        _text("property_id", "不动产单元号", "房产编号", "不动产编号", required=True),
        _word("use", "residential commercial other", "用途", "房屋用途"),
        _amount("area_m2", "面积", "建筑面积", required=False),
        _amount("value", "价值", "成交价格", required=False),
        _word("action", "acquired disposed", "业务类型", "动作"),
    ),
    "social-insurance": (
        _EMPLOYER,
        _amount("base", "缴费基数"),
        _PERIOD,
        _word("kind", "employee flexible resident", "参保类型", "险种类型"),
        _word("status", "paid stopped", "缴费状态", "状态"),
    ),
    "housing-fund": (
        _EMPLOYER,
        _amount("base", "缴存基数"),
        _PERIOD,
        _word("status", "paid stopped", "缴存状态", "状态"),
    ),
    "businesses": (
        _text("company_id", "统一社会信用代码", "企业编号", required=True),
        _word("role", "legal_representative shareholder sole_proprietor executive", "角色", "任职"),
        _amount("registered_capital", "注册资本", required=False),
        _word("action", "registered cancelled", "业务类型", "动作"),
    ),
    "marriages": (
        _word("action", "married divorced", "业务类型", "动作"),
        Field("spouse_id_number", "identity", zh=("配偶身份证号", "配偶身份证号码", "配偶证件号码")),
    ),
    "household-register": (
        _word("action", "moved_in moved_out born cancelled", "业务类型", "动作"),
        _text("to_region", "迁往地", "迁往地区划", "迁入地区划"),
        Field("related_id_number", "identity", zh=("关联身份证号", "关系人身份证号", "关系人身份证号码")),
    ),
    "taxes": (
        _word("income_kind", "wages business property other", "所得项目", "收入类型"),
        _amount("amount", "金额", "收入额"),
        _PERIOD,
    ),
    "pensions": (_amount("amount", "金额", "养老金金额"), _PERIOD),
    "medical": (
        _amount("total_cost", "总费用", "医疗总费用"),
        _amount("out_of_pocket", "自付费用", "个人自付"),
    ),
    "disabilities": (
        Field("grade", "grade", True, zh=("残疾等级", "等级")),
        _word("action", "certified revoked", "业务类型", "动作"),
    ),
    "subsidies": (
        _word("kind", "farm_machinery forestry other", "补贴类型"),
        _amount("amount", "金额", "补贴金额"),
    ),
    "public-posts": (_EMPLOYER, _word("action", "hired left", "业务类型", "动作")),
    "custody": (_word("action", "imprisoned released", "业务类型", "动作"),),
}
"""The further fields of each feed."""


def fields_of(feed: str) -> tuple[Field, ...]:
    """All fields of a feed's records, common ones first."""
    return COMMON + FEEDS[feed]


def english_headers(feed: str) -> Mapping[str, str]:
    """Each header that a file of the feed may carry, English or Chinese, to the field's name."""
    return {header: field.name for field in fields_of(feed) for header in (field.name, *field.zh)}
