"""Invented people, whom the rule base is measured against.

The base rates and the clinical pictures are data (``population.yaml``, given and not tuned; what
people are asked is in ``questions.yaml``). ``rates``, ``ankles``, ``answers`` and ``people`` make
people from them and import nothing of the program, so that no rule shapes those whom it is measured
against; ``measure`` screens them and ``page`` writes down what came out.
"""
