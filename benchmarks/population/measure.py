"""What the rule base says of invented people: verdicts by painful leg, tiers by person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from benchmarks.population.people import COHORTS, Row, dangerous
from benchmarks.population.rates import population
from screening.batch.inputs.cells import as_case
from screening.cohort import Cohort, rows_of
from screening.inference.infer import infer
from screening.rulebase.base import RuleBase

TIERS = ("emergency", "urgent", "referral", "none")
WITHINS = ("now", "same_day", "3_days", "2_weeks", "routine")
VERDICTS = ("likely", "possible", "unlikely", "cannot_be_judged", "suspended")
ASKED_WITH = "asked_with"
VERDICT = "movement_pattern_verdict"


@dataclass(frozen=True)
class Limit:
    """What must hold of a cohort: a share that is at most, or at least, so many per cent."""

    cohort: str
    what: str
    percent: float
    at_least: bool = False

    def holds(self, shares: dict[str, float]) -> bool:
        """Tell whether the shares of a cohort keep it."""
        share = shares[self.what]
        return share >= self.percent if self.at_least else share <= self.percent

    @property
    def text(self) -> str:
        """The limit in words."""
        return f"{'at least' if self.at_least else 'at most'} {self.percent:g}%"


NULLS = tuple(name for name in COHORTS if name.startswith("null"))
LIMITS = (
    *(Limit(name, "likely", 0.2) for name in NULLS),
    *(Limit(name, "possible", 5) for name in NULLS),
    Limit("true chain, one side", "likely or possible", 75, at_least=True),
    Limit("ordinary", "any tier", 35),
    Limit("ordinary", "same day or now", 25),
    Limit("ordinary", "suspended", 25),
)


def frame_of(rows: Iterable[Row]) -> pl.DataFrame:
    """Give people as a table of text, as a CSV file holds them."""
    texts = [{path: str(answer) for path, answer in row.items()} for row in rows]
    columns = dict.fromkeys(path for row in texts for path in row)
    return pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String))


class Measure:
    """Screens people with one rule base."""

    def __init__(self, base: RuleBase) -> None:
        """Lay the rule base out once."""
        self.base, self._cohort = base, Cohort(base, verbose=True)

    def screened(self, rows: Iterable[Row]) -> pl.DataFrame:
        """Give two rows for each person.

        Raises:
            UsageError: for findings that the rule base does not know.
            ValueError: for a person whom it refuses: the generator is wrong then.

        """
        found = self._cohort.screen(self._frame(rows))
        if found.refused.height:
            raise ValueError(f"a person was refused: {found.refused['reason'][0]}")
        return found.screenings

    def _frame(self, rows: Iterable[Row]) -> pl.DataFrame:
        """Give people as a table, with the questions asked only where the rule base reads that."""
        frame = frame_of(rows)
        return frame if ASKED_WITH in self.base.vocabulary else frame.drop(ASKED_WITH)

    def forward_differs(self, rows: Iterable[Row]) -> list[str]:
        """Give the people of whom the forward reading says something else."""
        frame = self._frame(rows)
        found = Cohort(self.base).screen(frame).screenings
        differ = []
        for place, row in enumerate(frame.iter_rows(named=True)):
            case = as_case(row["case_id"], row, self.base.vocabulary)
            if not found[2 * place : 2 * place + 2].equals(rows_of(infer(case, self.base))):
                differ.append(row["case_id"])
        return differ


def persons(screened: pl.DataFrame) -> pl.DataFrame:
    """Give one row a person: tier, time and flags are the same for both legs."""
    return screened.filter(pl.col("side") == "left")


def shares(screened: pl.DataFrame) -> dict[str, float]:
    """Give per cent: of painful legs by verdict, of people by tier and time."""
    legs = screened.filter(pl.col(VERDICT).is_not_null())[VERDICT].cast(pl.String)
    found = {verdict: _percent(legs == verdict) for verdict in VERDICTS}
    found["likely or possible"] = _percent(legs.is_in(["likely", "possible"]))
    people = persons(screened)
    tiers, within = people["tier"].cast(pl.String), people["within"].cast(pl.String)
    found |= {tier: _percent(tiers == tier) for tier in TIERS}
    found["any tier"] = _percent(tiers != "none")
    found["same day or now"] = _percent(within.is_in(["now", "same_day"]).fill_null(False))
    return found


def _percent(truths: pl.Series) -> float:
    return 100 * float(truths.mean() or 0)


@dataclass(frozen=True)
class Burden:
    """How many a flag gives a tier, in per cent: by level, at all, and who has no other."""

    flag: str
    present: float
    alone: float
    levels: dict[str, float]


def burdens(screened: pl.DataFrame) -> list[Burden]:
    """Give for each flag whom it stops, the most frequent first.

    A level of tier none stops nobody and is left out.
    """
    found = persons(screened)["flags_present"].fill_null("").str.split(" ").to_list()
    levels = [{level for level in each if level and not level.endswith(".none")} for each in found]
    flags = [{level.rpartition(".")[0] for level in each} for each in levels]

    def share(holds: Iterable[bool]) -> float:
        return 100 * sum(holds) / len(found)

    made = [
        Burden(
            flag,
            share(flag in each for each in flags),
            share(each == {flag} for each in flags),
            {
                level.rpartition(".")[2]: share(level in each for each in levels)
                for level in sorted({level for each in levels for level in each})
                if level.rpartition(".")[0] == flag
            },
        )
        for flag in sorted({flag for each in flags for flag in each})
    ]
    return sorted(made, key=lambda each: -each.present)


@dataclass(frozen=True)
class Catch:
    """How many with one dangerous picture are caught at its tier and time, in per cent."""

    id: str
    says: str
    must: tuple[str, str]
    caught: float
    tiers: dict[str, float]
    verdicts: dict[str, float]


def catches(measure: Measure, count: int, seed: int) -> Iterator[Catch]:
    """Screen so many people with each dangerous picture."""
    pictures = population()["dangerous"]
    made = [row for picture in pictures for row in dangerous(picture, count, seed)]
    every = measure.screened(made)
    for place, picture in enumerate(pictures):
        screened = every[2 * count * place : 2 * count * (place + 1)]
        tier, within = picture["must"]
        people = persons(screened)
        worst = people["tier"].cast(pl.String).replace_strict(_places(TIERS))
        soonest = people["within"].cast(pl.String).replace_strict(_places(WITHINS), default=99)
        enough = (worst <= TIERS.index(tier)) & (soonest <= WITHINS.index(within))
        found = shares(screened)
        verdicts = {verdict: found[verdict] for verdict in VERDICTS}
        tiers = {name: found[name] for name in TIERS}
        id, says = picture["id"], picture["says"]
        yield Catch(id, says, (tier, within), _percent(enough), tiers, verdicts)


def _places(words: tuple[str, ...]) -> dict[str, int]:
    return {word: place for place, word in enumerate(words)}
