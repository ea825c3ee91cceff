"""The page: short enough, in its order, never wider than the terminal, and true."""

from __future__ import annotations

import re
import shlex

import pytest

from screening.record.proof import Proof
from screening.report.contents import Contents
from screening.report.layout import Sheet
from screening.report.text import full_text, most_lines, text
from tests.conftest import CASES
from tests.page_words import ONE_AS_MANY, PATH

COMMAND = "screening screen cases/x.yaml --full"
RANDOM = 60
THIS_ONE = re.compile(r"\b[Tt]his (?!does|screening|person)")


NAMED = [
    "both_hips",
    "flag_age_17",
    "flag_dvt_emergency",
    "flag_early_pregnancy",
    "flag_unsure",
    "vignette_14_other_leg",
]
"""Cases that tests look at each by itself."""


@pytest.fixture(scope="module")
def screened(inferred_from, record_from, some):
    """A share of the library, and random cases, with their records; in a whole run, all."""
    library = sorted(CASES.rglob("*.yaml"))
    taken = {*some(library, 3), *(CASES / f"{name}.yaml" for name in NAMED)}
    found = [*(path for path in library if path in taken), *some(range(RANDOM), 6)]
    return [(inferred_from(case), record_from(case)) for case in found]


PAGES = {}
"""Pages that were printed, each with its record, by what it was printed from."""


def printed(record, base, command, width):
    """Give the page of a record; many tests look at the same."""
    key = id(record), command, width
    if key not in PAGES:
        PAGES[key] = record, text(record, base, command, width).plain
    return PAGES[key][1]


def printed_whole(inferred, record, base):
    """Give all that is said of a case, at 80 columns."""
    key = id(record), "whole", 80
    if key not in PAGES:
        PAGES[key] = record, full_text(record, base, Proof(inferred), COMMAND, 80).plain
    return PAGES[key][1]


def lines_of(record, base, width=80):
    return printed(record, base, COMMAND, width).splitlines()


def test_every_page_is_as_short_as_it_must_be(screened, base):
    kinds = set()
    for inferred, record in screened:
        kinds.add(most_lines(record))
        assert len(lines_of(record, base)) <= most_lines(record), inferred.case.case_id
    assert kinds == {25, 48, 55, 70, 75}


def test_a_word_is_never_broken():
    sheet = Sheet(40)
    word = "w" * 50
    assert [line for line, _ in sheet.labelled("Why", f"a {word} b-{word}")][1].strip() == word


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(screened, base, width):
    for _, record in screened:
        lines = lines_of(record, base, width)
        assert not [line for line in lines if len(line) > width and line != COMMAND]


def test_the_first_lines_say_what_is_most_important(screened, base):
    for _, record in screened:
        lines = lines_of(record, base)
        if record["triage"]["tier"] == "emergency":
            assert re.match(r"EMERGENCY, (NOW|TODAY): ", lines[0])
            assert any(line.startswith("Do  ") for line in lines[:8])
        elif any(record["sides"].values()):
            top = "\n".join(lines[:8])
            assert re.search(r"^TRIAGE ", top, re.MULTILINE)
            assert re.search(r"^(LEFT|RIGHT|BOTH LEGS)\b", top, re.MULTILINE)
        first = [place for place, line in enumerate(lines, 1) if line.startswith("DO FIRST")]
        assert not first or first[0] < 28


def test_every_verdict_says_why(screened, base):
    for _, record in screened:
        for leg in filter(None, record["sides"].values()):
            assert leg["because_lines"]
            assert len(set(leg["because_lines"])) == len(leg["because_lines"])
        if any(record["sides"].values()) and record["triage"]["tier"] != "emergency":
            assert any(line.startswith("Because ") for line in lines_of(record, base))


def test_no_red_flag_recorded_never_stands_over_a_screen_that_is_not_complete(screened, base):
    complete = set()
    for _, record in screened:
        complete.add(record["triage"]["complete"])
        if "No red flag recorded" in "\n".join(lines_of(record, base)):
            assert record["triage"]["complete"]
    assert complete == {True, False}


def test_every_stop_rule_of_what_is_advised_stands_once(screened, base):
    for _, record in screened:
        page = " ".join(" ".join(lines_of(record, base)).split())
        stops = page.partition(" Stop and call: ")[2].partition(" RE-TEST ")[0]
        advised = [entry for entry in record["advice"] if entry["status"] == "advised"]
        signs = {stop.partition(": ")[2] for entry in advised for stop in entry["stop_rules"]}
        for sign in signs:
            said = re.findall(rf"(?:: |; ){re.escape(sign)}(?=[;.])", ": " + stops)
            assert len(said) == 1, sign


