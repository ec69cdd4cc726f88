"""The detectors' warm-up, and the drift of their peers' scores, as the metrics show them."""

import math
from random import Random

from prometheus_client import CollectorRegistry

from detectors.population import Population
from monitor.operating_metrics import OperatingMetrics
from monitor.worker.warmth import Warmth


def test_the_same_scores_are_no_drift_and_greater_ones_are() -> None:
    registry, chance = CollectorRegistry(), Random(1)
    warmth = Warmth(OperatingMetrics(registry))
    counties = {"420525": Population(), "110101": Population()}

    def come(scale: float, count: int = 2000) -> float:
        for county, population in counties.items():
            for _ in range(count):
                population.window("income-jump/employee").learn_one(chance.expovariate(1 / scale))
            warmth.learned(county, population)
        found = registry.get_sample_value("monitor_detector_calibration_drift", {"detector": "income-jump"})
        assert found is not None
        return found

    assert math.isnan(come(2.0))
    assert math.isnan(come(2.0, count=10))
    assert 0.8 < come(2.0) < 1.2
    assert come(4.0) > 2
    assert registry.get_sample_value("monitor_detector_calibration_scores", {"detector": "income-jump"}) == 12_020


def test_what_has_faded_is_no_drift() -> None:
    registry = CollectorRegistry()
    warmth, population = Warmth(OperatingMetrics(registry)), Population()
    for _ in range(2):
        for number in range(39_000):
            population.window("income-jump/").learn_one(number % 7)
        warmth.learned("420525", population)
    shown = registry.get_sample_value("monitor_detector_calibration_drift", {"detector": "income-jump"})
    assert shown is not None
    assert math.isnan(shown)
