"""What a detector saw when it looked, and what it compared it with: for those who ask why it spoke or stayed silent.

Nothing here is worked out unless somebody watches a household, and watching changes nothing: windows are only read.
"""

import math
from collections.abc import Callable
from copy import copy
from typing import NamedTuple

import msgspec

from detectors.calibration import LEAST_SCORES, Window, common
from detectors.drift import Drift
from detectors.income import FOREIGN, Shift
from detectors.medical import RUNS, Surge
from detectors.series import WARM_UP, Cells, amount_of
from detectors.settings import Detector
from detectors.stop import Stop


class Check(msgspec.Struct, frozen=True):
    """One of the conditions that must all hold for a detector to speak, with the values that were compared."""

    condition: str
    values: dict[str, float | str]
    holds: bool


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A detector's look at one month of one series. `person` is a pseudonym, empty for the household as a whole."""

    source: str
    person: str
    series: str
    month: int
    checks: tuple[Check, ...]


class Watched(NamedTuple):
    """A household that somebody asks about; `hear` is given each look at it, and the instant of it."""

    household_id: str
    hear: Callable[[int, Look], None]


def at_least(name: str, value: float, limit_name: str, limit: float) -> Check:
    """A value must reach a limit."""
    return Check(f"{name} >= {limit_name}", {name: _short(value), limit_name: _short(limit)}, value >= limit)


def at_most(name: str, value: float, limit_name: str, limit: float) -> Check:
    """A value must not exceed a limit."""
    return Check(f"{name} <= {limit_name}", {name: _short(value), limit_name: _short(limit)}, value <= limit)


def rare(score: float, window: Window, threshold: float, foreign: int = 0) -> tuple[Check, Check]:
    """There must be enough peers, and the score rare enough among theirs."""
    p_value = copy(window).p_value(score, foreign)  # a copy, for asking refreshes the tail
    return at_least("peers", window.total, "least_peers", LEAST_SCORES), at_most(
        "p_value", p_value, "threshold", threshold
    )


def own(score: float, season: Window | None, peers_share: float) -> Check:
    """What more of the peers show in the same month is nobody's own; of few peers more must."""
    share = season.share_above(score) if season is not None else 0.0
    seen: dict[str, float | str] = {"share_of_peers_that_month": _short(share), "peers_share": _short(peers_share)}
    usual = season is not None and season.usual(score, peers_share)
    return Check("share_of_peers_that_month <= peers_share", seen, not usual)


def news(is_news: bool) -> Check:
    """The same must not have been said before."""
    return Check("the same was not said before", {}, is_news)


def unknown(detector: Detector, person: str, series: str, month: int, first: int, periods: int) -> Look:
    """Too little is known before this month."""
    seen: dict[str, float | str] = {"months_since_the_first": month - first, "periods": periods}
    check = Check(f"{WARM_UP} months and 3 periods are known before", seen, False)
    return Look(source=detector.id, person=person, series=series, month=month, checks=(check,))


def in_doubt(detector: Detector, person: str, series: str, month: int) -> Look:
    """The feed's amounts are on another scale: they are kept, and nothing is said because of them."""
    check = Check("the feed's amounts are not in doubt (feed-shift)", {}, False)
    return Look(source=detector.id, person=person, series=series, month=month, checks=(check,))


def at_shift(
    detector: Detector, person: str, feed: str, shift: Shift, moved: tuple[float, float],
    peers: tuple[Window, Window | None], threshold: float, is_news: bool,
) -> Look:  # fmt: skip
    """income-jump and income-drop: two to four periods against the past before them. `moved` is change and score."""
    limits, (change, score) = detector.parameters, moved
    window, season = peers
    seen: dict[str, float | str] = {
        "expected": amount_of(shift.expected), "came": amount_of(shift.came),
        "change": _short(change), "least_change": limits.least_change,
    }  # fmt: skip
    checks = (
        Check("change >= least_change", seen, change >= limits.least_change),
        at_least("score", score, "deviations", limits.deviations),
        *rare(score, window, threshold, FOREIGN),
        own(score, season, limits.peers_share),
        news(is_news),
    )
    return Look(source=detector.id, person=person, series=feed, month=shift.onset, checks=checks)


