"""Peers that somebody might pick instead, each fed from the one form by a small compiler.

All of them take one case at a time and only give the tier and both verdicts; ``cohort.py`` measures
them and compares every outcome with the reference reading. They stand in the extra ``bench``.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.steps import Arithmetic, Program
from screening.algebra import COMPARISONS
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra, Readings
from screening.rulebase.form import Form

Outcome = dict[str, str]
Peer = Callable[[dict[str, Any]], Outcome]
LADDERS = ("triage", "left.verdict", "right.verdict")


def number(given: Arithmetic, choose: Callable[[str, str, str], str]) -> str:
    """Write a number; ``choose`` writes "a if b, else c" in the peer's language."""
    kind, content = given
    if kind == "input":
        return str(content)
    if kind == "minus":
        left, right = (number(part, choose) for part in content)  # type: ignore[attr-defined]
        return f"({left} - {right})"
    if kind == "pick":
        *first, (_, last) = content  # type: ignore[misc]
        text = str(last)
        for name, place in reversed(first):
            text = choose(str(place), name, text)
        return text
    parts = [
        str(points) if name is True else choose(str(points), name, "0")
        for points, name in content  # type: ignore[attr-defined]
    ]
    return f"({' + '.join(parts) or '0'})"


def expression(kind: str, content: Any, choose: Callable[[str, str, str], str]) -> str:
    """Write a step in a language with and, or, not, as most have."""
    if kind == "not":
        return f"not {content}"
    if kind == "compare":
        given, how, threshold = content
        return f"{number(given, choose)} {COMPARISONS[how].sign} {threshold}"
    return f" {kind} ".join(content)


def plain_python(program: Program) -> Peer:
    """A straight-line function, as a good programmer would write it by hand."""
    lines = [f"def screen(row):\n    {', '.join(program.steps.inputs)} = row"]
    for name, (kind, content) in program.steps.made.items():
        text = expression(kind, content, lambda a, b, c: f"({a} if {b} else {c})")
        lines.append(f"    {name} = {text}")
    for ladder, rows in program.ladders.items():
        chain = " else ".join(f"{word!r} if {step}" for word, step in rows[:-1])
        lines.append(f"    {ladder.replace('.', '_')} = {chain} else {rows[-1][0]!r}")
    lines.append(f"    return {', '.join(ladder.replace('.', '_') for ladder in program.ladders)}")
    space: dict[str, Any] = {}
    exec(compile("\n".join(lines), "plain", "exec"), space)
    screen = space["screen"]
    return lambda row: dict(zip(program.ladders, screen(row.values()), strict=True))


def rule_engine_peer(program: Program) -> Peer:
    """rule-engine: one rule a step, run until nothing new follows, stratum by stratum."""
    import rule_engine

    strata: dict[int, list[tuple[str, Any]]] = {}
    for name, (kind, content) in program.steps.made.items():
        text = expression(kind, content, lambda a, b, c: f"({b} ? {a} : {c})")
        strata.setdefault(program.steps.depth[name], []).append((name, rule_engine.Rule(text)))

    def screen(row: dict[str, Any]) -> Outcome:
        known = {**row, **dict.fromkeys(program.steps.made, False)}
        for depth in sorted(strata):
            changed = True
            while changed:
                changed = False
                for name, rule in strata[depth]:
                    if not known[name] and rule.matches(known):
                        known[name] = changed = True
        return program.outcome(known)

    return screen


def zen_peer(program: Program) -> Peer:
    """zen-engine: one decision graph with one expression node."""
    import zen

    made = set(program.steps.made)

    def named(text: str) -> str:
        return f"$.{text}" if text in made else text

    def choose(a: str, b: str, c: str) -> str:
        return f"({named(b)} ? {a} : {c})"

    expressions = []
    for name, (kind, content) in program.steps.made.items():
        if kind == "not":
            text = f"not {named(content)}"
        elif kind == "compare":
            text = expression(kind, content, choose)
        else:
            text = f" {kind} ".join(map(named, content))
        expressions.append({"id": name, "key": name, "value": text})
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {
            "id": "rules",
            "type": "expressionNode",
            "name": "rules",
            "content": {"expressions": expressions},
        },
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "rules", "type": "edge"},
        {"id": "2", "sourceId": "rules", "targetId": "out", "type": "edge"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    return lambda row: program.outcome(decision.evaluate(row)["result"])


def clips_peer(program: Program) -> Peer:
    """CLIPS: one rule a step; strata by salience, so that "not" reads what is settled."""
    import clips

    steps = program.steps
    environment = clips.Environment()
    for name in (*steps.inputs, *steps.made):
        if name[0] != "n":
            environment.build(f"(deftemplate {name})")
    for name, (kind, content) in steps.made.items():
        when, then = _clips_rule(name, kind, content)
        salience = f"(declare (salience {-steps.depth[name]}))"
        environment.build(f"(defrule {name} {salience} {when} => {then})")

    def screen(row: dict[str, Any]) -> Outcome:
        environment.reset()
        for name, value in row.items():
            if value is True:
                environment.assert_string(f"({name})")
            elif name[0] == "n" and value is not False:
                environment.assert_string(f"({name} {value})")
        environment.run()
        held = {str(fact).strip("()") for fact in environment.facts()}
        return program.outcome({name: name in held for name in steps.made})

    return screen


def _clips_rule(name: str, kind: str, content: Any) -> tuple[str, str]:
    then = f"(assert ({name}))"
    if kind == "not":
        return f"(not ({content}))", then
    if kind == "compare":
        # What a sum rests on is settled when the rule fires, not when it is matched.
        facts, test = _clips_compare(*content)
        return facts, f"(if {test} then {then})"
    facts = " ".join(f"({each})" for each in content)
    return (facts if kind == "and" else f"(or {facts})"), then


def _clips_compare(given: Arithmetic, how: str, threshold: int) -> tuple[str, str]:
    facts: list[str] = []

    def choose(a: str, b: str, c: str) -> str:
        return f"(if (any-factp ((?f {b})) TRUE) then {a} else {c})"

    def write(part: Arithmetic) -> str:
        kind, content = part
        if kind == "input":
            facts.append(f"({content} ?{content})")
            return f"?{content}"
        if kind == "minus":
            left, right = (write(each) for each in content)  # type: ignore[attr-defined]
            return f"(- {left} {right})"
        text = number(part, choose)
        return f"(+ 0 {text[1:-1].replace(' + ', ' ')})" if kind == "sum" else text

    test = f"({COMPARISONS[how].sign} {write(given)} {threshold})"
    return " ".join(dict.fromkeys(facts)), test


def timed(
    peer: Peer, rows: Iterable[dict[str, Any]], seconds: float
) -> tuple[float, list[Outcome]]:
    """Give cases a second and the outcomes; stop when the time is over."""
    outcomes, spent = [], []
    begin = time.perf_counter()
    for row in rows:
        start = time.perf_counter()
        outcomes.append(peer(row))
        spent.append(time.perf_counter() - start)
        if time.perf_counter() - begin > seconds:
            break
    return 1 / statistics.mean(spent), outcomes


def reference(form: Form, readings: Readings) -> Outcome:
    """Give the outcome of the reference reading."""
    walk = Walk(form, PlainAlgebra(form, readings))
    return {
        name: form.ladders_by_name[name].rows[walk.rows(name).index(True)].word for name in LADDERS
    }


PEERS: dict[str, Callable[[Program], Peer]] = {
    "plain Python": plain_python,
    "rule-engine": rule_engine_peer,
    "zen-engine": zen_peer,
    "CLIPS": clips_peer,
}
