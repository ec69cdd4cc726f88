"""feed-burst: far more distinct records in an hour than the cell's rhythm knows."""

import math

_OFFSET = 5.0
_PER_LOG = 4.0


def burst_score(distinct: float, most: float) -> float:
    """How far the hour lies above the greatest usual count, on the logarithmic scale in quarter steps; at least 0."""
    return max(0.0, math.log((distinct + _OFFSET) / (most + _OFFSET)) * _PER_LOG)


def is_burst(distinct: float, most: float, least_ratio: float, least_records: float, deviations: float) -> bool:
    """Enough times as many, enough more, and beyond what chance brings."""
    above = distinct - most
    return distinct >= least_ratio * most and above >= least_records and above >= deviations * math.sqrt(most + 1)
