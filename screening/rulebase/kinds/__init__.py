"""The kinds of derived findings: one module for each, with its file, its meaning and its way back.

A kind is added by its module, its row here and its words in ``read_aloud.derived_pages``; nothing
else tells kinds apart.
"""

from __future__ import annotations

from screening.rulebase.kinds.band import BandFile
from screening.rulebase.kinds.kind_file import DerivedFile
from screening.rulebase.kinds.measure import MeasureFile
from screening.rulebase.kinds.score import ScoreFile

DERIVED_KINDS: dict[str, type[DerivedFile]] = {
    "measure": MeasureFile,
    "band": BandFile,
    "score": ScoreFile,
}
"""The file of every kind, by the word that files use."""
