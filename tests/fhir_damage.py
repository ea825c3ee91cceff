"""Resources with one thing wrong in them, anywhere: what a hostile or careless sender sends."""

from __future__ import annotations

import copy
import random
from typing import Any

WRONG: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, "", " ", "x", "\u202e", [], {}, [None], [[]], [{}], ["x"]),
    *({"x": 1}, {"coding": "x"}, {"coding": [1]}, {"reference": 1}, 10**400, "Patient/p1"),
)


def places(data: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give every place in plain data."""
    keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    return [place, *(each for key in keys for each in places(data[key], (*place, key)))]


def damaged(data: Any, seed: int) -> tuple[Any, bool]:
    """Give data with one value replaced, dropped, doubled, or under a strange name.

    The second tells whether something was taken away: what nobody sent cannot be missed.
    """
    chance = random.Random(seed)
    found = copy.deepcopy(data)
    *way, last = chance.choice([each for each in places(found) if each])
    part = found
    for key in way:
        part = part[key]
    kind = chance.randrange(4)
    if kind == 0:
        del part[last]
        return found, True
    if kind == 1 and isinstance(part, dict):
        part[f"{last}x"] = part.pop(last)
    elif kind == 2 and isinstance(part, list):
        part.append(copy.deepcopy(part[last]))
    else:
        part[last] = copy.deepcopy(chance.choice(WRONG))
        return found, part[last] in (None, [], {})
    return found, False
