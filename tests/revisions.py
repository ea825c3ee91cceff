"""Copies of the rules in which questions were renamed, split, narrowed or widened."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.conftest import ROOT

RULES = ROOT / "rules"
NEW_ENTRY = "vocabulary/99_new.yaml"


def copied(to: Path, texts: Mapping[str, str] | None = None) -> Path:
    """Copy the rules; every text is replaced by another wherever it stands."""
    for path in sorted(RULES.rglob("*.yaml")):
        there = to / path.relative_to(RULES)
        there.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        for old, new in (texts or {}).items():
            text = text.replace(old, new)
        there.write_text(text, encoding="utf-8")
    return to


def replacing(root: Path, path: str, **replaces: str) -> None:
    """Let an entry of a copied vocabulary say what it replaces since 2.0."""
    for file in sorted((root / "vocabulary").glob("*.yaml")):
        lines = file.read_text(encoding="utf-8").split("\n")
        if f"{path}:" in lines:
            (kind, old), *_ = replaces.items()
            said = f"  replaces: {{since: '2.0', {kind}: [{old}]}}"
            lines.insert(lines.index(f"{path}:") + 1, said)
            file.write_text("\n".join(lines), encoding="utf-8")
            return
    raise AssertionError(path)


def entry(root: Path, like: str, name: str, kind: str, old: str) -> None:
    """Add a finding that is asked like another and replaces it."""
    for file in sorted((root / "vocabulary").glob("*.yaml")):
        found = yaml.load(file.read_text(encoding="utf-8"), yaml.CBaseLoader)
        if like in found:
            alike = {key: found[like][key] for key in ("of", "type", "family")}
            new = {"title": name, "minutes": 0, **alike, "replaces": {"since": "2.0", kind: [old]}}
            path = root / NEW_ENTRY
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            text = yaml.safe_dump({name: new}, sort_keys=False)
            path.write_text(before + text, encoding="utf-8")
            return
    raise AssertionError(like)
