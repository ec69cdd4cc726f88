"""A worker that was asked to end does so in time, whatever hangs."""

from monitor.worker.deadline import SECONDS, start_deadline


def test_the_process_ends_with_status_0_when_the_time_is_over() -> None:
    slept: list[float] = []
    ended: list[int] = []
    start_deadline(ended.append, slept.append).join(5)
    assert (slept, ended) == ([SECONDS], [0])
    assert SECONDS < 10
