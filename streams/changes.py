"""A change: one record of a department, checked, normalised, and without any plain name or number in it."""

from typing import Literal

import msgspec

Feed = Literal[
    "deaths",
    "vehicles",
    "properties",
    "social-insurance",
    "housing-fund",
    "businesses",
    "marriages",
    "household-register",
    "taxes",
    "pensions",
    "medical",
    "disabilities",
    "subsidies",
    "public-posts",
    "custody",
]
Value = str | float


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One record about one person.

    `person`, `spouse` and `related` are pseudonyms of the identity numbers that the record names; `name` is the keyed
    hash of the name's compared form, so that names can be compared and not read. `reported_at` is `occurred_at` where
    the source did not say. `values` holds the feed's own fields: words and names as text, amounts and grades as
    floats, `period` as ``YYYY-MM``; empty ones are absent. `sealed` is the ciphertext of the plain numbers and name,
    for people who must see them again and to settle ties.
    """

    feed: str
    event_id: str
    person: str
    occurred_at: int
    reported_at: int
    op: Literal["upsert", "retract"] = "upsert"
    derived: bool = False
    """The source gave no event_id; this one was made from the content."""
    spouse: str = ""
    related: str = ""
    name: str = ""
    region: str = ""
    source: str = ""
    values: dict[str, Value] = {}
    sealed: str = ""

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody whom the record names, each once."""
        return tuple(dict.fromkeys(p for p in (self.person, self.spouse, self.related) if p))

    def text(self, field: str) -> str:
        """A field that holds a word or a name; empty if absent."""
        value = self.values.get(field, "")
        return value if isinstance(value, str) else str(value)

    def number(self, field: str) -> float:
        """A field that holds an amount; 0 if absent."""
        value = self.values.get(field, 0.0)
        return value if isinstance(value, float) else 0.0


class Rejection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a record was refused: contract.md §4. Never holds a value of the record."""

    feed: str
    reason: Literal[
        "undecodable", "missing", "bad_date", "future", "bad_identity", "unknown_word", "bad_number", "bad_columns"
    ]
    field: str = ""
    index: int | None = None
    """The position in an array of records."""
