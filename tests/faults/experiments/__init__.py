"""The experiments by name."""

from tests.faults.experiments import broker, database, kills, poisoned, redis, self_test, sinks, surroundings
from tests.faults.experiments.experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    **kills.EXPERIMENTS,
    **broker.EXPERIMENTS,
    **redis.EXPERIMENTS,
    **database.EXPERIMENTS,
    **sinks.EXPERIMENTS,
    **surroundings.EXPERIMENTS,
    **poisoned.EXPERIMENTS,
    **self_test.EXPERIMENTS,
}
