"""What a batch refuses: rows with their place and reason, tables before it begins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from screening.errors import UsageError
from tests.batches import SECRET, bad_table, manifest, refused, rows


def test_bad_rows_are_refused_with_line_field_and_reason(run_batch, tmp_path):
    done = run_batch(bad_table(tmp_path / "t.csv"))
    found = refused(done)
    assert [(r["row"], r["line"], r.get("field")) for r in found] == [
        (2, 3, "age_years"),
        (3, 4, "left.hip.pain"),
        (4, 5, None),
        (5, 6, "left.ankle.lunge_bent_cm"),
        (6, 7, "case_id"),
        (7, 8, None),
        (9, 10, None),
    ]
    assert "millimetres" in found[3]["reason"]
    assert "earlier row" in found[4]["reason"]
    assert found[1]["reason"].count("left.") == 2
    for each in found:
        assert SECRET not in each["reason"]
    assert found[0]["cells"]["age_years"] == SECRET
    assert rows(done)["case_id"].to_list() == ["good", "good", "t.csv:8", "t.csv:8"]
    counts = manifest(done)["counts"]
    assert (counts["rows"], counts["screened"], counts["refused"]) == (9, 2, 7)


def test_refused_rows_are_mended_where_they_stand_and_run_again(run_batch, tmp_path):
    done = run_batch(bad_table(tmp_path / "t.csv"))
    kept = [each for each in refused(done) if "cells" in each]
    for number, each in enumerate(kept):
        each["cells"] |= {
            "case_id": f"m{number}",
            "age_years": "40",
            "left.hip.pain": "present",
            "left.ankle.lunge_bent_cm": "6.5",
        }
    path = tmp_path / "mended.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in kept))
    again = run_batch(path, out="again")
    assert refused(again) == []
    assert rows(again)["case_id"].n_unique() == len(kept) == 4


def test_bad_lines_of_json_are_refused(run_batch, tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text(
        '{"case_id": "a", "left": {"hip": {"pain": "present"}}}\n'
        '{"case_id": "b", "left": {"hip": {"pian": "present"}}}\n'
        '{"case_id": "c", "case_id": "d"}\n'
        '{"case_id": "e", "age_years": "40"}\n'
        '{"case_id": "f", "age_years": NaN}\n'
        "[]\n\n"
        '{"case_id": "g", "age_years": true}\n'
        '{"case_id": "h", "gait": 3}\n'
        '{"case_id": "i", "left": {"hip": {"pain": "Present"}}}\n'
    )
    found = refused(run_batch(path))
    assert [(each["line"], each.get("field")) for each in found] == [
        (2, "left.hip.pian"),
        (3, None),
        (4, "age_years"),
        (5, None),
        (6, None),
        (8, "age_years"),
        (9, "gait"),
        (10, "left.hip.pain"),
    ]
    assert 'Did you mean "left.hip.pain"?' in found[0]["reason"]


def test_bad_case_files_are_refused_with_their_line(run_batch, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.yaml").write_text("left:\n  hip: {pain: present}\n")
    (folder / "b.yaml").write_text("left:\n  hip: {pain: present}\n  hip: {pain: absent}\n")
    (folder / "c.yaml").write_text(f"left:\n  hip:\n    pain: {SECRET}\n")
    (folder / "d.yaml").write_text("- 1\n")
    (folder / "e.json").write_text('{"left": {"hip": {"pain": "present"}}}')
    (folder / "f.yaml").write_bytes(b"\xff\xfe")
    done = run_batch(folder)
    found = refused(done)
    assert [Path(each["input"]).name for each in found] == ["b.yaml", "c.yaml", "d.yaml", "f.yaml"]
    assert "line 3" in found[0]["reason"]
    assert (found[1]["field"], found[1]["line"]) == ("left.hip.pain", 3)
    assert SECRET not in found[1]["reason"]
    assert rows(done)["case_id"].to_list() == ["a", "a", "e", "e"]


def test_a_table_of_bad_rows_keeps_memory_flat(run_batch, tmp_path, in_whole):
    path, many = tmp_path / "bad.csv", 6_000 if in_whole else 1_200
    with path.open("w") as file:
        file.write("case_id,age_years\n")
        file.writelines(f"{i},x\n" for i in range(many))
    done = run_batch(path, part_rows=many // 4)
    assert manifest(done)["counts"] == {
        "rows": many,
        "screened": 0,
        "refused": many,
        "verified": 0,
        "rows_written": 0,
    }
    assert len(json.loads((done / "summary.json").read_text())["refused_by_reason"]) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("left.hip.pian\npresent\n", "left.hip.pain"),
        ("age_years,age_years\n1,2\n", "twice"),
        ("", "no row of names"),
    ],
)
def test_a_table_that_cannot_be_read_stops_the_run(text, reason, run_batch, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=reason):
        run_batch(path)


def test_files_that_are_not_what_they_say_stop_the_run(run_batch, tmp_path):
    for kind in ("parquet", "xlsx"):
        path = tmp_path / f"t.{kind}"
        path.write_text("hello")
        with pytest.raises(UsageError, match="can be read"):
            run_batch(path, out=kind)
    for path in (tmp_path / "missing.csv", tmp_path / "t.docx"):
        with pytest.raises(UsageError, match=r"no such file|no such file"):
            run_batch(path)
    (tmp_path / "t.docx").write_text("x")
    with pytest.raises(UsageError, match="not read"):
        run_batch(tmp_path / "t.docx")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="nothing to screen"):
        run_batch(tmp_path / "empty")
    path = tmp_path / "a.csv"
    path.write_text("age_years\n1\n")
    with pytest.raises(UsageError, match="twice"):
        run_batch(path, path)
