"""The questions one can ask of a screened case: one module for each, named as its command."""
