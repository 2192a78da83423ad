"""How long the audit is kept: what is older goes, through a function that can do nothing else."""

from psycopg import errors
from sqlalchemy import Connection, Integer, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from geodata.audit.guards import LEAST_DAYS
from geodata.errors import GeodataError

DEFAULT_DAYS = 3 * 365
"""Three years: land contracts and the disputes about them outlive the six months of the law."""


class RetentionTooShortError(GeodataError):
    """Fewer days than the law wants the audit kept."""

    def __init__(self, days: int) -> None:
        super().__init__(too_short(days))


def too_short(days: int) -> str:
    """Why so few days are refused."""
    return (
        f"{days} days: must be {LEAST_DAYS} at least, since network logs are kept for six months"
        " or more (网络安全法 Cybersecurity Law, art. 21 (3))"
    )


def prune(connection: Connection, days: int) -> int:
    """Delete events older than so many days, as the owner; how many went.

    The audit tells that it was done. Events that have no link yet stay.

    Raises:
        RetentionTooShortError: fewer days than the law allows.
    """
    pruned = func.audit.prune(bindparam("days", days, Integer), type_=Integer)
    try:
        return int(connection.execute(select(pruned)).scalar_one())
    except IntegrityError as error:
        if isinstance(error.orig, errors.CheckViolation):
            raise RetentionTooShortError(days) from error
        raise
