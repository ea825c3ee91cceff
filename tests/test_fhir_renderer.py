"""The form in another renderer: NLM's LHC-Forms in Chromium fills it and gives every case back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from screening.exchange.fhir.form_resource import form_resource
from screening.intake.case import load_case
from tests import fhir_parts as fhir
from tests.conftest import CASES
from tests.node import unpacked

LFORMS = (
    "lforms",
    "40.1.3",
    "WLruTm+BcVnafC0rSAQ3/cNqhxvclBUxyBG68aub/uha2NaK9H8ZZcEXTTuORuGzzCt0wa7fvhuieZtcDIdPzQ==",
)
FILES = sorted(CASES.rglob("*.yaml"))
SOME = FILES[:: len(FILES) // 24]
DRAWN = FILES[:: len(FILES) // 2]
"""Cases of which the form is drawn on the page; of the others it is filled and given back."""

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Form</title>
<link rel="stylesheet" href="{place}/webcomponent/styles.css"></head><body><div id="form"></div>
<script src="{place}/webcomponent/assets/lib/zone.min.js"></script>
<script src="{place}/webcomponent/lhc-forms.js"></script>
<script src="{place}/fhir/R4/lformsFHIR.min.js"></script></body></html>
"""
FILL = """async ([questionnaire, responses, drawn]) => {
  const back = [];
  for (const response of responses) {
    const form = LForms.Util.convertFHIRQuestionnaireToLForms(questionnaire, 'R4');
    const filled = LForms.Util.mergeFHIRDataIntoLForms(response.resourceType, response, form, 'R4');
    if (drawn) await LForms.Util.addFormToPage(filled, 'form');
    const from = drawn ? null : new LForms.LFormsData(filled);
    const place = { formContainer: 'form' };
    back.push(LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4', from, place));
  }
  return back;
}"""


@pytest.fixture(scope="module")
def renderer(tmp_path_factory, chromium):
    """A page that holds the renderer; nothing is fetched from anywhere."""
    place = unpacked(*LFORMS) / "dist" / "lforms"
    folder = tmp_path_factory.mktemp("renderer")
    (folder / "page.html").write_text(PAGE.format(place=place.as_uri()), encoding="utf-8")
    page = chromium.new_page()
    page.goto((Path(folder) / "page.html").as_uri())
    page.wait_for_function(
        "window.LForms?.Util?.addFormToPage && window.LForms.FHIR?.R4", timeout=90_000
    )
    yield page
    page.close()


def filled(page, files, base, drawn):
    """Let the renderer fill its form with cases, all in one go; give what it makes of each."""
    form = json.loads(fhir.text(form_resource(base)))
    cases = [load_case(str(file), base.vocabulary) for file in files]
    made = [json.loads(fhir.text(fhir.nested(fhir.response(case, base), form))) for case in cases]
    back = page.evaluate(FILL, [form, made, drawn])
    return [(case, {**each, "status": "completed"}) for case, each in zip(cases, back, strict=True)]


@pytest.mark.parametrize(
    ("files", "drawn"),
    [
        (SOME, False),
        (DRAWN, True),
        pytest.param(FILES, True, marks=pytest.mark.slow),
    ],
    ids=["filled", "drawn", "all drawn"],
)
def test_every_case_comes_back_through_the_renderer(files, drawn, renderer, base, some):
    for case, back in filled(renderer, some(files, 3), base, drawn):
        assert fhir.read(back, base).answers == case.answers, case.case_id
        fhir.checked(back)
