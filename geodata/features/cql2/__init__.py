"""CQL2 (OGC 21-065r2): filters in text and JSON, checked against a layer's declaration."""
