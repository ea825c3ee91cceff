"""The README shows what is really printed."""

from __future__ import annotations

from scripts.readme_session import README, session


def test_the_session_of_the_readme_is_what_is_printed_now():
    assert session() == README.read_text(encoding="utf-8"), "run scripts/readme_session.py"
