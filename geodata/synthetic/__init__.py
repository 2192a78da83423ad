"""Synthetic data of any size: plausible, repeatable, labelled, kept apart from the real ones."""
