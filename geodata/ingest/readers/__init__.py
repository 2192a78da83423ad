"""Readers of files, one file a family of formats; the catalog tells them apart by content."""
