"""A hostile world, drawn from grammars: case files, tables, arguments, rule files and records.

As a script: ``python -m tests.hostile --seconds 120 --seed 1`` tries all classes in turn and says
for each how many were accepted, refused and failed. A failure is anything but a result or an error
of the program in few words: a traceback, ten seconds without an answer, a lost row, a typed value
on stderr.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from screening.batch.inputs import tables
from screening.batch.inputs.csv_rows import csv_rows
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.readable import readable
from screening.batch.inputs.sources import find
from screening.cli.again import set_answer
from screening.errors import MOST_SAID, ScreeningError
from screening.intake.case import load_case
from screening.questions import replay
from screening.rulebase.base import RuleBase, load, read

ROOT = Path(__file__).parents[1]
SECONDS = 10.0
"""Of a processor: other work on the machine does not count."""
VALUE = "Q7 SECRET"
"""Typed as a value only, never as a name: no error repeats it."""

ATOMS = [
    "", "null", "~", "true", "yes", "no", "1:30", "010", "0x1F", "1_000", "+5", "-0", "6.5", "6,5",
    "7." + "9" * 40, "9" * 4301, "1e1000000", "1e-99999999", ".inf", ".nan", "NaN", "Infinity",
    "present", "present ", "Present", "absent", "unsure", "left", "not_tested", "[]", "['']", "[",
    "[" * 300, "{" * 300, "{}", "{a: 1}", "- " * 300, "&a b", "*a", "!tag x", "!!python/name:os",
    "|", ">", "%", "@", "`", "'", '"', '"\\ud800"', '"\\u202e"', "\x00", "\x1b[31m", "\ufeff",
    "\u2028",
    "20250304", "2025-W10", "2025-02-30", "2025-03-04", "0001-01-01", "#", "a: b: c", "---", "...",
    "x" * 5_000, "side;side", "none", "\t", "\r", "\u0661", "=1+1",
]  # fmt: skip


@dataclass
class Tries:
    """What was tried, by class, and what failed."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def one(self, kind: str, seed: int, go: Callable[[], Any]) -> None:
        """Try one thing; note how it ended."""
        begun = time.process_time()
        try:
            go()
            ended = "accepted"
        except ScreeningError as error:
            ended = "refused"
            if not _is_short(error) or VALUE in str(error):
                ended = "failed"
                self.failures.append(f"{kind} {seed}: said too much")
        except (AssertionError, Exception) as error:
            ended = "failed"
            self.failures.append(f"{kind} {seed}: {type(error).__name__}: {str(error)[:200]}")
        if time.process_time() - begun > SECONDS:
            ended = "failed"
            self.failures.append(f"{kind} {seed}: slow")
        self.counts[f"{kind} {ended}"] += 1


def _is_short(error: ScreeningError) -> bool:
    texts = [str(problem) for problem in error.problems]
    return len(texts) <= 3 * MOST_SAID and max(map(len, texts)) <= 1_600


# -- what is drawn --------------------------------------------------------------------------------


def case_text(chance: Random, names: list[str]) -> str:
    """Draw a case file: names known and odd, values odd and well, nested or flat."""
    lines = []
    for _ in range(chance.randint(1, 6)):
        name = chance.choice([chance.choice(names), chance.choice(ATOMS), "left", "expect"])
        lines.append(
            f"{' ' * chance.choice((0, 0, 0, 2, 9))}{name}: {chance.choice([*ATOMS, VALUE])}"
        )
    text = "\n".join(lines)
    return text if chance.random() < 0.8 else text[: chance.randrange(len(text) + 1)]


def json_text(chance: Random, names: list[str]) -> str:
    """Draw a case as JSON, sometimes broken."""

    def value(depth: int) -> str:
        kind = chance.random()
        if kind < 0.5 or depth > 3:
            return chance.choice([json.dumps(chance.choice(ATOMS)), "1", "6.5", "null", "1e400"])
        if kind < 0.7:
            return f"[{', '.join(value(depth + 1) for _ in range(chance.randrange(3)))}]"
        return mapping(depth + 1)

    def mapping(depth: int) -> str:
        pairs = (
            f"{json.dumps(chance.choice([*names, chance.choice(ATOMS)]))}: {value(depth)}"
            for _ in range(chance.randint(0, 4))
        )
        return f"{{{', '.join(pairs)}}}"

    text = mapping(0)
    return text if chance.random() < 0.7 else text.replace(chance.choice(text), "", 1)


