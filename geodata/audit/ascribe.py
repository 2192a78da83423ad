"""A transaction that says for whom it changes what it changes."""

from sqlalchemy import Connection, func, select

from geodata.audit.asker import Asker, asker, asker_settings


def ascribe(connection: Connection, who: Asker | None = None) -> None:
    """Ascribe what a transaction changes to who asks for it, or to somebody else."""
    who = asker() if who is None else who
    settings = {"zgc.actor": who.account or "", **asker_settings(who)}
    connection.execute(
        select(*(func.set_config(name, value, True) for name, value in settings.items()))
    )
