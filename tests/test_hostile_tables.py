"""Odd tables and folders: set aside by name or refused row by row; nothing is lost."""

from __future__ import annotations

import datetime
import io
import json
import os
import time
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from screening.batch.inputs import extent, tables
from screening.batch.inputs.column_map import ColumnMap, Map
from screening.batch.inputs.csv_rows import LONGEST_LINE, csv_rows
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.readable import readable
from screening.batch.inputs.sources import find
from screening.batch.run import Options, Run
from screening.batch.store import Store
from screening.errors import UsageError

HEAD = "case_id,age_years,left.hip.pain"


@pytest.fixture
def run(base, tmp_path):
    """Run a batch in this process without the second reading; give its folder and manifest."""

    def go(*inputs, columns=None, **options):
        options = Options(**{"verify": 0, **options})
        done = Run(base, find(inputs), Columns(base.vocabulary, columns or Map()), options)
        return tmp_path / "out", done.into(Store(tmp_path / "out"), False)

    return go


def refused(folder):
    return [json.loads(line) for line in (folder / "refused.jsonl").read_text().splitlines()]


def workbook(path, far=None):
    """Write a small workbook, with one more cell far away."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD.split(","))
        sheet.write_row(1, 0, ["x1", 40, "present"])
        if far:
            sheet.write(far, 1)
    return path


ODD_COLUMNS = {
    "binary": pl.Series([b"\xff", b"b"]),
    "duration": pl.Series([datetime.timedelta(1)] * 2),
    "time": pl.Series([datetime.time(1)] * 2),
    "nested": pl.Series([{"a": 1}] * 2),
    "list of numbers": pl.Series([[1], [2]]),
    "list of lists": pl.Series([[["side"]], [["side"]]]),
    "array": pl.Series([["side"]] * 2, dtype=pl.Array(pl.String, 1)),
}


def odd_tables(folder):
    """Write tables that cannot be read, each in its own way."""
    for name, column in ODD_COLUMNS.items():
        pl.DataFrame({"age_years": column}).write_parquet(folder / f"{name}.parquet")
    raw = (folder / "time.parquet").read_bytes()
    (folder / "cut.parquet").write_bytes(raw[: len(raw) // 2])
    workbook(folder / "far.xlsx", "XFD1048576")
    (folder / "no zip.xlsx").write_text("hello")
    (folder / "empty.csv").write_bytes(b"")
    (folder / "open head.csv").write_text('case_id,"age_years\nx,40\n')
    (folder / "zeros.csv").write_bytes(bytes(100))
    (folder / "UTF-16.jsonl").write_text('{"age_years": 40}\n', encoding="utf-16")


def test_tables_that_cannot_be_read_are_set_aside_and_the_rest_goes_on(run, tmp_path, base):
    folder = tmp_path / "clinic"
    folder.mkdir()
    odd_tables(folder)
    wanted = {path.name for path in folder.iterdir()} - {"zeros.csv"}
    (folder / "zeros.csv").unlink()
    (folder / "well.csv").write_text(f"{HEAD}\nc1,40,present\n")
    (folder / "unicode text.csv").write_text(f"{HEAD}\nc2,41,absent\n", encoding="utf-16")
    out, manifest = run(folder)
    aside = {Path(each["path"]).name: each["reason"] for each in manifest["set_aside"]}
    assert set(aside) == wanted
    assert "Duration" in aside["duration.parquet"]
    assert "XFD1048576" in aside["far.xlsx"]
    assert (manifest["counts"]["rows"], manifest["counts"]["screened"]) == (2, 2)
    for name in wanted:
        with pytest.raises(UsageError) as caught:
            readable(find([folder / name]), Columns(base.vocabulary))
        assert name in str(caught.value)


def test_a_workbook_larger_than_it_looks_is_refused_before_it_is_read(
    tmp_path, monkeypatch, in_whole
):
    for row in (30, 7):  # It was changed between.
        assert extent.refuse_far(workbook(tmp_path / "well.xlsx", f"AA{row}")) == row
    start = time.perf_counter()
    rows = 1_100_000 if in_whole else extent.MOST_CELLS // 50
    bombs = {
        "without places": "<row/>" * rows + "<row>" + "<c/>" * 50 + "</row>",
        "far down": '<row r="9999999"><c r="A9999999"/></row><row r="1"><c r="XFD1"/></row>',
    }
    for name, inside in bombs.items():
        path = tmp_path / f"{name}.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
            book.writestr("xl/s.bin", f"<x:worksheet xmlns:x='y'><x:sheetData>{inside}")
        with pytest.raises(UsageError, match=r"far outside|can be read"):
            extent.refuse_far(path)
    monkeypatch.setattr(extent, "MOST_UNFOLDED", 10_000)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", "<sst>" + " " * 20_000)
    with pytest.raises(UsageError, match="unfolds"):
        extent.refuse_far(path)
    assert time.perf_counter() - start < 30


def test_every_flipped_byte_of_a_parquet_leaves_rows_or_a_reason(base, tmp_path, some):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"case_id": [f"c{i}" for i in range(60)], "age_years": range(60)}).write_parquet(
        path
    )
    raw, found = path.read_bytes(), {"refused": 0, "damaged": 0, "whole": 0}
    for place in some(range(0, len(raw), 9), 2):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 0x41]) + raw[place + 1 :])
        try:
            inputs = readable(find([path]), Columns(base.vocabulary))
        except UsageError:
            found["refused"] += 1
            continue
        (source,) = inputs.sources
        parts = list(tables.parts(source, base.vocabulary, 25, 0))
        assert sum(part.count for part in parts) == source.rows
        found["damaged" if any(part.unread for part in parts) else "whole"] += 1
    assert min(found.values()) > 0


# -- quotation marks ------------------------------------------------------------------------------


def rows_of(text, delimiter=","):
    return [(row.line, row.cells or row.wrong) for row in csv_rows(io.StringIO(text), delimiter)]


def test_an_open_quotation_mark_swallows_no_row():
    lines = [f"c{i},40,present" for i in range(2, 210)]
    whole = [(i, line.split(",")) for i, line in enumerate(lines, 2)]
    opens = {
        'c5,"40,present': None,
        'c5,40,"present': None,
        '"c5,40,present': None,
        'c5,"4"0,present': "well formed",
    }
    for odd, said in opens.items():
        for closing in ('c90,40",present', 'c90,40,"present"', "c90,40,present"):
            text = [*lines]
            text[3], text[88] = odd, closing
            found = rows_of("\n".join([HEAD, *text]) + "\n")[1:]
            assert len(found) == len(lines)
            assert [line for line, _ in found] == [line for line, _ in whole]
            wrong = {line: cells for line, cells in found if isinstance(cells, str)}
            assert set(wrong) == {5}
            assert (said or "not closed") in wrong[5]
            others = [each for each in found if each[0] not in (5, 90)]
            assert others == [each for each in whole if each[0] not in (5, 90)]


def test_a_cell_of_several_lines_is_one_cell():
    text = f'{HEAD},note\nc1,40,present,"see\n\nletter, of ""May"""\nc2,41,absent,\n'
    assert rows_of(text) == [
        (1, [*HEAD.split(","), "note"]),
        (2, ["c1", "40", "present", 'see\n\nletter, of "May"']),
        (5, ["c2", "41", "absent", ""]),
    ]


