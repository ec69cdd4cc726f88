"""Which verification centre follows an alert up: by region (longest prefix first) and direction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from detectors.alerts import Direction, Text
from detectors.yaml_file import Faults, Node, load

DIRECTIONS: tuple[Direction, ...] = ("exit", "help", "review", "data")
REGION_LENGTHS = (2, 4, 6, 9, 12)
_OBJECTION_DAYS = 10


@dataclass(frozen=True, kw_only=True)
class Centre:
    """A verification centre (核对中心). `objection_days`: how long an applicant may object to an adverse outcome."""

    id: str
    name: Text
    objection_days: int = _OBJECTION_DAYS


@dataclass(frozen=True)
class Routing:
    """Centres by id, and the centre of each region and direction; the direction ``""`` stands for all others.

    The region ``""`` has a centre for every direction, so that no alert is left without one.
    """

    centres: Mapping[str, Centre]
    routes: Mapping[tuple[str, str], str]
    _lengths: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        lengths = sorted({len(region) for region, _ in self.routes}, reverse=True)
        object.__setattr__(self, "_lengths", tuple(lengths))

    def centre_of(self, region: str, direction: Direction) -> Centre:
        """The centre of the longest prefix of the region that has one for the direction."""
        for length in self._lengths:
            if length <= len(region):
                prefix = region[:length]
                found = self.routes.get((prefix, direction)) or self.routes.get((prefix, ""))
                if found:
                    return self.centres[found]
        raise LookupError(f"no centre for direction {direction}")


def load_routing(path: Path, faults: Faults | None = None) -> Routing:
    """Read `centres.yaml`. Raises FaultyError with all faults, or collects them where `faults` is given."""
    collected = Faults() if faults is None else faults
    top = load(path, collected, name=path.name)
    days = top.integer("objection_days", _OBJECTION_DAYS, least=1, most=365)
    centres = _centres(top, days)
    routes = _routes(top, centres)
    top.done()
    if faults is None:
        collected.check()
    return Routing(centres, routes)


def _centres(top: Node, days: int) -> dict[str, Centre]:
    centres: dict[str, Centre] = {}
    for node in _listed(top, "centres"):
        name = node.text("id")
        if name in centres:
            node.fault(f"centre {name} stands here again")
        own_days = node.integer("objection_days", days, least=1, most=365)
        centres[name] = Centre(id=name, name=node.both("name"), objection_days=own_days)
        node.done()
    return centres


def _routes(top: Node, centres: Mapping[str, Centre]) -> dict[tuple[str, str], str]:
    routes: dict[tuple[str, str], str] = {}
    nodes = _listed(top, "routes")
    for node in nodes:
        region = _region(node)
        centre = node.text("centre")
        if centre and centre not in centres:
            node.fault(f"centre {centre} is not listed under centres")
        for direction in _directions(node):
            if (region, direction) in routes:
                node.fault(f"region {region or 'default'}, {direction or 'all directions'}: has a centre already")
            routes[region, direction] = centre
        node.done()
    if nodes and ("", "") not in routes:
        nodes[-1].fault("a route with region: default and no directions is missing; it takes what no other one takes")
    return routes


def _listed(top: Node, key: str) -> Sequence[Node]:
    node = top.child(key)
    if node is None:
        return ()
    elements = node.elements()
    if not elements:
        node.fault(f"{key} must not be empty")
    return elements


def _region(node: Node) -> str:
    """The prefix of division codes; `default` is every region."""
    child = node.child("region")
    value = str(child.value) if child is not None and isinstance(child.value, str | int) else ""
    if value == "default":
        return ""
    if child is not None and not (value.isascii() and value.isdigit() and len(value) in REGION_LENGTHS):
        child.fault("region must be default, or the first 2, 4, 6, 9 or all 12 digits of a division code")
    return value


def _directions(node: Node) -> tuple[str, ...]:
    """The directions that the route is for; ``""`` where it says none."""
    child = node.child("directions", required=False)
    if child is None:
        return ("",)
    named = []
    for element in child.elements():
        if element.value in DIRECTIONS:
            named.append(str(element.value))
        else:
            element.fault(f"directions must be of {', '.join(DIRECTIONS)}")
    return tuple(named)
