"""A map of columns to begin with, written for the table at hand: guesses, each to be looked at.

A guess is marked so that no run reads it before somebody took the mark away. Values are shown only
where they can be nothing but codes or measurements: never of names, dates or unknown columns.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from screening.batch.inputs import tables
from screening.batch.inputs.column_map import TICKS, TODO
from screening.batch.inputs.likeness import KnownNames, Likeness
from screening.batch.inputs.redcap import CASE_ID, RECORD, columns
from screening.batch.inputs.sources import find
from screening.errors import Problem, UsageError, did_you_mean
from screening.intake.answers import NOT_TESTED, words_of
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import ABSENT, PRESENT, Vocabulary
from screening.safe import shortened

_LOOKED_AT = 2_000
"""So many rows of the table are looked at."""

_MOST_CODES = 12
_CODE = re.compile(r"[+-]?\d{1,3}|.{1,2}", re.DOTALL)
"""What can be no name, however seldom it stands in a table."""

_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}.*", re.DOTALL)
_DAY = re.compile(r"(\d{1,2})([./ -])(\d{1,2})\2(\d{4})")
_SAID = {
    **dict.fromkeys(("1", "y", "yes", "j", "ja", "true", "x", "+", "pos", "positive"), PRESENT),
    **dict.fromkeys(("0", "n", "no", "nein", "false", "-", "neg", "negative"), ABSENT),
    **dict.fromkeys(("9", "99", "nd", "na", "n/a", "?", "nt", "k.a."), NOT_TESTED),
}
"""How present, absent and not tested are often written; offered, and never taken without a look."""


@dataclass
class _Guess:
    """One column: what it could be, and what its cells show."""

    name: str
    like: Likeness
    sure: bool
    cells: list[str]
    codes: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)


@dataclass
class _Draft:
    """A map in the making."""

    vocabulary: Vocabulary
    guesses: list[_Guess] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    commas: set[str] = field(default_factory=set)
    dates: dict[str, str] = field(default_factory=dict)


def map_template(path: Path, vocabulary: Vocabulary) -> str:
    """Write a map for a table; every guess is marked TODO.

    Raises:
        UsageError: if there is no such table, or it needs no map.

    """
    source = find([path]).sources[0]
    if path.is_dir() or source.kind in ("cases", "jsonl"):
        what = "cases are headed by the paths of findings and need no map."
        raise UsageError(Problem(str(path), what, "", "Name a table: CSV, XLSX or Parquet."))
    part = next(iter(tables.parts(source, vocabulary, _LOOKED_AT, 0)), None)
    if part is None:
        todo = "Name a table with some rows in it: their cells tell what codes there are."
        raise UsageError(Problem(str(path), "the table has no rows.", "", todo))
    if RECORD in part.frame.columns:
        what = "this is an export of REDCap; it is read without a map."
        raise UsageError(Problem(str(path), what, "", "Run it as it is."))
    draft = _draft(part.frame, vocabulary)
    return "\n".join(_written(draft, path, part.frame.height)) + "\n"


def _draft(frame: pl.DataFrame, vocabulary: Vocabulary) -> _Draft:
    found = _Draft(vocabulary)
    names, exact = KnownNames(vocabulary), _exact(frame.columns, vocabulary)
    likely = {
        name: names.likely(name, _are_days(_texts(frame[name])))
        for name in frame.columns
        if name not in exact
    }
    chosen = exact | _chosen(likely, exact)
    for name in frame.columns:
        cells, like = _texts(frame[name]), chosen.get(name)
        if like is None:
            near = [f"another column is nearer to {e.finding};" for e in likely[name][:1]]
            found.left_out[name] = " ".join([*near, "what is it?", _kind(cells)])
        elif like.legs:
            found.left_out[name] = f"which leg? {' or '.join(like.legs)}"
        else:
            found.guesses.append(_looked_at(_Guess(name, like, name in exact, cells), found))
    return found


def _chosen(likely: dict[str, list[Likeness]], exact: dict[str, Likeness]) -> dict[str, Likeness]:
    """Give each column the nearest finding that no nearer column has taken."""
    taken = {(like.finding, like.word) for like in exact.values()}
    best = sorted((name for name in likely if likely[name]), key=lambda n: -likely[n][0].score)
    found: dict[str, Likeness] = {}
    for name in best:
        free = (e for e in likely[name] if e.legs or (e.finding, e.word) not in taken)
        if (like := next(free, None)) is not None:
            found[name] = like
            taken.add((like.finding, like.word))
    return found


def _exact(head: list[str], vocabulary: Vocabulary) -> dict[str, Likeness]:
    """Give the columns that are headed by a path, written with dots or as REDCap writes it."""
    fields = columns(vocabulary).columns
    found = {}
    for name in head:
        if name in vocabulary:
            found[name] = Likeness(name)
        elif (field_ := fields.get(name.lower())) is not None:
            found[name] = Likeness(field_.finding, field_.word or "")
    return found


def _texts(cells: pl.Series) -> list[str]:
    texts = cells.cast(pl.String, strict=False).drop_nulls().to_list()
    return [text for text in texts if text.strip() and text != NOT_TESTED]


def _are_days(cells: list[str]) -> bool:
    days = sum(1 for cell in cells if _ISO.fullmatch(cell) or _DAY.fullmatch(cell))
    return days > len(cells) / 2


def _kind(cells: list[str]) -> str:
    """Say what a column holds without showing any of it."""
    if not cells:
        return "it is empty."
    numbers = all(_NUMBER.fullmatch(cell) for cell in cells)
    days = all(_ISO.fullmatch(cell) or _DAY.fullmatch(cell) for cell in cells)
    what = "numbers" if numbers else "dates" if days else "texts"
    many = len(set(cells))
    return f"{many} different {what}." if many > 1 else f"always the same {what[:-1]}."


# -- what the cells show ---------------------------------------------------------------------------


def _looked_at(guess: _Guess, draft: _Draft) -> _Guess:
    entry = draft.vocabulary[guess.like.finding]
    if entry.type == "number":
        _number(guess, draft)
    elif entry.type == "date":
        _date(guess, draft)
    elif entry.type == "text":
        guess.remarks.append("its texts are not shown")
    elif entry.type != "list" or guess.like.word:
        _codes(guess, draft)
    return guess


def _number(guess: _Guess, draft: _Draft) -> None:
    entry = draft.vocabulary[guess.like.finding]
    if any("," in cell and _NUMBER.fullmatch(cell) for cell in guess.cells):
        draft.commas.add(guess.name)
    numbers = [float(cell.replace(",", ".")) for cell in guess.cells if _NUMBER.fullmatch(cell)]
    if numbers:
        guess.remarks.append(f"seen: {min(numbers):g} to {max(numbers):g}")
    if len(numbers) < len(guess.cells):
        guess.remarks.append(f"{len(guess.cells) - len(numbers)} cells are no number")
    if guess.like.scale:
        guess.settings.append(guess.like.scale)
        guess.sure = False
    if entry.hard:
        low, high = (with_unit(end, entry.unit) for end in entry.hard)
        guess.remarks.append(f"allowed: {low} to {high}")


def _date(guess: _Guess, draft: _Draft) -> None:
    """Find out how days are written; which of two numbers is the day is often not to be known."""
    parts = [found for cell in guess.cells if (found := _DAY.fullmatch(cell))]
    if not parts:
        guess.remarks.append("its dates are not shown")
        return
    mark = parts[0][2]
    days = any(int(found[1]) > 12 for found in parts)  # noqa: PLR2004  there are twelve months
    months = any(int(found[3]) > 12 for found in parts)  # noqa: PLR2004
    form = f"MM{mark}DD{mark}YYYY" if months and not days else f"DD{mark}MM{mark}YYYY"
    draft.dates[guess.name] = form if days != months else f"{TODO} {form}"
    guess.remarks.append("its dates are not shown")


def _codes(guess: _Guess, draft: _Draft) -> None:
    """Offer a word for every code; texts that may be names are counted and not shown."""
    path = guess.like.finding
    words = (PRESENT, ABSENT) if guess.like.word else words_of(path, draft.vocabulary)
    often = Counter(guess.cells)
    unknown = [cell for cell in often if cell not in words]
    if guess.like.word and set(unknown) <= TICKS.keys():
        return
    shown = [cell for cell in unknown if _CODE.fullmatch(cell) or cell.lower() in _SAID]
    repeated = len(often) <= min(_MOST_CODES, len(guess.cells) / 2)
    if repeated or len(unknown) < len(often) / 2:
        shown = unknown
    for cell in sorted(shown)[:_MOST_CODES]:
        guess.codes[cell] = f"{TODO} {_meant(cell, words, path, draft.vocabulary)}".strip()
    if len(shown) < len(unknown):
        guess.remarks.append(f"{len(unknown) - len(shown)} different texts are not shown")
    guess.remarks.append(f"allowed: {', '.join(words)}, {NOT_TESTED}")


def _meant(cell: str, words: tuple[str, ...], path: str, vocabulary: Vocabulary) -> str:
    said = _SAID.get(cell.lower(), "")
    if said in (*words, NOT_TESTED):
        return said
    by_label = {text: word for word, text in vocabulary[path].says.items() if word in words}
    begun = [
        word
        for text, word in [*by_label.items(), *((w, w) for w in words)]
        if text.startswith(cell.lower())
    ]
    if len(set(begun)) == 1:
        return begun[0]
    near = did_you_mean(cell.lower(), [*words, *by_label]).removeprefix('Did you mean "')
    near = near.partition('"')[0]
    return by_label.get(near, near)


# -- the text --------------------------------------------------------------------------------------


def _written(draft: _Draft, path: Path, rows: int) -> Iterator[str]:
    name = shortened(path.name)
    count = len(draft.guesses) + len(draft.left_out)
    yield f"# A map of the {count} columns of {name}; {rows:,} rows were looked at."
    yield f"# {TODO} marks a guess: mend it, or take the word {TODO} away if it is right. No run"
    yield f"# reads the map before that. Then: screening batch {name} --map columns.yaml --check"
    if not any(guess.like.finding == CASE_ID for guess in draft.guesses):
        yield f"# No column looks like the number of a case: {{finding: {CASE_ID}}} names it."
    if draft.commas:
        yield 'decimal: ","'
    # What one column shows beyond doubt holds for those in which each day could be a month.
    known = {form for form in draft.dates.values() if not form.startswith(TODO)}
    forms = {form for form in draft.dates.values() if form.removeprefix(f"{TODO} ") not in known}
    forms |= known
    shared = forms.pop() if len(forms) == 1 else ""
    if shared:
        why = "   # is the day first, or the month?" if shared.startswith(TODO) else ""
        yield f"date: {json.dumps(shared)}{why}"
    groups = _shared_codes(draft)
    yield "columns:" if draft.guesses else "columns: {}"
    for guess in draft.guesses:
        form = draft.dates.get(guess.name, "")
        if form and not shared:
            guess.settings.append(f"date: {json.dumps(form)}")
        if guess.codes and not any(guess.name in names for names, _ in groups):
            guess.settings.append(f"codes: {_flow(guess.codes)}")
        yield _column(guess, draft.vocabulary)
    if groups:
        yield "codes_for:"
    for names, codes in groups:
        yield f"  - columns: [{', '.join(map(_quoted, names))}]"
        yield f"    codes: {_flow(codes)}"
    yield "ignore:" if draft.left_out else "ignore: []"
    for name, question in draft.left_out.items():
        yield f"  - {_quoted(name)}   # {question}"


def _shared_codes(draft: _Draft) -> list[tuple[list[str], dict[str, str]]]:
    """Put the codes of columns with the same words together, where there are several."""
    groups: dict[tuple[str, ...], list[_Guess]] = {}
    for guess in draft.guesses:
        if guess.codes:
            words = words_of(guess.like.finding, draft.vocabulary)
            groups.setdefault((PRESENT, ABSENT) if guess.like.word else words, []).append(guess)
    return [
        (
            [guess.name for guess in several],
            {code: word for guess in several for code, word in guess.codes.items()},
        )
        for several in groups.values()
        if len(several) > 1
    ]


def _column(guess: _Guess, vocabulary: Vocabulary) -> str:
    finding = guess.like.finding if guess.sure else f"{TODO} {guess.like.finding}"
    parts = [f"finding: {_quoted(finding)}"]
    if guess.like.word:
        parts.append(f"word: {guess.like.word}")
    said = "; ".join([vocabulary[guess.like.finding].title, *guess.remarks])
    settings = ", ".join([*parts, *guess.settings])
    return f"  {_quoted(guess.name)}: {{{settings}}}   # {said}"


def _flow(codes: dict[str, str]) -> str:
    return f"{{{', '.join(f'{_quoted(code)}: {_quoted(word)}' for code, word in codes.items())}}}"


def _quoted(text: str) -> str:
    """Write a name so that a map reads it back as it is."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]*( [A-Za-z0-9_.]+)*|[0-9]+", text)
    return text if plain else json.dumps(text, ensure_ascii=not text.isprintable())
