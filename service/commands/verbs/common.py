"""What several verbs take alike."""

MOST_ROWS = 50_000_000

ANY_ARGUMENTS = {"ignore_unknown_options": True, "allow_interspersed_args": False}
"""For commands that hand their arguments on."""
