"""The audit of a running service: what it adds to it, and the pages on which it is searched."""
