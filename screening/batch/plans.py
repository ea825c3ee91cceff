"""What a run is to be: its plan, told from others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, TypeGuard

if TYPE_CHECKING:
    from screening.batch.run_model import RunPlan

OnSpark = Literal["cohort on Spark"]
ON_SPARK: OnSpark = "cohort on Spark"
"""The engine of a run on a cluster, which has no parts of its own."""

OPTIONS = {
    "rows": "row_format",
    "engine": "engine",
    "verbose_columns": "verbose_columns",
    "verify": "verified_rows",
    "part_rows": "part_rows",
}
"""The options of a run by their names in its plan: mended rows are screened with the same."""

_IN_PLAN = {"rule_base", "rule_base_digest", "row_format", "map_of_columns", "inputs"}


def is_plan(found: object) -> TypeGuard[RunPlan]:
    """Tell whether this is the plan of a run."""
    return isinstance(found, dict) and found.keys() >= _IN_PLAN


def differences(before: RunPlan, now: RunPlan) -> Iterator[tuple[str, str]]:
    """Say in which respects two plans are not the same run."""
    earlier = {file["path"]: file for file in before["inputs"]}
    later = {file["path"]: file for file in now["inputs"]}
    for path in [*earlier, *(path for path in later if path not in earlier)]:
        if path not in later:
            yield path, "it was part of the run that is to be resumed and is not named now."
        elif path not in earlier:
            yield path, "it was no part of the run that is to be resumed."
        elif earlier[path]["digest"] != later[path]["digest"]:
            yield path, "it has changed since the first half of the run."
    if not any(True for path in earlier if path not in later) and list(earlier) != list(later):
        yield "the inputs", "their order has changed since the first half of the run."
    options = {name: option for option, name in OPTIONS.items()}
    for name, wanted in now.items():
        if name == "inputs" or before.get(name) == wanted:
            continue
        if name in options:
            was, is_now = (_said(each) for each in (before.get(name), wanted))
            option = f"--{options[name].replace('_', '-')}"
            yield option, f"it was {was} in the first half of the run, now it is {is_now}."
        else:
            yield f"the {name.replace('_', ' ')}", "it has changed since the first half of the run."


def _said(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "given" if value else "not given"
    return str(value)
