"""Features out: bounding boxes, statements, pages of items."""
