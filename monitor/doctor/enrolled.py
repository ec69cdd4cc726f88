"""The secret file is the one under which the roster was published: with another one nobody would be known again."""

from collections.abc import Iterator
from pathlib import Path

from confluent_kafka import KafkaException

from monitor.doctor.finding import Finding, fault, ok
from streams.errors import UnusableError
from streams.roster_lines import read_line, reveal_member
from streams.secrets import Keys
from streams.topic_inspection import a_newest_value
from streams.topics import ROSTER

_ADVICE = "restore the file that the roster was loaded with, and its ring; start no worker with this one"


def check_enrolled(kafka: str, secret_file: Path) -> Iterator[Finding]:
    """Whether the members of the roster's newest line bear the pseudonyms that this file gives them.

    Nothing where there is no such line, or no broker or no file: others tell that.
    """
    try:
        keys = Keys.from_file(secret_file)
        value = a_newest_value(kafka, ROSTER)
        members = read_line(value, keys).members if value else ()
    except (UnusableError, KafkaException, ValueError):
        return
    sealed = [member for member in members if member.sealed]
    try:
        same = all(keys.pseudonym(reveal_member(member, keys)["id_number"]) == member.person for member in sealed)
    except UnusableError as error:
        yield fault("secret", f"the roster was sealed with another key: {error}", _ADVICE)
        return
    if not same:
        yield fault("secret", "the roster's pseudonyms are another secret file's", _ADVICE)
    elif sealed:
        yield ok("secret", "the roster was published under this file")
