"""Reads a YAML file strictly: every value knows its line, and all faults are collected instead of the first.

A reader asks a `Node` for the keys that it knows; `done` then faults the keys that nobody asked for. Plain scalars are
read as in YAML 1.2 (`no`, `on` and dates stay text; `1e-3` is a number); duplicate keys, aliases and several
documents in one file are faults.
"""

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import yaml

from detectors.alerts import Text
from streams.errors import UnusableError

Plain = str | int | float | bool | None
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_INTEGER = re.compile(r"[-+]?\d+")
_CONSTANTS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_W = TypeVar("_W", bound=str)


class Fault(NamedTuple):
    """What is wrong, and where. `line` counts from 1; 0 means the file as a whole."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.text}"


class FaultyError(UnusableError):
    """Files cannot be used; `faults` holds everything that is wrong with them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        more = f" (and {len(faults) - 1} more; `monitor check` lists all)" if len(faults) > 1 else ""
        super().__init__(f"{faults[0]}{more}")


class Faults(list[Fault]):
    """Collects faults over one or many files."""

    def check(self) -> None:
        """Raise FaultyError if there is any fault."""
        if self:
            raise FaultyError(sorted(self))


class Node:
    """A value of the file: a mapping, a list or a scalar.

    What is asked for and is missing or of another kind becomes a fault, and a harmless value is returned, so that
    reading goes on to the next fault. A `default` makes a key optional.
    """

    def __init__(self, file: str, line: int, value: "Plain | list[Node] | dict[str, Node]", faults: Faults) -> None:
        self.file = file
        self.line = line
        self.value = value
        self.faults = faults
        self._known: set[str] = set()

    def fault(self, text: str) -> None:
        """Note what is wrong with this value."""
        self.faults.append(Fault(self.file, self.line, text))

    def entries(self) -> dict[str, "Node"]:
        """The mapping's entries, in the file's order; all count as asked for. A fault if it is no mapping."""
        if isinstance(self.value, dict):
            self._known.update(self.value)
            return self.value
        self.fault("must be a mapping of keys to values")
        return {}

    def elements(self) -> "list[Node]":
        """The list's elements. A fault if it is no list."""
        if isinstance(self.value, list):
            return self.value
        self.fault("must be a list")
        return []

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def child(self, key: str, *, required: bool = True) -> "Node | None":
        """The node under a key; None where it is missing, which is a fault if it is required."""
        self._known.add(key)
        if isinstance(self.value, dict):
            if key in self.value:
                return self.value[key]
            if required:
                self.fault(f"{key} is missing")
        elif required or self.value is not None:
            self.fault("must be a mapping of keys to values")
        return None

    def children(self, key: str) -> "list[Node]":
        """The elements of the optional list under a key."""
        node = self.child(key, required=False)
        return [] if node is None else node.elements()

    def plain(self) -> Plain:
        """The scalar itself. A fault if it is none."""
        if isinstance(self.value, dict | list):
            self.fault("must be a single value")
            return None
        return self.value

    def text(self, key: str, default: str | None = None) -> str:
        """The text under a key; never empty unless the default is."""
        node = self.child(key, required=default is None)
        if node is None:
            return default or ""
        if isinstance(node.value, str) and node.value.strip():
            return node.value
        node.fault(f"{key} must be a text")
        return default or ""

    def word(self, key: str, words: Sequence[_W], default: _W | None = None) -> _W:
        """The text under a key, which must be one of `words`."""
        node = self.child(key, required=default is None)
        if node is not None:
            for word in words:
                if node.value == word:
                    return word
            node.fault(f"{key} must be one of {', '.join(words)}")
        return words[0] if default is None else default

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """The list of texts under a key."""
        node = self.child(key, required=default is None)
        if node is None:
            return default or ()
        found = []
        for element in node.elements():
            if isinstance(element.value, str) and element.value.strip():
                found.append(element.value)
            else:
                element.fault(f"{key} must hold texts only")
        return tuple(found)

    def number(
        self, key: str, default: float | None = None, *, least: float = -math.inf, most: float = math.inf
    ) -> float:
        """The finite number under a key, within `least` and `most`."""
        node = self.child(key, required=default is None)
        if node is None:
            return default or 0.0
        value = node.value
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            if least <= value <= most:
                return float(value)
            node.fault(f"{key} must be from {least:g} to {most:g}")
        else:
            node.fault(f"{key} must be a number")
        return default if default is not None else max(least, min(most, 0.0))

    def integer(self, key: str, default: int | None = None, *, least: int = 0, most: int = 2**31) -> int:
        """The whole number under a key, within `least` and `most`."""
        node = self.child(key, required=default is None)
        if node is None:
            return default or 0
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool):
            if least <= value <= most:
                return value
            node.fault(f"{key} must be from {least} to {most}")
        else:
            node.fault(f"{key} must be a whole number")
        return default if default is not None else least

    def flag(self, key: str, default: bool | None = None) -> bool:
        """The true or false under a key."""
        node = self.child(key, required=default is None)
        if node is None:
            return bool(default)
        if isinstance(node.value, bool):
            return node.value
        node.fault(f"{key} must be true or false")
        return bool(default)

    def both(self, key: str) -> Text:
        """The mapping `zh`, `en` under a key."""
        node = self.child(key)
        if node is None:
            return Text("", "")
        text = Text(node.text("zh"), node.text("en"))
        node.done()
        return text

    def done(self) -> None:
        """Fault every key that was not asked for."""
        if isinstance(self.value, dict):
            for key, node in self.value.items():
                if key not in self._known:
                    node.fault(f"unknown key {key}; known here: {', '.join(sorted(self._known))}")


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.current_event.start_mark
            raise yaml.composer.ComposerError(None, None, "aliases (*) are not allowed", mark)
        return super().compose_node(parent, index)


