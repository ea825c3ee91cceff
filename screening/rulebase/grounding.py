"""From rule files to the one form: sides, bands, flag levels, blocks and ladders resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from screening.errors import Problem
from screening.intake.vocabulary import SIDES, Vocabulary, other, without_side
from screening.rulebase.files import (
    AdviceFile,
    BandFile,
    BlocksFile,
    ConclusionFile,
    LadderFile,
    MeasureFile,
    RuleFile,
    RuleText,
    ScoreFile,
    Sourced,
)
from screening.rulebase.form import (
    FALSE,
    TRUE,
    Band,
    Conclusion,
    Derived,
    Form,
    Instrument,
    Item,
    Ladder,
    Line,
    Measure,
    Premise,
    Recorded,
    Row,
    Rule,
    Score,
    operands_of,
)
from screening.rulebase.premises import Names, Operand, PremiseError, ground_line

Where = Callable[[object, tuple[str | int, ...]], str]


@dataclass
class Grounder:
    """Collects the parts of a form; every problem is kept, none is thrown before the end."""

    vocabulary: Vocabulary
    files: Mapping[str, RuleFile]
    blocks: BlocksFile
    where: Where
    problems: list[Problem] = field(default_factory=list)
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        """List every name that a rule may use."""
        self.names = Names({}, self.vocabulary.thresholds)

    # -- names --------------------------------------------------------------------------------

    def of_kind(self, *kinds: type[Sourced]) -> Iterator[RuleFile]:
        """Give the files of these kinds that are not retired."""
        for file in self.files.values():
            if isinstance(file, kinds) and file.status != "retired":
                yield file

    def collect_names(self) -> None:
        """Name every operand: recorded findings, derived findings, conclusions and ladders."""
        operands, verdict = self.names.operands, (TRUE, FALSE)
        for bare, entry in self.vocabulary.entries.items():
            for name, words in self.vocabulary.operands(bare):
                side, short = without_side(name)
                operands[short] = Operand(side is not None, words or (), entry.unit)
        for file in self.files.values():
            if isinstance(file, BandFile):
                operands[file.id] = Operand(file.of == "leg", tuple(file.words))
            elif isinstance(file, MeasureFile | ScoreFile):
                operands[file.id] = Operand(file.of == "leg", (), file.unit)
            elif isinstance(file, ConclusionFile):
                operands[file.id] = Operand(file.of == "leg", verdict, conclusion=True)
                for tier in file.levels:
                    operands[f"{file.id}.{tier}"] = Operand(False, verdict, conclusion=True)
            elif isinstance(file, AdviceFile):
                operands[f"indicated.{file.id}"] = Operand(True, verdict, conclusion=True)
            elif isinstance(file, LadderFile) and file.per is None:
                words = tuple(dict.fromkeys(row.word for row in file.rows))
                operands[file.id] = Operand(file.of == "leg", words)
        for blocked in self.blockable:
            operands[f"blocked.{blocked}"] = Operand(True, verdict, conclusion=True)
        for group in self.blocks.groups:
            operands[f"block.{group}"] = Operand(False, verdict, conclusion=True)
        self._collect_groups()

    def _collect_groups(self) -> None:
        gates = tuple(
            f"either.gate.{gate.removeprefix('red_flags.')}"
            if gate in self.vocabulary.leg_gates
            else f"gate.{gate.removeprefix('red_flags.')}"
            for gate in self.vocabulary.gates
        )
        levels = [(f, t, level) for f in self.flags for t, level in f.levels.items()]
        groups = {
            "any_gate": gates,
            "any_flag": tuple(f"{file.id}.{tier}" for file, tier, _ in levels),
            "any_suspending_flag": tuple(f"{f.id}.{t}" for f, t, found in levels if found.suspends),
        }
        for tier in ("emergency", "urgent", "referral", "none"):
            groups[f"any_flag.{tier}"] = tuple(f"{f.id}.{t}" for f, t, _ in levels if t == tier)
        self.names.groups = groups

    @property
    def flags(self) -> list[ConclusionFile]:
        """The files of red flags."""
        return [
            f for f in self.of_kind(ConclusionFile) if isinstance(f, ConclusionFile) and f.levels
        ]

    @property
    def advice(self) -> list[AdviceFile]:
        """The files of advice in the order of printing."""
        found = [file for file in self.of_kind(AdviceFile) if isinstance(file, AdviceFile)]
        return sorted(found, key=lambda file: (file.order, file.id))

    @property
    def blockable(self) -> list[str]:
        """Every advice id and every path of a test that something can block."""
        tests = [name for group in self.blocks.groups for name in self.expand((group,))]
        return list(dict.fromkeys([file.id for file in self.advice] + tests))

    def expand(self, names: Iterable[str]) -> list[str]:
        """Give the advice ids and test paths that groups and single names stand for."""
        found: list[str] = []
        for name in names:
            group = self.blocks.groups.get(name)
            if group is None:
                found.append(name)
            else:
                found.extend(self.expand(group.groups))
                found.extend(group.holds)
        return list(dict.fromkeys(found))

    # -- lines --------------------------------------------------------------------------------

    def lines(
        self,
        texts: tuple[str, ...],
        side: str | None,
        file: object,
        place: tuple[str | int, ...],
        decision: bool = False,
    ) -> list[Line]:
        """Ground a written line; a problem is kept with its place and gives no line."""
        try:
            return list(ground_line(texts, self.names, side, decision))
        except PremiseError as error:
            problem = error.at(self.where(file, place))
            if problem not in self.problems:
                self.problems.append(problem)
            return []

    def _sides(self, of: str) -> tuple[str | None, ...]:
        return SIDES if of == "leg" else (None,)

    def _one(
        self,
        texts: tuple[str, ...],
        side: str | None,
        file: object,
        place: tuple[str | int, ...],
        decision: bool = False,
    ) -> Line:
        found = self.lines(texts, side, file, place, decision)
        if len(found) > 1:
            self.problems.append(
                Problem(
                    self.where(file, place), "either. is not read here.", "", "Write two lines."
                )
            )
        return found[0] if found else ()

    # -- recorded and derived -------------------------------------------------------------------

    def recorded(self) -> dict[str, Recorded]:
        """Give every operand that a case can record."""
        found: dict[str, Recorded] = {}
        for bare, entry in self.vocabulary.entries.items():
            mdc = self.vocabulary.mdc.get(bare)
            for name, words in self.vocabulary.operands(bare):
                path = bare if entry.of == "person" else self._path(name, bare)
                found[name] = Recorded(name, path, words or (), entry.ordered, entry.hard, mdc)
        return found

    def _path(self, name: str, bare: str) -> str:
        side, _ = without_side(name)
        return f"{side}.{bare}"

    def derived(self) -> tuple[Derived, ...]:
        """Give all derived findings, each after those it rests on."""
        found: dict[str, Derived] = {}
        for file in self.of_kind(MeasureFile, BandFile, ScoreFile):
            assert isinstance(file, MeasureFile | BandFile | ScoreFile)
            for side in self._sides(file.of):
                name = named(side, file.id)
                if isinstance(file, MeasureFile):
                    found[name] = self._measure(file, side, name)
                elif isinstance(file, BandFile):
                    found[name] = self._band(file, side, name)
                else:
                    found[name] = self._score(file, side, name)
        return self._ordered(found)

    def _name(self, written: str, side: str | None, file: object) -> str:
        quantifier, _, rest = written.partition(".")
        bare = rest if quantifier == "other" else written
        try:
            leg = self.names.operand(bare).leg
        except PremiseError as error:
            self.problems.append(error.at(self.where(file, ())))
            return bare
        if not leg or side is None:
            return bare
        return f"{other(side) if quantifier == 'other' else side}.{bare}"

    def _measure(self, file: MeasureFile, side: str | None, name: str) -> Measure:
        minuend = self._name(file.minuend, side, file)
        return Measure(name, minuend, self._name(file.subtrahend, side, file))

    def _band(self, file: BandFile, side: str | None, name: str) -> Band:
        instruments = []
        for i, text in enumerate(file.instruments):
            reads = (text.reads,) if isinstance(text.reads, str) else text.reads
            if set(text.words) != set(file.words):
                self.problems.append(
                    Problem(
                        self.where(file, ("instruments", i)),
                        "the instrument does not give a line for every word of the band.",
                        "A reading without a word would count as not recorded.",
                    )
                )
            words = tuple(
                (word, self._one(text.words[word], side, file, ("instruments", i, "words", word)))
                for word in file.words
                if word in text.words
            )
            instruments.append(Instrument(tuple(self._name(r, side, file) for r in reads), words))
        aside = [
            line
            for i, text in enumerate(file.set_aside)
            for line in self.lines(text.when, side, file, ("set_aside", i))
        ]
        return Band(name, tuple(file.words), tuple(instruments), tuple(aside))

    def _score(self, file: ScoreFile, side: str | None, name: str) -> Score:
        items = tuple(
            Item(
                item.points * 100,
                tuple(
                    line
                    for j, texts in enumerate(item.any)
                    for line in self.lines(texts, side, file, ("items", i, "any", j))
                ),
            )
            for i, item in enumerate(file.items)
        )
        return Score(name, items, self._one(file.exists, side, file, ("exists",)))

    def _ordered(self, found: dict[str, Derived]) -> tuple[Derived, ...]:
        order: dict[str, Derived] = {}
        open_now: set[str] = set()

        def visit(name: str) -> None:
            if name in order or name not in found:
                return
            if name in open_now:
                file = self.files[without_side(name)[1]]
                self.problems.append(
                    Problem(self.where(file, ()), "this derived finding rests on itself.")
                )
                return
            open_now.add(name)
            for operand in operands_of(found[name]):
                visit(operand)
            order[name] = found[name]

        for name in found:
            visit(name)
        return tuple(order.values())

    # -- conclusions ----------------------------------------------------------------------------

    def conclusions(self) -> dict[str, Conclusion]:
        """Give every conclusion with its rules, those written and those that follow from data."""
        found: dict[str, Conclusion] = {}
        for file in self.of_kind(ConclusionFile, AdviceFile):
            if isinstance(file, AdviceFile):
                made = self._of_rules(f"indicated.{file.id}", file, "leg", (HIP_PAIN,))
            else:
                assert isinstance(file, ConclusionFile)
                made = self._flag(file) if file.levels else self._plain(file)
            found.update({conclusion.name: conclusion for conclusion in made})
        found.update({conclusion.name: conclusion for conclusion in self._blocked()})
        return found

    def _plain(self, file: ConclusionFile) -> list[Conclusion]:
        return self._of_rules(file.id, file, file.of, file.exists)

    def _of_rules(
        self, id: str, file: ConclusionFile | AdviceFile, of: str, exists: tuple[str, ...]
    ) -> list[Conclusion]:
        made = []
        for side in self._sides(of):
            name = named(side, id)
            rules = [
                rule
                for i, text in enumerate(file.rules)
                for rule in self._rules(text, i, side, name, file)
            ]
            line = self._one(exists, side, file, ("exists",))
            made.append(Conclusion(name, id, side, tuple(rules), line))
        return made

    def _rules(
        self, text: RuleText, i: int, side: str | None, concludes: str, file: object
    ) -> Iterator[Rule]:
        sides = SIDES if text.each else (side,)
        for each in sides:
            lines = self.lines(text.when, each, file, ("rules", i, "when"))
            self._no_decisions(lines, file, ("rules", i, "when"))
            for number, line in enumerate(lines, 1):
                name = named(each, text.id) + (f"#{number}" if len(lines) > 1 else "")
                yield Rule(text.id, name, each or _side_of(line), concludes, line)

    def _no_decisions(self, lines: list[Line], file: object, place: tuple[str | int, ...]) -> None:
        for premise in (premise for line in lines for premise in line):
            if isinstance(self.files.get(without_side(premise.operand)[1]), LadderFile):
                what = f'"{premise.operand}" is a decision, and decisions rest on rules.'
                problem = Problem(self.where(file, place), what, "", "Name a conclusion.")
                if problem not in self.problems:
                    self.problems.append(problem)

    def _flag(self, file: ConclusionFile) -> list[Conclusion]:
        made = []
        for tier in file.levels:
            name = f"{file.id}.{tier}"
            rules = [
                rule
                for i, text in enumerate(file.rules)
                if text.level == tier
                for rule in self._rules(text, i, None, name, file)
            ]
            made.append(Conclusion(name, name, None, tuple(rules)))
        for i, text in enumerate(file.rules):
            if text.level not in file.levels:
                self.problems.append(
                    Problem(
                        self.where(file, ("rules", i)),
                        f'{text.id} names the level "{text.level}", which the flag does not have.',
                    )
                )
        levels = [f"{file.id}.{tier}" for tier in file.levels]
        made.append(self._any_of(file.id, None, levels))
        return made

    def _any_of(self, id: str, side: str | None, sources: Iterable[str]) -> Conclusion:
        name = named(side, id)
        rules = tuple(
            Rule(
                without_side(source)[1],
                f"{name} by {source}",
                without_side(source)[0],
                name,
                (Premise(source, "one_of", (TRUE,)),),
            )
            for source in sources
        )
        return Conclusion(name, id, side, rules)

    def _blocked(self) -> Iterator[Conclusion]:
        """Give what blocks each group, then what blocks each advice and test of each leg.

        The groups stand between flags and advice: without them every flag would need a rule for
        every advice and test of both legs, more than an engine can hold.
        """
        own = {file.id: file.blocked_by for file in self.advice}
        sources = {group: self._blocking(group) for group in self.blocks.groups}
        for group, found in sources.items():
            yield self._any_of(f"block.{group}", None, found)
        for blocked in self.blockable:
            groups = [g for g in sources if sources[g] and blocked in self.expand((g,))]
            for side in SIDES:
                names = [f"block.{group}" for group in groups] + self._blocking(blocked)
                names += [named(side, name) for name in own.get(blocked, ())]
                yield self._any_of(f"blocked.{blocked}", side, names)

    def _blocking(self, name: str) -> list[str]:
        """Give the flag levels and gates that name a group, an advice or a test."""
        flags = [
            f"{file.id}.{tier}"
            for file in self.flags
            for tier, level in file.levels.items()
            if name in level.blocks
        ]
        gates = [gate for gate, text in self.blocks.by_gate.items() if name in text.blocks]
        return flags + [each for gate in gates for each in self._both_legs(gate)]

    def _both_legs(self, conclusion: str) -> list[str]:
        operand = self.names.operands.get(conclusion)
        if operand is None:
            self.problems.append(Problem("rules/advice/blocks.yaml", f'"{conclusion}" is unknown.'))
            return []
        return [f"{side}.{conclusion}" for side in SIDES] if operand.leg else [conclusion]

    # -- strata and ladders -----------------------------------------------------------------------

    def strata(self, conclusions: dict[str, Conclusion]) -> tuple[tuple[Conclusion, ...], ...]:
        """Sort conclusions into strata: red flags first; "is false" only of an earlier stratum."""
        depth: dict[str, int] = {}
        open_now: set[str] = set()
        first = {
            name for name, found in conclusions.items() if found.id.startswith(("gate.", "flag."))
        }

        def visit(name: str, floor: int) -> int:
            if name in depth:
                return depth[name]
            if name in open_now:
                file = self._file_of(conclusions[name].id)
                self.problems.append(
                    Problem(self.where(file, ()), f'"{conclusions[name].id}" rests on itself.')
                )
                return 0
            open_now.add(name)
            level = floor
            for rule in conclusions[name].rules:
                for premise in rule.premises:
                    if premise.operand in conclusions:
                        below = visit(premise.operand, floor)
                        level = max(level, below + (premise.value == (FALSE,)))
            depth[name] = level
            return level

        for name in first:
            visit(name, 0)
        floor = max(depth.values(), default=-1) + 1
        for name in conclusions:
            visit(name, floor)
        ordered = [
            tuple(self._in_order(conclusions, [n for n in conclusions if depth[n] == level]))
            for level in sorted(set(depth.values()))
        ]
        return tuple(ordered)

    def _in_order(
        self, conclusions: dict[str, Conclusion], names: list[str]
    ) -> Iterator[Conclusion]:
        """Within a stratum, give each conclusion after those that it rests on."""
        here, done = set(names), set()

        def visit(name: str) -> Iterator[Conclusion]:
            if name in done:
                return
            done.add(name)
            for rule in conclusions[name].rules:
                for premise in rule.premises:
                    if premise.operand in here:
                        yield from visit(premise.operand)
            yield conclusions[name]

        for name in sorted(names, key=lambda n: (conclusions[n].id, conclusions[n].side or "")):
            yield from visit(name)

    def _file_of(self, id: str) -> RuleFile | None:
        for candidate in (id, id.rpartition(".")[0], id.partition(".")[2]):
            if candidate in self.files:
                return self.files[candidate]
        return None

    def ladders(self) -> tuple[Ladder, ...]:
        """Give every ladder for every side, those that read others after them."""
        plain, per_advice = [], []
        for file in self.of_kind(LadderFile):
            assert isinstance(file, LadderFile)
            for side in self._sides(file.of):
                if file.per is None:
                    plain.append(self._ladder(file, side, named(side, file.id), None))
        for advice in self.advice:
            chosen = self.files.get(advice.decided_by)
            if not isinstance(chosen, LadderFile) or chosen.per is None:
                self.problems.append(
                    Problem(
                        self.where(advice, ("decided_by",)),
                        f'"{advice.decided_by}" is no ladder for advice.',
                    )
                )
                continue
            per_advice += [
                self._ladder(chosen, side, f"{side}.advice.{advice.id}", advice.id)
                for side in SIDES
            ]
        return tuple(self._ladder_order(plain) + per_advice)

    def _ladder(self, file: LadderFile, side: str | None, name: str, advice: str | None) -> Ladder:
        rows = []
        for i, row in enumerate(file.rows):
            lines = None
            if row.any is not None:
                lines = tuple(
                    line
                    for j, texts in enumerate(row.any)
                    for line in self.lines(
                        tuple(t.replace(".* ", f".{advice} ") for t in texts) if advice else texts,
                        side,
                        file,
                        ("rows", i, "any", j),
                        decision=True,
                    )
                )
            rows.append(Row(row.word, row.reason, lines))
        if any(row.lines is None for row in rows[:-1]) or rows[-1].lines is not None:
            self.problems.append(
                Problem(self.where(file, ("rows",)), "only the last row takes the rest.")
            )
        exists = self._one(file.exists, side, file, ("exists",))
        return Ladder(name, file.id, side, tuple(rows), exists, advice)

    def _ladder_order(self, ladders: list[Ladder]) -> list[Ladder]:
        names = {ladder.name for ladder in ladders}

        def reads(ladder: Ladder) -> bool:
            lines = [line for row in ladder.rows for line in row.lines or ()]
            return any(premise.operand in names for line in lines for premise in line)

        return sorted(ladders, key=reads)

    def _try_texts(self) -> None:
        """Ground the premises that only reports read: they must not fail before a patient."""
        for file in self.files.values():
            side = SIDES[0] if getattr(file, "of", "leg") == "leg" else None
            parts: list[tuple[str, int, tuple[str, ...]]] = []
            if isinstance(file, ScoreFile):
                parts += [("reading", i, reading.when) for i, reading in enumerate(file.reading)]
            if isinstance(file, AdviceFile):
                parts += [("variants", i, variant.when) for i, variant in enumerate(file.variants)]
            if isinstance(file, MeasureFile):
                compared = [f"{file.id} {how} {name}" for how, name in file.plausible.items()]
                parts += [("plausible", i, (text,)) for i, text in enumerate(compared)]
            for key, i, when in parts:
                self.lines(when, side, file, (key, i))

    # -- all --------------------------------------------------------------------------------------

    def form(self) -> Form:
        """Give the whole form; ``problems`` then says what is wrong with the files."""
        self.collect_names()
        recorded, derived = self.recorded(), self.derived()
        conclusions = self.conclusions()
        ladders = self.ladders()
        self._try_texts()
        return Form(recorded, derived, self.strata(conclusions), ladders)


HIP_PAIN = "hip.pain is present"
"""What every advice is for: a leg with hip pain (DESIGN 3.4)."""


def named(side: str | None, id: str) -> str:
    """Give the ground name of an id on a side."""
    return f"{side}.{id}" if side else id


def _side_of(line: Line) -> str | None:
    sides = {without_side(premise.operand)[0] for premise in line} - {None}
    return sides.pop() if len(sides) == 1 else None
