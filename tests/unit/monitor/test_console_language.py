"""Both languages are complete: every text of the pages, and every word of the fixed lists."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.extract import extract_from_dir

from alert_sinks.routing import DIRECTIONS
from alert_sinks.work_orders import closing, evidence, steps
from detectors.alerts import SEVERITIES
from detectors.feed_names import feed_name
from monitor.console.access import ROLES
from monitor.console.figures import DIMENSIONS
from monitor.console.inbox import DUE
from monitor.console.language import CODES, language
from monitor.console.pages_order import PROGRAMS
from monitor.console.taking import STEPS
from streams.checking import Reason
from streams.feeds import FEEDS
from streams.moments import HOUR, parse_instant

ROOT = Path(__file__).parents[3]
CONSOLE = ROOT / "monitor" / "console"
DOMAIN = ROOT / "alert_sinks" / "work_orders"
WORDS = {
    "state": steps.STATES,
    "outcome": closing.OUTCOMES,
    "direction": DIRECTIONS,
    "severity": SEVERITIES,
    "program": PROGRAMS,
    "due": DUE,
    "role": ROLES,
    "relation": ("head", "spouse", "child", "parent", "sibling", "grandparent", "grandchild", "other"),
    "notice": (*steps.TO_APPLICANT, *steps.TO_OTHERS),
    "answer": steps.HELP_ANSWERS,
    "verdict": closing.VERDICTS,
    "evidence_kind": evidence.KINDS,
    "dimension": DIMENSIONS,
    "done": STEPS,
    "feed": FEEDS,
    "refusal": get_args(Reason),
    "message": ("session_over", "stale_form", "refused", "database_away"),
    "message_title": ("session_over", "stale_form", "refused", "database_away"),
    "action": [f"step_{step}" for step in STEPS],
}


def sources(folder: Path) -> Iterator[str]:
    for path in folder.glob("*.py"):
        yield path.read_text(encoding="utf-8")


def found(pattern: str, folder: Path) -> set[str]:
    return {match for text in sources(folder) for match in re.findall(pattern, text)}


def texts() -> set[str]:
    methods = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
    extracted = extract_from_dir(str(CONSOLE), method_map=methods, keywords={"_": None, "texts": None})
    return {message for _, _, message, _, _ in extracted if isinstance(message, str)}


def test_every_text_is_there_in_chinese() -> None:
    wanted = texts()
    assert len(wanted) > 100
    assert {text for text in wanted if ("", text) not in language("zh").texts} == set()


def test_a_translation_has_the_places_of_its_original() -> None:
    for (context, text), translated in language("zh").texts.items():
        if not context:
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", translated)), text


def test_no_translation_is_left_over() -> None:
    by_hand = {"By", "Value", "Households", "Household-times", "Person-times"}
    assert {text for context, text in language("zh").texts if not context} - texts() <= by_hand


@pytest.mark.parametrize("code", CODES)
def test_every_word_of_the_lists_is_there(code: str) -> None:
    known = language(code).texts
    assert {(kind, word) for kind, words in WORDS.items() for word in words if (kind, word) not in known} == set()


@pytest.mark.parametrize("code", CODES)
def test_every_reason_event_and_action_in_the_code_is_there(code: str) -> None:
    known = language(code).texts
    reasons = found(r'StepError\("(\w+)"', DOMAIN) | found(r'StepError\("(\w+)"', CONSOLE)
    reasons |= found(r'missing(?:\.append\(| = \[|.* return \[)"(\w+)"', DOMAIN)
    reasons |= {f"only_when_{state}" for state in ("assigned", "verifying", "notified")}
    events = found(r'record\(\s*"(\w+)"', DOMAIN) | found(r'_event\([\w.]+, "(\w+)"', DOMAIN)
    events |= found(r'_put\(row, order, "(\w+)"', DOMAIN)
    actions = found(r'audit\.write\([^"]*"(\w+)"', CONSOLE)
    problems = found(r'NamedError\(\s*"(\w+)"', CONSOLE) | found(r'NamedError\(\s*"(\w+)"', ROOT / "alert_sinks")
    problems |= found(r'problem="(\w+)"', CONSOLE)
    assert len(problems) > 10
    assert {("problem", word) for word in problems if ("problem", word) not in known} == set()
    assert len(reasons) > 20
    assert len(events) > 15
    assert len(actions) > 5
    missing = {("reason", word) for word in reasons if ("reason", word) not in known}
    missing |= {("event", word) for word in events if ("event", word) not in known}
    missing |= {("action", word) for word in actions if ("action", word) not in known}
    assert missing == set()


def test_feeds_are_called_as_in_the_alerts() -> None:
    known = language("zh").texts
    assert {feed: known["feed", feed] for feed in FEEDS} == {feed: feed_name(feed).zh for feed in FEEDS}


def test_evidence_of_the_shipped_rules_has_names() -> None:
    named = set()
    for path in (ROOT / "configs" / "rules").glob("*.yaml"):
        block = re.search(r"^evidence:\n((?:  .*\n)+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        named |= set(re.findall(r"^  (\w+):", block.group(1), re.MULTILINE)) if block else set()
    named.discard("only_member")  # said in the page's own words
    assert {name for name in named if ("evidence", name) not in language("zh").texts} == set()


def test_days_and_money_as_the_locale_writes_them() -> None:
    at = parse_instant("2026-03-05T14:05:00+08:00")
    zh, en = language("zh"), language("en")
    assert (zh.day(at), en.day(at)) == ("2026年3月5日", "5 Mar 2026")
    assert (zh.money(1180), en.money(1180)) == ("¥1,180.00", "CN¥1,180.00")
    assert (zh.left(at + 72 * HOUR, at), en.left(at - 72 * HOUR, at)) == ("3天后", "3 days ago")
    assert zh.moment(None) == zh.day(None) == "—"


def test_an_unknown_language_is_chinese() -> None:
    assert language("fr").code == "zh"
