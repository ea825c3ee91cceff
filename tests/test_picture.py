"""The picture of the workbench in the README cannot grow old."""

from scripts.workbench_picture import WORDS, photographed


def test_the_picture_of_the_workbench_is_of_today(desk, tmp_path):
    """Pixels differ between browsers, words do not."""
    assert photographed(desk, tmp_path / "now.png") == WORDS.read_text("utf-8"), "run: make picture"
