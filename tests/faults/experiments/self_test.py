"""Bad workers: the judge must catch them."""

from collections.abc import Callable

from tests.faults.experiments.experiment import Experiment
from tests.faults.load import Load
from tests.faults.run import Run


def with_a_bad_worker(word: str, number: int) -> Callable[[Run], None]:
    """One worker that loses or doubles something."""

    def strike(run: Run) -> None:
        run.letters = None
        run.crew.arm = lambda _place: [word, str(number)]
        run.begin(0.0, workers=1)

    return strike


DENSE = Load(rows=11_000, strangers=0.0, seed=2, repeats=False, households=2000, beacon_each=60)
"""Every change matters, and more than 10,000 reach assessment."""

EXPERIMENTS = {
    "self-test-lost": Experiment(
        "a worker that loses one change in 10,000", with_a_bad_worker("lose", 10_000), DENSE, must_be_caught=True
    ),
    "self-test-doubled": Experiment(
        "a worker that says one alert twice", with_a_bad_worker("double", 700), must_be_caught=True
    ),
}
