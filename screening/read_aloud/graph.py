"""The rule base as a graph, in the words of Mermaid or DOT: what rests on what, sides merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from screening.intake.vocabulary import without_side
from screening.rulebase.base import RuleBase

_SHAPES = {
    "finding": ("([", "])", "ellipse"),
    "derived": ("[/", "/]", "parallelogram"),
    "conclusion": ("[", "]", "box"),
    "decision": ("{{", "}}", "hexagon"),
}
"""What a node is, told by its shape: opening and closing in Mermaid, name in DOT."""


@dataclass(frozen=True)
class Graph:
    """Nodes with their kind and title, and edges from what is read to what reads it."""

    nodes: dict[str, tuple[str, str]]
    edges: tuple[tuple[str, str], ...]


def graph(base: RuleBase, of: str | None = None) -> Graph:
    """Give the graph of a rule base, or only of what one of its names rests on."""
    form = base.form
    edges = dict.fromkeys((_bare(source), _bare(target)) for source, target in _reads(base))
    edges = {edge: None for edge in edges if edge[0] != edge[1]}
    names = dict.fromkeys(name for edge in edges for name in edge)
    if of is not None:
        wanted = [
            name
            for name in (*form.ladders_by_name, *form.conclusions, *form.derived_by_name)
            if _bare(name) == of
        ]
        below = {_bare(name) for name in form.rests_on(wanted)}
        names = dict.fromkeys(name for name in names if name in below)
        edges = {edge: None for edge in edges if set(edge) <= below}
    return Graph({name: _described(name, base) for name in names}, tuple(edges))


def known(base: RuleBase) -> list[str]:
    """Give every name of which a graph can be drawn."""
    form = base.form
    names = (*form.ladders_by_name, *form.conclusions, *form.derived_by_name)
    return list(dict.fromkeys(map(_bare, names)))


def _bare(name: str) -> str:
    return without_side(name)[1]


def _reads(base: RuleBase) -> Iterator[tuple[str, str]]:
    form = base.form
    for derived in form.derived:
        yield from ((operand, derived.name) for operand in derived.operands)
    for conclusion in form.conclusions.values():
        for rule in conclusion.rules:
            yield from ((premise.operand, conclusion.name) for premise in rule.premises)
    for ladder in form.ladders:
        for line in (line for row in ladder.rows for line in row.lines or ()):
            yield from ((premise.operand, ladder.name) for premise in line)


def _described(name: str, base: RuleBase) -> tuple[str, str]:
    kinds = (
        ("derived", base.form.derived_by_name),
        ("decision", base.form.ladders_by_name),
        ("conclusion", base.form.conclusions),
    )
    kind = next((k for k, found in kinds if name in found or f"left.{name}" in found), "finding")
    for id in (name, name.rpartition(".")[0], name.partition(".")[2]):
        part = base.files.get(id) or base.vocabulary.entries.get(id)
        if part is not None:
            return kind, part.title
    return kind, name


def mermaid(found: Graph) -> str:
    """Write a graph in Mermaid's words."""
    ids = {name: f"n{number}" for number, name in enumerate(found.nodes)}
    lines = ["flowchart LR"]
    for name, (kind, title) in found.nodes.items():
        opening, closing, _ = _SHAPES[kind]
        text = f"{name}<br/>{title}".replace('"', "'")
        lines.append(f'  {ids[name]}{opening}"{text}"{closing}')
    lines += [f"  {ids[source]} --> {ids[target]}" for source, target in found.edges]
    return "\n".join(lines) + "\n"


def dot(found: Graph) -> str:
    """Write a graph in DOT's words."""
    lines = ["digraph rules {", "  rankdir=LR;", "  node [fontname=sans];"]
    for name, (kind, title) in found.nodes.items():
        text = f"{name}\\n{title}".replace('"', "'")
        lines.append(f'  "{name}" [shape={_SHAPES[kind][2]}, label="{text}"];')
    lines += [f'  "{source}" -> "{target}";' for source, target in found.edges]
    return "\n".join([*lines, "}"]) + "\n"
