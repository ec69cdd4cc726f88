"""Reads rule files: every fault at once, with file and line."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from detectors.alerts import SEVERITIES, Direction, Severity, Text
from detectors.rules.condition import Condition, ConditionError
from detectors.rules.history import Who
from detectors.rules.rule import ALL_FEEDS, Example, Reads, Rule
from detectors.rules.scope import Param
from detectors.rules.vocabulary import ABOUT, PROTECTED, VOCABULARY, Name, param
from detectors.yaml_file import Faults, Node, load

_DIRECTIONS: tuple[Direction, ...] = ("exit", "help", "review", "data")
_WHO: tuple[Who, ...] = ("member", "supporter", "listed")
_ID = re.compile(r"[a-z][a-z0-9-]{2,60}")
_PLACE = re.compile(r"{([^{}]*)}")
_THROUGH = ("person", "spouse", "related")
_OWN_EVIDENCE = ("changes", "days_to_act", "feed_doubtful")
_EXAMPLE_FEEDS = ("households", "name", "fires")


def load_rules(folder: Path, faults: Faults) -> tuple[Rule, ...]:
    """All rules of a folder, by id. Faults are collected; a rule with a fault is left out."""
    rules: dict[str, Rule] = {}
    for path in sorted(folder.glob("*.y*ml")):
        before = len(faults)
        top = load(path, faults)
        rule = read_rule(top) if len(faults) == before else None
        if rule is None or len(faults) > before:
            continue
        if rule.id in rules:
            top.fault(f"id {rule.id} stands already in {rules[rule.id].file}")
        rules[rule.id] = rule
    return tuple(rules[rule_id] for rule_id in sorted(rules))


def read_rule(top: Node) -> Rule:
    """One file's rule; what is wrong with it is noted at the node."""
    rule_id = top.text("id")
    if rule_id and not _ID.fullmatch(rule_id):
        top.fault("id must be small letters, digits and hyphens")
    reads, feeds = _reads(top)
    params = _params(top)
    names = {n: entry for n, entry in VOCABULARY.items() if entry.feeds is None or entry.feeds & feeds}
    names |= {f"params.{name}": param(name, value) for name, value in params.items()}
    severity, severities = _severity(top, names)
    evidence = _evidence(top, names)
    rule = Rule(
        id=rule_id,
        version=top.integer("version", least=1),
        title=top.both("title"),
        direction=top.word("direction", _DIRECTIONS),
        severity=severity,
        days=top.integer("days", least=1, most=365),
        reads=reads,
        feeds=feeds,
        who=top.word("who", _WHO, "member"),
        through=_words(top, "through", _THROUGH, ("person",)),
        about=_about(top, names),
        when=_when(top, names),
        severities=severities,
        params=params,
        evidence=evidence,
        explanation=_explanation(top, evidence),
        suggested_step=top.both("suggested_step"),
        after_death=top.flag("after_death", False),
        shadow=top.flag("shadow", False),
        file=top.file,
        examples=_examples(top),
    )
    top.done()
    return rule


def _reads(top: Node) -> tuple[Reads, frozenset[str]]:
    """`reads` is `roster`, `unconsented`, `all`, or a list of feeds."""
    node = top.child("reads")
    if node is None:
        return "changes", frozenset()
    if node.value == "roster":
        return "roster", frozenset()
    if node.value in ("all", "unconsented"):
        return ("changes" if node.value == "all" else "unconsented"), frozenset(ALL_FEEDS)
    feeds = _words(top, "reads", ALL_FEEDS, ())
    return "changes", frozenset(feeds)


