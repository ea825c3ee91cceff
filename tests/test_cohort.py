"""The cohort reading against the forward reading, and its intake against that of single cases."""

from __future__ import annotations

import datetime
import random
from dataclasses import replace

import polars as pl
import pytest

from screening.algebra import Number
from screening.assurance.examples import examples
from screening.cohort import key, rows_of, screen_batches
from screening.cohort.circuit import Circuit
from screening.cohort.evaluate import Evaluator
from screening.cohort.rows import verdicts
from screening.cohort.table import Table
from screening.cohort.writing import WORD
from screening.errors import CaseError, UsageError
from screening.inference.infer import infer
from screening.intake.case import load_case, read_case
from screening.intake.family_terms import TermLedger
from screening.intake.findings import gather
from screening.intake.vocabulary import SIDES, without_side
from screening.record.screening import screening
from screening.record.support import Support
from screening.rulebase.kinds.band import Band
from screening.rulebase.levels import tier_of
from tests.conftest import CASES
from tests.tables import cells, named, table


@pytest.fixture(scope="module")
def cohort(cohort_of):
    return cohort_of(False)


@pytest.fixture(scope="module")
def paths(some):
    """The cases of the library."""
    return some(sorted(CASES.rglob("*.yaml")), 6)


@pytest.fixture(scope="module")
def library(base, paths, some):
    """The cases of the library and every twelfth rule example."""
    files = [load_case(str(path), base.vocabulary) for path in paths]
    tried = [read_case(t.document(base), base.vocabulary) for t in some([*examples(base)][::12], 4)]
    return named([*files, *tried])


@pytest.fixture(scope="module")
def inferred(library, base, inferred_from, paths):
    """What follows from each of them, as the forward reading says."""
    files = [inferred_from(path) for path in paths]
    known = [replace(each, case=case) for each, case in zip(files, library, strict=False)]
    return [*known, *(infer(case, base) for case in library[len(files) :])]


def compare(cases, inferred, base, cohort):
    found = cohort.screen(table(cases, base.vocabulary))
    assert found.refused.height == 0
    wanted = rows_of(*inferred)
    for name in wanted.columns:
        got, want = found.screenings[name].to_list(), wanted[name].to_list()
        assert got == want, name


@pytest.mark.whole
def test_library_and_examples_give_the_rows_of_the_forward_reading(library, inferred, base, cohort):
    compare(library, inferred, base, cohort)


def test_generated_cases_give_the_rows_of_the_forward_reading(inferred_from, base, cohort, some):
    found = [inferred_from(seed) for seed in some(range(150), 8)]
    made = named(each.case for each in found)
    known = [replace(each, case=case) for each, case in zip(found, made, strict=True)]
    compare(made, known, base, cohort)


@pytest.mark.slow
def test_every_example_gives_the_rows_of_the_forward_reading(base, cohort):
    made = named(read_case(t.document(base), base.vocabulary) for t in examples(base))
    compare(made, [infer(case, base) for case in made], base, cohort)


@pytest.mark.slow
def test_twenty_thousand_cases_give_the_rows_of_the_forward_reading(cases, base, cohort):
    for begin in range(1000, 21_000, 1000):
        made = named(cases.case(seed) for seed in range(begin, begin + 1000))
        compare(made, [infer(case, base) for case in made], base, cohort)


