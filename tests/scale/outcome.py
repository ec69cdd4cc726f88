"""What a service leaves of a history, so that two runs can be compared."""

import json
from typing import Any, NamedTuple

from tests.integration.live import Live, history

HISTORY = history(3000, seed=11)


class Outcome(NamedTuple):
    """The alerts that stand, by id, and the alerts of each household's orders."""

    standing: dict[str, dict[str, Any]]
    orders: dict[str, list[set[str]]]


def outcome(service: Live) -> Outcome:
    """What stands now. What was raised and retracted on the way hangs on the order of the feeds, and is left out."""
    standing = {name: alert for name, alert in service.standing().items() if alert["status"] == "raised"}
    orders = {
        household: sorted((set(order) & standing.keys() for order in orders), key=sorted)
        for household, orders in service.orders().items()
    }
    return Outcome(standing, {household: [one for one in found if one] for household, found in orders.items()})


def contents_of_one_revision(service: Live) -> int:
    """How many contents the revision with the most has: one, or something was said twice and differently."""
    contents: dict[tuple[str, int], set[str]] = {}
    for alert in service.revisions():
        told = {name: value for name, value in alert.items() if name != "detected_at"}
        contents.setdefault((alert["alert_id"], alert["revision"]), set()).add(json.dumps(told, sort_keys=True))
    return max(len(found) for found in contents.values())
