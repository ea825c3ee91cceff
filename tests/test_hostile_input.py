"""Odd input: refused in a few lines that name the place, never the value, and never a traceback."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import sys
import time
from decimal import Decimal
from typing import Literal, get_origin

import numpy as np
import polars as pl
import pytest
import typer

from screening import read_case as read_mapping
from screening import screen_table
from screening.batch.inputs.column_map import load_map
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import find
from screening.batch.run import Options, Run
from screening.batch.store import Store
from screening.cli import app
from screening.cli.again import set_answer
from screening.cli.lazy import LazyGroup
from screening.errors import MOST_SAID, ScreeningError
from screening.exchange.any_case import load_any
from screening.exchange.fhir.foreign import load_foreign
from screening.intake import draft
from screening.intake.answers import NO_NAME
from screening.intake.case import as_data, load_case
from screening.intake.profile import load_profile
from screening.intake.replaces import LATER
from screening.numbers import hundredths
from screening.rulebase.base import read
from tests import fhir_parts as resources

LONG = "9" * 4301
LUNGE = "left: {{ankle: {{lunge_bent_cm: {}}}}}\n"
HALF = "\ud800"

ODD = {
    "a number of 4,301 digits.yaml": f"age_years: {LONG}\n",
    "a number of 4,301 digits.json": f'{{"age_years": {LONG}}}',
    "a fraction of 4,301 digits.yaml": LUNGE.format(f"7.{LONG}"),
    "forty nines.yaml": LUNGE.format(f"7.{'9' * 40}"),
    "forty nines.json": f'{{"left": {{"ankle": {{"lunge_bent_cm": 7.{"9" * 40}}}}}}}',
    "a huge exponent.json": '{"age_years": 1e1000000}',
    "an exponent no computer holds.json": '{"age_years": 1e99999999999999999999}',
    "a tiny exponent.json": '{"age_years": 1e-99999999}',
    "a tiny number.json": '{"left": {"ankle": {"lunge_bent_cm": 1e-3}}}',
    "990 lists.yaml": "age_years: " + "[" * 990 + "]" * 990,
    "990 groups.yaml": "{a: " * 990 + "1" + "}" * 990,
    "indented 300 times.yaml": "".join(f"{' ' * n}a:\n" for n in range(300)),
    "a list in a list.yaml": "- " * 30_000 + "1\n",
    "990 lists.json": '{"age_years": ' + "[" * 990 + "]" * 990 + "}",
    "200,000 lists.json": "[" * 200_000,
    "200,000 lists.yaml": "[" * 200_000,
    "half a character.json": '{"case_id": "\\ud800"}',
    "half a character in a name.json": '{"\\udfff": 1}',
    "half a character.yaml": 'case_id: "\\ud800"\n',
    "a date without dashes.yaml": "examined_on: 20250304\n",
    "a date without dashes, as text.yaml": 'examined_on: "20250304"\n',
    "a week.yaml": "examined_on: 2025-W10\n",
    "a day of a week.yaml": "examined_on: 2025-W10-1\n",
    "a word with a space behind.yaml": 'sex: "female "\n',
    "a word of a list with a space behind.yaml": 'left: {hip: {pain_regions: ["side "]}}\n',
    "a list of an empty word.yaml": "left: {hip: {pain_regions: ['']}}\n",
    "a list of not tested.yaml": "left: {hip: {pain_regions: [not_tested]}}\n",
    "an unknown name without a value.yaml": "age_year:\n",
    "a name of 900 kB.yaml": f'"{"x" * 900_000}": 1\n',
    "a name of 900 kB.json": json.dumps({"x" * 900_000: 1}),
    "a word of 900 kB.yaml": f"sex: {'x' * 900_000}\n",
    "the same name twice, nested and not.yaml": "age_years: 3\nleft.hip.pain: present\n"
    "left: {hip: {pain: present}}\n",
    "a tag.yaml": "age_years: !Mueller 38\n",
    "nothing.yaml": "",
    "nothing.json": "",
    "zeros.yaml": "\0\0\0",
    "a mapping as a name.yaml": "{a: 1}: 2\n",
    "UTF-16.yaml": b"\xff\xfea\0:\0",
}


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("name", ODD, ids=str)
def test_odd_files_are_refused_in_few_words(name, base, tmp_path):
    path = written(tmp_path, name, ODD[name])
    with pytest.raises(ScreeningError) as caught:
        load_case(str(path), base.vocabulary)
    said = str(caught.value)
    assert len(said) < 1_500
    assert LONG[:9] not in said
    assert "Mueller" not in said
    assert path.name in said


NUMBERS = [
    ("7.9999999999999999999999999999999999999999", None),
    ("8.00000000000000000000000000000000000000000", 800),
    ("7.99", 799),
    ("-7.9", -790),
    ("1E+3", 100_000),
    ("0e-99999999", 0),
    ("1e-99999999", None),
    ("1e1000000", None),
    ("0.001", None),
    ("1000e-3", 100),
    ("NaN", None),
    ("-Infinity", None),
    (LONG, None),
]


@pytest.mark.parametrize(("text", "wanted"), NUMBERS)
def test_a_number_is_read_exactly_or_not_at_all(text, wanted):
    if wanted is None:
        with pytest.raises(ValueError, match="number|decimals|large"):
            hundredths(Decimal(text))
    else:
        assert hundredths(Decimal(text)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "left: {ankle: {lunge_bent_cm: 6,5}}",
        "left: {ankle: {lunge_bent_cm: 6,5, bent_weight_bearing_deg: 30}}",
        "left: {ankle: {lunge_bent_cm: 6,\n  50}}",
        "{age_years: 40,0, sex: female}",
        "left: {ankle: {lunge_bent_cm: 1,234.5}}",
    ],
)
def test_a_decimal_comma_within_braces_is_named(text, base, tmp_path):
    path = tmp_path / "comma.yaml"
    path.write_text(f"case_id: a\n{text}\n" if text[0] != "{" else text)
    with pytest.raises(ScreeningError) as error:
        load_case(str(path), base.vocabulary)
    (problem,) = error.value.problems
    assert "A comma parts a number in two here" in problem.what
    assert problem.todo == "6,5: write 6.5."
    assert problem.where.startswith(f"{path}:")


def test_a_table_without_a_row_of_names_is_refused_without_what_it_holds(said, tmp_path):
    path = tmp_path / "nameless.csv"
    path.write_text(f"{SECRET},{SECRET[::-1]},1980-04-05\n")
    code, text = said("batch", str(path), "--out", str(tmp_path / "out"))
    assert code == 2
    assert "no name of its first row is a finding" in text
    assert text.count("\n") == 1
    assert SECRET not in text
    assert "1980" not in text


def test_names_in_another_code_are_refused_in_a_line(said, tmp_path):
    path = tmp_path / "torn.csv"
    path.write_bytes(random.Random(3).randbytes(3_000))
    code, text = said("batch", str(path), "--out", str(tmp_path / "out"))
    assert (code, text.count("\n")) == (2, 1)
    assert "the row of names is not UTF-8 text" in text


def test_the_problems_of_many_tables_are_counted_past_some(said, tmp_path):
    for number in range(MOST_SAID + 4):
        (tmp_path / f"{number:03}.csv").write_text("age_yaers\n40\n")
    code, text = said("batch", str(tmp_path), "--out", str(tmp_path / "out"))
    assert code == 2
    assert text.splitlines()[-1] == "and 3 more problems."
    assert text.count("\n") == MOST_SAID + 2


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "the map: names with values are expected here."),
        ("[]", "the map: names with values are expected here."),
        ("columns: 1", "columns: names with values are expected here."),
        ("columns: {age: age_years}", "columns.age: names with values are expected here."),
        ("columns: {age: {codes: {}}}", "columns.age.finding: it is missing."),
        ("ignore: age", "ignore: a list is expected here, such as [a, b]."),
        ("columns: {age: {finding: [a]}}", "columns.age.finding: a text is expected here."),
    ],
)
def test_a_map_of_another_shape_is_said_in_our_words(text, wanted, base, tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text(text)
    with pytest.raises(ScreeningError) as error:
        load_map(path, base.vocabulary)
    assert wanted in str(error.value)
    assert not FOREIGN.search(str(error.value).replace(str(path), ""))


def test_thirty_thousand_names_that_resemble_findings_take_seconds(typed, tmp_path, in_whole):
    many, seconds = (30_000, 30) if in_whole else (10_000, 10)
    near = "".join(f"  lunge_bent_cm{number}: 6\n" for number in range(many))
    near = f"left:\n ankle:\n{near}"
    start = time.perf_counter()
    done = typed("screen", written(tmp_path, "near.yaml", near))
    assert time.perf_counter() - start < seconds
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == MOST_SAID + 1
    assert f"{many - MOST_SAID:,} more" in lines[-1]
    assert len(done.stderr) < 30_000


def test_a_wide_table_of_unknown_columns_takes_seconds(base, tmp_path, in_whole):
    many, seconds = (30_000, 30) if in_whole else (10_000, 10)
    head = ",".join(f"left.ankle.lunge_bent_cm{number}" for number in range(many))
    path = written(tmp_path, "wide.csv", f"{head}\n{head}\n")
    start = time.perf_counter()
    with pytest.raises(ScreeningError) as caught:
        Run(base, find([path]), Columns(base.vocabulary), Options()).into(
            Store(tmp_path / "out"), False
        )
    assert time.perf_counter() - start < seconds
    assert len(caught.value.problems) == MOST_SAID + 1


LONG_WORK = [
    ("rules", "export", "--to", "cql", "--out"),
    ("rules", "book", "--prove", "--out"),
    ("rules", "prove", "--witnesses"),
    ("rules", "check", "--witnesses"),
    ("rules", "coverage", "--suggest", "--out"),
    ("report", "--from", "run", "--tier", "urgent", "--out"),
]


@pytest.mark.parametrize("words", LONG_WORK, ids=" ".join)
def test_a_place_that_cannot_be_written_is_refused_before_the_work_begins(words, said, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    for place in ("file", "file/below", "link/below", "link", "/dev/null"):
        code, text = said(*words, str(tmp_path / place))
        assert (code, text.count("\n")) == (2, 1)
        said_of_it = "the folder cannot be written: a file or a device is in its place."
        assert f"{said_of_it} Nothing was done." in text
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "link"]


def test_an_interview_that_could_not_be_saved_is_not_begun(said, tmp_path):
    (tmp_path / "link").symlink_to("nowhere")
    for place in ("link", ".", "link/case.yaml"):
        code, text = said("intake", "--out", str(tmp_path / place))
        assert (code, text.count("\n")) == (2, 1)
        assert "the file cannot be written" in text


SECRET = "Q7SECRET"
SETS = [
    "left.ankle.lunge_bent_cm=1, right.ankle.lunge_bent_cm: 2",
    f"left.ankle.lunge_bent_cm={LONG}",
    f"left.ankle.lunge_bent_cm={SECRET}",
    f"left.ankle.lunge_bent_cm=7.{'9' * 40}",
    f"left.ankle.lunge_bent_cm {SECRET}",
    f"left.ankle.lunge_bent_cm: {SECRET}=1",
    f"left.hip.pain_regions=[{SECRET}]",
    f"left.hip.pain_regions={'[' * 990}",
    f"left.hip.pain=present, {SECRET}",
    f"examined_on={SECRET}",
    "left.ankle.lunge_bent_cm=7 #8",
    "left.hip.pain=\udce4",
    "left.hip.pain='\udce4'",
    "=",
    "",
    "left=1",
    "left.hip.pain={",
]


@pytest.mark.parametrize("text", SETS, ids=range(len(SETS)))
def test_what_is_set_is_read_whole_or_refused_without_the_value(text, base):
    with pytest.raises(ScreeningError) as caught:
        set_answer(text, base.vocabulary)
    assert SECRET not in str(caught.value)
    assert len(str(caught.value)) < 1_600


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "9" * 400])
def test_no_question_takes_an_absurd_time(seconds, typed):
    done = typed("rules", "prove", "--timeout", seconds)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_typed_value_is_never_repeated(base, tmp_path):
    for path, kind in ((each, base.vocabulary[each].type) for each in base.vocabulary.all_paths):
        for value in (f"{SECRET}", "7654321.5"):
            if kind == "text" and path != "asked_with":
                continue
            file = written(tmp_path, "case.yaml", f"{path}: {value}\n")
            with pytest.raises(ScreeningError) as caught:
                load_case(str(file), base.vocabulary)
            assert value not in str(caught.value)


@pytest.fixture
def said(monkeypatch, capsys):
    """Run a command in this process; give its exit code and what it said on stderr."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["screening", *words])
        code = app.run()
        return code, capsys.readouterr().err

    return run


