"""Messages of `household-changes.v1`: all that assessment ever learns about a household, in the order it learns it."""

import msgspec

from streams.changes import Change
from streams.roster import Line, Membership


class Matched(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="change", tag_field="kind"):
    """A change that concerns a household, or replaces one that did."""

    household_id: str
    change: Change
    correlation_id: str = ""
    published_at: int = 0
    """Kafka's timestamp of the department's record, as an instant; what alerts' delay is measured from."""


class RosterNote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="roster", tag_field="kind"):
    """The household's own line as it was enrolled, and what its persons' other households hold.

    `line` is None where only another household changed. `others` maps a person to other households' memberships.
    Notes may repeat and overtake each other: of two lines with one `as_of` the greater version holds.
    """

    household_id: str
    version: int
    line: Line | None = None
    others: dict[str, dict[str, tuple[Membership, ...]]] = {}


class Reached(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="reached", tag_field="kind"):
    """Records of a feed, anybody's, have reached a county: that tells how far the feed has come.

    `marks` are days of `reported_at`, each with 20 bits of a keyed hash: enough to tell twenty records from one that
    came twenty times, too few to tell whose they are.
    """

    county: str
    feed: str
    marks: tuple[tuple[int, int], ...]


class Counted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="counted", tag_field="kind"):
    """What a worker has counted of all feeds since the last time: numbers and sketches of anybody's records.

    `cells` is for the watch over the feeds to read, `at` the clock of the sender. All records that the partitions in
    `done` (by feed, a bit each) held at the instant `until` have been counted by now; `partitions` is how many the
    feeds have together.
    """

    at: int
    cells: bytes = b""
    done: dict[str, int] = {}
    until: int = 0
    partitions: int = 0


class Doubted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="doubted", tag_field="kind"):
    """The values of a feed of a division are on another scale since an instant, or were until another one."""

    feed: str
    cell: str
    since: int
    until: int | None = None


FEEDS_KEY = "feeds"
"""The key of `Counted` and `Doubted`: what is counted anywhere must meet in one partition."""
HouseholdMessage = Matched | RosterNote | Reached | Counted | Doubted

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(HouseholdMessage).decode
