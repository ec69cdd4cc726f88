"""The names that a rule may use, what they mean, and where their values come from. Nothing else exists for a rule."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from detectors.rules import income
from detectors.rules.facts import FACTS, Fact
from detectors.rules.scope import Param, Scope
from detectors.standards import NAMES as STANDARDS
from streams.changes import Change
from streams.moments import date_of, day_of, local

Kind = Literal["text", "number", "flag", "texts"]
Value = str | float | bool | list[str]


class Name(NamedTuple):
    """A name of the vocabulary. `feeds` limits it to rules that read one of them; `fact` needs other records too.

    `field` is the change's field that it stands for: one that may be absent, where a number counts as 0.
    """

    kind: Kind
    zh: str
    en: str
    value: Callable[[Scope], Value]
    feeds: frozenset[str] | None = None
    fact: Fact | None = None
    field: str = ""


PROTECTED = frozenset(
    {"sex", "gender", "ethnicity", "nationality", "religion", "political_status", "party_member", "birthplace"}
)
"""What a rule may never read, and why it is asked for here: to say so instead of `unknown name`."""


def _text(field: str) -> Callable[[Scope], Value]:
    return lambda scope: scope.reading.change.text(field)


def _number(field: str) -> Callable[[Scope], Value]:
    return lambda scope: scope.reading.change.number(field)


def _fields() -> dict[str, Name]:
    """The fields of the feeds (contract.md §4)."""
    texts = {
        "certificate_no": ("证明编号", "certificate number", "deaths"),
        "plate": ("号牌", "plate", "vehicles"),
        "vehicle_type": ("车辆类型", "type of vehicle", "vehicles"),
        "action": (
            "办理事项",
            "what was done",
            "vehicles properties businesses marriages household-register disabilities public-posts custody",
        ),
        "property_id": ("不动产单元", "property", "properties"),
        "use": ("用途", "use", "properties"),
        "employer": ("单位", "employer", "social-insurance housing-fund public-posts"),
        "period": ("所属期", "period", "social-insurance housing-fund taxes pensions"),
        "kind": ("类别", "kind", "social-insurance subsidies"),
        "status": ("缴费状态", "paid or stopped", "social-insurance housing-fund"),
        "company_id": ("企业", "company", "businesses"),
        "role": ("任职", "role", "businesses"),
        "to_region": ("迁入地", "where to", "household-register"),
        "income_kind": ("所得项目", "kind of income", "taxes"),
    }
    numbers = {
        "value": ("价值", "value", "vehicles properties"),
        "area_m2": ("面积", "area, m²", "properties"),
        "base": ("缴费基数", "contribution base per month", "social-insurance housing-fund"),
        "registered_capital": ("注册资本", "registered capital", "businesses"),
        "amount": ("金额", "amount", "taxes pensions subsidies"),
        "total_cost": ("医疗总费用", "total cost", "medical"),
        "out_of_pocket": ("自付医疗费", "paid by the patient", "medical"),
        "grade": ("残疾等级", "grade of disability", "disabilities"),
    }
    names = {
        f: Name("text", zh, en, _text(f), frozenset(feeds.split()), field=f) for f, (zh, en, feeds) in texts.items()
    }
    names |= {
        f: Name("number", zh, en, _number(f), frozenset(feeds.split()), field=f)
        for f, (zh, en, feeds) in numbers.items()
    }
    names["feed"] = Name("text", "数据来源", "feed", lambda scope: scope.reading.change.feed, field="feed")
    names["day"] = Name("text", "发生日期", "day", lambda scope: _day(scope.reading.change))
    return {f"change.{field}": name for field, name in names.items()}


def _day(change: Change) -> str:
    return date_of(day_of(change.occurred_at)).isoformat()


def _member() -> dict[str, Name]:
    return {
        "member.declared_monthly_income": Name(
            "number",
            "申报月收入",
            "declared monthly income",
            lambda s: s.reading.member.declared_monthly_income + s.reading.period.undivided_income,
        ),
        "member.own_declared_income": Name(
            "number",
            "本人申报月收入",
            "own declared monthly income",
            lambda s: s.reading.member.declared_monthly_income,
        ),
        "member.disability_grade": Name(
            "number",
            "登记残疾等级(0为无)",
            "registered grade of disability, 0 if none",
            lambda s: float(s.reading.member.disability_grade or 0),
        ),
        "member.relation": Name("text", "与户主关系", "relation to the head", lambda s: s.reading.member.relation),
        "member.student": Name("flag", "在校学生", "student", lambda s: s.reading.member.student),
        "member.co_resident": Name("flag", "共同生活", "co-resident", lambda s: s.reading.member.co_resident),
    }


def _household() -> dict[str, Name]:
    return {
        "household.programs": Name(
            "texts", "在享救助", "programmes", lambda s: list(s.reading.period.line.program_names)
        ),
        "household.categories": Name(
            "texts", "困难类别", "hardship categories", lambda s: list(s.reading.period.line.categories)
        ),
        "household.region": Name("text", "区划", "region", lambda s: s.reading.period.line.region),
        "household.county": Name("text", "县(区)", "county", lambda s: s.reading.period.line.county),
        "household.size": Name(
            "number", "共同生活人数", "co-resident members", lambda s: float(len(s.reading.period.co_residents))
        ),
        "household.declared_vehicles": Name(
            "number", "申报车辆数", "declared vehicles", lambda s: float(s.reading.period.line.declared_vehicles)
        ),
        "household.declared_properties": Name(
            "number", "申报住宅数", "declared homes", lambda s: float(s.reading.period.line.declared_properties)
        ),
        "household.declared_monthly_income": Name(
            "number", "家庭申报月收入", "the household's declared monthly income", lambda s: _declared(s)
        ),
        "household.declared_yearly_income": Name(
            "number",
            "家庭申报年收入",
            "the household's declared yearly income",
            lambda s: round(12 * _declared(s), 4),
        ),
    }


def _declared(scope: Scope) -> float:
    """Without a declaration of the household as a whole, the sum of its members'."""
    period = scope.reading.period
    if period.line.declared_monthly_income is not None:
        return period.line.declared_monthly_income
    return round(sum(member.declared_monthly_income for member in period.co_residents), 4)


