"""What the verbs of the command line do; `service.cli` only parses."""
