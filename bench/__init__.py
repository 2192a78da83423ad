"""The measured comparison with peers and with PostgreSQL itself; not part of what is shipped."""
