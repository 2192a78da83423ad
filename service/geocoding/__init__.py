"""Addresses to positions and back, over HTTP."""
