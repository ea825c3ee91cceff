"""A batch on a cluster: Spark reads, spreads and commits; its workers screen the same parts."""