def csv_text(chance: Random, names: list[str]) -> str:
    """Draw a CSV with stray quotation marks, delimiters and line ends."""
    width = chance.randint(1, 6)
    cells = ["40", "present", "", "6.5", "a,b", '"', '"a"', '"a\nb"', '""', "x;y", "\u00e4", "'"]
    rows = [",".join(chance.sample(names, width))]
    for number in range(chance.randint(0, 30)):
        row = [f"c{number}", *(chance.choice(cells) for _ in range(width - 1))]
        rows.append(",".join(row if chance.random() < 0.9 else row[:-1]))
    return chance.choice(["\n", "\r\n", "\r"]).join(rows) + chance.choice(["", "\n", '"', "\n\n"])


# -- what is tried --------------------------------------------------------------------------------


def cases(base: RuleBase, folder: Path) -> Callable[[Random], Any]:
    """Read case files."""
    names = list(base.vocabulary.all_paths)

    def go(chance: Random) -> None:
        is_json = chance.random() < 0.5
        path = folder / f"case.{'json' if is_json else 'yaml'}"
        text = (json_text if is_json else case_text)(chance, names)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        load_case(str(path), base.vocabulary)

    return go


def rows(base: RuleBase, folder: Path) -> Callable[[Random], Any]:
    """Read CSV; every line that is not empty belongs to one row, and no row is lost."""
    names = list(base.vocabulary.all_paths)

    def go(chance: Random) -> None:
        text = csv_text(chance, names)
        found = list(csv_rows(io.StringIO(text, newline=""), ","))
        begins = [row.line for row in found]
        assert begins == sorted(set(begins))
        lines = list(io.StringIO(text, newline=""))
        for row, after in zip(found, [*begins[1:], len(lines) + 1], strict=True):
            taken = lines[row.line - 1 : after - 1]
            if row.wrong:
                assert not any(line.strip("\r\n") for line in taken[1:]), "a line was lost"
            else:
                text_of = "".join(taken).replace('"', "")
                assert all(cell.replace('"', "") in text_of for cell in row.cells)
        path = folder / "rows.csv"
        path.write_text(text, encoding="utf-8", newline="")
        _counted(path, base)

    return go


def damaged(base: RuleBase, folder: Path) -> Callable[[Random], Any]:
    """Read Parquet, XLSX and JSONL with some bytes changed, cut or doubled."""
    frame = pl.DataFrame({"case_id": [f"c{i}" for i in range(40)], "age_years": range(40)})
    whole = {}
    for kind in ("parquet", "xlsx", "jsonl"):
        path = folder / f"whole.{kind}"
        write = {"parquet": frame.write_parquet, "xlsx": frame.write_excel}.get(kind)
        (write or frame.write_ndjson)(path)
        whole[kind] = path.read_bytes()

    def go(chance: Random) -> None:
        kind = chance.choice(list(whole))
        raw = bytearray(whole[kind])
        for _ in range(chance.choice((1, 1, 4))):
            place = chance.randrange(len(raw))
            raw[place : place + chance.choice((0, 1, 1, 9))] = chance.randbytes(
                chance.randint(0, 2)
            )
        path = folder / f"odd.{kind}"
        path.write_bytes(raw)
        _counted(path, base)

    return go


def _counted(path: Path, base: RuleBase) -> None:
    """Read a table in parts of two sizes: both must give the same rows."""
    inputs = readable(find([path]), Columns(base.vocabulary))
    (source,) = inputs.sources
    found = [
        [
            number
            for part in tables.parts(source, base.vocabulary, size, 0)
            for number in sorted([*part.rows, *(each.row for each in part.unread)])
        ]
        for size in (7, 1_000)
    ]
    assert found[0] == found[1] == list(range(1, len(found[0]) + 1)), "rows were lost"