def test_rows_say_what_the_record_of_a_case_says(library, inferred, base, cohort):
    rows = cohort.screen(table(library, base.vocabulary)).screenings
    bits = key(base)
    for number, each in enumerate(inferred):
        record = screening(each)
        warned = set()
        for place, side in enumerate(("left", "right")):
            row = rows.row(2 * number + place, named=True)
            triage, leg = record["triage"], record["sides"][side] or {}
            assert (row["tier"], row["within"]) == (triage["tier"], triage["within"])
            assert row["triage_complete"] == triage["complete"]
            assert row["movement_pattern_verdict"] == leg.get("verdict")
            for name in ("reason", "settled", "restriction", "pattern"):
                assert row[name] == leg.get(name)
            said = {a["id"]: a["status"] for a in record["advice"] if a["side"] == side}
            listed = {n[7:]: v for n, v in row.items() if n.startswith("advice.") and v}
            assert listed == said
            fired = {t["rule"] for t in record["trace"] if t["side"] in (side, None)}
            assert names(row, "fired", bits.fired) == fired
            for score in record["scores"]:
                if score["side"] in (side, None):
                    assert row[f"score.{score['id']}.low"] == score["low"]
                    assert row[f"score.{score['id']}.high"] == score["high"]
            # A flag is written with its levels: two of one tier differ in their time.
            levels = names(row, "flags_present", bits.flags)
            present = {(f["id"], f["tier"]) for f in triage["flags"] if f["status"] == "present"}
            assert present <= {
                (level.partition(".")[0], tier_of(level.partition(".")[2])) for level in levels
            }
            warned |= names(row, "warnings", bits.warnings)
        said = {w["path"].removeprefix("left.").removeprefix("right.") for w in record["warnings"]}
        assert warned == said


def names(row, kind, meanings):
    """Give the meanings of the bits that are set."""
    return {
        meaning for i, meaning in enumerate(meanings) if row[f"{kind}_{i // WORD}"] >> i % WORD & 1
    }


def test_families_give_the_readings_of_single_cases(cases, library, base, some):
    made = [*library, *named(cases.case(seed) for seed in some(range(5000, 6000), 4))]
    circuit = Circuit()
    known = TermLedger(base.vocabulary, circuit).values()
    wanted = [gate for value in known.values() for gate in gates(value)]
    frame = table(made, base.vocabulary)
    intake = Table(frame.schema, base.vocabulary).read(frame)
    found = Evaluator(circuit, wanted).run(len(made), intake.given, intake.numbers)
    values = {}
    for name, value in known.items():
        recorded = found.truths(value.recorded).tolist()
        if isinstance(value, Number):
            numbers = found.numbers(value.low).tolist()
            values[name] = [(n, n) if r else None for r, n in zip(recorded, numbers, strict=True)]
        else:
            can = {word: found.truths(bits).tolist() for word, bits in value.can.items()}
            values[name] = [
                frozenset(word for word in can if can[word][i]) if r else None
                for i, r in enumerate(recorded)
            ]
    for i, case in enumerate(made):
        readings = gather(case, base.vocabulary).readings
        assert {n: v[i] for n, v in values.items() if v[i] is not None} == readings


def gates(value):
    """Give everything that a value is made of."""
    return [value.recorded, *([value.low] if isinstance(value, Number) else value.can.values())]


BAD = {
    "number": ["6.555", "x", "1e3", "nan", "inf", "+6", "06.5", "99999", "-99999", " 6", "5,5"],
    "choice": ["maybe", "Early", "present "],
    "yes_no": ["yes", "no", "1", "PRESENT", "unsure"],
    "gate": ["yes", "both", "none_present"],
    "sweep": ["normal", "present"],
    "list": ["side;foot", "elbow", "side thigh"],
    "date": ["2025-13-01", "04.03.2025", "2025-3-4", "yesterday"],
    "text": ["x" * 201],
}


def test_a_cell_is_refused_as_in_a_single_case(base, cohort, some):
    """Each kind of finding with good and bad cells: the same rows are refused, with their field."""
    vocabulary = base.vocabulary
    of_kind = {
        kind: [p for p in vocabulary.all_paths if vocabulary[p].type == kind] for kind in BAD
    }
    assert sum(map(len, of_kind.values())) == len(vocabulary.all_paths)
    frames, wanted = [], []
    for path in (path for paths in of_kind.values() for path in some(paths, 5)):
        for cell in [*BAD[vocabulary[path].type], "6.5", "7", "present", "absent", "2025-03-04"]:
            frames.append({"case_id": "x", path: cell})
            wanted.append(path if refused_alone(path, cell, vocabulary) else None)
    schema = dict.fromkeys(vocabulary.all_paths, pl.String)
    found = cohort.screen(pl.DataFrame(frames, schema=schema))
    fields = dict(zip(found.refused["row"], found.refused["field"], strict=True))
    assert [fields.get(i) for i in range(len(wanted))] == wanted
    assert found.screenings.height == 2 * wanted.count(None)


