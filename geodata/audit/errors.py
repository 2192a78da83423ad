"""Why the audit refuses."""

from geodata.errors import GeodataError


class AuditUnavailableError(GeodataError):
    """What is not public is not served, since that it is could not be written down."""

    def __init__(self) -> None:
        super().__init__(
            "reading what is not public is written down, and the audit takes nothing now; try again"
        )
