"""Vector tiles: tile matrix sets, what a tile shows at a zoom, tiles written by PostgreSQL."""