def _words(top: Node, key: str, words: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    found = top.texts(key, default)
    for word in found:
        if word not in words and (node := top.child(key)) is not None:
            node.fault(f"{key}: {word} is none of {', '.join(words)}")
    return found


def _params(top: Node) -> dict[str, Param]:
    node = top.child("params", required=False)
    params: dict[str, Param] = {}
    for name, entry in node.entries().items() if node is not None else ():
        if isinstance(entry.value, list):
            params[name] = tuple(str(element.plain()) for element in entry.value)
        elif isinstance(entry.value, bool | str):
            params[name] = entry.value
        elif isinstance(entry.value, int | float):
            params[name] = float(entry.value)
        else:
            entry.fault(f"parameter {name} must be a number, a text, true or false, or a list of texts")
    return params


def _condition(node: Node, source: object, names: Mapping[str, Name]) -> Condition | None:
    if not isinstance(source, str) or not source.strip():
        node.fault("a condition must be a text")
        return None
    try:
        return Condition(" ".join(source.split()), names)
    except ConditionError as error:
        text = str(error)
        protected = [word for word in PROTECTED if re.search(rf"\b{word}\b", text)]
        node.fault(f"{text}: no rule may use it" if protected else text)
        return None


def _when(top: Node, names: Mapping[str, Name]) -> tuple[Condition, ...]:
    """What the record itself decides is asked first, so that nothing is measured in vain."""
    found = [_condition(node, node.value, names) for node in top.children("when")]
    conditions = [condition for condition in found if condition is not None]
    return tuple(sorted(conditions, key=lambda condition: not condition.local))


def _severity(top: Node, names: Mapping[str, Name]) -> tuple[Severity, tuple[tuple[Severity, Condition], ...]]:
    """One word, or words with conditions and an `else`."""
    node = top.child("severity")
    if node is None or not isinstance(node.value, dict):
        return top.word("severity", SEVERITIES), ()
    severities = []
    for word in SEVERITIES:
        entry = node.child(word, required=False)
        condition = _condition(entry, entry.value, names) if entry is not None else None
        if condition is not None:
            severities.append((word, condition))
    otherwise = node.word("else", SEVERITIES)
    node.done()
    return otherwise, tuple(severities)


def _about(top: Node, names: Mapping[str, Name]) -> tuple[str, ...]:
    about = top.texts("once_per")
    for name in about:
        known = name in ABOUT or name in ("window", "excess") or (name.startswith("change.") and name in names)
        if not known and (node := top.child("once_per")) is not None:
            node.fault(f"once_per: unknown {name}; known: {', '.join(ABOUT)}, window, excess, change.<field>")
    return about


def _evidence(top: Node, names: Mapping[str, Name]) -> dict[str, Name]:
    node = top.child("evidence", required=False)
    evidence = {}
    for key, entry in node.entries().items() if node is not None else ():
        name = str(entry.plain())
        if key in _OWN_EVIDENCE:
            entry.fault(f"evidence: {key} is filled in for every rule; choose another name")
        elif name in names:
            evidence[key] = names[name]
        else:
            entry.fault(f"evidence: unknown name {name}")
    return evidence


def _explanation(top: Node, evidence: Mapping[str, Name]) -> Text:
    text = top.both("explanation")
    for sentence in (text.zh, text.en):
        for place in _PLACE.findall(sentence):
            if place not in evidence and (node := top.child("explanation")) is not None:
                node.fault(f"explanation: {{{place}}} is not in evidence")
    return text


def _examples(top: Node) -> tuple[Example, ...]:
    examples = []
    for node in top.children("examples"):
        households = tuple(cast(Mapping[str, object], _plain(child)) for child in node.children("households"))
        events: dict[str, tuple[Mapping[str, object], ...]] = {}
        for feed, entry in node.entries().items():
            if feed in ALL_FEEDS:
                events[feed] = tuple(cast(Mapping[str, object], _plain(child)) for child in entry.elements())
            elif feed not in _EXAMPLE_FEEDS:
                entry.fault(f"examples: {feed} is no feed; known: {', '.join(ALL_FEEDS)}")
        name, fires = node.text("name"), node.flag("fires")
        examples.append(Example(name, fires, households, events, node.line))
    if {example.fires for example in examples} != {True, False}:
        top.fault("examples must hold one that fires and one that does not")
    return tuple(examples)


def _plain(node: Node) -> object:
    if isinstance(node.value, dict):
        return {key: _plain(child) for key, child in node.entries().items()}
    if isinstance(node.value, list):
        return [_plain(child) for child in node.value]
    return node.value
