"""Imports as people meet them: reports and the page."""