BASE_CASE = "cases/base_case.yaml"
MISUSED = [
    ("screen", BASE_CASE, "--format", SECRET),
    ("screen", BASE_CASE, "--fail-on", SECRET),
    ("screen", BASE_CASE, f"--full={SECRET}"),
    ("screen", BASE_CASE, SECRET),
    ("screen", BASE_CASE, "-7654321.5"),
    ("why", BASE_CASE, "verdict.likely", "--side", SECRET),
    ("why", BASE_CASE, "verdict.likely", "left", SECRET),
    ("batch", "cases", "--verify", SECRET),
    ("batch", "cases", "--part-rows", "-7654321"),
    ("batch", "cases", "--rows", SECRET),
    ("batch", "cases", "--engine", SECRET),
    ("batch", "--template", SECRET),
    ("rules", "prove", "--timeout", SECRET),
    ("rules", "prove", "--timeout", "7654321"),
    ("rules", "export", "--to", SECRET),
    ("what-if", BASE_CASE, "--set", f"left.hip.pain={SECRET}"),
    ("what-if", BASE_CASE, "--set", SECRET),
    ("what-if", BASE_CASE, "--set", f"age_years={LONG}"),
    ("what-if", BASE_CASE, "--set"),
]


@pytest.mark.parametrize("words", MISUSED, ids=lambda words: " ".join(words)[:50])
def test_no_error_of_an_option_repeats_a_value(words, said):
    code, text = said(*words)
    assert code == 2
    assert text
    assert SECRET not in text
    assert "7654321" not in text
    assert len(text) < 1_500


