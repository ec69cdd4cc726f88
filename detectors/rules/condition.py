"""A condition in CEL over the vocabulary: checked when it is read, with the place of every fault."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from cel_expr_python import cel

from detectors.rules.scope import Scope
from detectors.rules.vocabulary import Name, Value

_TYPES = {
    "text": cel.Type.STRING,
    "number": cel.Type.DOUBLE,
    "flag": cel.Type.BOOL,
    "texts": cel.Type.List(cel.Type.STRING),
}
_PIECES = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_][\w.]*)|(?P<number>\d[\w.]*)|(?P<rest>.)""",
    re.S,
)
_REMEMBERED = 4096
"""Outcomes kept per condition: it is a pure function of its values, and people's amounts repeat."""
_WHERE = re.compile(r"<input>:\d+:(\d+): (.*)")


class ConditionError(ValueError):
    """An expression that cannot be used; the text says why and at which character."""


class Condition:
    """An expression; `names` are those of the vocabulary that it reads, in the order in which they stand."""

    def __init__(self, source: str, names: Mapping[str, Name], result: str = "flag") -> None:
        self.source = source
        self.names = {name: names[name] for name in _names(source) if name in names}
        self.local = all(name.fact is None for name in self.names.values())
        self._getters = tuple((name, entry.value) for name, entry in self.names.items())
        self._outcomes: dict[tuple[object, ...], bool] = {}
        environment = cel.NewEnv(variables={name: _TYPES[entry.kind] for name, entry in names.items()})
        try:
            self._program = environment.compile(_with_points(source))
        except RuntimeError as error:
            raise ConditionError(_explain(str(error))) from None
        if self._program.return_type() != _TYPES[result]:
            raise ConditionError(f"must be true or false, but is {self._program.return_type().name().lower()}")

    def values(self, scope: Scope) -> dict[str, Value]:
        """What the names that it reads are worth here."""
        return {name: value(scope) for name, value in self._getters}

    def holds(self, scope: Scope) -> bool:
        """Whether it is true here. Raises ArithmeticError where it cannot be worked out, as by a division by 0."""
        values = [value(scope) for _, value in self._getters]
        known = tuple([tuple(value) if value.__class__ is list else value for value in values])
        outcome = self._outcomes.get(known)
        if outcome is None:
            if len(self._outcomes) >= _REMEMBERED:
                self._outcomes.clear()
            outcome = self._outcomes[known] = self._evaluate(dict(zip(self.names, values, strict=True)))
        return outcome

    def _evaluate(self, values: Mapping[str, Value]) -> bool:
        outcome = self._program.eval(data=values).value()
        if not isinstance(outcome, bool):
            raise ArithmeticError(f"`{self.source}` cannot be worked out: {outcome}")
        return outcome


class Part(NamedTuple):
    """One part of a rule's condition, as `monitor explain` shows it."""

    source: str
    values: dict[str, Value]
    holds: bool


def _pieces(source: str) -> list[tuple[str, str]]:
    return [(match.lastgroup or "rest", match.group()) for match in _PIECES.finditer(source)]


def _names(source: str) -> list[str]:
    """The names in an expression, each once; of `change.to_region.startsWith` the name is the part that is known."""
    found: dict[str, None] = {}
    for kind, piece in _pieces(source):
        if kind == "name":
            found[".".join(piece.split(".")[:2])] = None
    return list(found)


def _with_points(source: str) -> str:
    """Amounts may be written without a decimal point: CEL compares 5 with no amount, 5.0 with all."""
    return "".join(f"{p}.0" if kind == "number" and p.isdigit() else p for kind, p in _pieces(source))


def _explain(error: str) -> str:
    found = _WHERE.search(error)
    if found is None:
        return error.splitlines()[0]
    column, text = found.groups()
    unknown = re.match(r"undeclared reference to '([\w.]+)'", text)
    if unknown:
        return f"unknown name {unknown.group(1)} (character {column})"
    return f"{text.rstrip('.')} (character {column})"
