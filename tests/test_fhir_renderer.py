"""The form in another renderer: NLM's LHC-Forms in Chromium fills it and gives every case back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from screening.exchange.fhir.form_resource import form_resource
from screening.intake.case import load_case
from tests import fhir_parts as fhir
from tests.browser import launched
from tests.conftest import CASES
from tests.node import unpacked

LFORMS = (
    "lforms",
    "40.1.3",
    "WLruTm+BcVnafC0rSAQ3/cNqhxvclBUxyBG68aub/uha2NaK9H8ZZcEXTTuORuGzzCt0wa7fvhuieZtcDIdPzQ==",
)
FILES = sorted(CASES.rglob("*.yaml"))
SOME = FILES[::16]

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Form</title>
<link rel="stylesheet" href="{place}/webcomponent/styles.css"></head><body><div id="form"></div>
<script src="{place}/webcomponent/assets/lib/zone.min.js"></script>
<script src="{place}/webcomponent/lhc-forms.js"></script>
<script src="{place}/fhir/R4/lformsFHIR.min.js"></script></body></html>
"""
FILL = """async ([questionnaire, response]) => {
  const form = LForms.Util.convertFHIRQuestionnaireToLForms(questionnaire, 'R4');
  const filled = LForms.Util.mergeFHIRDataIntoLForms('QuestionnaireResponse', response, form, 'R4');
  await LForms.Util.addFormToPage(filled, 'form');
  return LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4', null, {formContainer: 'form'});
}"""


@pytest.fixture(scope="module")
def renderer(tmp_path_factory):
    """A page that holds the renderer; nothing is fetched from anywhere."""
    place = unpacked(*LFORMS) / "dist" / "lforms"
    folder = tmp_path_factory.mktemp("renderer")
    (folder / "page.html").write_text(PAGE.format(place=place.as_uri()), encoding="utf-8")
    with launched() as browser:
        page = browser.new_page()
        page.goto((Path(folder) / "page.html").as_uri())
        page.wait_for_function(
            "window.LForms?.Util?.addFormToPage && window.LForms.FHIR?.R4", timeout=90_000
        )
        yield page


def filled(page, form, case, base):
    """Let the renderer fill its form with a case; give what it makes of it."""
    made = json.loads(fhir.text(fhir.nested(fhir.response(case, base), form)))
    back = page.evaluate(FILL, [form, made])
    back["status"] = "completed"
    return back


@pytest.mark.parametrize("files", [SOME, pytest.param(FILES, marks=pytest.mark.slow)], ids=len)
def test_every_case_comes_back_through_the_renderer(files, renderer, base):
    form = json.loads(fhir.text(form_resource(base)))
    for file in files:
        case = load_case(str(file), base.vocabulary)
        back = fhir.read(filled(renderer, form, case, base), base)
        assert back.answers == case.answers, file.name


def test_what_the_renderer_gives_back_is_fhir(renderer, base):
    form = json.loads(fhir.text(form_resource(base)))
    case = load_case(str(CASES / "base_case.yaml"), base.vocabulary)
    fhir.checked(filled(renderer, form, case, base))
