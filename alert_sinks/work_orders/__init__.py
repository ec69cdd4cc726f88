"""Work orders (工单): at most one open order per household, its alerts attached, its steps kept as events.

Read `attaching` for how alerts find their order, `standing` for what follows from them, `steps` and `closing` for
what officers do; `desk` is the door to all of it.
"""

from .attaching import Attached
from .desk import Desk

__all__ = ["Attached", "Desk"]