def arguments(base: RuleBase, folder: Path) -> Callable[[Random], Any]:
    """Read ``--set``."""
    names = list(base.vocabulary.all_paths)

    def go(chance: Random) -> None:
        sign = chance.choice(["=", "=", "=", " ", ":"])
        value = chance.choice([*ATOMS, VALUE]) + chance.choice(["", "", chance.choice(ATOMS)])
        set_answer(f"{chance.choice([*names, *ATOMS])}{sign}{value}", base.vocabulary)

    return go


def rule_files(base: RuleBase, folder: Path) -> Callable[[Random], Any]:
    """Read the rule base with one file damaged; a file that is damaged never passes in silence."""
    rules = folder / "rules"
    shutil.copytree(base.root, rules)
    files = sorted(rules.rglob("*.yaml"))

    def go(chance: Random) -> None:
        path = chance.choice(files)
        whole = path.read_bytes()
        lines = whole.decode().split("\n")
        place = chance.randrange(len(lines))
        indent = " " * (len(lines[place]) - len(lines[place].lstrip()))
        name = lines[place].strip().partition(":")[0]
        odd = chance.choice(ATOMS)
        lines[place] = chance.choice([f"{indent}{name}: {odd}", f"{indent}{odd}", f"{odd}: {odd}"])
        try:
            path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
            found, problems = read(rules)
            assert problems or found.lost or found.standing.said or path.read_bytes() == whole
            if problems:
                raise ScreeningError(problems)
        finally:
            path.write_bytes(whole)

    return go


def records(base: RuleBase, folder: Path) -> Callable[[Random], Any]:
    """Read records that were changed and sealed anew."""
    from screening.inference.infer import infer
    from screening.report.as_json import as_json

    case = load_case(str(ROOT / "cases" / "base_case.yaml"), base.vocabulary)
    whole = as_json(replay.record(infer(case, base)))
    odd = [None, True, -1, 1e300, "", "x", [], {}, [None], {"a": None}, [["x"]], {"id": [1]}]

    def places(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        yield place
        items = data.items() if isinstance(data, dict) else enumerate(data)
        for key, part in items if isinstance(data, dict | list) else ():
            yield from (
                places(part, (*place, key)) if isinstance(part, dict | list) else [(*place, key)]
            )

    every = [place for place in places(json.loads(whole)) if place]
    near = [place for place in every if len(place) < 3]

    def go(chance: Random) -> None:
        data = json.loads(whole)
        *groups, last = chance.choice(every if chance.random() < 0.4 else near)
        part = data
        for key in groups:
            part = part[key]
        if chance.random() < 0.4:
            del part[last]
        else:
            part[last] = chance.choice(odd)
        data.pop("digest", None)
        path = folder / "record.json"
        path.write_text(json.dumps({**data, "digest": replay._digest(data)}))
        replay.replay(replay.load_record(path), base)

    return go


CLASSES: dict[str, Callable[[RuleBase, Path], Callable[[Random], Any]]] = {
    "case files": cases,
    "rows of CSV": rows,
    "damaged tables": damaged,
    "arguments": arguments,
    "rule files": rule_files,
    "records": records,
}


def tried(
    base: RuleBase, seconds: float, seed: int, classes: list[str], most: int = 10**9
) -> Tries:
    """Try classes for some seconds each, or so many times each."""
    found = Tries()
    for kind in classes:
        with tempfile.TemporaryDirectory() as folder:
            go = CLASSES[kind](base, Path(folder))
            end = time.monotonic() + seconds
            for number in range(seed, seed + most):
                if time.monotonic() > end:
                    break
                found.one(kind, number, partial(go, Random(f"{kind} {number}")))
    return found


def main() -> None:
    """Try everything for some time and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("classes", nargs="*", default=list(CLASSES))
    asked = parser.parse_args()
    each = asked.seconds / len(asked.classes)
    found = tried(load(ROOT / "rules"), each, asked.seed, asked.classes)
    for name, count in sorted(found.counts.items()):
        print(f"{count:8,} {name}")
    print("\n".join(found.failures[:50]))


if __name__ == "__main__":
    main()
