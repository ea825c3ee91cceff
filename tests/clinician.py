"""A scripted clinician at a real terminal: reads each prompt of the interview and types an answer.

Counts prompts, keys and the words that are shown anew: a line that stood there before is not read
again, nor a question that a sweep has read out; of the same question for the other leg, the leg is.
The keys in brackets are read once; where in the examination one is ("talk 6/14") is not read.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pexpect
from pexpect.spawnbase import SpawnBase

from screening.cli.intake import answers_shown
from screening.cli.terminal import KEPT
from screening.intake.answers import Answer
from screening.intake.case import as_typed
from screening.intake.questionnaire import Question, Questionnaire
from screening.intake.vocabulary import SIDES, without_side
from screening.rulebase.base import RuleBase

ROOT = Path(__file__).parents[1]
AtTerminal = Callable[[list[str], dict[str, str], tuple[int, int]], SpawnBase]
SECONDS_A_KEY, SECONDS_A_WORD = 0.28, 0.3
FURTHER, REVIEW, SAVE = "Further tests?", "Enter = save", "Save as"
STOP = "write the note and stop"
ALIKE = "= behind an answer"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PLACE = re.compile(r"^(talk|stand|walk|couch) \d+/\d+ +")
_LEG = re.compile(r"^(LEFT|RIGHT) ")


def prompts_of(form: Questionnaire) -> dict[str, str]:
    """Give what the interview asks, each with its path."""
    found = {}
    for question in form.questions:
        leg = f"{question.side.upper()} " if question.side else ""
        asked = question.question if question.kind == "gate" else question.brief
        others = [words for _, words in question.otherwise]
        for text in (asked, *others):
            found[f"  {leg}{text}{answers_shown(question)}".replace(KEPT, " ")] = question.path
    return found


def typed(question: Question, answer: Answer, base: RuleBase) -> str:
    """Give what a clinician types for an answer: y, n, u, a word's number, a figure."""
    value = as_typed(question.path, answer, base.vocabulary)
    if isinstance(value, list):
        words = list(question.words)
        return " ".join(str(words.index(word) + 1) for word in value) or "n"
    if question.kind == "sweep":
        return "y"
    short = {"present": "y", "absent": "n", "unsure": "u", "left": "l", "right": "r"}
    if value in short and value in question.words:
        return short[value]
    return str(list(question.words).index(value) + 1) if question.words else str(value)


def process(words: list[str], env: dict[str, str], size: tuple[int, int]) -> SpawnBase:
    """Run a command in a process of its own at a terminal of some lines and columns."""
    return pexpect.spawn(
        sys.executable,
        ["-m", "screening", *words],
        cwd=str(ROOT),
        env=env,
        encoding="utf-8",
        dimensions=size,
        timeout=60,
    )


class Clinician:
    """A pseudo-terminal with the interview in it, and what was seen and typed there."""

    def __init__(
        self,
        base: RuleBase,
        home: Path,
        *words: str,
        columns: int = 400,
        at_terminal: AtTerminal = process,
        **env: str,
    ) -> None:
        """Start the interview; its drafts live below ``home``."""
        self.base, self.form = base, Questionnaire(base.vocabulary)
        self.prompts = prompts_of(self.form)
        self._patterns = sorted(self.prompts, key=len, reverse=True)
        self.keys = self.words = self.answered = 0
        self.seen = ""
        self.of_both: frozenset[str] = frozenset()
        """The paths that are asked of both legs, as far as whoever types knows."""
        self._lines: set[str] = set()
        colour = {} if "FORCE_COLOR" in env else {"NO_COLOR": "1"}
        env = {
            # The width is that of the terminal, not what the run of the tests says of its own.
            **{k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")},
            "XDG_STATE_HOME": str(home),
            "TERM": "xterm",
            **colour,
            **env,
        }
        self.child = at_terminal(["intake", *words], env, (50, columns))

    def wait(self, *texts: str) -> int:
        """Wait until one of some texts is shown; give which."""
        found = self.child.expect_exact([*texts])
        self._read(f"{self.child.before}{self.child.after}")
        return int(found)

    def type(self, text: str = "") -> None:
        """Type a line."""
        self.keys += len(text) + 1
        self.answered += 1
        self.child.sendline(text)

    def converse(self, answers: Mapping[str, str], *until: str, stop_at: str = "") -> list[str]:
        """Answer every prompt by its path; what is not named is passed over with Enter.

        Ends when one of some texts is shown, or before the question of ``stop_at`` is answered.
        """
        asked: list[str] = []
        ends = until or (FURTHER,)
        while (found := self.wait(*ends, *self._patterns)) >= len(ends):
            path = self.prompts[self._patterns[found - len(ends)]]
            if path == stop_at:
                break
            asked.append(path)
            answer = answers.get(path, "")
            side, bare = without_side(path)
            # Once the interview has said how: one answer for both legs where they are alike.
            both = side == SIDES[0] and ALIKE in self.seen and path in self.of_both
            alike = both and answer == answers.get(f"{SIDES[1]}.{bare}", "")
            self.type(f"{answer}=" if alike else answer)
        return asked

    def finish(self) -> None:
        """Go through the rest with Enter, until the case is saved."""
        self.type()
        self.wait(REVIEW)
        self.type()
        self.wait("Saved")
        self.child.expect(pexpect.EOF)
        self._read(self.child.before)

    @property
    def seconds(self) -> float:
        """How long reading and typing took."""
        return self.keys * SECONDS_A_KEY + self.words * SECONDS_A_WORD

    def _read(self, shown: str) -> None:
        shown = _ESCAPES.sub("", shown)
        self.seen += shown
        # What stands before the first end of line is what was typed, echoed.
        _, _, fresh = shown.partition("\r\n") if self.answered else ("", "", shown)
        for line in fresh.splitlines():
            self._count(_PLACE.sub("", line.strip()).removeprefix("- "))

    def _count(self, line: str) -> None:
        """Count the words that are new: those after a beginning that stood on a line before."""
        bare = _LEG.sub("", line)
        self.words += int(bare != line)
        known = max((each for each in self._lines if bare.startswith(each)), key=len, default="")
        self._lines.add(bare)
        fresh = [word for word in bare[len(known) :].split() if word not in self._lines]
        self._lines.update(word for word in fresh if word.startswith("["))
        self._lines.add(bare.partition(" [")[0].partition("  ")[0].partition(":")[0])
        self.words += sum(any(letter.isalpha() for letter in word) for word in fresh)
