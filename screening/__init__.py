"""Explained screening for calf-driven hip pain.

The data takes this route, and every station imports only from those before it:

``documents`` (strict YAML and JSON) -> ``intake`` (what was recorded) -> ``rulebase`` (the rules in
one flat form) -> ``inference`` (what follows) -> ``explanation`` (why) -> ``report`` -> ``cli``.
"""

__version__ = "1.0.0"
