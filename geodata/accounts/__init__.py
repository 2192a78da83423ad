"""Accounts: who may see and do more than the public, kept in a schema of their own."""
