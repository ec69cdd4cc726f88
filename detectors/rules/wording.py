"""From a finding to the alert that people read (contract.md §5)."""

from collections.abc import Callable

from msgspec.structs import replace

from detectors.alerts import Alert, Text
from detectors.rules.finding import Finding
from detectors.rules.vocabulary import Value
from streams.moments import day_end, iso

_PERSONS = ("person", "change.person")
_WORDS: dict[str, str] = {
    "dibao": "低保", "tekun": "特困供养", "temporary": "临时救助", "medical": "医疗救助", "education": "教育救助",
    "housing": "住房救助", "low_income": "低收入", "expense_poor": "支出型困难",
    "deaths": "死亡登记", "vehicles": "车辆登记", "properties": "不动产登记", "social-insurance": "社会保险",
    "housing-fund": "住房公积金", "businesses": "市场主体登记", "marriages": "婚姻登记",
    "household-register": "户籍登记",
    "taxes": "个人所得税", "pensions": "养老金", "disabilities": "残疾评定",
    "subsidies": "财政补贴", "public-posts": "财政供养人员", "custody": "服刑信息",
    "married": "结婚", "divorced": "离婚", "moved_in": "迁入", "moved_out": "迁出", "born": "出生",
    "cancelled": "注销", "legal_representative": "法定代表人", "shareholder": "股东", "sole_proprietor": "个体经营者",
    "executive": "高级管理人员", "car": "小汽车", "truck": "货车", "other": "其他",
}  # fmt: skip
"""The contract's words in Chinese, for explanations."""


def alert(finding: Finding, identify: Callable[..., str]) -> Alert:
    """The alert as its first revision, `detected_at` still empty. `identify` makes ids out of parts."""
    rule, decisive = finding.rule, finding.decisive
    reading = decisive.reading
    line = reading.period.line
    changes = finding.changes
    person = next((x for name, x in zip(rule.about, finding.about, strict=False) if name in _PERSONS), None)
    values = {name: entry.value(decisive) for name, entry in rule.evidence.items()}
    found = Alert(
        alert_id=identify(rule.id, line.household_id, *finding.about),
        revision=1,
        status="raised",
        source=rule.id,
        source_kind="rule",
        source_version=rule.version,
        direction=rule.direction,
        severity=finding.severity,
        household_id=line.household_id,
        region=line.region,
        programs=line.program_names,
        feeds=tuple(sorted({change.feed for change in changes})),
        event_ids=tuple(sorted({change.event_id for change in changes})),
        occurred_at=iso(reading.change.occurred_at),
        detected_at="",
        title=rule.title,
        explanation=Text(
            rule.explanation.zh.format(**{name: _words(value, "zh") for name, value in values.items()}),
            rule.explanation.en.format(**{name: _words(value, "en") for name, value in values.items()}),
        ),
        evidence={
            **{name: _plain(value) for name, value in values.items()},
            "changes": [
                {"feed": change.feed, "event_id": change.event_id, "occurred_at": iso(change.occurred_at)}
                for change in changes
            ],
            "days_to_act": rule.days,
        },
        match="doubtful" if finding.doubtful else "exact",
        suggested_step=rule.suggested_step,
        due_at=iso(day_end(reading.counted_from + rule.days)),
    )
    if person:
        found = replace(found, person=person)
    return replace(found, shadow=True) if rule.shadow else found


def _plain(value: Value) -> Value | int:
    """Whole numbers without a decimal point, as people write them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _words(value: Value, language: str) -> str:
    """A value as a sentence shows it."""
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(_words(element, language) for element in value)
    if isinstance(value, bool):
        return {"zh": "是" if value else "否", "en": "yes" if value else "no"}[language]
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.2f}"
    if not value:
        return {"zh": "未注明", "en": "not stated"}[language]
    return _WORDS.get(value, value) if language == "zh" else value