def test_what_is_blocked_is_said_and_nothing_is_said_to_be_none(screened, base):
    blocked = 0
    for inferred, record in screened:
        pages = [
            "\n".join(lines_of(record, base)),
            printed_whole(inferred, record, base),
        ]
        for page in pages:
            assert "Blocked: none" not in page
            assert "Withheld: none" not in page
        named = Contents(record, base).advice.not_now
        forbidden = [e for e in record["advice"] if e["status"] == "blocked"]
        blocked += bool(forbidden)
        assert bool(forbidden) <= bool([each for each in named if each.startswith("Not now")])
    assert blocked


def test_after_an_emergency_the_page_advises_and_asks_nothing(screened, base):
    for _, record in screened:
        if record["triage"]["tier"] == "emergency":
            page = "\n".join(lines_of(record, base))
            for label in ("DO FIRST", "Then ", "RECORD", "Withheld", "Not answered:"):
                assert not re.search(rf"^ *{label}", page, re.MULTILINE)


def test_a_likely_pattern_that_is_not_the_verdict_says_at_once_what_is(screened, base, in_whole):
    head = re.compile(r"^(LEFT|RIGHT) leg: A calf-related .* is likely .*: YES$\n +(.*)$", re.M)
    other = 0
    for inferred, record in screened:
        for leg, said in head.findall(printed_whole(inferred, record, base)):
            if record["sides"][leg.lower()]["verdict"] != "likely":
                other += 1
                assert said.startswith("It holds, but something else comes first: ")
    assert other > (5 if in_whole else 1)


def test_no_path_stands_where_there_is_a_title(screened, base):
    for inferred, record in screened:
        page = printed(record, base, "", 80)
        assert not PATH.search(page), PATH.search(page)
        full = printed_whole(inferred, record, base)
        proof_heads = re.sub(r"(YES|NO|UNKNOWN) +\S+$", "", full, flags=re.MULTILINE)
        assert not PATH.search(proof_heads), PATH.search(proof_heads)


def test_two_legs_that_are_alike_are_said_once(screen_of, base):
    leg = {"hip": {"pain": "present", "pain_regions": ["side"]}, "ankle": {"lunge_bent_cm": 12}}
    page = text(screen_of({"left": leg, "right": leg}), base, "", 80).plain
    assert page.count("BOTH LEGS") == 1
    assert not re.search(r"^(LEFT|RIGHT)\b", page, re.MULTILINE)


def test_a_page_counts_in_words_that_fit_one(screen_of):
    record = screen_of({"right": {"hip": {"pain": "present", "pain_weeks": 1}}})
    assert record["heading"][-1].endswith("1 week")


