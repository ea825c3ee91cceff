"""The rooms of the workbench, as the bar of every page names them."""

from __future__ import annotations

from typing import TypedDict

from screening.serve.bench import Bench


class RoomBar(TypedDict):
    """What every page names: the root of its links, the room it is in, and all rooms."""

    root: str
    room: str
    rooms: list[tuple[str, str, str]]


def rooms_of(bench: Bench, here: str) -> RoomBar:
    """Give what every page names: the root of its links, and the rooms there are."""
    rooms = [("examine", "Examine", "/"), ("rules", "Rules", "/rules/")]
    if bench.run is not None:
        rooms.append(("runs", "Runs", "/runs/"))
    return {"root": "/", "room": here, "rooms": rooms}