def every_command():
    """Give the words of every command, and what typer knows of it."""
    below = [((), typer.main.get_command(app.app))]
    while below:
        words, command = below.pop()
        names = command.list_commands(None) if isinstance(command, LazyGroup) else []
        below += [((*words, name), command.get_command(None, name)) for name in names]
        if not names:
            yield words, command


CHOSEN = [
    pytest.param((*words, each.opts[0]), id=" ".join((*words, each.opts[0])))
    for words, command in every_command()
    for each in command.params
    if get_origin(kind := each.get_runtime_param().annotation) is Literal or kind in (int, float)
    if each.param_type_name == "option"
    if not each.is_flag
]
FOREIGN = re.compile("Usage|Error|Invalid|Try '|Input should|[Vv]alue error|unexpected|'")


@pytest.mark.parametrize("words", CHOSEN)
def test_what_an_option_takes_is_said_in_our_words_in_every_command(words, said):
    code, text = said(*words, SECRET)
    assert code == 2
    assert re.fullmatch(rf"{words[-1]}: .+ is expected\. Nothing was done\. Write .+\n", text), text
    assert SECRET not in text
    assert not FOREIGN.search(text)


@pytest.mark.parametrize("words", [words for words, _ in every_command()], ids=" ".join)
def test_no_such_option_is_said_in_our_words_in_every_command(words, said):
    code, text = said(*words, "--formatt", SECRET)
    assert (code, SECRET in text) == (2, False)
    assert text.startswith("--formatt: there is no such option. Nothing was done. ")
    assert not FOREIGN.search(text)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (
            ("screen",),
            "screening screen: CASE is missing. Nothing was done. For example: screening",
        ),
        (("report", "--from", "a"), "screening report: --tier is missing. Nothing was done."),
        (("screen", "a", SECRET), "screening screen: there are more words than it takes. Nothing"),
        (("screen", "a", f"--full={SECRET}"), "--full: it takes no value. Nothing was done. Write"),
        (("what-if", "a", "--set"), "--set: its value is missing. Nothing was done. Write --set"),
        (("scren", SECRET), "screening: there is no such command. Nothing was done. Did you mean"),
        (("rules", SECRET), "screening rules: there is no such command. Nothing was done."),
        (("batch", "--part-rows", "0"), "--part-rows: a whole number from 1 to 1,000,000 is"),
        (("batch", "--verify", "-1"), "--verify: a whole number of 0 or more is expected."),
        (("rules", "export", "--to", "x"), "--to: cql is expected."),
    ],
    ids=lambda part: " ".join(part)[:40],
)
def test_what_is_wrong_with_words_is_said_with_what_to_do(words, wanted, said):
    code, text = said(*words)
    assert code == 2
    assert text.startswith(wanted)
    assert text.count("\n") == 1
    assert SECRET not in text
    assert not FOREIGN.search(text)


