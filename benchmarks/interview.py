"""The interview, typed by a scripted clinician in a real terminal: prompts, keys and seconds.

A key takes 0.28 s, a word that is shown anew 0.3 s; sweeps are read out in full and counted. With
1.0.0 the base case took 96 prompts, 133 keys and about 5 minutes.

Run it with ``make bench-interview``, or ``python -m benchmarks.interview CASE...``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pexpect

from screening.intake.answers import Answer
from screening.intake.branching import holds
from screening.intake.case import load_case
from screening.intake.questionnaire import Questionnaire
from screening.intake.vocabulary import SIDES, without_side
from screening.rulebase.base import load
from tests.clinician import FURTHER, REVIEW, STOP, AtTerminal, Clinician, process, typed

ROOT = Path(__file__).parents[1]
CASES = ("base_case", "both_hips", "flag_dvt_emergency")


def asked_of_both(form: Questionnaire, answers: Mapping[str, Answer]) -> Iterator[str]:
    """Give the paths of both legs whose question matters for both: what a clinician sees."""
    for path in form.by_path:
        side, bare = without_side(path)
        if side and all(holds(form[f"{each}.{bare}"].shown_when, answers) for each in SIDES):
            yield path


def measured(name: str, at_terminal: AtTerminal = process) -> tuple[Clinician, dict[str, Answer]]:
    """Type one case and give what it took, and what was saved; it was examined today."""
    base = load()
    case = load_case(name, base.vocabulary)
    with tempfile.TemporaryDirectory() as home:
        out = str(Path(home) / "case.yaml")
        clinician = Clinician(base, Path(home), "--out", out, at_terminal=at_terminal)
        form = clinician.form
        answers = {
            path: typed(form[path], answer, base)
            for path, answer in case.answers.items()
            if form[path].kind != "date" and path != "attested_by"
        }
        for path, sweep in form.by_path.items():
            if sweep.kind == "sweep" and all(
                case.answers.get(each) == word for each, word in sweep.answers.items()
            ):
                answers[path] = "y"
        clinician.of_both = frozenset(asked_of_both(form, case.answers))
        answers["examined_by"] = str(case.answers.get("attested_by", "A.B."))
        ends = (FURTHER, STOP, REVIEW)
        while True:
            clinician.converse(answers, *ends)
            if clinician.child.after == REVIEW:
                break
            clinician.type()
        clinician.type()
        clinician.wait("Saved")
        clinician.child.expect(pexpect.EOF)
        return clinician, dict(load_case(out, base.vocabulary).answers)


def main() -> None:
    """Measure some cases and print every figure."""
    names = sys.argv[1:] or [str(ROOT / "cases" / f"{name}.yaml") for name in CASES]
    for name in names:
        begin = time.perf_counter()
        done, _ = measured(name)
        waited = time.perf_counter() - begin
        print(
            f"{Path(name).stem}: {done.answered} prompts, {done.keys} keys, {done.words} words, "
            f"{done.seconds:.0f} s to read and type; the program took {waited:.1f} s of its own",
            flush=True,
        )


if __name__ == "__main__":
    main()
