"""A proof as a picture: the conclusion, what it needs, and what that rests on, as SVG.

Met, not met and unknown differ by shape, sign and line, so that a grey print tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any

_WIDTH, _INDENT, _LINE, _GAP = 560, 26, 16, 8
_LETTER = 6.3
"""About how wide a letter of the text is."""

_STATUS = {True: "met", False: "not_met", None: "unknown"}
_SAID = {"met": "met", "not_met": "not met", "unknown": "unknown"}
_SIGN = {
    "met": '<circle class="is-met" cx="{x}" cy="{y}" r="7"/>'
    '<path class="tick" d="M{x} {y}m-3.4 0.2l2.4 2.6l4.4 -5.2"/>',
    "not_met": '<path class="is-not-met" d="M{x} {y}m-6.5 -6.5h13v13h-13z"/>'
    '<path class="cross" d="M{x} {y}m-3 -3l6 6m0 -6l-6 6"/>',
    "unknown": '<path class="is-unknown" d="M{x} {y}m0 -8.5l8.5 8.5l-8.5 8.5l-8.5 -8.5z"/>'
    '<text class="query" x="{x}" y="{y}" dy="4" text-anchor="middle">?</text>',
}


@dataclass(frozen=True, slots=True)
class _Node:
    """One line of the picture, with where it stands."""

    depth: int
    status: str
    lines: list[str]
    top: int
    parent: int | None


def proof_drawing(proof: dict[str, Any]) -> str:
    """Draw the proof of a conclusion as ``screening why`` gives it."""
    nodes: list[_Node] = []
    for depth, status, text, parent in _Walk().conclusion(proof):
        top = nodes[-1].top + _LINE * len(nodes[-1].lines) + _GAP if nodes else 4
        room = int((_WIDTH - depth * _INDENT - 24) / _LETTER)
        nodes.append(_Node(depth, status, wrap(text, room), top, parent))
    height = nodes[-1].top + _LINE * len(nodes[-1].lines) + 4
    links = [_link(nodes[node.parent], node) for node in nodes if node.parent is not None]
    said = ". ".join(f"{' '.join(node.lines)}: {_SAID[node.status]}" for node in nodes)
    return (
        f'<svg class="proof" role="img" aria-label="{escape(said)}" '
        f'viewBox="0 0 {_WIDTH} {height}">{"".join(links)}{"".join(map(_drawn, nodes))}</svg>'
    )


_Line = tuple[int, str, str, int | None]


class _Walk:
    """Gives depth, status, text and parent of every line, from the top down."""

    def __init__(self) -> None:
        self.lines: list[_Line] = []
        self._drawn: set[tuple[str, str | None]] = set()

    def conclusion(self, proof: dict[str, Any]) -> list[_Line]:
        where = f" ({proof['side']})" if proof["side"] else ""
        self.lines.append((0, _STATUS[proof["value"]], f"{proof['title']}{where}", None))
        self._rules(proof["proofs"], 1, 0, bool(proof["value"]))
        return self.lines

    def _rules(self, rules: list[dict[str, Any]], depth: int, parent: int, met: bool) -> None:
        """Draw the one rule that suffices, or every way that is open or closed."""
        shown = rules[:1] if met else rules
        for rule in shown:
            below, at = parent, depth
            if len(shown) > 1:
                below, at = len(self.lines), depth + 1
                said = f"{rule['rule']}: {rule['title']}"
                self.lines.append((depth, _together(rule["premises"]), said, parent))
            for premise in rule["premises"]:
                self._premise(premise, at, below)

    def _premise(self, premise: dict[str, Any], depth: int, parent: int) -> None:
        here, met = len(self.lines), premise["status"] == "met"
        # That nothing of many things holds needs no branch for each of them.
        below = [] if met and premise.get("wanted") is False else premise["proofs"]
        again = bool(below) and self._again(premise)
        said = f"{premise['text']}, see above" if again else premise["text"]
        self.lines.append((depth, premise["status"], said, parent))
        if not again:
            self._rules(below, depth + 1, here, met)

    def _again(self, premise: dict[str, Any]) -> bool:
        """Tell whether a conclusion was drawn before; from now on it was."""
        name = premise["conclusion"], premise["side"]
        drawn = name in self._drawn
        self._drawn.add(name)
        return drawn


def _together(premises: list[dict[str, Any]]) -> str:
    """Give the status of premises that must all hold."""
    found = {premise["status"] for premise in premises}
    return next((status for status in ("not_met", "unknown") if status in found), "met")


def _place(node: _Node) -> tuple[int, int]:
    return 10 + node.depth * _INDENT, node.top + 9


def _link(parent: _Node, node: _Node) -> str:
    (left, top), (right, bottom) = _place(parent), _place(node)
    return f'<path class="link {node.status}" d="M{left} {top}V{bottom}H{right}"/>'


def _drawn(node: _Node) -> str:
    x, y = _place(node)
    style = ' class="top"' if node.parent is None else ""
    text = "".join(
        f'<text{style} x="{x + 16}" y="{y + 4 + _LINE * i}">{escape(line)}</text>'
        for i, line in enumerate(node.lines)
    )
    return _SIGN[node.status].format(x=x, y=y) + text