@pytest.fixture(scope="module")
def some_rules(base, tmp_path_factory):
    """A copy of the rules."""
    return shutil.copytree(base.root, tmp_path_factory.mktemp("odd") / "rules")


@pytest.mark.parametrize(
    "name",
    ["a number of 4,301 digits.yaml", "990 groups.yaml", "half a character.yaml", "zeros.yaml"],
)
def test_an_odd_rule_file_is_named_in_few_words(name, some_rules):
    path = sorted((some_rules / "red_flags").glob("*.yaml"))[0]
    whole = path.read_bytes()
    path.write_text(ODD[name])
    try:
        _, problems = read(some_rules)
    finally:
        path.write_bytes(whole)
    assert any(path.name in problem.where for problem in problems)
    assert max(len(str(problem)) for problem in problems) < 1_600


def test_a_broken_draft_is_passed_over(base, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    place = draft.folder()
    (place / "well.draft.yaml").write_text("case: {age_years: 40}\nasked: [age_years]\n")
    for number, (name, content) in enumerate(ODD.items()):
        if name.endswith(".yaml"):
            written(place, f"{number}.draft.yaml", content)
    for number, text in enumerate(("case: 1\n", "case: {}\nasked: 1\n", "case: [a]\nasked: []\n")):
        (place / f"odd{number}.draft.yaml").write_text(text)
    (place / "link.draft.yaml").symlink_to(place / "well.draft.yaml")
    (place / "folder.draft.yaml").mkdir()
    assert [each.path.name for each in draft.kept(base.vocabulary)] == ["well.draft.yaml"]


def test_a_draft_without_an_end_or_of_no_day_is_passed_over(base, tmp_path, monkeypatch):
    """A pipe was waited for without an end."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    place, text = draft.folder(), "case: {age_years: 40}\nasked: [age_years]\n"
    (place / "well.draft.yaml").write_text(text)
    os.mkfifo(place / "pipe.draft.yaml")
    (place / "zero.draft.yaml").symlink_to("/dev/zero")
    with (place / "huge.draft.yaml").open("wb") as file:
        file.truncate(2**34)
    for when in (2**40, -(2**40)):
        odd = place / f"{when}.draft.yaml"
        odd.write_text(text)
        os.utime(odd, (when, when))
    assert "well.draft.yaml" in [each.path.name for each in draft.kept(base.vocabulary)]


# -- one case and many: the same is read, the same is refused ------------------------------------


def hostile_files(cases, base, numbers, seed=18):
    """Give files by name: cases as they are written, and each of them damaged in some way."""
    chance = random.Random(seed)
    values = [
        None, True, "", "not_tested", "present ", "Present", "yes", [], [""], ["not_tested"],
        ["side", "side"], ["side "], {}, {"a": 1}, 6.1, 6.555, "6.5", 1e300, -0.0, 0, 10**30,
        "20250304", "2025-W10", "2025-03-04", "2025-3-4", "absent\n", "\u0661", "unsure", "left",
    ]  # fmt: skip
    names = [*base.vocabulary.all_paths, "left", "left.hip", "gait", "age_year", "foo.bar", "", "."]
    for number in numbers:
        case = cases.case(number)
        data = as_data(case, base.vocabulary)
        yield f"{number}-nested.json", json.dumps(data)
        flat = {path: as_flat(data, path) for path in case.answers}
        yield f"{number}-flat.json", json.dumps(flat)
        for damage in range(8):
            odd = dict(flat)
            for _ in range(chance.choice((1, 1, 2))):
                odd[chance.choice(names)] = chance.choice(values)
            yield f"{number}-odd{damage}.json", json.dumps(odd)


def as_flat(data, path):
    for part in path.split("."):
        data = data[part]
    return data


def test_one_case_and_many_accept_and_refuse_the_same(cases, base, some, tmp_path):
    folder = tmp_path / "cases"
    folder.mkdir()
    numbers = some(range(60), 8)
    files = dict([*hostile_files(cases, base, numbers), *some(ODD.items(), 3)])
    paths = [written(folder, name, text) for name, text in files.items()]
    assert len(paths) >= 10 * len(numbers)
    singly = {}
    for path in paths:
        try:
            singly[str(path)] = load_case(str(path), base.vocabulary)
        except ScreeningError:
            singly[str(path)] = None
    store = Store(tmp_path / "out")
    run = Run(base, find([folder]), Columns(base.vocabulary), Options(verify=0))
    run.into(store, False)
    refused = {
        json.loads(line)["input"]: json.loads(line)
        for line in (store.folder / "refused.jsonl").read_text().splitlines()
    }
    twice = {name for name, each in refused.items() if "earlier row" in each["reason"]}
    differ = {
        name
        for name, case in singly.items()
        if (case is None) != (name in refused) and name not in twice
    }
    assert differ == set()
    assert len(paths) < 6 * len(set(refused) - twice) < 5 * len(paths)
    lines = tmp_path / "lines.jsonl"
    texts = {
        name: json.dumps({**json.loads(content), "case_id": name})
        for name, content in files.items()
        if name not in ODD
    }
    lines.write_text("".join(f"{text}\n" for text in texts.values()))
    again = Store(tmp_path / "lines")
    Run(base, find([lines]), Columns(base.vocabulary), Options(verify=0)).into(again, False)
    kept = (again.folder / "refused.jsonl").read_text().splitlines()
    rows = {json.loads(each)["row"] for each in kept}
    for row, name in enumerate(texts, 1):
        given = json.loads(texts[name])
        assert (row in rows) == (_refused_singly(given, name, base)), name


def _refused_singly(given, name, base):
    try:
        read_mapping(given, base)
    except ScreeningError:
        return True
    return False


UNREADABLE = [
    ("case_id", "", NO_NAME),
    ("case_id", " \t", NO_NAME),
    ("case_id", "\xa0\u2003", NO_NAME),
    ("case_id", "\u200b", NO_NAME),
    ("asked_with", "9.9", LATER),
    ("asked_with", "3", LATER),
]


@pytest.mark.parametrize(("path", "value", "reason"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_no_door_lets_in_a_case_without_a_name_or_asked_by_later_rules(
    path, value, reason, base, tmp_path
):
    """A case of its own, an answer, a file, a resource: all are refused with the same words."""
    case = {"age_years": 40, path: value}
    file = written(tmp_path, "case.json", json.dumps(case))
    response = resources.response(read_mapping({"age_years": 40, "case_id": "a"}, base), base)
    response["item"] = [item for item in response["item"] if item["linkId"] != path]
    answer = resources.answers(path, value, "text")
    response["item"].append({"linkId": path, "answer": answer})
    doors = [
        lambda: load_case(str(file), base.vocabulary),
        lambda: read_mapping(case, base),
        lambda: set_answer(f"{path}={json.dumps(value)}", base.vocabulary),
        lambda: load_any(str(file), base),
        *([lambda: resources.read(response, base)] if value else []),
    ]
    for door in doors:
        with pytest.raises(ScreeningError) as caught:
            door()
        assert f"{path}: {reason}" in str(caught.value)


def test_no_table_lets_in_a_case_without_a_name_or_asked_by_later_rules(base, tmp_path):
    """Case files, lines of JSON and rows are refused with the same words."""
    folder = tmp_path / "cases"
    folder.mkdir()
    lines = [json.dumps({"age_years": 40, path: value}) for path, value, _ in UNREADABLE]
    for number, line in enumerate(lines):
        written(folder, f"{number}.json", line)
    written(folder, "rows.jsonl", "\n".join(lines))
    store = Store(tmp_path / "out")
    Run(base, find([folder]), Columns(base.vocabulary), Options(verify=0)).into(store, False)
    refused = map(json.loads, (store.folder / "refused.jsonl").read_text().splitlines())
    wanted = [f"{path}: {reason}" for path, _, reason in UNREADABLE]
    for each, reason in zip(refused, [*wanted, *wanted], strict=True):
        assert reason in each["reason"]
    for asked in ("case_id", "asked_with"):
        # An empty cell is not recorded.
        values = [(v, reason) for path, v, reason in UNREADABLE if path == asked and v]
        cells = [value for value, _ in values]
        frame = pl.DataFrame({"age_years": 40, asked: [*cells, None]})
        found = screen_table(frame, base).refused
        assert found["reason"].to_list() == [f"{asked}: {reason}" for _, reason in values]


def test_readings_of_32_bits_are_what_was_measured(base, tmp_path, in_whole):
    values = [number / 10 for number in range(-50, 251)]
    path = tmp_path / "floats.parquet"
    pl.DataFrame({"left.ankle.lunge_bent_cm": pl.Series(values, dtype=pl.Float32)}).write_parquet(
        path
    )
    store = Store(tmp_path / "out")
    # The other reading is asked in processes of its own.
    asked = Options(verify=20 if in_whole else 0)
    done = Run(base, find([path]), Columns(base.vocabulary), asked).into(store, False)
    assert done["counts"]["refused"] == 0
    for value in values:
        case = read_mapping({"left.ankle.lunge_bent_cm": np.float32(value)}, base)
        assert case.answers["left.ankle.lunge_bent_cm"] == round(value * 100)


@pytest.mark.parametrize("kind", ["profile", "map of codes", "map"])
def test_a_file_of_settings_that_is_too_long_is_refused_and_never_cut(kind, base, tmp_path):
    short, most, read = {
        "profile": ("{}", 100_000, lambda path: load_profile(path, base.vocabulary)),
        "map of codes": ("{}", 1_000_000, lambda path: load_foreign(path, base.vocabulary)),
        "map": ("ignore: [room]", 1_000_000, lambda path: load_map(path, base.vocabulary)),
    }[kind]
    path = written(tmp_path, "settings.yaml", f"{short}\n#" + "x" * most)
    with pytest.raises(ScreeningError) as caught:
        read(path)
    assert f"the {kind} is larger than {most // 1000:,} kB." in str(caught.value)
    assert caught.value.exit_code == 2