def refused_alone(path, cell, vocabulary):
    """Tell whether a case file with this one answer would be refused, typed as a cell is typed."""
    from screening.strict_yaml import read_yaml

    kind = vocabulary[path].type
    quoted = kind not in ("number",) or not cell.replace(".", "", 1).replace("-", "", 1).isdigit()
    written = f"[{cell.replace(';', ', ')}]" if kind == "list" else cell
    text = f'"{written}"' if quoted and kind != "list" else written
    *groups, last = path.split(".")
    for name in reversed([*groups, last]):
        text = f"{{{name}: {text}}}"
    try:
        read_case(read_yaml(text, "x"), vocabulary)
    except CaseError:
        return True
    return False


def test_a_reason_never_names_the_value(base, cohort):
    secret = "Q7SECRET"
    frame = pl.DataFrame(
        [{"case_id": "a", "right.hip.pain": secret, "age_years": secret, "examined_on": secret}]
    )
    found = cohort.screen(frame)
    assert found.screenings.height == 0
    assert found.refused["field"].to_list() == ["age_years"] or found.refused.height == 1
    assert secret not in found.refused["reason"][0]
    for path in ("right.hip.pain", "age_years", "examined_on"):
        assert path in found.refused["reason"][0]


def test_an_unknown_column_is_refused_with_a_suggestion(cohort):
    with pytest.raises(UsageError, match="right.hip.pain"):
        cohort.screen(pl.DataFrame({"case_id": ["a"], "right.hip.pian": ["present"]}))


def test_no_rows_and_empty_columns(base, cohort):
    schema = dict.fromkeys(base.vocabulary.all_paths, pl.String)
    none = cohort.screen(pl.DataFrame(schema=schema))
    assert none.screenings.height == none.refused.height == 0
    empty = cohort.screen(pl.DataFrame({"case_id": ["a", "b"], "age_years": [None, None]}))
    assert empty.screenings["case_id"].to_list() == ["a", "a", "b", "b"]
    assert empty.screenings["movement_pattern_verdict"].to_list() == [None] * 4
    assert empty.screenings.schema == none.screenings.schema


def test_typed_columns_read_as_text_does(many_table, base, cohort):
    text = many_table
    typed = text.with_columns(
        [pl.col(p).cast(pl.Float64) for p in text.columns if base.vocabulary[p].type == "number"]
        + [pl.col(p).str.to_date() for p in text.columns if base.vocabulary[p].type == "date"]
        + [
            pl.col(p).cast(pl.Categorical)
            for p in text.columns
            if base.vocabulary[p].type in ("yes_no", "gate", "choice")
        ]
    ).with_columns(
        [
            pl.col(p)
            .str.strip_chars("[]")
            .str.split(";")
            .list.eval(pl.element().filter(pl.element() != ""))
            for p in text.columns
            if base.vocabulary[p].type == "list"
        ]
    )
    assert cohort.screen(typed).screenings.equals(cohort.screen(text).screenings)


def test_a_part_in_slices_gives_the_same_rows_and_refusals(
    many_table, base, cohort, monkeypatch, in_whole
):
    text = many_table[: 60 if in_whole else 12]
    path = "left.ankle.lunge_bent_cm"
    spoilt = (
        pl.when(pl.int_range(text.height) % 5 == 4).then(pl.lit("x")).otherwise(path).alias(path)
    )
    numbers = [p for p in text.columns if base.vocabulary[p].type == "number"]
    for frame in (
        text.with_columns(spoilt),
        text.with_columns(spoilt).drop("case_id"),
        text.select("case_id", *(pl.col(p).cast(words_of(text[p])) for p in numbers)),
        text.select("case_id", pl.col(numbers).cast(pl.Categorical)),
    ):
        whole = cohort.screen(frame)
        with monkeypatch.context() as patch:
            patch.setattr("screening.cohort.compiled.SLICE", 7)
            sliced = cohort.screen(frame)
        assert sliced.screenings.equals(whole.screenings)
        assert sliced.refused.equals(whole.refused)
        assert whole.screenings.height + 2 * whole.refused.height == 2 * text.height


