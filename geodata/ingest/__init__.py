"""Data in: readers, validation from the declaration, loading."""
