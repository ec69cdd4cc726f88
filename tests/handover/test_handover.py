"""However two workers, the broker and the store take turns: nothing is lost, and no revision has two contents."""

from collections.abc import Mapping

import pytest

from streams.store import Part
from tests.handover.explorer import AS_IT_IS, DIFFERING, explore
from tests.handover.world import PausingStore, Rules

DEPTH = 8
"""Actions; `python -m tests.handover.explorer 12` goes further and is in docs/proof.md."""


class _Unfenced(PausingStore):
    """Takes every save, also that of a worker which lost the partition."""

    async def saving(self, part: int, over: Part, applied: int, unsent: bytes, values: Mapping[str, bytes]) -> bool:
        kept = await self.shared.load_part(part, [])
        return await self.shared.save_part(part, kept, applied, unsent, values)


class _Forgetful(PausingStore):
    """Keeps the households' states, but not what is still to be published."""

    async def saving(self, part: int, over: Part, applied: int, unsent: bytes, values: Mapping[str, bytes]) -> bool:
        return await self.shared.save_part(part, over, applied, b"", values)


class _Overzealous(PausingStore):
    """Marks as sent whatever waits, not only what the caller has published."""

    async def marking(self, part: int, applied: int) -> None:
        kept = await self.shared.load_part(part, [])
        await self.shared.sent(part, kept.applied)


class _Halved(PausingStore):
    """Saves progress and states in two steps, the progress first; the second is another's if that was faster."""

    async def saving(self, part: int, over: Part, applied: int, unsent: bytes, values: Mapping[str, bytes]) -> bool:
        saved = await self.shared.save_part(part, over, applied, unsent, {})
        return saved and await self.shared.save_part(
            part, Part(applied, b"", []), applied, unsent, dict.fromkeys(values, b"")
        )


@pytest.mark.parametrize("rules", [AS_IT_IS, DIFFERING], ids=["one configuration", "two configurations"])
def test_the_protocol_holds_in_every_order_of_steps(rules: Rules) -> None:
    found = explore(rules, DEPTH)
    assert found.faults == []
    assert found.states > 1000


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(Rules(_Unfenced, differing=True), id="no fence by offset"),
        pytest.param(Rules(_Forgetful), id="unsent alerts are not saved"),
        pytest.param(Rules(_Overzealous), id="the successor's alerts are marked as sent"),
        pytest.param(Rules(_Halved), id="progress saved without the states"),
        pytest.param(Rules(PausingStore, commits_first=True), id="commit before save"),
    ],
)
def test_a_bug_put_back_is_seen(broken: Rules) -> None:
    found = explore(broken, DEPTH + 1)
    assert found.faults
