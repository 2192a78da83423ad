"""The PostGIS database: private cluster, tables, record triggers, layer versions."""
