"""The rule base as pages: each part read aloud, its table, examples run here and now, its review.

The same pages are served and written to a folder; links are relative, and nothing is fetched.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup, escape

from screening.files import PUBLIC, whole_file
from screening.page import Text
from screening.read_aloud.ladder_table import cell_of
from screening.read_aloud.rule_text import RulePart, kind_of, parts, rule_text
from screening.read_aloud.rule_words import RuleWords
from screening.rulebase.base import RuleBase
from screening.rulebase.kinds import DERIVED_KINDS
from screening.rulebase.kinds.kind_file import DerivedFile, InstrumentText
from screening.rulebase.reviews import covered, path_of, review_of
from screening.rulebase.shapes import LadderFile
from screening.rulebase.sourced import RuleText, Sourced
from screening.serve.book_examples import BookExamples
from screening.serve.book_proofs import BookProofs
from screening.serve.case_library import CaseLibrary
from screening.serve.panel import templates
from screening.serve.rooms import RoomBar

STATIC = Path(__file__).parent / "static"
_WIDE = 100_000
_NAME = re.compile(r"[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*")
_LABEL = 8
"""So wide is what stands before a labelled text."""
_TABLE = re.compile(
    r"^\s+(\d+ .*[YN?·]|or\b.*[YN?·]|[A-Z]\d?(\s+[A-Z]\d?)*$|Y must hold)|^  [A-Z]\d? {2,}"
)
"""A line of the table in letters; the page has a real one."""
_KINDS = {
    "flag": "Red flags",
    "ladder": "Decisions",
    "conclusion": "Conclusions",
    "explanation": "Explanations",
    "advice": "Advice",
    "rule": "Rules",
    **{kind: f"{kind.capitalize()}s" for kind in sorted(DERIVED_KINDS)},
    "threshold": "Thresholds",
    "finding": "Findings",
    "blocks": "Groups of tests and advice",
    "evidence": "Evidence",
    "promise": "Promises",
    "reference": "Sources",
}


@dataclass(frozen=True)
class BookLine:
    """One line of a page: a heading, a labelled text, an item, or a paragraph."""

    kind: str
    text: Markup
    label: str = ""


class LadderTable(NamedTuple):
    """A decision or a band as a table; a cell says of a condition what it must be."""

    band: bool
    rows: list[tuple[str, dict[str, str], str | int]]
    """What a row says, its cells by condition, and its number or what it reads."""
    heads: list[tuple[str, str]]


class RuleBook:
    """Gives the pages of one rule base."""

    def __init__(self, base: RuleBase, library: Path | None = None) -> None:
        """Read one rule base; the cases of ``library`` show which rules fire where."""
        self.base = base
        folder = library if library is not None else base.root.parent / "cases"
        self.library = CaseLibrary(base, folder)
        self.proofs = BookProofs(base)
        self.words = RuleWords(base)
        self.examples = BookExamples(base)
        self._read: dict[str, Text] = {}

    @cached_property
    def parts(self) -> dict[str, RulePart]:
        """Everything that has a page, by its id."""
        return parts(self.base)

    # -- the index --------------------------------------------------------------------------------

    def kind(self, id: str) -> str:
        """Name the kind of a part; a conclusion with levels is a red flag."""
        if id in self.base.promises:
            return "promise"
        return "flag" if getattr(self.parts[id], "levels", None) else kind_of(self.parts[id])

    def title(self, id: str) -> str:
        """Give the title of a part in one line."""
        part = self.parts[id]
        said = getattr(part, "title", "") or getattr(part, "short", "") or getattr(part, "text", "")
        return " ".join(str(said).split())

    @cached_property
    def index(self) -> str:
        """The search index as a script: it works from a folder as well."""
        rows = [
            [id, self.kind(id), self.title(id), self._aloud(id).plain.lower()] for id in self.parts
        ]
        return f"const INDEX = {json.dumps(rows)};\n".replace("<", "\\u003c")

    def contents(self, rooms: RoomBar) -> str:
        """Give the page with all parts by kind."""
        groups: dict[str, list[tuple[str, str]]] = {name: [] for name in _KINDS.values()}
        for id in self.parts:
            groups.setdefault(_KINDS.get(self.kind(id), self.kind(id)), []).append(
                (id, self.title(id))
            )
        made = self.base.screened_with
        return (
            templates()
            .get_template("rules.html.j2")
            .render(groups={n: found for n, found in groups.items() if found}, made=made, **rooms)
        )

    # -- a page -----------------------------------------------------------------------------------

    def page(self, id: str, rooms: RoomBar, live: bool = False) -> str:
        """Give the page of a part; a live one can be signed, and its number moved."""
        part = self.parts[id]
        file = self.base.rule_texts[id][1] if isinstance(part, RuleText) else part
        own = file.id if isinstance(file, Sourced) else ""
        path = path_of(self.base, own) if own else ""
        return (
            templates()
            .get_template("rule.html.j2")
            .render(
                id=id,
                kind=_KINDS.get(self.kind(id), self.kind(id)),
                title=self.title(id),
                lines=list(self._lines(id)),
                table=self._table(part),
                examples=list(self.examples.of(part, id)),
                held=self.library.held.get(id, {}),
                promises=list(self._promises(id)),
                proof=self.proofs.said(id),
                provable=id if id in self.base.promises and live else "",
                file=path,
                review=review_of(self.base, own) if own else "",
                signatures=[each for each in self.base.reviews.reviews if each.file == path],
                digest=covered(self.base, own) if own and live else "",
                threshold=part if id in self.base.thresholds and live else None,
                library=bool(self.library.cases),
                **rooms,
            )
        )

    def _aloud(self, id: str) -> Text:
        """Give a part as it is read aloud, worked out once."""
        if id not in self._read:
            self._read[id] = rule_text(id, self.base, _WIDE)
        return self._read[id]

    def _lines(self, id: str) -> Iterator[BookLine]:
        """Give the part as it is read aloud, without the table that stands there in letters."""
        table = isinstance(self.parts[id], LadderFile)
        for text, style in self._aloud(id).lines[1:]:
            said = text.strip()
            if not said or (table and _TABLE.match(text)):
                continue
            label, _, rest = text.partition(" ")
            if text[_LABEL : _LABEL + 1] == " ":
                label, rest = text[:_LABEL], text[_LABEL:]
            if style == "bold":
                yield BookLine("head", self.linked(said, id))
            elif said.startswith("- "):
                yield BookLine("item", self.linked(said[2:], id))
            elif label.strip() and text[0] != " ":
                yield BookLine("labelled", self.linked(rest.strip(), id), label.strip())
            else:
                yield BookLine("plain", self.linked(said, id))

    def linked(self, text: str, own: str = "") -> Markup:
        """Link every id that stands in a text to its page, the level of a flag to the flag's.

        An id that is a word of English too is linked where nothing but ids stand.
        """
        out, at = Markup(""), 0
        listed = all(map(self._page_of, text.split(", ")))
        for found in _NAME.finditer(text):
            name = found[0]
            page = self._page_of(name)
            if page and page != own and (listed or re.search(r"[._\d-]", name)):
                link = Markup('<a href="{}.html">{}</a>').format(page, name)
                out += escape(text[at : found.start()]) + link
                at = found.end()
        return out + escape(text[at:])

    def _page_of(self, name: str) -> str:
        """Give the id whose page a name leads to, if there is one."""
        owner, _, level = name.rpartition(".")
        of_a_flag = level in getattr(self.parts.get(owner), "levels", ())
        return name if name in self.parts else owner if of_a_flag else ""

    def _table(self, part: RulePart) -> LadderTable | None:
        """Give a ladder or a band as a table: rows against conditions, the first hit wins."""
        if isinstance(part, DerivedFile):
            rows: list[tuple[str, dict[str, str], str | int]] = [
                (part.word_titles[word], {self.words.line(line): "Y"}, self._read_by(instrument))
                for instrument in part.read_by
                for word, line in instrument.words.items()
            ]
            return LadderTable(True, rows, []) if rows else None
        if not isinstance(part, LadderFile):
            return None
        heads: dict[str, str] = {}
        table: list[tuple[str, dict[str, str], str | int]] = []
        for number, row in enumerate(part.rows, 1):
            for line in row.any or ((),):
                cells = dict(map(cell_of, line))
                heads |= {name: self.words.premise(name) for name in cells if name not in heads}
                said = row.says or row.word.replace("_", " ")
                table.append((said, cells, number))
        return LadderTable(False, table, list(heads.items()))

    def _read_by(self, instrument: InstrumentText) -> str:
        """Name what an instrument of a band reads."""
        names = (name.removeprefix("other.") for name in instrument.names)
        return " and ".join(map(self.words.title, names))

    def _promises(self, id: str) -> Iterator[tuple[str, str, str]]:
        """Give the promises that speak of a part, each with its proof."""
        for name, promise in self.base.promises.items():
            if name != id and id in self._spoken_of[name]:
                yield name, promise.title, self.proofs.in_short(name)

    @cached_property
    def _spoken_of(self) -> dict[str, frozenset[str]]:
        """Give every id that a promise names."""
        return {
            name: frozenset(_NAME.findall(json.dumps(promise.model_dump(mode="json"))))
            for name, promise in self.base.promises.items()
        }

    # -- a folder ---------------------------------------------------------------------------------

    def write(self, out: Path) -> int:
        """Write every page to a folder; give how many."""
        out.mkdir(parents=True, exist_ok=True)
        rooms: RoomBar = {
            "root": "",
            "room": "rules",
            "rooms": [("rules", "Rules", "index.html")],
        }
        (out / "static").mkdir(exist_ok=True)
        for name in ("workbench.css", "rules.js", "icon.svg"):
            shutil.copyfile(STATIC / name, out / "static" / name)
        self._put(out / "index.js", self.index)
        self._put(out / "index.html", self.contents(rooms))
        for id in self.parts:
            self._put(out / f"{id}.html", self.page(id, rooms))
        return len(self.parts)

    def _put(self, path: Path, text: str) -> None:
        with whole_file(path, PUBLIC) as draft:
            draft.write_text(text, encoding="utf-8")
