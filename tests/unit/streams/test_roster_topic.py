"""Who is in a line of the roster's topic, whichever of its two forms it has."""

import json

from streams.roster_lines import read_line
from streams.roster_topic import message, persons
from tests.unit.streams.people import KEYS, number

PLAIN = {
    "household_id": "H-1",
    "region": "420525101003",
    "as_of": "2026-01-01",
    "programs": [{"program": "dibao"}],
    "members": [{"id_number": number(1), "relation": "head"}, {"id_number": number(2), "relation": "child"}],
}


def test_the_plain_form_names_the_same_persons_as_the_published_one() -> None:
    plain = json.dumps(PLAIN).encode()
    published = message(read_line(plain, KEYS)).value
    assert persons(plain, KEYS) == persons(published, KEYS) == [KEYS.pseudonym(number(1)), KEYS.pseudonym(number(2))]
    assert number(1).encode() not in published


def test_what_is_no_line_names_nobody() -> None:
    for value in (None, b"", b"{", b"[]", b"\xff", b'{"members": [{"person": 1}]}', b"[" * 100_000):
        assert persons(value, KEYS) == []