def _standard(name: str) -> Callable[[Scope], Value]:
    return lambda s: s.standards.of(name, s.reading.period.line.region, s.reading.at)


def _build() -> dict[str, Name]:
    names = {**_fields(), **_member(), **_household()}
    names["found.through"] = Name(
        "texts", "记录所涉身份", "as what the record names members", lambda s: list(s.through)
    )
    names["found.name_differs"] = Name("flag", "姓名不符", "the names differ", lambda s: s.reading.doubtful)
    for name, (zh, en) in STANDARDS.items():
        names[f"standard.{name}"] = Name("number", zh, en, _standard(name))
    for name, fact in FACTS.items():
        names[f"facts.{name}"] = Name(fact.kind, fact.zh, fact.en, fact.measure, None, fact)
    return names


VOCABULARY: Mapping[str, Name] = _build()
_INCOMES = frozenset(income.FEEDS)
AMOUNTS: Mapping[str, frozenset[str]] = {
    **{
        f"change.{field}": VOCABULARY[f"change.{field}"].feeds or frozenset()
        for field in ("value", "base", "registered_capital", "amount", "total_cost", "out_of_pocket")
    },
    "facts.subsidies_365": frozenset({"subsidies"}),
    "facts.out_of_pocket_365": frozenset({"medical"}),
    "facts.income_per_head": _INCOMES,
    "facts.income_observed": _INCOMES,
    "facts.undeclared_income": _INCOMES,
}
"""The names that are amounts, and the feeds whose scale they depend on."""


def param(name: str, value: Param) -> Name:
    """A rule's own named parameter."""
    if isinstance(value, bool):
        kind: Kind = "flag"
    elif isinstance(value, float):
        kind = "number"
    else:
        kind = "text" if isinstance(value, str) else "texts"
    return Name(kind, name, name, lambda scope: _plain(scope.params[name]))


def _plain(value: Param) -> Value:
    return list(value) if isinstance(value, tuple) else value


ABOUT: Mapping[str, Callable[[Scope], str]] = {
    "household": lambda s: "",
    "person": lambda s: s.reading.member.person,
    "change.person": lambda s: s.reading.change.person,
    "couple": lambda s: "+".join(sorted(p for p in (s.reading.change.person, s.reading.change.spouse) if p)),
    "day": lambda s: _day(s.reading.change),
    "year": lambda s: str(local(s.reading.change.occurred_at).year),
    "name": lambda s: s.reading.change.name,
}
"""What `once_per` may name beside the fields of a change; `window` and `excess` are counted by the engine."""
