"""The rule base for engines that are not ours, and cases from and to records."""
