"""Maps of columns: a site's own names, codes and ways of writing, and nothing made up."""

from __future__ import annotations

import datetime
import json

import polars as pl
import pytest

from screening.batch.inputs.column_map import Map, kept_map, load_map
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import find
from screening.batch.look_up import case_of
from screening.batch.run import Options, Run
from screening.batch.store import Store
from screening.errors import ScreeningError

GERMAN = """
decimal: ","
date: DD.MM.YYYY
columns:
  Patient:    {finding: case_id}
  Datum:      {finding: examined_on}
  Alter:      {finding: age_years, codes: {999: not_tested}}
  KTW_links:  {finding: left.ankle.lunge_bent_cm, codes: {-1: not_tested}}
  KTW_rechts: {finding: right.ankle.lunge_bent_cm, divide: 2.5}
  Huefte_l:   {finding: left.hip.pain}
  Huefte_r:   {finding: right.hip.pain, codes: {ja: present, nein: absent}}
  aussen:     {finding: left.hip.pain_regions, word: side}
codes_for:
  - columns: [Huefte_l, left.hip.fadir_familiar_pain]
    codes: {J: present, N: absent, "?": not_tested}
  - columns: [aussen]
    codes: {X: present}
ignore: [Zimmer]
"""
HEAD = "Patient;Datum;Alter;KTW_links;KTW_rechts;Huefte_l;Huefte_r;aussen;Zimmer;"
HEAD += "left.hip.fadir_familiar_pain"
ROWS = [
    "a;03.04.2025;40;6,5;16,25;J;nein;X;1;N",
    "b;3.4.2025;999;-1;;N;ja;;2;?",
    "c;2025-04-03;41;6.5;10;;;;3;",
    "d;04/03/2025;42;1.234,5;x;K;;;4;",
]


@pytest.fixture
def german(base, tmp_path):
    """Give the map and the table of a clinic that writes commas and days first."""
    declared = tmp_path / "columns.yaml"
    declared.write_text(GERMAN)
    path = tmp_path / "clinic.csv"
    path.write_text("\n".join([HEAD, *ROWS]) + "\n", encoding="utf-8")
    return load_map(declared, base.vocabulary), path


def test_commas_days_and_shared_codes_are_read_as_they_are_declared(base, german):
    columns, path = german
    frame = pl.read_csv(path, separator=";", infer_schema=False)
    found = Columns(base.vocabulary, columns).head(frame, "t")
    cells = found.frame.to_dict(as_series=False)
    day = datetime.date(2025, 4, 3)
    assert cells["examined_on"] == [day, day, day, None]
    assert cells["age_years"] == ["40", None, "41", "42"]
    assert cells["left.ankle.lunge_bent_cm"] == ["6.5", None, "6.5", "1.234,5"]
    assert cells["right.ankle.lunge_bent_cm"] == [6.5, None, 4.0, None]
    assert cells["left.hip.pain"] == ["present", "absent", None, None]
    assert cells["right.hip.pain"] == ["absent", "present", None, None]
    assert cells["left.hip.fadir_familiar_pain"] == ["absent", "not_tested", None, None]
    assert cells["left.hip.pain_regions"] == ["side", None, None, None]
    assert [(path, hit.to_list()) for path, _, hit in found.bad] == [
        ("examined_on", [False, False, False, True]),
        ("right.ankle.lunge_bent_cm", [False, False, False, True]),
        ("left.hip.pain", [False, False, False, True]),
    ]


@pytest.mark.first(4)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_table_is_read_in_any_of_its_encodings(encoding, delimiter, base, german, tmp_path):
    columns, path = german
    text = path.read_text().replace(";", delimiter).replace("a" + delimiter, "ä" + delimiter, 1)
    path.write_text(text, encoding=encoding)
    done = batch(base, path, columns, tmp_path / "out")
    found = pl.read_parquet(done / "screenings.parquet")["case_id"].to_list()
    assert found == [each for each in ("ä", "b", "c") for _ in range(2)]
    kept = [json.loads(line) for line in (done / "refused.jsonl").read_text().splitlines()]
    assert [(each["row"], each["line"]) for each in kept] == [(4, 5)]
    assert "DD.MM.YYYY" in kept[0]["reason"]


def test_utf_16_that_breaks_off_is_refused_there(base, german, tmp_path):
    columns, path = german
    path.write_bytes(path.read_text().encode("utf-16")[:-1])
    done = batch(base, path, columns, tmp_path / "out")
    kept = [json.loads(line) for line in (done / "refused.jsonl").read_text().splitlines()]
    assert "text" in kept[-1]["reason"]


def batch(base, path, columns, out):
    """Run a batch; give its folder."""
    options = Options(verify=0)
    Run(base, find([path]), Columns(base.vocabulary, columns), options).into(Store(out), False)
    return out


def test_a_case_of_a_run_is_read_with_the_map_of_the_run(base, german, tmp_path):
    columns, path = german
    done = batch(base, path, columns, tmp_path / "out")
    case = case_of(done, "a", base)
    assert case.answers["right.ankle.lunge_bent_cm"] == 650
    assert case.answers["examined_on"] == datetime.date(2025, 4, 3)
    kept = json.loads((done / "manifest.json").read_text())["plan"]["map_of_columns"]
    assert kept_map(kept) == columns


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('columns: {a: {finding: left.hip.pain, codes: {"": absent}}}', "empty cell"),
        ('columns: {a: {finding: left.hip.pain, codes: {" ": absent}}}', "empty cell"),
        ("columns: {a: {finding: left.hip.pain, default: absent}}", '"default" is no setting'),
        ("columns: {a: {finding: left.hip.pain, otherwise: absent}}", "never fills in"),
        ("default: absent", '"default" is no setting'),
        (
            "columns: {a: {finding: left.hip.pain}}\n"
            'codes_for: [{columns: [a], codes: {"": absent}}]',
            "empty cell",
        ),
        ("codes_for: [{columns: [b], codes: {1: present}}]", "none of the columns"),
        (
            "columns: {a: {finding: left.hip.pain}}\n"
            "codes_for: [{columns: [a, a], codes: {1: present}}]",
            "named twice",
        ),
        (
            "columns: {a: {finding: left.hip.pain}}\ncodes_for: [{columns: [a], codes: {1: yes}}]",
            "none of present, absent",
        ),
        ("columns: {a: {finding: age_years, codes: {1: present}}}", "not not_tested"),
        ("columns: {a: {finding: left.hip.pain, decimal: ','}}", "no number"),
        ("columns: {a: {finding: age_years, date: DD.MM.YYYY}}", "no date"),
        ("date: DD.MM.YY", "no way to write a date"),
        ("date: DD.DD.YYYY", "no way to write a date"),
        ("decimal: x", "decimal"),
        ("columns: {a: {finding: TODO left.hip.pain}}", "nobody has looked at"),
        ("columns: {a: {finding: age_years}}\nignore: [a]", "one to leave out"),
        ("columns: {a: {finding: left.hip.pain_regions, word: nine}}", "side"),
    ],
)
def test_a_map_that_makes_something_up_or_is_wrong_is_refused(text, reason, base, tmp_path):
    path = tmp_path / "columns.yaml"
    path.write_text(text)
    with pytest.raises(ScreeningError, match=reason):
        load_map(path, base.vocabulary)


def test_a_map_of_ways_of_writing_alone_reads_a_table_headed_by_paths(base):
    frame = pl.DataFrame({"age_years": ["40"], "left.ankle.lunge_bent_cm": ["6,5"]})
    columns = Columns(base.vocabulary, Map(decimal=","))
    assert columns.head(frame, "t").frame.row(0) == ("40", "6.5")