def at_drift(
    detector: Detector, person: str, feed: str, month: int, found: Drift | None, alone: bool, window: Window,
    threshold: float, is_news: bool,
) -> Look:  # fmt: skip
    """income-drift: the line through the latest periods."""
    limits = detector.parameters
    if found is None:
        asked: dict[str, float | str] = {"least_periods": limits.least_periods, "steady_share": limits.steady_share}
        checks: tuple[Check, ...] = (Check("the latest periods rise along a line, and not by one step", asked, False),)
    else:
        checks = (
            at_least("rise", found.rise, "least_rise", limits.least_rise),
            Check("rises without the peers' movement too", {}, alone),
            at_least("score", found.score, "errors", limits.errors),
            *rare(found.score, window, threshold),
            news(is_news),
        )
    return Look(source=detector.id, person=person, series=feed, month=month, checks=checks)


def at_second(detector: Detector, person: str, feed: str, month: int, cells: Cells, share: float | None) -> Look:
    """second-source: payers beside each other; `share` is what the new one pays of the greater, None without one."""
    both = sum(1 for paid in cells.values() if len(paid) > 1)
    payers = len(cells.get(month, ()))
    checks = [
        Check("2 payers in the period", {"payers": payers}, payers >= 2),
        Check("a payer who is new pays a second period beside another",
             {"periods_with_several_payers": both}, share is not None),
    ]  # fmt: skip
    if share is not None:
        checks.append(at_least("share_of_the_greater", share, "least_share", detector.parameters.least_share))
    return Look(source=detector.id, person=person, series=feed, month=month, checks=tuple(checks))


def at_surge(
    detector: Detector, person: str, found: Surge, run: int, window: Window, season: tuple[Window, float],
    threshold: float, is_news: bool,
) -> Look:  # fmt: skip
    """medical-surge: `run` months in a row against the year before.

    `season` holds the peers' scores of the last of them, and the share of those who may have as great a one.
    """
    limits, score = detector.parameters, found.scores[list(RUNS).index(run)]
    least = math.log(limits.least_ratio) * 4
    peers, p_value = rare(score, window, threshold / RUNS[run])
    amounts: dict[str, float | str] = {
        "expected": _short(found.expected), "came": _short(found.came), "least_amount": limits.least_amount
    }  # fmt: skip
    checks = (
        Check("came >= least_amount", amounts, found.came >= limits.least_amount),
        own(found.scores[0], *season),
        at_least("score", score, "least_score_by_least_ratio", least),
        peers,
        p_value,
        news(is_news),
    )
    series = f"medical, {run} months in a row" if run > 1 else "medical, one month"
    return Look(source=detector.id, person=person, series=series, month=found.month, checks=checks)


def at_household(
    detector: Detector, month: int, kinds: dict[str, float], groups: int, score: float, window: Window,
    threshold: float, is_news: bool,
) -> Look:  # fmt: skip
    """household-outlier: `kinds` holds how many scales each kind of records that left its range lies outside."""
    strayed: dict[str, float | str] = {name: _short(deviation) for name, deviation in kinds.items()}
    limits = detector.parameters
    checks = (
        Check("kinds outside their range >= kinds", {**strayed, "kinds": limits.kinds}, groups >= limits.kinds),
        Check("score", {"score": _short(score)}, True),
        *rare(score, window, threshold),
        news(is_news),
    )
    return Look(source=detector.id, person="", series="the household", month=month, checks=checks)


def at_stop(
    detector: Detector, person: str, month: int, found: Stop | None, peers: tuple[int, int], is_news: bool
) -> Look:
    """income-drop's other half: wages that stopped; `peers` are the paid in the last period, and those who stopped."""
    limits = detector.parameters
    everybody, stopped = peers
    if found is None:
        checks: tuple[Check, ...] = (
            Check("three periods in which the person used to be paid are missing, none with a notice", {}, False),
        )
    else:
        others = max(1, everybody - 1)
        crowd = common(stopped - 1, others, limits.stopping_share)
        shares: dict[str, float | str] = {
            "share_of_peers_who_stopped": _short((stopped - 1) / others), "stopping_share": limits.stopping_share,
        }  # fmt: skip
        checks = (
            at_most("absence_usual_by_chance", found.p_own, "absence", limits.absence),
            at_least("peers", everybody, "least_peers", 20),
            Check("share_of_peers_who_stopped <= stopping_share", shares, not crowd),
            news(is_news),
        )
    return Look(source=detector.id, person=person, series="wages that stop", month=month, checks=checks)


def _short(value: float) -> float:
    return float(f"{value:.4g}")
