"""From a score to a p-value: how rare is it among the peers' scores, and how rare must it be to be worth a visit.

Scores of a peer group are counted in a histogram of fixed bins; old ones fade. Within what was seen the p-value is
conformal, (1 + as great or greater) / (1 + all). A budget of one false alarm in thousands of months asks for rarer
events than a county has seen, so that beyond the greatest hundredth the tail is continued exponentially from the bulk,
and the rarer of the two never falls below what was really seen. What alarmed is not learned, else the truths of one
year would hide those of the next.
"""

import math

import msgspec

_SHARE_OF_FEW = 0.25
_LEAST_OTHERS = 3
_CROWD = 12
"""More than a quarter of few peers must move in a month, and three others, of many a dozen: then it is nobody's own."""
_FOREIGN_SHARE = 0.02
_GROWN = 600
"""A window with so many scores is no longer young."""
BINS = 96
LEAST_SCORES = 100
"""A peer group with fewer scores is not enough to judge by."""
_PER_UNIT = 4.0
_LINEAR = 48
_BULK, _TAIL = 0.1, 0.01
_LEAST = 1e-9
"""No tail is known as well as that."""
_MOST_MONTHS = 1.0
"""In the beginning households are counted and nothing is judged yet; that must not count as quiet."""


def bin_of(score: float) -> int:
    """Quarter steps up to 12, then logarithmic; everything below 0 is in the first bin."""
    if score <= 0:
        return 0
    if score < _LINEAR / _PER_UNIT:
        return int(score * _PER_UNIT)
    return min(BINS - 1, _LINEAR + int(math.log(score / 12.0) * 16))


def _edge(index: int) -> float:
    return index / _PER_UNIT if index <= _LINEAR else 12.0 * math.exp((index - _LINEAR) / 16)


def common(moved: int, others: int, share: float) -> bool:
    """So many of the others moved as well that it is nobody's own; `share` is what is asked of many."""
    return moved >= _LEAST_OTHERS and moved > min(_SHARE_OF_FEW * others, max(share * others, _CROWD))


class Window(msgspec.Struct, array_like=True):
    """The scores of a peer group, counted. Halved when there are more than `most`, so that old ones fade."""

    counts: list[int] = msgspec.field(default_factory=lambda: [0] * BINS)
    total: int = 0
    tail: tuple[float, float] = (0.0, 0.0)
    """Where the exponential tail begins, and its scale; refreshed now and then."""
    fresh: int = 0
    """How many scores were learned since the tail was fitted."""

    def learn_one(self, score: float, most: int = 40_000) -> None:
        """Count a score."""
        self.counts[bin_of(score) if score > 0 else 0] += 1
        self.total = total = self.total + 1
        self.fresh += 1
        if total > most:
            self.counts = [count // 2 for count in self.counts]
            self.total = sum(self.counts)

    def p_value(self, score: float, foreign: int = 0) -> float:
        """The probability that a peer's score is as great; 1 where nothing is known.

        In a young window up to `foreign` of the greatest scores may be true changes, learned while too little was known
        to tell, and are left out.
        """
        if self.total == 0:
            return 1.0
        if self.fresh * 10 >= self.total:
            self._fit(foreign)
        seen = (1 + self.above(score)) / (1 + self.total)
        begin, scale = self.tail
        if score <= begin:
            return seen
        beyond = max(0.0, self.above(score) - 1 - self._left_out(foreign)) / (1 + self.total)
        return max(beyond, _LEAST, _TAIL * math.exp(-(score - begin) / scale))

    def share_above(self, score: float) -> float:
        """The share of the peers whose score was as great."""
        return self.above(score) / self.total if self.total else 0.0

    def usual(self, score: float, share: float) -> bool:
        """More than this share of the peers have such a score; of few peers more must.

        Asked of the scores of one month, the own one among them: what many have in it is nobody's own.
        """
        return score > 0 and common(self.above(score) - 1, self.total - 1, share)

    def above(self, score: float) -> int:
        """How many scores were as great, to the bin."""
        return sum(self.counts[bin_of(score) :])

    def _left_out(self, foreign: int) -> float:
        return min(foreign, _FOREIGN_SHARE * self.total, _GROWN / (1 + self.total))

    def _fit(self, foreign: int) -> None:
        but = self._left_out(foreign)
        bulk, tail = self.upper(_BULK, but), self.upper(_TAIL, but)
        self.tail = (tail, max(0.25, (tail - bulk) / math.log(_BULK / _TAIL)))
        self.fresh = 0

    def upper(self, share: float, but: float = 0.0) -> float:
        """The score that this share of the peers exceeds once the `but` greatest are left out.

        Within a bin they are taken to lie evenly.
        """
        left = share * self.total + but
        for index in range(BINS - 1, 0, -1):
            count = self.counts[index]
            if left < count:
                begin, end = _edge(index), _edge(index + 1)
                return end - (end - begin) * left / count
            left -= count
        return 0.0


class Budget(msgspec.Struct, array_like=True):
    """How rare a score must be, so that a detector stays within its false alarms per 1,000 household-months."""

    evaluations: float = 0.0
    household_months: float = 0.0

    def threshold(self, per_thousand: float) -> float:
        """The greatest p-value that still alarms."""
        months = (self.household_months + 100.0) / (self.evaluations + 100.0)
        return per_thousand / 1000 * min(months, _MOST_MONTHS)
