"""Rule files: what ships is sound, a county's own rule works without code, and every fault is told at once."""

import re
from pathlib import Path

import pytest

from detectors.rules.rule_book import RuleBook
from detectors.rules.rule_file import load_rules
from detectors.rules.vocabulary import VOCABULARY
from detectors.standards import Standards
from detectors.yaml_file import Faults
from monitor.assessment import Assessor, Keyring
from monitor.configuration import SHIPPED, load_configuration
from monitor.examples import fires
from streams.concealing import reveal
from streams.secrets import Keys

ROOT = Path(__file__).parents[3]
CONFIGURATION = load_configuration(SHIPPED)
KEYS = Keys(b"a secret of tests, long enough to be one")
ASSESSOR = Assessor(CONFIGURATION.rules, Keyring(KEYS.id, lambda change: reveal(change, KEYS)))
EXAMPLES = [(rule, example) for rule in CONFIGURATION.rules.rules for example in rule.examples]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[f"{rule.id}: {e.name}" for rule, e in EXAMPLES])
def test_shipped_examples(rule, example):
    assert fires(rule, example, ASSESSOR, KEYS) == example.fires


def test_all_rules_of_the_contract_ship():
    assert {rule.id for rule in CONFIGURATION.rules.rules} == {
        "death-receiving", "double-programme", "duplicate-member", "vehicle-owned", "property-multiple",
        "property-commercial", "business-owner", "formal-employment", "housing-fund-paid", "income-above-line",
        "large-subsidy", "public-post-coresident", "retirement-pension", "public-post-relative", "supporter-means",
        "marriage-changed", "moved-away", "household-size-changed", "member-in-custody", "catastrophic-medical",
        "job-lost", "severe-disability", "breadwinner-death", "released-from-custody", "identity-mismatch",
        "consent-missing", "activity-after-death",
    }  # fmt: skip


def test_the_version_tells_what_can_be_said_and_not_which_process_read_it():
    """Households keep what rules have worked out under it: two workers that differ would throw away each other's."""
    rules = CONFIGURATION.rules
    assert load_configuration(SHIPPED).rules.version == rules.version
    (prefix, since, amounts), *others = rules.standards.entries
    dearer = Standards(((prefix, since, {name: amount + 1 for name, amount in amounts.items()}), *others))
    assert RuleBook(rules.rules, dearer).version != rules.version
    assert RuleBook(rules.rules[1:], rules.standards).version != rules.version


def write_rule(folder: Path, old: str = "", new: str = "") -> Path:
    """The example of the documentation, with one text replaced."""
    text = (ROOT / "docs" / "write-a-rule.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- example -->\n```yaml\n(.*?)```", text, re.S)
    assert found is not None
    assert not old or old in found[1]
    path = folder / "student-employed.yaml"
    path.write_text(found[1].replace(old, new) if old else found[1], encoding="utf-8")
    return path


def test_a_countys_own_rule_needs_no_code(tmp_path):
    write_rule(tmp_path)
    faults = Faults()
    (rule,) = load_rules(tmp_path, faults)
    assert not faults
    assert [fires(rule, e, assessor_of(rule), KEYS) for e in rule.examples] == [True, False]


def assessor_of(rule) -> Assessor:
    book = RuleBook((rule,), CONFIGURATION.rules.standards)
    return Assessor(book, Keyring(KEYS.id, lambda change: reveal(change, KEYS)))


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("member.student", "member.pupil", 13, "unknown name member.pupil"),
        ("member.student", "member.sex == 'f'", 13, "no rule may use it"),
        ("change.base >= params", "change.status >= params", 14, "no matching overload"),
        ("params.least_base", "params.most_base", 14, "unknown name params.most_base"),
        ("change.kind == 'employee'", "change.kind = 'employee'", 14, "Syntax error"),
        ('"member.student"', '"member.declared_monthly_income"', 13, "must be true or false"),
        ("reads: [social-insurance]", "reads: [social-insurence]", 7, "social-insurence is none of"),
        ("direction: review", "direction: sideways", 4, "direction must be one of"),
        ("severity: low", "severity: lowish", 5, "severity must be one of"),
        ("days: 30", "days: soon", 6, "days must be a whole number"),
        ("version: 1", "version: 0", 2, "version must be from 1"),
        ("{employer}为", "{company}为", 19, "{company} is not in evidence"),
        ("base: change.base", "base: change.bass", 18, "unknown name change.bass"),
        ("once_per: [person", "once_per: [persons", 9, "unknown persons"),
        ("fires: true", "fires: false", 1, "one that fires and one that does not"),
        ("who: member", "whom: member", 8, "unknown key whom"),
    ],
)
def test_faults_name_file_line_and_what_is_wrong(tmp_path, old, new, line, said):
    write_rule(tmp_path, old, new)
    faults = Faults()
    load_rules(tmp_path, faults)
    assert [(fault.line, said in fault.text) for fault in faults if said in fault.text] == [(line, True)], faults
    assert all("student-employed.yaml" in fault.file for fault in faults)


def test_all_faults_are_told_at_once(tmp_path):
    path = write_rule(tmp_path, "direction: review", "direction: sideways")
    path.write_text(path.read_text(encoding="utf-8").replace("days: 30", "days: 0"), encoding="utf-8")
    faults = Faults()
    assert load_rules(tmp_path, faults) == ()
    assert {fault.line for fault in faults} == {4, 6}


def test_every_name_that_the_documentation_lists_exists():
    text = (ROOT / "docs" / "write-a-rule.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`((?:facts|member|household|found)\.\w+)`", text))
    assert listed <= set(VOCABULARY)
    assert {name for name in VOCABULARY if name.startswith(("facts.", "member."))} == {
        name for name in listed if name.startswith(("facts.", "member."))
    }
