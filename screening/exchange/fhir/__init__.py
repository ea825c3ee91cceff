"""Cases from and to health records: FHIR R4.

In: ``form_resource`` writes the one form as a Questionnaire; ``resource_case`` reads what came back
(a QuestionnaireResponse, or a Bundle of Observations) as a case, as strictly as a case file.
Out: ``bundle`` writes one screening as a Bundle.
"""
