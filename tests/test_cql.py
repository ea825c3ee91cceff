"""The rules in other people's engines: HL7's translator, and an engine that knows nothing of us."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from importlib import import_module

import pytest

from screening.exchange.cql import intake_library, logic_library
from screening.exchange.cql.cases import parameters, raw_answers
from screening.exchange.cql.elm import TRANSLATE
from screening.exchange.cql.logic import applies, row_word
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.intake.case import load_case
from screening.intake.findings import gather
from screening.intake.vocabulary import ASKED_WITH
from screening.rulebase.kinds.measure import Measure
from tests.conftest import CASES, ROOT
from tests.generate import Cases
from tests.generate_rules import loaded, rule_base
from tests.node import FOLDER, Request, alone, modules, run, translate

LOGIC, INTAKE = "CalfHipScreening", "CalfHipIntake"


def libraries(base, folder):
    """Write both libraries of a rule base."""
    folder.mkdir(parents=True, exist_ok=True)
    for title, text in ((LOGIC, logic_library(base)), (INTAKE, intake_library(base))):
        (folder / f"{title}.cql").write_text(text, encoding="utf-8")
    return [folder / f"{title}.cql" for title in (LOGIC, INTAKE)]


def expected(form, readings):
    """Give the value of every rule, conclusion and ladder, by the reference reading."""
    walk = Walk(form, PlainAlgebra(form, readings))
    found = {}
    for name, rule in form.rules.items():
        found[name] = _truth(walk.rule(rule))
    for name in form.conclusions:
        found[name] = _truth(walk.faces(name))
    for ladder in form.ladders:
        row = ladder.rows[walk.rows(ladder.name).index(True)]
        found[f"row {ladder.name}"], found[ladder.name] = row_word(row), row.word
    return found | {f"applies {n}": walk.line(line).must for n, line in applies(form).items()}


def _truth(faces):
    return True if faces.must else None if faces.may else False


def compared(base, cases, folder):
    """Give both requests of some cases, and what each of their values must be."""
    readings = [gather(case, base.vocabulary).readings for case in cases]
    known = [parameters(base.form, each) for each in readings]
    logic = Request(folder / f"{LOGIC}.json", known)
    names = list(base.form.recorded)
    raw = [raw_answers(case, base.vocabulary) for case in cases]
    intake = Request(folder / f"{INTAKE}.json", raw, names)
    wanted = [expected(base.form, each) for each in readings]
    return [logic, intake], [wanted, [{name: p.get(name) for name in names} for p in known]]


def differences(found, wanted):
    """Count the values compared, and give those that differ."""
    pairs = [
        (got, want)
        for rows in zip(found, wanted, strict=True)
        for got, want in zip(*rows, strict=True)
    ]
    differ = {
        (name, str(got[name]), str(value))
        for got, want in pairs
        for name, value in want.items()
        if got[name] != value
    }
    return sum(len(want) for _, want in pairs), sorted(differ)


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """What the command writes, with ELM, once for all processes of a run: nobody changes it."""
    modules()
    own = tmp_path_factory.mktemp("export")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    out = tmp_path_factory.getbasetemp().parent / f"cql-{run}" if run else own / "first"
    with alone():
        if not out.is_dir():
            _export(own / "making", "--packages", str(ROOT / "tests" / "cql"))
            (own / "making").rename(out)
    return out


def _export(out, *more):
    from typer.testing import CliRunner

    from screening.cli.app import app

    done = CliRunner().invoke(app, ["rules", "export", "--to", "cql", "--out", str(out), *more])
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    return done


@pytest.fixture(scope="session")
def shipped(exported):
    """Both libraries of the shipped rules, translated without a word against them."""
    return exported / "elm"


def test_every_value_of_every_case_is_the_same_in_another_engine(base, cases, shipped, some):
    files = some(sorted(CASES.rglob("*.yaml")), 12)
    made = [load_case(str(path), base.vocabulary) for path in files]
    made += [cases.case(seed) for seed in some(range(100), 12)]
    now = {ASKED_WITH: base.asked_with}
    made += [cases.case(s).with_answers(now, base.vocabulary) for s in some(range(100, 200), 12)]
    requests, wanted = compared(base, made, shipped)
    count, differ = differences(run(requests), wanted)
    assert differ == []
    assert count > 900 * len(made)


@pytest.mark.slow
def test_two_thousand_random_cases_are_the_same_in_another_engine(base, cases, shipped):
    requests, wanted = compared(base, [cases.case(seed) for seed in range(200, 2200)], shipped)
    assert differences(run(requests), wanted)[1] == []


@pytest.mark.whole
def test_twenty_random_rule_bases_are_the_same_in_another_engine(tmp_path):
    modules()
    files, requests, wanted = [], [], []
    for seed in range(20):
        base = loaded(rule_base(seed), tmp_path / f"rules{seed}")
        folder = tmp_path / f"cql{seed}"
        files += libraries(base, folder)
        maker = Cases(base)
        asked, want = compared(base, [maker.case(case) for case in range(25)], folder)
        requests += asked
        wanted += want
    assert translate(files) == []
    assert differences(run(requests), wanted)[1] == []


# -- what went wrong in other people's engines ----------------------------------------------------


def test_silence_is_unknown_because_every_parameter_is_null_by_default(base, shipped, tmp_path):
    """Without a default a missing parameter is JavaScript's undefined, and unknown becomes no."""
    for text in (logic_library(base), intake_library(base)):
        lines = [line for line in text.splitlines() if line.startswith("parameter ")]
        assert lines
        assert all(line.endswith(" default null") for line in lines)
    logic = json.loads((shipped / f"{LOGIC}.json").read_text(encoding="utf-8"))
    for parameter in logic["library"]["parameters"]["def"]:
        del parameter["default"]
    (tmp_path / f"{LOGIC}.json").write_text(json.dumps(logic), encoding="utf-8")
    request = Request(tmp_path / f"{LOGIC}.json", [{}])
    assert differences(run([request]), [[expected(base.form, {})]])[1] != []


