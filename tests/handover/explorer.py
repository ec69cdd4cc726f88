"""Explores every path of actions up to a depth, each state once: ``python -m tests.handover.explorer DEPTH``."""

import sys
import time
from typing import NamedTuple

from tests.handover.world import Action, PausingStore, Rules, World, inside_a_loop

AS_IT_IS = Rules(PausingStore)
DIFFERING = Rules(PausingStore, differing=True)


class Found(NamedTuple):
    """What an exploration saw. `path` leads to a fault, and is empty where there is none."""

    states: int
    paths: int
    path: tuple[Action, ...]
    faults: list[str]


def explore(rules: Rules, depth: int, messages: int = 2) -> Found:
    """Breadth first, so that a fault is shown by one of the shortest paths that lead to it."""
    return inside_a_loop(lambda: _explore(rules, depth, messages))  # type: ignore[no-any-return]


def _explore(rules: Rules, depth: int, messages: int) -> Found:
    level: list[tuple[Action, ...]] = [()]
    seen = {_picture(rules, messages, ())}
    paths = 0
    for _ in range(depth):
        following: list[tuple[Action, ...]] = []
        for path in level:
            world = _walk(rules, messages, path)
            actions = world.actions()
            world.close()
            for action in actions:
                paths += 1
                world = _walk(rules, messages, path)
                world.do(action)
                picture = world.picture()
                if picture not in seen:
                    seen.add(picture)
                    following.append((*path, action))
                    faults = world.faults(finished=False)
                    if not faults:
                        world.finish()
                        faults = world.faults(finished=True)
                    if faults:
                        world.close()
                        return Found(len(seen), paths, (*path, action), faults)
                world.close()
        level = following
    return Found(len(seen), paths, (), [])


def _walk(rules: Rules, messages: int, path: tuple[Action, ...]) -> World:
    world = World(rules, messages)
    for action in path:
        world.do(action)
    return world


def _picture(rules: Rules, messages: int, path: tuple[Action, ...]) -> object:
    world = _walk(rules, messages, path)
    picture = world.picture()
    world.close()
    return picture


def main() -> None:
    """Explore the protocol as it is; say how much was seen."""
    depth, messages = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2
    status = 0
    for what, rules in (("one configuration, a write lost", AS_IT_IS), ("two configurations", DIFFERING)):
        began = time.process_time()
        found = explore(rules, depth, messages)
        took = time.process_time() - began
        print(
            f"{what}: depth {depth}, {messages} messages, {found.states:,} states, {found.paths:,} steps, {took:.0f} s"
        )
        for fault in found.faults:
            print(fault, *(f"  {action} {number}" for action, number in found.path), sep="\n")
            status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
