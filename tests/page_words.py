"""What must stand on no page, whatever its format: looked for in the words that a reader sees."""

from __future__ import annotations

import re

PATH = re.compile(r"\b(?:red_flags|ankle|hip|gait|calf|tissue|load|injury|history)\.[a-z_]+")
"""The path of a finding: a page says its title."""

ONE_AS_MANY = re.compile(r"(?<![\d.,\-–±+] )(?<![\d.,\-–±+])\b1 [a-z]+s\b")
"""One of something, said as if it were several."""
