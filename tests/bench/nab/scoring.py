"""NAB's scoring, written from its published definition: Lavin and Ahmad, 2015, "Evaluating Real-time Anomaly Detection
Algorithms", and the standard profile: 1 for a window found, -1 for one missed, -0.11 for a false alarm.

Of each window only the earliest alarm counts, the more the earlier it comes; a false alarm soon after a window costs
less. One threshold for all files, the one that serves best. The first 15 % of a file (of 5,000 rows at most) is for
learning and is not scored. 0 is the score of a detector that never speaks, 100 of one that finds everything at once.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

FALSE_ALARM = 0.11
_LEARNING = 0.15
_LEARNING_ROWS = 5000
_STEEPNESS = 5.0
_FAR = 3.0


class Point(NamedTuple):
    """A scored row: the detector's score, what an alarm there is worth, and the window it lies in (-1: none)."""

    score: float
    worth: float
    window: int


class Result(NamedTuple):
    """The score from 0 to 100, at which threshold, with how many windows found and false alarms."""

    score: float
    threshold: float
    found: int
    windows: int
    false_alarms: int


def position_worth(position: float) -> float:
    """What an alarm is worth by its place: -1 is a window's first row, 0 its end, greater is after it."""
    return -1.0 if position > _FAR else 2 / (1 + math.exp(_STEEPNESS * position)) - 1


def points(scores: Sequence[float], windows: Sequence[tuple[int, int]], first_window: int) -> list[Point]:
    """The rows of one file that count. Its windows are numbered from `first_window` on."""
    learning = min(math.floor(_LEARNING * len(scores)), _LEARNING * _LEARNING_ROWS)
    found: list[Point] = []
    best = position_worth(-1.0)
    upcoming, current, former = list(enumerate(windows, start=first_window)), -1, None
    begin = end = 0
    for index, score in enumerate(scores):
        if upcoming and index == upcoming[0][1][0]:
            current, (begin, end) = upcoming.pop(0)
        if current >= 0:
            worth = position_worth((index - end - 1) / (end - begin + 1)) / best
        elif former is None:
            worth = -FALSE_ALARM
        else:
            worth = FALSE_ALARM * position_worth((index - former[1]) / max(1, former[1] - former[0]))
        if index >= learning:
            found.append(Point(score, worth, current))
        if current >= 0 and index == end:
            former, current = (begin, end), -1
    return found


def score(rows: Iterable[Point]) -> Result:
    """The best score that any single threshold gives."""
    ordered = sorted(rows, key=lambda point: -point.score)
    worths = dict.fromkeys((point.window for point in ordered if point.window >= 0), -1.0)
    total = float(-len(worths))
    best = Result(0.0, math.inf, 0, len(worths), 0)
    found: set[int] = set()
    alarms = 0
    for index, point in enumerate(ordered):
        if point.window < 0:
            total += point.worth
            alarms += 1
        else:
            found.add(point.window)
            if point.worth > worths[point.window]:
                total += point.worth - worths[point.window]
                worths[point.window] = point.worth
        last = index + 1 == len(ordered) or ordered[index + 1].score < point.score
        normal = 50 * (total / len(worths) + 1) if worths else 0.0
        if last and normal > best.score:
            best = Result(normal, point.score, len(found), len(worths), alarms)
    return best