def words_of(column):
    """Give the type of a column whose words are known."""
    return pl.Enum(column.drop_nulls().unique())


def test_numbers_that_are_categories_read_as_text_does(many_table, base, cohort):
    numbers = [p for p in many_table.columns if base.vocabulary[p].type == "number"]
    text = many_table[:60].select("case_id", *numbers)
    coded = text.with_columns(pl.col(p).cast(words_of(text[p])) for p in numbers)
    for _ in range(2):
        assert cohort.screen(coded).screenings.equals(cohort.screen(text).screenings)


def test_names_stand_for_bits_when_asked(library, base, cohort_of):
    few = library[:60]
    frame = table(few, base.vocabulary)
    rows, verbose = (cohort_of(v).screen(frame).screenings for v in (False, True))
    bits = key(base)
    for row, said in zip(rows.iter_rows(named=True), verbose.iter_rows(named=True), strict=True):
        for kind, meanings in (("fired", bits.fired), ("missing", bits.missing)):
            assert set(said[kind].split()) == names(row, kind, meanings)


def test_arrow_batches_give_the_same_rows_and_mark_what_is_refused(library, base, cohort):
    pa = pytest.importorskip("pyarrow")
    frame = table(library[:40], base.vocabulary).with_columns(
        pl.when(pl.col("case_id") == "c7")
        .then(pl.lit("x"))
        .otherwise("age_years")
        .alias("age_years")
    )
    given = frame.to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches(max_chunksize=9)
    found = pl.from_arrow(pa.Table.from_batches(list(screen_batches(iter(given)))))
    marked = found.filter(pl.col("refused_field").is_not_null())
    assert marked["case_id"].to_list() == ["c7"]
    kept = found.filter(pl.col("refused_field").is_null())
    want = cohort.screen(frame).screenings
    assert kept["movement_pattern_verdict"].to_list() == want["movement_pattern_verdict"].to_list()
    assert kept["fired_0"].to_list() == want["fired_0"].to_list()


def test_dates_are_read_from_date_columns(cohort):
    day = datetime.date(2025, 3, 4)
    frame = pl.DataFrame({"case_id": ["a"], "examined_on": [day]})
    assert cohort.screen(frame).refused.height == 0


def test_the_order_of_rows_is_that_of_the_cases(many_table, cohort):
    order = random.Random(1).sample(range(50), 50)
    rows = cohort.screen(many_table[order]).screenings
    assert rows["case_id"].to_list() == [f"c{i}" for i in order for _ in range(2)]
    assert rows["side"].to_list() == ["left", "right"] * 50


def test_cells_of_a_case_are_text(library, base):
    assert all(isinstance(cell, str) for cell in cells(library[0], base.vocabulary).values())


def test_missing_is_what_the_verdict_of_a_case_waits_for(library, inferred, base, cohort):
    """All that a report would name; of alternative instruments all, where it names the quickest."""
    rows = cohort.screen(table(library, base.vocabulary)).screenings
    alternatives = {
        without_side(operand)[1]
        for band in base.form.derived
        if isinstance(band, Band)
        for instrument in band.instruments
        for operand in instrument.reads
    }
    below = base.form.rests_on(f"{side}.{name}" for side in SIDES for name in alternatives)
    instruments = {without_side(name)[1] for name in below}
    for number, each in enumerate(inferred):
        for place, side in enumerate(SIDES):
            row = rows.row(2 * number + place, named=True)
            found = names(row, "missing", key(base).missing)
            wanted = set()
            if row["movement_pattern_verdict"] is not None:
                waits = Support(each).waits_for(verdicts(base.form, side))
                wanted = {without_side(path)[1] for path in waits}
            assert wanted <= found <= wanted | instruments
