"""The operating-system account that owns a private cluster: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import GeodataError

SERVICE_USER = "zgc-gis"


class AccountError(GeodataError):
    """PostgreSQL cannot run as this user; the text says what to do."""


@dataclass(frozen=True)
class Account:
    """Operating-system account that owns the cluster's files and runs PostgreSQL."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """The service itself runs as another user (root)."""
        return self.uid != os.geteuid()

    def own(self, path: Path) -> None:
        """Makes the account owner of `path`."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs a command as this account."""
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd="/",
            env=server_environment(),
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )

    def start(self, log: Path, *command: str) -> subprocess.Popen[bytes]:
        """Starts a command as this account in a session of its own, away from Ctrl-C."""
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=server_environment(),
                start_new_session=True,
                user=self.uid if self.is_other else None,
                group=self.gid if self.is_other else None,
                extra_groups=[] if self.is_other else None,
            )


def known_account(uid: int) -> Account:
    """The account with a user id.

    Raises:
        AccountError: the id has no name.
    """
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise AccountError(
            f"User id {uid} has no name on this machine and PostgreSQL needs one: add it to "
            "/etc/passwd, or use another database with ZGC_DATABASE_URL."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def service_account() -> Account:
    """The account for a service started as root, added if need be.

    Raises:
        AccountError: it could not be added.
    """
    try:
        entry = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        _add_service_user()
        entry = pwd.getpwnam(SERVICE_USER)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _add_service_user() -> None:
    options = ("--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent")
    command = ["useradd", *options, "--shell", "/usr/sbin/nologin", SERVICE_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = (getattr(error, "stderr", "") or str(error)).strip().rstrip(".")
        raise AccountError(
            f"PostgreSQL does not run as root and the user {SERVICE_USER} could not be added "
            f"({reason}): run {' '.join(command)}, or start as an ordinary user."
        ) from None


def server_environment() -> dict[str, str]:
    """Ours without PG* variables, which would change port or options of the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}
