"""Feeds in doubt: whose values were on another scale, from when until when, and whom what rests on them concerns."""

from typing import Any

import msgspec

from streams.moments import DAY, iso

VERSION = 1
_KNOWN = 200
"""So many doubts are remembered; those that have ended longest ago are forgotten first."""
_FEW = 1000
_LOOKED_BACK = 62 * DAY
"""A shift shows within days; so long afterwards it is still known whom it concerns, however many they are."""


class Doubt(msgspec.Struct, array_like=True, frozen=True):
    """A cell whose values are on another scale, from a moment on, until one (None: still)."""

    feed: str
    cell: str
    since: int
    until: int | None = None

    def covers(self, feed: str, cell: str, reported_at: int) -> bool:
        """What was reported at this moment in this cell is in doubt."""
        return (
            self.feed == feed
            and self.cell == cell
            and self.since <= reported_at
            and (self.until is None or reported_at < self.until)
        )

    def evidence(self) -> dict[str, Any]:
        """The doubt as an alert's evidence shows it; `until` is there when it is over."""
        shown = {"feed": self.feed, "region": self.cell, "since": iso(self.since)}
        return shown if self.until is None else {**shown, "until": iso(self.until)}


class Doubts(msgspec.Struct, array_like=True):
    """All doubts, and by feed the households of which something was said because of its amounts, with the latest
    report of what it rests on. The host keeps it like a county's models."""

    version: int = VERSION
    known: list[Doubt] = []
    rested: dict[str, dict[str, int]] = {}

    def encode(self) -> bytes:
        """The doubts as bytes, none where there is nothing; the same content gives the same bytes."""
        return _encode(self) if self.known or self.rested else b""

    @classmethod
    def decode(cls, packed: bytes | None) -> "Doubts":
        """The doubts of these bytes; none for no bytes and for another version."""
        if packed and packed[0] & 0xF0 == 0x90 and packed[1] == VERSION:
            return _decode(packed)
        return cls()

    def of(self, feed: str, cell: str, reported_at: int) -> Doubt | None:
        """The doubt about what was reported at this moment in a cell, if there is one."""
        for doubt in self.known:
            if doubt.covers(feed, cell, reported_at):
                return doubt
        return None

    def rests(self, feed: str, household_id: str, reported_at: int) -> None:
        """Something was said of a household because of an amount that this feed reported then."""
        households = self.rested.setdefault(feed, {})
        households[household_id] = max(reported_at, households.get(household_id, reported_at))
        if len(households) > _FEW and len(households) & 0xFF == 0:
            self._forget(feed, max(households.values()) - _LOOKED_BACK)

    def take(self, doubt: Doubt) -> list[str]:
        """A doubt began or ended; the households of which something was said that may rest on it, sorted."""
        same = [
            known
            for known in self.known
            if (known.feed, known.cell, known.since) == (doubt.feed, doubt.cell, doubt.since)
        ]
        if any(known.until is not None for known in same):
            return []  # it has ended; a message that came twice does not begin it anew
        self.known = [known for known in self.known if known not in same]
        self.known.append(doubt)
        if len(self.known) > _KNOWN:
            self.known.remove(min(self.known, key=lambda known: known.until or doubt.since))
        households = self.rested.get(doubt.feed, {})
        return sorted(name for name, at in households.items() if at >= doubt.since)

    def _forget(self, feed: str, before: int) -> None:
        open_since = min((known.since for known in self.known if known.feed == feed and known.until is None), default=0)
        limit = min(before, open_since) if open_since else before
        self.rested[feed] = {name: at for name, at in self.rested[feed].items() if at >= limit}


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Doubts).decode
