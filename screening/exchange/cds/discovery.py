"""What is offered: one service, on opening a patient, and what it wants to be handed."""

from __future__ import annotations

from screening.exchange.cql.fhir import USE
from screening.exchange.fhir.systems import QUESTIONNAIRE, SYSTEM
from screening.rulebase.base import RuleBase

SERVICE = "calf-hip-screening"
HOOK = "patient-view"
PATIENT, RESPONSE, OBSERVATIONS = "patient", "response", "observations"
_WHO = "{{context.patientId}}"
PREFETCH = {
    PATIENT: f"Patient/{_WHO}",
    RESPONSE: f"QuestionnaireResponse?subject=Patient/{_WHO}&questionnaire={QUESTIONNAIRE}"
    "&status=completed,amended&_sort=-authored&_count=1",
    OBSERVATIONS: f"Observation?subject=Patient/{_WHO}&code={SYSTEM}|&status=final,amended"
    "&_count=1000",
}
"""The patient, the newest answers to our questionnaire, and findings in our own codes."""


def services(base: RuleBase) -> dict[str, object]:
    """Give the answer to a discovery."""
    return {
        "services": [
            {
                "hook": HOOK,
                "id": SERVICE,
                "title": "Screening for calf-driven hip pain",
                "description": f"Red flags first, then the movement pattern of each painful leg "
                f"(rules {base.version}). {USE}",
                "prefetch": PREFETCH,
                "usageRequirements": "It never calls out: without the prefetch it answers 412.",
            }
        ]
    }
