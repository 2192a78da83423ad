"""Statistics: one file a statistic, named as the literature names it."""
