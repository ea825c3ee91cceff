"""From rule files to the one form: sides, bands, flag levels, blocks and ladders resolved."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from screening.errors import did_you_mean
from screening.intake.vocabulary import SIDES, Vocabulary
from screening.rulebase.advice_shapes import AdviceFile, BlocksFile
from screening.rulebase.form import Form
from screening.rulebase.grounding.conclusions import conclusions
from screening.rulebase.grounding.derived import derived, recorded
from screening.rulebase.grounding.given import Sources, Where
from screening.rulebase.grounding.ladders import ladders
from screening.rulebase.grounding.names import collect_names
from screening.rulebase.grounding.strata import strata
from screening.rulebase.kinds.kind_file import DerivedFile
from screening.rulebase.shapes import RuleFile


def ground_form(
    vocabulary: Vocabulary,
    files: Mapping[str, RuleFile],
    blocks: BlocksFile,
    where: Where,
    broken: Collection[str] = (),
) -> tuple[Form, Sources]:
    """Give the form, and the sources with every name and every problem that was met.

    What reads a name of ``broken``, which a file with problems would have given, is not wrong.
    """
    sources = Sources(vocabulary, files, blocks, where, broken)
    collect_names(sources)
    found = conclusions(sources)
    decided = ladders(sources)
    _try_texts(sources)
    _try_stop_rules(sources)
    form = Form(recorded(vocabulary), derived(sources), strata(found, sources), decided)
    return form, sources


def _try_texts(sources: Sources) -> None:
    """Ground the premises that only reports read: they must not fail before a patient."""
    for file in sources.files.values():
        side = sources.sides(getattr(file, "of", "leg"))[0]
        parts: list[tuple[str, int, tuple[str, ...]]] = []
        if isinstance(file, DerivedFile):
            parts += file.premises()
        if isinstance(file, AdviceFile):
            parts += [("variants", i, variant.when) for i, variant in enumerate(file.variants)]
        for key, i, when in parts:
            sources.lines(when, side, file, (key, i), decision=key == "variants")


def _try_stop_rules(sources: Sources) -> None:
    """Every stop rule of an advice names a sign, and every sign can be looked up in a case."""
    signs = sources.blocks.stop_signs
    for file in sources.advice if "blocks" not in sources.broken else ():
        for i, name in enumerate(file.stop_rules):
            if name not in signs:
                what = f'"{name}" is no sign under stop_rules of advice/blocks.yaml.'
                sources.problem(file, ("stop_rules", i), what, "", did_you_mean(name, signs))
    named = {name for file in sources.advice for name in file.stop_rules}
    for kind, group in sources.blocks.stop_rules.items():
        for name, sign in group.signs.items():
            place = ("stop_rules", kind, "signs", name)
            if name not in named:
                sources.problem(sources.blocks, place, f'no advice names the stop rule "{name}".')
            for i, line in enumerate(sign.recorded):
                sources.lines(line, SIDES[0], sources.blocks, (*place, "recorded", i))
