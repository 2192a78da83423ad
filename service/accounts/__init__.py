"""Accounts on the web: who asks, signing in, one's own account, and the pages of administrators."""