@pytest.mark.parametrize("name", ["a case.yaml", "it's.yaml", "plain.yaml"])
def test_the_command_of_the_foot_works_when_pasted(name, typed, tmp_path):
    path = tmp_path / name
    path.write_text((CASES / "base_case.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    last = typed("screen", str(path)).stdout.splitlines()[-1]
    program, *words = shlex.split(last)
    assert program == "screening"
    assert "PROOF" in typed(*words).stdout


def test_the_command_names_the_rules_and_is_left_out_for_standard_input(command, base):
    case = (CASES / "base_case.yaml").read_text(encoding="utf-8")
    printed = command("screen", "-", "--rules", str(base.root), stdin=case).stdout
    assert "--full" not in printed
    path = str(CASES / "base_case.yaml")
    last = command("screen", path, "--rules", str(base.root)).stdout.splitlines()[-1]
    assert shlex.split(last)[-2:] == ["--rules", str(base.root)]


def test_a_verdict_that_waits_names_the_test_that_decides_and_how_long_it_takes(screened, base):
    waiting = 0
    for _, record in screened:
        for leg in filter(None, record["sides"].values()):
            if leg["reason"] != "not_recorded":
                assert leg["decides"] is None
                continue
            waiting += 1
            decides = leg["decides"]
            assert decides["paths"]
            assert set(decides["paths"]) <= set(leg["missing"])
    assert waiting


def test_the_lunge_is_asked_before_the_test_by_hand_and_a_flag_before_the_lunge(screen_of, base):
    case = {
        "asked_with": "2.0",
        "age_years": 38,
        "red_flags": {"all": "none_present", "leg_signs": "absent", "injury": "absent"},
        "attested_by": "A.B.",
        "attested_on": "2025-03-04",
        "left": {"hip": {"pain": "absent", "pain_regions": []}},
        "right": {
            "hip": {"pain": "present", "pain_regions": ["side"]},
            "ankle": {"lunge_bent_cm": 10.5},
        },
    }
    case["red_flags"]["load_pain"] = "absent"
    record = screen_of(case)
    assert record["sides"]["right"]["decides"]["paths"] == ["right.ankle.lunge_straight_deg"]
    page = " ".join(text(record, base, "", 80).plain.split())
    assert "CANNOT BE JUDGED YET" in page
    assert "knee straight (right). Above 28° it is UNLIKELY" in page


def test_a_sign_that_is_recorded_is_a_reason_to_look_now_and_not_to_stop_later(screened, base):
    there = 0
    for inferred, record in screened:
        for entry in (each for each in record["advice"] if each["status"] == "advised"):
            for do, sign in base.blocks.stop_signs.values():
                said = [
                    {inferred.known.get(name) for name in (f"{entry['side']}.{path}", path)}
                    for line in sign.recorded
                    for path in [line[0].removesuffix(" is present")]
                ]
                recorded = any(frozenset({"present"}) in each for each in said)
                there += recorded
                assert not (recorded and f"{do}: {sign.says}" in entry["stop_rules"])
                assert recorded or sign.says not in entry["look_now"]
    assert there


def test_nothing_is_said_twice_and_one_is_not_many(screened, base):
    for inferred, record in screened:
        page = printed(record, base, "", 80)
        full = printed_whole(inferred, record, base)
        for said in (" ".join(page.split()), " ".join(full.split())):
            assert not re.search(r"(?<=[;:.] )([A-Z][^;.]{10,}); \1(?=[;.])", said)
            assert not ONE_AS_MANY.search(said)
        first = page.partition("DO FIRST")[2].partition("\n\n")[0]
        advised = {e["title"] for e in record["advice"] if e["status"] == "advised"}
        assert not [title for title in advised if first.count(title) > 1]


TWICE = {
    "what a label says stands behind it": r"(?i)\b(knee \w+)( \(\w+\))?: [a-z ]*, \1 ",
    "a unit stands behind both ends of a range": r"(?i)usual \S+ (years|cm|wk|weeks) to ",
    "a list begins with its heading": r"(?im)^([a-z ]+)\n +- \1:",
    "a question ends like a sentence": r"\?\.",
    "two empty lines": r"\n\n\n",
}
"""Ways of saying twice what is said once."""


def test_what_is_said_once_is_not_said_again(screened, base):
    for inferred, record in screened[:: max(1, len(screened) // 60)]:
        full = printed_whole(inferred, record, base)
        joined = re.sub(r"\n +(?![-\d])", " ", full)
        for what, pattern in TWICE.items():
            assert not re.search(pattern, full), (inferred.case.case_id, what)
            assert not re.search(pattern, joined), (inferred.case.case_id, what)
        if record["triage"]["tier"] == "emergency":
            assert not re.search(r"called for|^CONSIDER|HOW TO DO IT", full, re.MULTILINE)


def test_the_line_of_a_flag_does_not_say_again_how_bad_the_triage_is(screened, base):
    same = 0
    for _, record in screened:
        page = " ".join(text(record, base, "", 200).plain.split())
        how = re.search(r"TRIAGE (?:At least )?([A-Z]+, [A-Z0-9 ]+)\.", page)
        same += bool(how)
        assert not (how and f"FLAG {how.group(1)}: " in page)
    assert same


def test_what_suspends_a_verdict_is_said_once(screened):
    [record] = [r for _, r in screened if r["case_id"] == "F-age_17"]
    assert record["sides"]["right"]["because_lines"] == ["Age 17 years (below 18 years)"]


def test_what_is_advised_for_both_legs_in_the_same_words_is_written_once(screened, base):
    [record] = [r for _, r in screened if r["case_id"] == "P10"]
    titles = Contents(record, base).advice.titles
    assert any(title.endswith("(both legs)") for title in titles)
    assert len({title.rpartition(" (")[0] for title in titles}) == len(titles)


def test_the_clot_is_said_so_that_the_score_is_understood(screened):
    [record] = [r for _, r in screened if r["case_id"] == "F-dvt_emergency"]
    [flag] = [f for f in record["triage"]["flags"] if f["id"] == "dvt"]
    assert "a Wells score of 2 (2 or more: a clot is likely)" in flag["because"]
    # The item that is left out is named, and what it comes to is said in words of its own.
    assert "counted without the item for another diagnosis (here absent)" in flag["because"]
    assert "With that item the score is 2; the referral stays the same." in flag["because"]


def test_a_flag_tells_a_patient_only_what_her_finding_may_be(screened):
    [record] = [r for _, r in screened if r["case_id"] == "F-early_pregnancy"]
    [flag] = [f for f in record["triage"]["flags"] if f["id"] == "abdominal_or_pelvic"]
    said = f"{flag['because']} {flag['action']}"
    assert "ectopic pregnancy" in said
    assert "testicle" not in said
    assert "aorta" not in said


def test_what_is_firm_says_that_one_reading_was_moved_at_a_time(screened, base):
    """Both ankles of P10 off by their errors at once turn its verdict, so no more is promised."""
    [record] = [r for _, r in screened if r["case_id"] == "P10"]
    page = " ".join(text(record, base, "", 80).plain.split())
    assert "Firm? Yes: with any one reading off by its error it still holds." in page


def in_words(record, base):
    """What stands under each label of a page as one line, under the leg that heads it."""
    for block in re.split(r"\n\s*\n", text(record, base, "", 80).plain):
        head = re.match(r"(LEFT|RIGHT)\n", block)
        for part in re.split(r"\n(?=\S)", block):
            yield f"{head[1] if head else ''} {' '.join(part.split())}"


def test_what_reads_the_same_of_either_leg_speaks_of_no_leg_as_this_one(screen_of, base, some):
    """A sign of the left leg, and then of the right, of somebody whose hips both hurt."""
    signs = [
        path.partition(".")
        for path, entry in base.vocabulary.entries.items()
        if entry.of == "leg" and entry.type == "yes_no" and path != "hip.pain"
    ]
    for family, _, name in some(signs[::5], 3):
        pages = []
        for side in ("left", "right"):
            legs = {leg: {"hip": {"pain": "present"}} for leg in ("left", "right")}
            legs[side].setdefault(family, {})[name] = "present"
            pages.append(set(in_words(screen_of(legs), base)))
        alike = [
            part
            for part in pages[0] & pages[1]
            if re.search(r"\b[Tt]his (?!does|screening|person)", part)
        ]
        # An emergency names the leg in its first line, and speaks of nothing else.
        assert not [part for part in alike if not part.startswith((" Do ", " Why "))], name


def test_a_sentence_that_two_reasons_share_is_said_with_the_last(screened, base):
    end = "What is not clearly worse here than there does not explain pain on this side."
    [record] = [r for _, r in screened if r["case_id"] == "V14"]
    assert sum(end in said for said in record["sides"]["left"]["against"]) == 2
    [against] = [
        listed
        for listed in Contents(record, base).sides["left"].lists
        if listed.heading == "Against"
    ]
    assert sum(end in said for said in against.items) == 1
    assert end in against.items[-1]


def test_no_page_says_the_unit_of_a_range_twice_or_cuts_a_title_at_its_brackets(screened, base):
    twice = re.compile(r"(?<!from )\b\d[\d.]* (weeks?|cm|years) to \d[\d.]* \1")
    for _, record in screened:
        page = " ".join(text(record, base, "", 80).plain.split())
        assert not twice.search(page), record["case_id"]
        considered = re.search(r"Consider (.*?)\. Not (?:a diagnosis|diagnoses)", page)
        for each in considered.group(1).split("; ") if considered else ():
            assert each.partition(" (")[0].lower() not in ("arterial", "deep gluteal", "sacroiliac")


def test_the_score_of_both_legs_is_said_once_where_it_is_the_same(screened, base):
    [record] = [r for _, r in screened if r["case_id"] == "F-unsure"]
    scores = Contents(record, base).scores
    assert scores
    assert all("both legs" in said for said in scores)
    assert len(record["scores"]) > len(scores)


def test_what_the_full_report_adds_does_not_hang_on_the_width(screened, base):
    """The page tells which texts it printed; how they were wrapped is nobody's business."""
    for name in ("V14", "F-unsure", "P10"):
        [(inferred, record)] = [(i, r) for i, r in screened if r["case_id"] == name]
        heads = []
        for width in (50, 80, 140):
            lines = full_text(record, base, Proof(inferred), "", width).lines
            bold = [line for line, style in lines if style == "bold"]
            lists = bold[: bold.index("HOW TO DO IT")]
            heads.append([each for each in lists if re.fullmatch(r"[A-Z ]+(\(\w+\))?", each)])
        assert heads[0]
        assert heads[0] == heads[1] == heads[2], name
