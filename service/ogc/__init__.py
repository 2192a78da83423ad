"""OGC API - Features: landing page, collections, items."""
