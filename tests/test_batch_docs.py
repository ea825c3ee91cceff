"""Every example of docs/batch.md is run as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from screening.batch.inputs.column_map import load_map
from screening.cli.app import app
from tests.conftest import CASES, ROOT

TEXT = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")


def examples(kind):
    """Give the examples of a kind: ``yaml``, or none for commands."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    return [text for name, text in blocks if name == kind]


def test_the_map_is_read_as_it_stands(base, tmp_path):
    maps = examples("yaml")
    assert maps
    for text in maps:
        path = tmp_path / "columns.yaml"
        path.write_text(text, encoding="utf-8")
        assert load_map(path, base.vocabulary).columns


def test_every_command_is_run_as_it_stands(base, tmp_path, monkeypatch):
    """In the order of the page, in one folder; what it needs is there before."""
    monkeypatch.chdir(tmp_path)
    for module in ("batch", "questions", "report", "follow_up"):
        # The rules are read once for all commands.
        monkeypatch.setattr(f"screening.cli.{module}.load", lambda _rules: base)
    Path("cases").mkdir()
    shutil.copy(CASES / "base_case.yaml", "cases")
    Path("clinic.csv").write_text(OWN, encoding="utf-8")
    with xlsxwriter.Workbook("clinic.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["case_id", "age_years"])
        book.get_worksheet_by_name("Sheet1").write_row(1, 0, ["x1", 40])
    Path("more.csv").write_text("case_id,age_years\nm1,50\n")
    lines = [line for text in examples("") for line in text.splitlines()]
    commands = [shlex.split(line, comments=True) for line in lines if line.startswith("screening ")]
    assert len(commands) >= 10
    for number, (_, *words) in enumerate(commands):
        if "refused.xlsx" in words[1]:
            _mend(Path(words[1]))
        to = words[words.index(">") + 1] if ">" in words else ""
        # What is screened twice, by processes of their own, is tested elsewhere.
        runs = words[0] == "batch" and "--out" in words and "--template" not in words
        typed = [*words[: words.index(">")]] if to else [*words, *(["--verify", "0"] * runs)]
        done = CliRunner().invoke(app, typed)
        allowed = (0, 1) if "--check" in words or words[0] == "batch" else (0,)
        assert done.exit_code in allowed, (words, done.exception, done.output)
        assert done.exception is None or isinstance(done.exception, SystemExit), words
        if to:
            text = re.sub("TODO ?", "", done.stdout)
            Path(to).write_text(text, encoding="utf-8")
        assert number or (tmp_path / "screened" / "manifest.json").exists()


OWN = """\
patient,age,hip_l,hip_r,room
q1,40,1,0,3
q2,400,1,0,3
"""


def _mend(path):
    """Type a right age into the workbook of refused rows."""
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    place = rows[0].index("age")
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            mended = [40 if at == place and number else cell for at, cell in enumerate(row)]
            sheet.write_row(number, 0, mended)
