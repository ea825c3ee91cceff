"""What the pages work with: the rules, the form to fill, the files that were named. No patient."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import ParamSpec, TypeVar

from screening.errors import Problem, UsageError
from screening.inference.infer import infer
from screening.intake.case import Case, load_case
from screening.intake.interview import Core
from screening.intake.profile import Profile
from screening.intake.questionnaire import Questionnaire
from screening.rulebase.base import RuleBase
from screening.rulebase.core import core

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Bench:
    """One workbench; whatever is worked out runs in its one thread, one after another."""

    base: RuleBase
    case: Path | None = None
    """The file that Save writes, if one was named."""
    run: Path | None = None
    """The folder of a batch, if one was named."""
    profile: Profile = Profile()
    today: Callable[[], date] = date.today
    empty: dict[date, str] = field(default_factory=dict)
    """The page on which nothing is typed yet, by the day on which it was asked for."""
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="bench")
    )
    _aside: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="aside")
    )

    @cached_property
    def form(self) -> Questionnaire:
        """The one form to fill."""
        return Questionnaire(self.base.vocabulary)

    @cached_property
    def core(self) -> Core:
        """What a verdict rests on."""
        return core(self.base.form)

    def warm(self) -> None:
        """Build what the first screening would wait for; read the named case, look for the run.

        Raises:
            ScreeningError: if that case cannot be read, or there is no such finished run.

        """
        if self.case is not None and self.case.suffix.lower() == ".json":
            what, todo = "Save writes YAML.", "Name a .yaml file; the button Open takes JSON too."
            raise UsageError(Problem(str(self.case), what, "It would be JSON by name only.", todo))
        if self.case is not None and self.case.exists():
            load_case(str(self.case), self.base.vocabulary)
        if self.run is not None:
            from screening.batch.look_up import screened_rows

            screened_rows(self.run)
        infer(Case("", {}), self.base)

    async def work_aside(self, what: Callable[[], T]) -> T:
        """Work something long out beside the one thread, one at a time."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._aside, what)

    async def work(self, what: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """Work something out in the one thread that may enter the engine."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: what(*args, **more))

    async def work_by_turns(self, begin: Callable[[], Iterator[T | None]]) -> T:
        """Work something out by pieces; what was asked for during one comes before the next.

        It gives nothing for each piece, and at the end what was found.
        """
        pieces = await self.work(begin)
        while (found := await self.work(next, pieces)) is None:
            pass
        return found