def test_a_fresh_environment_for_every_case(base, shipped):
    """An engine keeps what it has worked out: the last patient would leak into the next."""
    logic, names = shipped / f"{LOGIC}.json", ["left.chain.any", "left.hip.competing"]
    limping, nothing = {"left.gait.pelvic_drop": True, "left.gait.antalgic": True}, {}
    fresh, leaking = run([Request(logic, [limping, nothing], names, f) for f in (True, False)])
    assert [row["left.chain.any"] for row in fresh] == [True, None]
    assert [row["left.chain.any"] for row in leaking] == [True, True]
    readme = (ROOT / "screening" / "exchange" / "cql" / "readme.md").read_text(encoding="utf-8")
    assert "a fresh environment for every case" in readme


def _differences_at_a_threshold(form):
    """Give every measure of two numbers, with each threshold that anything compares it with."""
    lines = [rule.premises for rule in form.rules.values()]
    lines += [line for derived in form.derived for line in derived.lines]
    for derived in form.derived:
        if isinstance(derived, Measure) and not form.recorded[derived.minuend].words:
            cuts = {
                p.number
                for line in lines
                for p in line
                if p.operand == derived.name and p.threshold
            }
            yield from ((derived, cut) for cut in sorted(cuts))


def test_a_difference_at_the_threshold_is_at_the_threshold(base, shipped):
    """8.7 - 6.7 is 1.9999999999999991 in JavaScript: every difference must be rounded."""
    requests, wanted = [], []
    for measure, cut in _differences_at_a_threshold(base.form):
        low, high = base.form.recorded[measure.subtrahend].limits
        ends = [
            (less + cut, less) for less in range(low, high + 1, 10) if low <= less + cut <= high
        ]
        pairs = [{measure.minuend: a / 100, measure.subtrahend: b / 100} for a, b in ends]
        requests.append(Request(shipped / f"{LOGIC}.json", pairs, [measure.name]))
        wanted.append([{measure.name: cut / 100} for _ in pairs])
    count, differ = differences(run(requests), wanted)
    assert differ == []
    assert count > 1000


def test_nothing_is_written_that_some_engine_lacks_or_reads_in_its_own_way(base):
    for text in (logic_library(base), intake_library(base)):
        assert "Split(" not in text
        assert " in {" not in text


# -- the folder ------------------------------------------------------------------------------------


def _bytes(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}


@pytest.mark.slow
def test_the_same_rules_give_the_same_bytes(exported, tmp_path):
    _export(tmp_path, "--packages", str(ROOT / "tests" / "cql"))
    assert _bytes(tmp_path) == _bytes(exported)


