"""Tools about the rule base itself: what proves it, checks it and shows that it is tried."""
