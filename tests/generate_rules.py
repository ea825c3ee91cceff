"""Random small rule bases in the rule format: a folder of files, read by the real loader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from screening.errors import RuleBaseError
from screening.rulebase.base import RuleBase, read
from screening.rulebase.needed import CONCLUSIONS, LADDERS, STATEMENTS

Files = dict[str, Any]
"""The data of every file of a rule base, by its path in the folder."""

UNITS = ("cm", "deg")
SOURCED = {"title": "T", "certainty": "low", "references": ["own"]}
TIERS = ("emergency", "urgent", "referral")


@dataclass(frozen=True)
class Name:
    """What a premise can ask about: a number (with its unit), words, or a conclusion."""

    name: str
    leg: bool
    unit: str = ""
    words: tuple[str, ...] = ()
    conclusion: bool = False
    ordered: bool = False
    band: bool = False
    ladder: bool = False


@dataclass
class Maker:
    """Makes one rule base from one seed."""

    random: Random
    files: Files = field(default_factory=dict)
    vocabulary: dict[str, Any] = field(default_factory=dict)
    names: list[Name] = field(default_factory=list)
    gates: list[str] = field(default_factory=list)

    def make(self) -> Files:
        """Give the files."""
        self.files["rulebase.yaml"] = {"name": "random", "version": "0.0.1"}
        self.files["references.yaml"] = {
            "own": {"short": "own choice", "title": "Own choice", "checked": False}
        }
        self._thresholds()
        self._findings()
        self._gates()
        self.files["vocabulary/all.yaml"] = self.vocabulary
        self._derived()
        self._conclusions()
        self._ladders()
        self._advice()
        self._needed()
        self.files["decisions/evidence.yaml"] = {
            "id": "evidence",
            "kind": "evidence",
            "items": [],
            "statements": dict.fromkeys(STATEMENTS, "S"),
        }
        return self.files

    def _some(self, low: int, high: int) -> range:
        return range(self.random.randint(low, high))

    def _chance(self, of: float) -> bool:
        return self.random.random() < of

    # -- vocabulary ---------------------------------------------------------------------------

    def _thresholds(self) -> None:
        self.limits = {u: sorted(self.random.sample(range(-20, 60), 4)) for u in UNITS}
        self.files["thresholds.yaml"] = {
            f"{unit}{i}": {
                "title": "T",
                "value": value / 10,
                "unit": unit,
                "certainty": "low",
                "references": ["own"],
                "because": "B",
                **({"mdc": 0.5} if self._chance(0.5) else {}),
            }
            for unit in UNITS
            for i, value in enumerate(self.limits[unit])
        } | {
            f"p{i}": {
                "title": "T",
                "value": i,
                "unit": "points",
                "certainty": "low",
                "references": ["own"],
                "because": "B",
            }
            for i in (0, 1, 2)
        }

    def _entry(self, path: str, of: str, kind: str, **more: Any) -> None:
        self.vocabulary[path] = {"title": path, "of": of, "type": kind, "minutes": 0, **more}

    def _findings(self) -> None:
        self._entry("hip.pain", "leg", "yes_no")
        self.names.append(Name("hip.pain", True, words=("present", "absent")))
        for i in self._some(4, 9):
            of = self.random.choice(("leg", "leg", "person"))
            kind = self.random.choice(("number", "number", "yes_no", "choice", "list"))
            path = f"{self.random.choice('ab')}.{kind[0]}{i}"
            if kind == "number":
                unit = self.random.choice(UNITS)
                mdc = {"mdc": f"{unit}3"} if self._chance(0.5) else {}
                mirrored = {"mirrored": True} if of == "leg" and self._chance(0.15) else {}
                self._entry(path, of, kind, unit=unit, hard=[-10, 10], **mdc, **mirrored)
                self.names.append(Name(path, of == "leg", unit))
                continue
            words = tuple("uvwx"[: self.random.randint(2, 4)])
            if kind == "yes_no":
                self._entry(path, of, kind)
                words = ("present", "absent")
            else:
                ordered = kind == "choice" and self._chance(0.5)
                self._entry(path, of, kind, words={w: w for w in words}, ordered=ordered)
            if kind == "list":
                yes = ("present", "absent")
                self.names += [Name(f"{path}.{w}", of == "leg", words=yes) for w in words]
            else:
                ordered = self.vocabulary[path].get("ordered", False)
                self.names.append(Name(path, of == "leg", words=words, ordered=ordered))

    def _gates(self) -> None:
        """Add gates and a summary, which own details; a number may open its gate."""
        for i in self._some(0, 2):
            owner = f"red_flags.g{i}" if self._chance(0.8) else f"a.summary{i}"
            kind = "gate" if owner.startswith("red") else "yes_no"
            free = [p for p, e in self.vocabulary.items() if p != "hip.pain" and "family" not in e]
            details = self.random.sample(free, min(len(free), self.random.randint(1, 3)))
            if kind == "yes_no":
                details = [d for d in details if self.vocabulary[d]["type"] == "yes_no"]
            for detail in details:
                entry = self.vocabulary[detail]
                entry["family"] = [owner]
                if self._chance(0.25):
                    entry["circumstance"] = True
                elif entry["type"] == "number" and self._chance(0.5):
                    entry["positive"] = {"at_least": f"{entry['unit']}2"}
            leg = any(self.vocabulary[d]["of"] == "leg" for d in details)
            if kind == "yes_no" and not details:
                continue
            self._entry(owner, "leg" if leg and kind == "yes_no" else "person", kind)
            self.names.append(Name(owner, leg, words=("present", "absent")))
            if kind == "gate":
                self.gates.append(f"either.{owner}" if leg else owner)

    # -- derived findings -----------------------------------------------------------------------

    def _sourced(self, id: str, kind: str, leg: bool, **more: Any) -> dict[str, Any]:
        return {"id": id, "kind": kind, "of": "leg" if leg else "person", **SOURCED, **more}

    def _derived(self) -> None:
        for i in self._some(0, 2):
            self._measure(f"m.d{i}")
        for i in self._some(0, 3):
            self._band(f"m.b{i}")
        for i in self._some(0, 1):
            self._score(f"m.s{i}")

    def _measure(self, id: str) -> None:
        found = [n for n in self.names if n.leg and (n.unit in UNITS or n.ordered)]
        found = [n for n in found if not n.name.startswith("m.")]
        if not found:
            return
        first = self.random.choice(found)
        alike = [n for n in found if n.unit == first.unit and n.words == first.words]
        second = self.random.choice(alike)
        other = "other." if second is first or self._chance(0.4) else ""
        unit = first.unit or UNITS[0]
        self.files[f"derived/{id}.yaml"] = self._sourced(
            id, "measure", True, unit=unit, minuend=first.name, subtrahend=other + second.name
        )
        self.names.append(Name(id, True, unit))

    def _instrument(self, name: Name, words: list[str]) -> dict[str, Any]:
        """Sort a number by ascending thresholds, or words by chance, into all words of a band."""
        if name.unit:
            cuts = sorted(self.random.sample(range(4), len(words) - 1))
            low = [[f"{name.name} at_least {name.unit}{cut}"] for cut in cuts]
            high = [[f"{name.name} below {name.unit}{cut}"] for cut in cuts]
            lines = [lo + hi for lo, hi in zip([[], *low], [*high, []], strict=True)]
            return {"reads": name.name, "words": dict(zip(words, lines, strict=True))}
        parts: list[list[str]] = [[word] for word in name.words[: len(words)]]
        for word in name.words[len(words) :]:
            self.random.choice(parts).append(word)
        texts = [f"{name.name} one_of {', '.join(part)}" for part in parts]
        return {
            "reads": name.name,
            "words": {word: [text] for word, text in zip(words, texts, strict=True)},
        }

    def _band(self, id: str) -> None:
        words = list("pqr"[: self.random.randint(2, 3)])
        fit = [n for n in self.names if n.unit in UNITS or len(n.words) >= len(words)]
        fit = [n for n in fit if n.leg and not n.conclusion]
        if not fit:
            return
        chosen = self.random.sample(fit, min(len(fit), self.random.randint(1, 2)))
        aside = [
            {"when": self._line(True, self.random.randint(1, 2), recorded=True), "because": "B"}
            for _ in self._some(0, 1)
        ]
        self.files[f"derived/{id}.yaml"] = self._sourced(
            id,
            "band",
            True,
            words={word: word for word in words},
            instruments=[self._instrument(name, words) for name in chosen],
            set_aside=aside,
        )
        self.names.append(Name(id, True, words=tuple(words), band=True))

    def _score(self, id: str) -> None:
        items = [
            {
                "points": self.random.choice((1, 1, 2, -1, -2)),
                "title": "T",
                "any": [
                    self._line(True, 1, recorded=True) for _ in range(self.random.randint(1, 2))
                ],
            }
            for _ in range(self.random.randint(1, 4))
        ]
        self.files[f"derived/{id}.yaml"] = self._sourced(
            id, "score", True, unit="points", items=items
        )
        self.names.append(Name(id, True, "points"))

    # -- premises ---------------------------------------------------------------------------------

    def _premise(self, leg: bool, recorded: bool, decision: bool) -> str:
        pool = [n for n in self.names if not (recorded and n.conclusion or n.ladder > decision)]
        if decision or not recorded:
            pool += [n for n in pool if n.conclusion] * 2
        name = self.random.choice(pool)
        text = name.name
        if name.leg and leg and self._chance(0.2) and not decision:
            text = f"other.{text}"
        elif name.leg and not leg:
            text = f"{'both' if recorded else self.random.choice(('either', 'both'))}.{text}"
        if decision and self._chance(0.25):
            return f"{text} is {'set_aside' if name.band and self._chance(0.5) else 'unknown'}"
        if name.unit:
            how = self.random.choice(("below", "at_most", "at_least", "above"))
            limit = f"p{self.random.randrange(3)}" if name.unit == "points" else ""
            return f"{text} {how} {limit or name.unit + str(self.random.randrange(4))}"
        few = self.random.sample(name.words, self.random.randint(1, max(1, len(name.words) - 1)))
        if name.conclusion:
            few = few[:1]
        return f"{text} is {few[0]}" if len(few) == 1 else f"{text} one_of {', '.join(few)}"

    def _line(
        self, leg: bool, size: int, recorded: bool = False, decision: bool = False
    ) -> list[str]:
        found = [self._premise(leg, recorded, decision) for _ in range(size)]
        # One quantifier a line: several "either" multiply, and may ground to one premise twice.
        quantified = [text for text in found if text.startswith(("either.", "both."))][1:]
        return list(dict.fromkeys(text for text in found if text not in quantified)) or found[:1]

    # -- conclusions, ladders, advice -------------------------------------------------------------

    def _rules(self, id: str, leg: bool, tiers: list[str]) -> list[dict[str, Any]]:
        rules = []
        for i in range(max(len(tiers), self.random.randint(1, 3))):
            each = not leg and self._chance(0.4)
            rules.append(
                {
                    "id": f"{id.upper().replace('.', '_')}-{i}",
                    "title": "T",
                    "when": self._line(leg or each, self.random.randint(1, 4)),
                    "because": "B",
                    **({"level": tiers[i % len(tiers)]} if tiers else {}),
                    **({"each": "leg"} if each else {}),
                }
            )
        return rules

    def _conclusions(self) -> None:
        """Add flags first (other flags may read them), then conclusions over all before them."""
        for i in self._some(1, 3):
            id, tiers = f"flag.f{i}", self.random.sample(TIERS, self.random.randint(1, 2))
            tiers.sort(key=TIERS.index)
            tiers = tiers if i else ["emergency", "urgent"]
            levels = {
                tier: {
                    "within": "now",
                    "suspends": self._chance(0.5),
                    "blocks": self.random.sample(("ONE", "TWO", "adv0"), self.random.randint(0, 2)),
                    "action": "A",
                }
                for tier in sorted(tiers, key=TIERS.index)
            }
            rules = self._rules(id, False, tiers)
            if i == 0:
                # Every group is named, and every gate is read.
                levels["urgent"]["blocks"] = ["TWO"]
                rules += [
                    {**rules[0], "id": f"GATE-{number}", "when": [f"{gate} is present"]}
                    for number, gate in enumerate(self.gates)
                ]
            self.files[f"red_flags/f{i}.yaml"] = self._sourced(
                id, "flag", False, levels=levels, rules=rules
            )
            told = ("true", "false")
            self.names += [
                Name(f"{id}.{tier}", False, words=told, conclusion=True) for tier in tiers
            ]
        for i in self._some(3, 8):
            id, leg = f"c.c{i}", self._chance(0.7)
            exists = {"exists": ["hip.pain is present"]} if leg and self._chance(0.3) else {}
            self.files[f"hip/c{i}.yaml"] = self._sourced(
                id, "conclusion", leg, rules=self._rules(id, leg, []), **exists
            )
            self.names.append(Name(id, leg, words=("true", "false"), conclusion=True))

    def _needed(self) -> None:
        """Add, without any chance, what every report reads by name."""
        self._entry("case_id", "person", "text")
        for number, id in enumerate(CONCLUSIONS):
            rule = {"id": f"V-{number}", "title": "T", "when": ["c.c0 is true"], "because": "B"}
            if self.files["hip/c0.yaml"]["of"] == "person":
                rule["when"] = ["c.c0 is false"]
            self.files[f"decisions/v{number}.yaml"] = self._sourced(
                id, "verdict", True, rules=[rule]
            )
        for id, of in LADDERS.items():
            if of == "person":
                rows = [{"word": t, "any": [[f"any_flag.{t} is true"]]} for t in TIERS]
                rows.append({"word": "none"})
            else:
                rows = [{"word": "likely", "any": [["verdict.likely is true"]]}, {"word": "rest"}]
            exists = {"exists": ["hip.pain is present"]} if of == "leg" else {}
            self.files[f"decisions/{id}.yaml"] = self._sourced(
                id, "ladder", of == "leg", rows=rows, **exists
            )

    def _row(self, word: str, leg: bool) -> dict[str, Any]:
        lines = [
            self._line(leg, self.random.randint(1, 3), decision=True)
            for _ in range(self.random.randint(1, 2))
        ]
        return {"word": word, "says": "S", "any": lines}

    def _ladders(self) -> None:
        """Add ladders, each of which may read the words of those before it."""
        for i in self._some(1, 3):
            words = self.random.sample("klmn", self.random.randint(1, 3))
            rows = [*(self._row(word, True) for word in words), {"word": "rest"}]
            exists = {"exists": self._line(True, 1)} if self._chance(0.3) else {}
            self.files[f"decisions/l{i}.yaml"] = self._sourced(
                f"l{i}", "ladder", True, rows=rows, **exists
            )
            self.names.append(Name(f"l{i}", True, words=(*words, "rest"), ladder=True))

    def _advice(self) -> None:
        rows = [
            {"word": "blocked", "any": [["blocked.* is true"]]},
            {"word": "withheld", "any": [["indicated.* is true", "blocked.* is unknown"]]},
            {
                "word": "advised",
                "any": [["indicated.* is true", *self._line(True, 1, decision=True)]],
            },
            {"word": "not_listed"},
        ]
        self.files["decisions/status.yaml"] = self._sourced(
            "status", "ladder", True, per="advice", rows=rows, exists=["hip.pain is present"]
        )
        ids = [f"adv{i}" for i in range(self.random.randint(1, 3))]
        conclusions = [n.name for n in self.names if n.conclusion and n.leg]
        for order, id in enumerate(ids):
            own = self.random.sample(conclusions, min(len(conclusions), self.random.randint(0, 1)))
            self.files[f"advice/{id}.yaml"] = self._sourced(
                id,
                "advice",
                True,
                order=order,
                decided_by="status",
                rules=self._rules(id, True, []),
                blocked_by=own,
                dose="D",
                how=["H"],
                stop_rules=["sign"],
                expected_change="E",
                retest="R",
            )
            del self.files[f"advice/{id}.yaml"]["of"]
        self.files["advice/blocks.yaml"] = {
            "stop_rules": {"call": {"says": "Stop", "signs": {"sign": {"says": "S"}}}},
            "groups": {
                "ONE": {"title": "T", "holds": self.random.sample(ids, 1)},
                "TWO": {"title": "T", "groups": ["ONE"], "holds": ids},
                "ALL": {"title": "T", "groups": ["TWO"]},
            },
        }


def rule_base(seed: int) -> Files:
    """Give the files of a random small rule base."""
    return Maker(Random(seed)).make()


def loaded(files: Files, folder: Path) -> RuleBase:
    """Write the files into a folder (JSON is YAML) and read them as any rule base is read.

    A failure is shrunk to a few rules, so that the rest of a whole rule base may be gone.
    """
    base, problems = read(written(files, folder))
    if problems:
        raise RuleBaseError(problems)
    return base


def written(files: Files, folder: Path) -> Path:
    """Write the files into a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    return folder


def strange(files: Files, random: Random) -> None:
    """Put names and premises where they were not meant: to be refused, or to screen."""
    names = [file["id"] for file in files.values() if "id" in file]
    names += list(files["vocabulary/all.yaml"])
    places = list(_premises(files))
    texts = [holder[key] for holder, key in places if " " in str(holder[key])]
    for holder, key in random.sample(places, random.randint(1, 2)):
        if key in ("minuend", "subtrahend", "reads"):
            holder[key] = random.choice(("", "", "other.")) + random.choice(names)
        elif key == "of":
            holder[key] = "person" if holder[key] == "leg" else "leg"
        elif key == "points":
            holder[key] = random.choice((-3, 0, 4))
        else:
            holder[key] = random.choice(texts)


def _premises(data: Any) -> Iterator[tuple[Any, Any]]:
    """Give every place that holds a premise, a name to read, a scope or points."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, part in items:
        if isinstance(part, dict | list):
            yield from _premises(part)
        elif (
            key in ("minuend", "subtrahend", "reads", "of", "points")
            or isinstance(part, str)
            and len(part.split()) >= 3
        ):
            yield data, key
