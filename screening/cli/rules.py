"""``screening rules``: list, show and vocabulary."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import Annotated, Any, Literal

import typer

from screening.cli.options import Format, Rules
from screening.errors import Problem, UsageError, did_you_mean
from screening.intake.answers import words_of
from screening.intake.case_schema import json_schema
from screening.numbers import plain
from screening.page import Page
from screening.read_aloud.rule_search import search as find_words
from screening.read_aloud.rule_text import parts, rule_text, shown
from screening.read_aloud.uses import uses
from screening.report.as_json import as_json
from screening.report.printing import emit, emit_json, warn
from screening.rulebase.advice_shapes import AdviceFile
from screening.rulebase.base import RuleBase, load
from screening.rulebase.reviews import review_of
from screening.rulebase.shapes import ConclusionFile

_SAID = {"none": "not reviewed", "signed": "reviewed", "changed": "changed since it was reviewed"}


def list_rules(format: Format = "text", rules: Rules = None) -> None:
    """List every rule with what it concludes and where it stands.

    Example: screening rules list
    """
    base = load(rules)
    review = {id: review_of(base, id) for id in base.files}
    rows = [
        {
            "id": id,
            "title": rule.title,
            "file": base.documents[file.id].source,
            "line": _line(base, file, id),
            "status": file.status or "in_use",
            "review": review[file.id],
            "concludes": _concludes(file, rule.level),
        }
        for id, (rule, file) in sorted(base.rule_texts.items())
    ]
    if format == "json":
        emit_json(rows, base)
        return
    page = Page()
    for folder, listed in groupby(sorted(rows, key=_folder), key=_folder):
        page.heading(folder)
        for row in listed:
            said = f"{row['id']:8} {row['concludes']}: {row['title']}"
            note = "" if row["review"] == "none" else f" ({_SAID[str(row['review'])]})"
            page.items([said + note], "", indent=1)
    read = f"{base.screened_with['reviewed']} of {len(base.files)} files reviewed"
    page.line(f"{len(rows)} rules, rule base {base.version}, {base.digest[:17]}..., {read}.")
    emit(page.text, base)


def _folder(row: dict[str, Any]) -> str:
    return str(row["file"]).rpartition("/")[0]


def _concludes(file: ConclusionFile | AdviceFile, level: str | None) -> str:
    if isinstance(file, AdviceFile):
        return f"indicated.{file.id}"
    return f"{file.id}.{level}" if level else file.id


def _line(base: RuleBase, file: ConclusionFile | AdviceFile, id: str) -> int | None:
    position = [rule.id for rule in file.rules].index(id)
    return base.documents[file.id].lines.get(("rules", position))


def show(
    id: Annotated[
        str, typer.Argument(help="Of a rule, flag, finding, score, advice, threshold, source, ...")
    ],
    format: Format = "text",
    rules: Rules = None,
) -> None:
    """Print a rule as a clinician would read it aloud.

    Example: screening rules show ANK-001
    """
    base = load(rules)
    found = shown(id, base)
    if found is None:
        hint = did_you_mean(id, parts(base)) or "`screening rules list` shows all rules."
        raise UsageError(Problem("", f'the rule base has nothing called "{id}".', "", hint))
    if format == "json":
        emit_json({**found, **uses(id, base)}, base)
    else:
        emit(rule_text(id, base), base)


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORD...", help="What to look for.")],
    format: Format = "text",
    rules: Rules = None,
) -> int:
    """Find every rule, flag, finding, number, advice or source in which words stand.

    Example: screening rules search trochanter
    """
    base = load(rules)
    hits = find_words(base, " ".join(words))
    if format == "json":
        emit_json([hit._asdict() for hit in hits], base)
        return 0
    page = Page()
    for hit in hits:
        page.paragraph(f"{hit.id} ({hit.kind}): {hit.title}", indent=0)
        if hit.where:
            page.paragraph(hit.where, indent=4)
    found = f"{len(hits)} found; `screening rules show ID` reads one aloud."
    page.line(found if hits else "Nothing found. Try a shorter word.")
    emit(page.text, base)
    return 0


def vocabulary(
    format: Annotated[
        Literal[
            "text",
            "json",
            "json-schema",
            "record-schema",
            "redcap",
            "fhir-questionnaire",
            "fhir-codes",
        ],
        typer.Option(
            "--format",
            help="How to print; redcap gives a REDCap data dictionary, fhir-questionnaire the form "
            "as a FHIR R4 Questionnaire, fhir-codes its CodeSystem.",
        ),
    ] = "text",
    rules: Rules = None,
) -> None:
    """List every finding that can be recorded; json-schema lets editors complete case files.

    record-schema is the JSON Schema of what a screening prints with --format json.

    Example: screening rules vocabulary --format json-schema > case.schema.json

    Example: screening rules vocabulary --format redcap > dictionary.csv

    Example: screening rules vocabulary --format fhir-questionnaire > questionnaire.json
    """
    base = load(rules)
    if format == "json-schema":
        warn(base)
        sys.stdout.write(as_json(json_schema(base.vocabulary)))
    elif format == "record-schema":
        from screening.record.record_schema import record_schema

        sys.stdout.write(as_json(record_schema()))
    elif format == "json":
        emit_json([_entry(path, base) for path in base.vocabulary.entries], base)
    elif format == "redcap":
        from screening.batch.inputs.redcap import dictionary

        warn(base)
        sys.stdout.write(dictionary(base.vocabulary))
    elif format.startswith("fhir"):
        from screening.exchange.fhir.code_system import code_system
        from screening.exchange.fhir.form_resource import form_resource

        warn(base)
        made = form_resource(base) if format == "fhir-questionnaire" else code_system(base)
        sys.stdout.write(as_json(made))
    else:
        page = Page()
        for path in base.vocabulary.entries:
            page.items([_entry_line(_entry(path, base))], "", indent=0)
        emit(page.text, base)


def _entry(path: str, base: RuleBase) -> dict[str, Any]:
    entry = base.vocabulary.entries[path]
    paths = base.vocabulary.paths(path)
    return {
        "path": path if len(paths) == 1 else f"<side>.{path}",
        "paths": list(paths),
        "title": entry.title,
        "question": entry.question,
        "of": entry.of,
        "type": entry.type,
        "unit": entry.unit,
        "values": list(words_of(paths[0], base.vocabulary)),
        "min": plain(entry.hard[0]) if entry.hard else None,
        "max": plain(entry.hard[1]) if entry.hard else None,
        "minutes": plain(entry.minutes),
        "equipment": list(entry.equipment),
        "family": list(entry.family),
        "references": list(entry.references),
    }


def _entry_line(entry: dict[str, Any]) -> str:
    values = ", ".join(entry["values"]) or entry["type"]
    span = f" {entry['min']} to {entry['max']} {entry['unit']}" if entry["min"] is not None else ""
    return f"{entry['path']}: {entry['title']} ({values}{span})"


def graph(
    of: Annotated[
        str | None, typer.Option("--of", help="Only what this rests on, such as verdict.likely.")
    ] = None,
    format: Annotated[
        Literal["mermaid", "dot", "json"], typer.Option("--format", help="How to print.")
    ] = "mermaid",
    rules: Rules = None,
) -> None:
    """Draw what rests on what, as text for Mermaid or Graphviz.

    Example: screening rules graph --of verdict.likely --format dot
    """
    from screening.read_aloud import graph as drawing

    base = load(rules)
    if of is not None and of not in drawing.known(base):
        hint = did_you_mean(of, drawing.known(base)) or "`screening rules list` shows all rules."
        raise UsageError(Problem("", f'"{of}" is no conclusion and no decision.', "", hint))
    found = drawing.graph(base, of)
    if format == "json":
        nodes = [{"id": n, "kind": k, "title": t} for n, (k, t) in found.nodes.items()]
        emit_json({"nodes": nodes, "edges": [list(edge) for edge in found.edges]}, base)
    else:
        mark, drawn = ("//", drawing.dot) if format == "dot" else ("%%", drawing.mermaid)
        head = f"{mark} {base.standing.said}\n" if base.standing.said else ""
        sys.stdout.write(head + drawn(found))
