"""Runs: look into a finished batch. Nothing is recomputed for the list; a row that is opened is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from screening.errors import ScreeningError
from screening.exchange.any_case import reader_of
from screening.inference.infer import infer
from screening.record.screening import screening
from screening.report.html_page import page_body
from screening.serve.bench import Bench
from screening.serve.not_here import not_here
from screening.serve.panel import templates
from screening.serve.rooms import rooms_of

if TYPE_CHECKING:
    import polars as pl

    from screening.batch.run_model import Manifest

_SHOWN = 200
_READ_AGAIN = (
    "A row is screened again from what the batch read. A file that the run names by a relative "
    "path is looked for from the folder in which the workbench was started: start it where the "
    "batch was run."
)
_TIER, _VERDICT, _FLAG = "tier", "movement_pattern_verdict", "flags_present"


def routes(bench: Bench) -> list[BaseRoute]:
    """Give the routes of Runs; none without a run."""
    if bench.run is None:
        return []
    room = RunRoom(bench, bench.run)

    async def rows(request: Request) -> Response:
        return HTMLResponse(await bench.work(room.rows, dict(request.query_params)))

    async def refused(request: Request) -> Response:
        return HTMLResponse(await bench.work(room.refused))

    async def case(request: Request) -> Response:
        asked = request.query_params
        try:
            page = await bench.work(room.case, asked.get("id", ""), asked.get("visit") or None)
        except ScreeningError as error:
            said = [*map(str, error.problems), _READ_AGAIN]
            return await not_here(bench, "runs", "This row cannot be opened", said)
        return HTMLResponse(page)

    return [
        Route("/runs/", rows),
        Route("/runs/refused", refused),
        Route("/runs/case", case),
    ]


class FilterLink(TypedDict):
    """One word to filter by: how it is said, and how many cases it leaves."""

    said: str
    many: int
    on: bool
    href: str


class FilterGroup(TypedDict):
    """The words of one column."""

    name: str
    links: list[FilterLink]


class RunRoom:
    """Shows the rows of one run."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        """Look into one folder."""
        self._bench, self._folder = bench, folder

    @cached_property
    def _manifest(self) -> Manifest:
        from screening.batch.store import Store

        return Store(self._folder).manifest()

    @cached_property
    def _frame(self) -> pl.DataFrame:
        """The columns that the list shows and filters by, both legs of every case."""
        import polars as pl

        from screening.batch.look_up import rows_of_legs

        rows = rows_of_legs(self._folder)
        flags = [name for name in rows.collect_schema().names() if name.startswith(_FLAG)]
        wanted = ["case_id", "visit", "side", _TIER, "within", _VERDICT, "reason", *flags]
        found = rows.select(wanted).collect()
        legs = [
            found.filter(pl.col("side").cast(pl.String) == side).rename({_VERDICT: side})
            for side in ("left", "right")
        ]
        return legs[0].with_columns(legs[1]["right"])

    @cached_property
    def _flags(self) -> dict[str, tuple[str, int]]:
        """Where each level of a flag stands: its column and its bit."""
        return {
            name: (column, place)
            for column, names in self._manifest["key"].items()
            if column.startswith(_FLAG) and column in self._frame.columns
            for place, name in enumerate(names)
        }

    def rows(self, asked: Mapping[str, str]) -> str:
        """Give the list, with what it is filtered by."""
        found = self._filtered(asked)
        shown = found.head(_SHOWN).to_dicts()
        for row in shown:
            row["flags"] = list(self._present(row))
            row["link"] = urlencode({"id": row["case_id"], "visit": row["visit"] or ""})
        return (
            templates()
            .get_template("runs.html.j2")
            .render(
                counts=self._manifest["counts"],
                made=self._manifest["screened_with"],
                filters=self._filters(asked),
                asked=asked,
                many=found.height,
                rows=shown,
                most=_SHOWN,
                **rooms_of(self._bench, "runs"),
            )
        )

    def _filtered(self, asked: Mapping[str, str]) -> pl.DataFrame:
        import polars as pl

        found = self._frame
        if tier := asked.get("tier"):
            found = found.filter(pl.col(_TIER).cast(pl.String) == tier)
        if verdict := asked.get("verdict"):
            either = [pl.col(side).cast(pl.String) == verdict for side in ("left", "right")]
            found = found.filter(pl.any_horizontal(either))
        if asked.get("flag") in self._flags:
            column, place = self._flags[asked["flag"]]
            found = found.filter((pl.col(column).cast(pl.Int64) & (1 << place)) != 0)
        return found

    def _present(self, row: Mapping[str, int]) -> Iterator[str]:
        """Give the titles of the flags of a row, each once."""
        titles = {flag.id.removeprefix("flag."): flag.title for flag in self._bench.base.flags}
        ids = [
            name.rpartition(".")[0]
            for name, (column, place) in self._flags.items()
            if row[column] and int(row[column]) >> place & 1
        ]
        yield from dict.fromkeys(titles.get(id, id) for id in ids)

    def _filters(self, asked: Mapping[str, str]) -> list[FilterGroup]:
        """Give the links that filter, each with how many cases it leaves."""
        groups = []
        for name, ladder in (("tier", "triage"), ("verdict", "verdict")):
            rows = self._bench.base.ladder(ladder).rows
            words = {row.word: self._filtered({name: row.word}).height for row in rows}
            groups.append(_group(name, words, asked))
        flags = {name: self._filtered({"flag": name}).height for name in self._flags}
        groups.append(_group("flag", flags, asked))
        return groups

    def refused(self) -> str:
        """Give the rows that were refused, each with its field and its reason."""
        path, rows = self._folder / "refused.jsonl", []
        if path.exists():
            with path.open(encoding="utf-8") as lines:
                rows = [json.loads(line) for _, line in zip(range(_SHOWN), lines, strict=False)]
        page = templates().get_template("refused.html.j2")
        heads = list(dict.fromkeys(key for row in rows for key in row))
        return page.render(rows=rows, heads=heads, **rooms_of(self._bench, "runs"))

    def case(self, case_id: str, visit: str | None) -> str:
        """Screen one case again from its input, and give its report.

        Raises:
            UsageError: if the run, its input or the rules are not what they were.

        """
        from screening.batch.look_up import case_of

        base = self._bench.base
        inferred = infer(case_of(self._folder, case_id, base, visit, reader_of(base)), base)
        body = Markup(page_body(screening(inferred), inferred))
        page = templates().get_template("run_case.html.j2")
        return page.render(body=body, case_id=case_id, **rooms_of(self._bench, "runs"))


def _group(name: str, words: Mapping[str, int], asked: Mapping[str, str]) -> FilterGroup:
    links: list[FilterLink] = [
        {
            "said": word.replace("_", " ").replace(".", ", "),
            "many": many,
            "on": asked.get(name) == word,
            "href": "?" + urlencode({k: v for k, v in {**asked, name: word}.items()}),
        }
        for word, many in words.items()
        if many
    ]
    return {"name": name, "links": links}
