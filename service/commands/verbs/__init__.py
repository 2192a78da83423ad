"""What each verb of the command line takes.

What it does is imported when it runs, so that `--help` is instant.
"""