def test_a_line_without_end_is_one_refused_row():
    found = rows_of(f"{HEAD}\n{'x' * (3 * LONGEST_LINE)}\nc2,41,absent\n")
    assert [line for line, _ in found] == [1, 2, 3]
    assert "longer" in found[1][1]
    assert found[2][1] == ["c2", "41", "absent"]


def test_rows_with_open_marks_are_kept_as_they_stand(run, tmp_path):
    lines = [f"c{i},40,present" for i in range(2, 60)]
    lines[3] = 'c5,"40,present'
    path = tmp_path / "t.csv"
    path.write_text("\n".join([HEAD, *lines]) + "\n")
    out, manifest = run(path, part_rows=20)
    (row,) = refused(out)
    assert (row["row"], row["line"], row["text"]) == (4, 5, 'c5,"40,present')
    assert manifest["counts"]["rows"] == len(lines)


# -- odd rows -------------------------------------------------------------------------------------


def test_one_odd_line_of_json_never_ends_a_batch(run, tmp_path):
    lines = [
        '{"cells": {"left.hip.pain": "present", "foo": 1}}',
        '{"cells": {"KTW": "65"}}',
        '{"cells": {"left.ankle.lunge_bent_cm": "6.5"}}',
        '{"cells": {"KTW": "65", "left.ankle.lunge_bent_cm": "6.5"}}',
        '{"cells": []}',
        '{"cells": {"age_years": {"a": [1]}}}',
        '{"case": null}',
        '{"case_id": [1]}',
        '"' + "x" * (LONGEST_LINE + 5) + '"',
        "[" * 5_000,
        f'{{"age_years": {"9" * 4_301}}}',
        '{"age_years": 40}',
    ]
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(lines))
    columns = Map(columns={"KTW": ColumnMap(finding="left.ankle.lunge_bent_cm", divide=10)})
    out, manifest = run(path, columns=columns)
    assert [each["line"] for each in refused(out)] == [1, 4, 5, 6, 7, 8, 9, 10, 11]
    assert manifest["counts"]["screened"] == 3


# -- folders --------------------------------------------------------------------------------------


def test_nothing_in_a_folder_is_skipped_in_silence(tmp_path, monkeypatch):
    folder, elsewhere = tmp_path / "in", tmp_path / "elsewhere"
    for each in (folder / "closed", folder / "open", elsewhere):
        each.mkdir(parents=True)
        (each / "a.yaml").write_text("age_years: 40\n")
    (folder / "link").symlink_to(elsewhere)
    (folder / "link.yaml").symlink_to(elsewhere / "a.yaml")
    (folder / "dangling.yaml").symlink_to(tmp_path / "nothing")
    (folder / "round.yaml").symlink_to(folder / "round.yaml")
    (folder / "device.csv").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.csv")
    scandir = os.scandir

    def closed(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    found = find([folder])
    names = [str(file.path.relative_to(folder)) for file in found.sources[0].files]
    assert names == ["link.yaml", "open/a.yaml"]
    reasons = {os.path.relpath(each.path, folder): each.reason for each in found.set_aside}
    assert set(reasons) == {
        "closed", "link", "dangling.yaml", "round.yaml", "device.csv", "pipe.csv",
    }  # fmt: skip
    assert "Permission denied" in reasons["closed"]
    for name in ("pipe.csv", "device.csv", "dangling.yaml", "round.yaml"):
        with pytest.raises(UsageError, match=name):
            find([folder / name])


def test_an_unreadable_file_of_a_folder_is_set_aside(tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text("age_years: 40\n")
    (tmp_path / "b.yaml").write_text("age_years: 40\n")
    opened = type(tmp_path).open

    def closed(path, *words, **settings):
        if path.name == "b.yaml":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *words, **settings)

    monkeypatch.setattr(type(tmp_path), "open", closed)
    found = find([tmp_path])
    assert [each.reason for each in found.set_aside] == ["it cannot be read: Permission denied."]
    with pytest.raises(UsageError, match=r"b\.yaml"):
        find([tmp_path / "b.yaml"])
