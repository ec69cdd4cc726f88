"""How far a county's feeds have come: the latest day of `reported_at` that enough distinct records have reached."""

import heapq

import msgspec

ENOUGH = 20
"""Distinct records; a single one with a wrong date never moves the progress."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a county's feeds have come; detectors of stopped pay wait for it.

    `days` maps a feed to the latest day of `reported_at` that enough distinct records have reached.
    """

    county: str
    days: dict[str, int]


class CellProgress(msgspec.Struct, array_like=True):
    """The greatest days of a cell's records, at most twenty, each of a distinct record: (day, record's mark)."""

    latest: list[tuple[int, int]] = []

    def reached(self) -> int | None:
        """The day that twenty distinct records have reached; None before there were as many."""
        return self.latest[0][0] if len(self.latest) >= ENOUGH else None

    def note(self, day: int, mark: int) -> None:
        """One record was reported on this day. The same record counts once, with its latest day."""
        heap = self.latest
        if len(heap) >= ENOUGH and day <= heap[0][0]:
            return
        for index, (known, other) in enumerate(heap):
            if other == mark:
                if day > known:
                    heap[index] = (day, mark)
                    heapq.heapify(heap)
                return
        if len(heap) < ENOUGH:
            heapq.heappush(heap, (day, mark))
        else:
            heapq.heapreplace(heap, (day, mark))
