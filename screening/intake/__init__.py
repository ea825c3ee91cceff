"""What was recorded: the vocabulary of findings, case files, and families of findings."""
