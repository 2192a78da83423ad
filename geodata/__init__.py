"""HOW layers live in PostGIS: tables, queries, import, statistics. No HTTP, no HTML."""
