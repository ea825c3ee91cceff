"""What can be said of the rule base itself: checked, proved, covered."""
