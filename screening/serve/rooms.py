"""The rooms of the workbench, as the bar of every page names them."""

from __future__ import annotations

from screening.serve.bench import Bench


def rooms_of(bench: Bench, here: str) -> dict[str, object]:
    """Give what every page names: the root of its links, and the rooms there are."""
    rooms = [("examine", "Examine", "/"), ("rules", "Rules", "/rules/")]
    if bench.run is not None:
        rooms.append(("runs", "Runs", "/runs/"))
    return {"root": "/", "room": here, "rooms": rooms}
