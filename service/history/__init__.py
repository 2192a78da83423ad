"""Histories of features and imports over HTTP."""
