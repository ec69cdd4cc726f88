"""second-source: another payer beside the first, from the second period in which both paid."""

from typing import NamedTuple

from detectors.series import WARM_UP, Cells

_WINDOW = 12


class SecondSource(NamedTuple):
    """A payer beside another one; periods are the first and the second in which both paid."""

    onset: int
    confirmed: int
    payer: int
    beside: int


def second_source(cells: Cells, first_seen: list[int], first: int, period: int) -> SecondSource | None:
    """The payer who is new beside another one in `period`, if it is the second such period of the last twelve.

    A payer who was there in the first six months since `first` is no news. Of two new ones the later seen is the
    second.
    """
    payers = cells.get(period)
    if payers is None or len(payers) < 2:
        return None
    together = [at for at, paid in cells.items() if len(paid) > 1 and period - _WINDOW < at <= period]
    if len(together) < 2:
        return None
    for payer in sorted(payers, key=lambda index: (-first_seen[index], -index)):
        if first_seen[payer] - first < WARM_UP:
            continue
        for other in payers:
            both = [at for at in together if payer in cells[at] and other in cells[at]]
            if other != payer and len(both) >= 2 and first_seen[other] <= first_seen[payer]:
                return SecondSource(both[0], both[1], payer, other)
    return None
