"""The workbench: one local page to examine, to read the rules, to look into a batch."""
