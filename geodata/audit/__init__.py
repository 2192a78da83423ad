"""Audit: who read what is not public, who changed or exported what, who was refused."""
