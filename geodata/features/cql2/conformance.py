"""Conformance classes of CQL2 that filters meet (OGC 21-065r2, clause 2)."""

BASE = "http://www.opengis.net/spec/cql2/1.0/conf/"

NAMES = (
    "cql2-text",
    "cql2-json",
    "basic-cql2",
    "advanced-comparison-operators",
    "case-insensitive-comparison",
    "accent-insensitive-comparison",
    "basic-spatial-functions",
    "basic-spatial-functions-plus",
    "spatial-functions",
    "temporal-functions",
    "property-property",
    "functions",
    "arithmetic",
)
"""All but array-functions: no property of any layer is an array."""

FORMER_NAMES = ("basic-spatial-operators",)
"""Names of drafts that clients still look for (QGIS)."""

CLASSES = tuple(BASE + name for name in (*NAMES, *FORMER_NAMES))