def load(path: Path, faults: Faults | None = None, *, name: str | None = None) -> Node:
    """The file's top node; `name` is what faults call the file (its path unless said).

    What makes the file unreadable is a fault as well, and the node is then an empty mapping. With no `faults` given,
    an unreadable file raises FaultyError and later faults are found at the node's own `faults`.
    """
    collected = Faults() if faults is None else faults
    file = name or str(path)
    top = _read(path, file, collected)
    if faults is None:
        collected.check()
    return top


def _read(path: Path, file: str, faults: Faults) -> Node:
    empty = Node(file, 1, {}, faults)
    try:
        composed = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        faults.append(Fault(file, 0, f"cannot be read: {error.strerror or 'no such file'}"))
    except UnicodeDecodeError:
        faults.append(Fault(file, 0, "is not UTF-8"))
    except RecursionError:
        faults.append(Fault(file, 0, "is nested too deeply"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.append(Fault(file, mark.line + 1 if mark else 0, f"is not YAML: {error.problem or error.context}"))
    except yaml.YAMLError:
        faults.append(Fault(file, 0, "is not YAML: holds a character that is not allowed"))
    else:
        if composed is None:
            faults.append(Fault(file, 0, "is empty"))
        else:
            return _node(composed, file, faults)
    return empty


def _node(composed: yaml.Node, file: str, faults: Faults) -> Node:
    line = composed.start_mark.line + 1
    if isinstance(composed, yaml.ScalarNode):
        return Node(file, line, _scalar(composed), faults)
    if isinstance(composed, yaml.SequenceNode):
        return Node(file, line, [_node(element, file, faults) for element in composed.value], faults)
    return Node(file, line, dict(_pairs(composed, file, faults)), faults)


def _pairs(composed: yaml.Node, file: str, faults: Faults) -> Iterator[tuple[str, Node]]:
    seen: dict[str, int] = {}
    for key_node, value_node in composed.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            faults.append(Fault(file, line, "a key must be a text"))
            continue
        key = str(key_node.value)
        if key in seen:
            faults.append(Fault(file, line, f"{key} stands here again (first in line {seen[key]})"))
            continue
        seen[key] = line
        node = _node(value_node, file, faults)
        node.line = line
        yield key, node


def _scalar(node: yaml.ScalarNode) -> Plain:
    """As YAML 1.2's core schema reads it: quoted text stays text."""
    text = str(node.value)
    if node.style is not None:
        return text
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
