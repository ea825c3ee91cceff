"""The rules: read strictly from ``rules/`` into one flat, typed form for all readings."""
