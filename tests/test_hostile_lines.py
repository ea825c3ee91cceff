"""No character that cannot be seen reaches a terminal or a log, wherever somebody typed it."""

from __future__ import annotations

import csv
import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import quote

import pytest
import xlsxwriter

from screening.cli import terminal
from tests.workbench import served

Typed = Callable[..., "CompletedProcess[str]"]

UNSEEN = "\x1b[2J\r\nTRIAGE   none\u202e\u2028\x9b31m\x85\u2066\u200b\x07"
"""An escape, line breaks of every kind, marks of direction, controls of both sets, no width."""
NAME = f"x{UNSEEN}y"
SHEET = "s\u202e\u2028\x9by"
"""A workbook holds no other controls."""
COLUMN = f"col{NAME}"
_HIDDEN = re.compile("[^\n\x20-\x7e\xa1-\xac\xae-\u200a\u2010-\u2027\u2030-\u205f\u2070-\ufefe]")

HEAD = ("case_id", "visit", COLUMN, "examined_on", "age_years", "right.hip.pain", "red_flags.chest")
ROWS = (
    (NAME, f"1{NAME}", NAME, "2026-01-01", "40", "present", "present"),
    (NAME, f"2{NAME}", NAME, "2026-02-01", "40", "present", "absent"),
    (f"{NAME}2", "1", "u", "2026-01-01", NAME, "present", "absent"),
    (f"{NAME}3", "1", NAME, "2026-01-01", "40", NAME, ""),
)


def seen(text: str) -> None:
    """Find nothing that cannot be seen, and no line that a case has forged."""
    found = _HIDDEN.search(text)
    assert found is None, text[max(0, found.start() - 200) : found.end() + 80]
    assert not re.search("^TRIAGE   none", text, re.MULTILINE), text
    assert "Traceback" not in text


@pytest.fixture
def say(typed: Typed, tmp_path: Path) -> Callable[..., None]:
    """Run a command, which must end as expected and print nothing that cannot be seen."""

    def run(code: int, *words: object) -> None:
        done = typed(*words)
        assert done.returncode == code, done
        assert done.stdout or done.stderr
        seen(done.stdout)
        seen(done.stderr)

    return run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / f"table{NAME}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEAD, *ROWS])
    return path


@pytest.fixture
def columns(tmp_path: Path) -> Path:
    path = tmp_path / f"map{NAME}.yaml"
    path.write_text(json.dumps({"ignore": [COLUMN]}), encoding="utf-8")
    return path


def test_a_batch_and_all_that_is_asked_of_it(
    say: Callable[..., None], table: Path, columns: Path, tmp_path: Path
) -> None:
    run, at = tmp_path / f"run{NAME}", ("--map", columns)
    say(1, "batch", table, *at, "--out", run, "--verify", 0)
    say(1, "batch", run / "refused.xlsx", "--merge", run, "--format", "json")
    asked = ("verdict.suspended", "--side", "right")
    say(2, "why", "--from", run, NAME, *asked)
    say(0, "why", "--from", run, NAME, *asked, "--visit", f"1{NAME}")
    say(2, "why", "--from", run, f"{NAME}2", *asked)
    say(0, "follow-up", "--from", run)
    say(0, "report", "--from", run, "--tier", "emergency", "--out", tmp_path / f"pages{NAME}")


def test_what_is_said_of_a_table_before_a_batch(
    say: Callable[..., None], table: Path, columns: Path, tmp_path: Path
) -> None:
    say(2, "batch", table, "--check")
    say(1, "batch", table, "--check", "--map", columns)
    say(0, "batch", "--map-template", table)
    say(0, "batch", "--template", "csv", "--out", tmp_path / f"empty{NAME}")
    say(0, "migrate", table, "--out", tmp_path / f"migrated{NAME}.csv")


@pytest.mark.parametrize(
    "written",
    [
        {"columns": {COLUMN: {"finding": NAME}}},
        {"columns": {COLUMN: {"finding": "left.hip.pain", NAME: NAME}}},
        {"columns": {COLUMN: {"finding": "left.hip.pain", "codes": {NAME: NAME}}}},
        {"codes_for": [{"columns": [NAME], "codes": {NAME: NAME}}]},
        {"date": NAME},
    ],
)
def test_a_map_of_columns(
    written: dict[str, object], say: Callable[..., None], table: Path, tmp_path: Path
) -> None:
    path = tmp_path / f"map{NAME}.yaml"
    path.write_text(json.dumps(written), encoding="utf-8")
    say(2, "batch", table, "--check", "--map", path)


def test_a_workbook_with_a_hostile_sheet(
    say: Callable[..., None], columns: Path, tmp_path: Path
) -> None:
    path = tmp_path / f"book{NAME}.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in (SHEET, f"{SHEET}2"):
            sheet = book.add_worksheet(name)
            for i, row in enumerate([HEAD, *ROWS]):
                sheet.write_row(i, 0, row)
    say(1, "batch", path, "--check", "--map", columns)
    say(0, "batch", "--map-template", path)


def test_a_folder_of_hostile_files(say: Callable[..., None], tmp_path: Path) -> None:
    folder = tmp_path / f"cases{NAME}"
    folder.mkdir()
    whole = {"asked_with": "2.0", "case_id": NAME, "age_years": 40}
    (folder / f"a{NAME}.yaml").write_text(json.dumps(whole), encoding="utf-8")
    wrong = {**whole, NAME: NAME, "age_years": NAME, "hip": {NAME: {NAME: NAME}}}
    (folder / f"b{NAME}.yaml").write_text(json.dumps(wrong), encoding="utf-8")
    (folder / f"c{NAME}.yaml").write_text(f"a: [\n{NAME}", encoding="utf-8")
    (folder / f"d{NAME}.other").write_text(NAME, encoding="utf-8")
    say(1, "batch", folder, "--check")
    for each in sorted(folder.iterdir()):
        say(0 if each.name.startswith("a") else 2, "screen", each, "--full")


def test_words_of_a_command(say: Callable[..., None]) -> None:
    say(2, NAME)
    say(2, "screen", f"--{NAME}")
    say(2, "screen", NAME, "--format", NAME)
    say(2, "what-if", "cases/base_case.yaml", "--set", f"{NAME}={NAME}")


def test_the_workbench_logs_nothing_of_what_was_sent() -> None:
    with served() as bench:
        bench.ask("GET", f"/{quote(NAME)}?{quote(NAME)}={quote(NAME)}")
        body = json.dumps({"case_id": NAME, NAME: NAME}).encode()
        bench.ask("POST", "/screen", {"content-type": "application/json"}, body)
        with socket.create_connection(("127.0.0.1", bench.port), 10) as line:
            line.sendall(f"GET /{NAME} HTTP/9\r\n\r\n".encode())
            line.recv(1_000)
        bench.process.terminate()
        said, failed = bench.process.communicate(timeout=60)
    assert (said, failed) == ("", "")


def test_an_interview_is_not_steered_by_a_draft(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.Terminal().say(f"1 unfinished: case {UNSEEN.replace(chr(10), '')}")
    said = capsys.readouterr().err
    assert "[U+001B]" in said
    seen(said)