@pytest.mark.whole
def test_without_the_translator_there_is_no_elm_and_a_sentence(exported, tmp_path):
    done = _export(tmp_path, "--packages", str(tmp_path))
    assert "No ELM" in done.stderr
    assert not (tmp_path / "elm").exists()
    assert (tmp_path / "CalfHipScreening.cql").exists()
    # The same rules give the same bytes; only a library as FHIR holds its ELM as well.
    with_elm, without = _bytes(exported), _bytes(tmp_path)
    libraries = {path for path in with_elm if path.name.startswith("Library")}
    assert {path for path in with_elm if path.parts[0] != "elm"} == set(without)
    assert all(without[path] == with_elm[path] for path in without if path not in libraries)


def test_a_folder_that_cannot_be_written_is_said_in_two_lines(command, tmp_path):
    (tmp_path / "file").write_text("")
    done = command("rules", "export", "--to", "cql", "--out", str(tmp_path / "file"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_cases_that_are_exported_hold_in_the_engine(exported, base, some):
    every = json.loads((exported / "cases.json").read_text(encoding="utf-8"))
    assert len({each["id"] for each in every}) == len(every) > 100
    found = some(every, 12)
    logic = Request(exported / "elm" / f"{LOGIC}.json", [each["parameters"] for each in found])
    names = list(base.form.recorded)
    answers = [each["answers"] for each in found]
    intake = Request(exported / "elm" / f"{INTAKE}.json", answers, names)
    wanted = [{name: each["parameters"].get(name) for name in names} for each in found]
    count, differ = differences(run([logic, intake]), [[e["expected"] for e in found], wanted])
    assert differ == []
    assert count > 400 * len(found)


def test_the_resources_are_fhir_and_say_what_the_rules_say(exported, base):
    pytest.importorskip("fhir.resources", reason="fhir.resources is not installed")
    found = [json.loads(p.read_text(encoding="utf-8")) for p in (exported / "fhir").iterdir()]
    for resource in found:
        kind = resource["resourceType"]
        model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
        model.model_validate(resource)
        assert resource["status"] == "draft"
        assert resource["experimental"] is True
        assert "{" not in json.dumps([resource["description"], resource.get("usage", "")])
    urls = {resource["url"] for resource in found}
    assert len(urls) == len(found)
    (plan,) = (each for each in found if each["resourceType"] == "PlanDefinition")
    libraries = {e["name"]: e for e in found if e["resourceType"] == "Library"}
    defined = logic_library(base)
    for action in plan["action"]:
        (condition,) = action["condition"]
        quoted = condition["expression"]["expression"].split('"')[1::2]
        assert quoted
        assert all(f'define "{name}":' in defined for name in quoted)
        assert action["definitionCanonical"] in urls
        assert action["priority"] in ("routine", "urgent", "asap", "stat")
        assert action["documentation"]
    levels = sum(len(flag.levels) for flag in base.flags)
    assert len(plan["action"]) == levels + 2 * len(base.advice)
    for title, resource in libraries.items():
        cql, elm = (base64.b64decode(each["data"]) for each in resource["content"])
        assert cql == (exported / f"{title}.cql").read_bytes()
        assert elm == (exported / "elm" / f"{title}.json").read_bytes()


def test_the_document_runs_as_it_stands(exported):
    text = (ROOT / "docs" / "other_engines.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```js\n(.*?)```", text, re.DOTALL)
    code = code.replace("build/cql", str(exported))
    done = subprocess.run(
        ["node", "--input-type=module", "-e", code],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "true\n", done.stderr


@pytest.mark.whole
@pytest.mark.parametrize("step", [10, pytest.param(1, marks=pytest.mark.slow)])
def test_the_cases_that_are_exported_hold_in_the_engine_of_hl7(exported, step):
    found = json.loads((exported / "cases.json").read_text(encoding="utf-8"))[::step]
    command = ["node", "hl7.mjs", str(TRANSLATE.with_name("system.xml"))]
    done = subprocess.run(
        [*command, str(exported / f"{LOGIC}.cql")],
        cwd=FOLDER,
        input=json.dumps(found),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    *differ, last = [json.loads(each) for each in done.stdout.splitlines() if each[0] == "{"]
    assert differ == []
    assert last == {"compared": sum(len(each["expected"]) for each in found)}
