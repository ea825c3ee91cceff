"""Every example of docs/batch.md is run as it stands there."""

from __future__ import annotations

import re

from screening.batch.inputs.column_map import load_map
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")


def examples(kind):
    """Give the examples of a kind: ``yaml``, or none for commands."""
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)


def test_the_map_is_read_as_it_stands(base, tmp_path):
    maps = examples("yaml")
    assert maps
    for text in maps:
        path = tmp_path / "columns.yaml"
        path.write_text(text, encoding="utf-8")
        assert load_map(path, base.vocabulary).columns
