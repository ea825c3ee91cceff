"""What rests on what: drawn as text, and said with every rule."""

from __future__ import annotations

import json

import pytest

from screening.read_aloud.graph import dot, graph, known, mermaid
from screening.read_aloud.uses import uses

IDS = [
    "ANK-001",
    "RED-001",
    "VER-010",
    "ankle.restricted",
    "flag.dvt",
    "verdict",
    "ankle.bent_band",
    "wells_dvt",
    "stretch_soleus",
    "ankle.lunge_bent_cm",
    "hip.pain_regions",
    "knee_to_wall_restricted",
    "powden_2015",
]


@pytest.mark.parametrize("id", IDS)
def test_everything_says_what_it_rests_on_or_who_uses_it(id, base):
    found = uses(id, base)
    assert found["rests_on"] or found["used_by"]
    assert set(found["rests_on"]) <= {*base.vocabulary.entries, *base.references}


def test_uses_are_those_of_the_form(base):
    assert "ankle.lunge_bent_cm" in uses("ankle.restricted", base)["rests_on"]
    assert "VER-010" in uses("ankle.restricted", base)["used_by"]
    assert "ankle.bent_reading" in uses("knee_to_wall_restricted", base)["used_by"]
    assert "ankle.bent_reading" in uses("ankle.lunge_bent_cm", base)["used_by"]


def test_the_graph_has_every_conclusion_and_only_real_edges(base):
    found = graph(base)
    assert {"verdict", "flag.dvt", "ankle.restricted", "wells_dvt"} <= set(found.nodes)
    assert set(found.nodes) - set(known(base)) <= {
        name.removeprefix("left.").removeprefix("right.") for name in base.form.recorded
    }
    assert {name for edge in found.edges for name in edge} == set(found.nodes)
    cone = graph(base, "verdict.likely")
    assert set(cone.edges) < set(found.edges)
    assert "ankle.lunge_bent_cm" in cone.nodes
    assert "belly.new_urinary" not in cone.nodes


@pytest.mark.parametrize("write", [mermaid, dot])
def test_the_text_names_every_node_and_edge(write, base):
    found = graph(base, "ankle.restricted")
    text = write(found)
    assert all(name in text for name in found.nodes)
    assert text.count("->") == len(found.edges)


def test_the_commands(command):
    assert command("rules", "graph").stdout.startswith("flowchart LR")
    cone = command("rules", "graph", "--of", "flag.dvt", "--format", "json")
    assert {"nodes", "edges", "screened_with"} == set(json.loads(cone.stdout))
    wrong = command("rules", "graph", "--of", "flag.dvtt")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "flag.dvt" in wrong.stderr
    assert "Used by" in command("rules", "show", "ANK-001").stdout
