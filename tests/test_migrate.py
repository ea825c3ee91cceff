"""Older cases and tables in the names of today: what carries over, and nothing made up."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import polars as pl
import pytest
import yaml

from screening.rulebase.base import RuleBase, load
from tests.revisions import copied, entry

Command = Callable[..., "CompletedProcess[str]"]
SPLIT, NARROWER, WIDER = "old.split_in_two", "old.asked_for_more", "old.asked_for_less"
LIKE = "red_flags.oestrogen"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rules with findings that replace others in every way."""
    root = copied(tmp_path_factory.mktemp("migrate") / "rules")
    entry(root, LIKE, "new.first", "split", SPLIT)
    entry(root, LIKE, "new.second", "split", SPLIT)
    entry(root, LIKE, "new.narrower", "narrower", NARROWER)
    entry(root, LIKE, "new.wider", "wider", WIDER)
    entry(root, LIKE, "new.same", "same", "old.same")
    return root


@pytest.fixture(scope="module")
def rules(root: Path) -> RuleBase:
    """Load them."""
    return load(root)


YES = {SPLIT: "present", NARROWER: "present", WIDER: "present", "old.same": "present"}
NO = dict.fromkeys(YES, "absent")
YES_NOW = {"new.wider": "present", "new.same": "present"}
NO_NOW = dict.fromkeys(("new.first", "new.second", "new.narrower", "new.same"), "absent")


def flat(data: dict[str, object], path: str = "") -> dict[str, object]:
    """Give nested answers by path."""
    found: dict[str, object] = {}
    for key, part in data.items():
        at = f"{path}.{key}" if path else key
        found |= flat(part, at) if isinstance(part, dict) else {at: part}
    return found


def nested(answers: dict[str, str]) -> dict[str, dict[str, str]]:
    """Give answers as a case file holds them."""
    groups: dict[str, dict[str, str]] = {}
    for path, answer in answers.items():
        group, name = path.split(".")
        groups.setdefault(group, {})[name] = answer
    return groups


@pytest.mark.parametrize(("old", "new"), [(YES, YES_NOW), (NO, NO_NOW)])
def test_a_case(
    old: dict[str, str], new: dict[str, str], root: Path, tmp_path: Path, typed: Command
) -> None:
    source, out = tmp_path / "old.yaml", tmp_path / "new.yaml"
    source.write_text(yaml.safe_dump(nested(old)), encoding="utf-8")
    before = source.read_bytes()
    done = typed("migrate", str(source), "--out", str(out), "--rules", str(root))
    assert done.returncode == 0, done.stderr + done.stdout
    assert flat(yaml.safe_load(out.read_text(encoding="utf-8"))) == new
    assert source.read_bytes() == before
    asked = {"new.first", "new.second", "new.narrower"} if old is YES else {"new.wider"}
    assert {path for path in (*NO_NOW, "new.wider") if path in done.stdout} == asked


def test_tables(root: Path, tmp_path: Path, typed: Command) -> None:
    folder, out = tmp_path / "old", tmp_path / "new"
    folder.mkdir()
    frame = pl.DataFrame([{"case_id": "a", **YES}, {"case_id": "b", **NO}])
    frame.write_csv(folder / "cases.csv")
    frame.write_parquet(folder / "cases.parquet")
    frame.write_excel(folder / "cases.xlsx")
    redcap = frame.rename({name: name.replace(".", "_") for name in frame.columns})
    redcap.rename({"case_id": "record_id"}).write_csv(folder / "redcap.csv")
    lines = [json.dumps({"case_id": "a", **nested(YES)}), json.dumps({"case_id": "b", **NO})]
    (folder / "cases.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = typed(
        "migrate", str(folder), "--out", str(out), "--rules", str(root), "--format", "json"
    )
    assert done.returncode == 0, done.stderr + done.stdout
    said = json.loads(done.stdout)
    assert [each["cases"] for each in said["files"]] == [2] * 5
    assert said["ask_again"] == dict.fromkeys(
        ("new.first", "new.second", "new.narrower", "new.wider"), 5
    )
    with (out / "redcap.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {n: c for n, c in rows[1].items() if c == "absent"} == {
        path.replace(".", "_"): word for path, word in NO_NOW.items()
    }
    run = typed(
        *("batch", out / "cases.xlsx", "--verify", "0"),
        *("--out", tmp_path / "run", "--rules", root),
    )
    assert "2 screened, 0 refused" in run.stdout, run.stdout + run.stderr


def test_a_map(root: Path, tmp_path: Path, typed: Command) -> None:
    source, out = tmp_path / "map.yaml", tmp_path / "new.yaml"
    columns = {
        "a": {"finding": WIDER, "codes": {"1": "present", "0": "absent"}},
        "b": {"finding": SPLIT},
        "c": {"finding": "old.same", "codes": {"1": "present", "0": "absent"}},
        "d": {"finding": "age_years"},
    }
    source.write_text(yaml.safe_dump({"columns": columns}), encoding="utf-8")
    done = typed("migrate", str(source), "--out", str(out), "--rules", str(root))
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(out.read_text(encoding="utf-8")) == {
        "columns": {
            "a": {"finding": "new.wider", "codes": {"1": "present", "0": "not_tested"}},
            "c": {"finding": "new.same", "codes": {"1": "present", "0": "absent"}},
            "d": {"finding": "age_years"},
        },
        "ignore": ["b"],
    }


def test_the_input_is_never_written_to(root: Path, tmp_path: Path, typed: Command) -> None:
    source = tmp_path / "old.yaml"
    source.write_text("age_years: 40\n", encoding="utf-8")
    for out in (source, source.parent / "." / "old.yaml"):
        done = typed("migrate", str(source), "--out", str(out), "--rules", str(root))
        assert done.returncode == 2
        assert "is there already" in done.stderr
    assert source.read_text(encoding="utf-8") == "age_years: 40\n"
