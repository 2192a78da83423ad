"""Formats in which features leave: one file a format.

Text formats (GeoJSON, CSV) are written by PostgreSQL itself and only carried here. The others
are encoded in a worker process, so that the event loop never waits for them: `write` modules run
in the service, `encode` functions in the worker.
"""
