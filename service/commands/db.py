"""`./zgc db ...`."""

import shutil
import signal
import subprocess

from geodata.database import migrate
from geodata.database.binaries import find_binaries
from service.commands.database import reachable_database, report, throw_away_database
from service.commands.settings import read_settings


def upgrade() -> None:
    """Brings the schema to the newest revision."""
    with reachable_database(read_settings()) as url:
        migrate.upgrade(url, report)


def status() -> str:
    """Revision of the database and of the program."""
    with reachable_database(read_settings()) as url:
        return migrate.status(url)


def revision(message: str) -> str:
    """Writes a revision; compared is a fresh database, so that nobody's data matters."""
    with throw_away_database() as url:
        return migrate.revision(url, message)


def shell(arguments: tuple[str, ...]) -> int:
    """Runs psql on the database; returns its exit code."""
    psql = shutil.which("psql") or find_binaries().program("psql")
    with reachable_database(read_settings()) as url:
        # Ctrl-C cancels a query in psql and must not end the database under it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return subprocess.call([psql, url, *arguments])
