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


class Progress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="progress", tag_field="kind"):
    """How far a county's feeds have come; detectors of stopped pay wait for it.

    `days` maps a feed to the latest day of `reported_at` that enough distinct records have reached.
    """

    county: str
    days: dict[str, int]


HouseholdMessage = Matched | RosterNote | Progress

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(HouseholdMessage).decode
