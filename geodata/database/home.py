"""Where a private cluster lives, and who holds it."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from geodata.database.account import SERVICE_USER, Account, known_account, service_account
from geodata.errors import GeodataError

Report = Callable[[str], None]

SYSTEM_HOMES = Path("/var/lib/zgc-gis")
PORT = 5432
OWNER = "zgc"
DATABASE = "zgc"
LONGEST_SOCKET_FOLDER = 90  # bytes; the kernel's limit of 107 includes "/.s.PGSQL.5432"


class ClusterError(GeodataError):
    """The private cluster cannot be used; the text says what to do."""


class ClusterInUseError(ClusterError):
    """Another service holds the data folder."""


@dataclass(frozen=True)
class Home:
    """Where one cluster lives, and as whom."""

    folder: Path
    account: Account

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "postgres"

    @property
    def log(self) -> Path:
        """What PostgreSQL says."""
        return self.folder / "postgres.log"

    @property
    def lock(self) -> Path:
        """Held by the one service that uses the cluster; contains its process id."""
        return self.folder / "service.lock"

    @property
    def socket(self) -> Path:
        """Folder of the unix socket, entered by the account only."""
        run = self.folder / "run"
        if len(os.fsencode(run)) <= LONGEST_SOCKET_FOLDER:
            return run
        base = Path("/run") if os.geteuid() == 0 else Path("/tmp")
        return base / f"{SERVICE_USER}-{self.account.uid}-{_digest(self.folder)}"

    @property
    def major(self) -> int | None:
        """PostgreSQL version that wrote the data directory, None if there is none yet."""
        version = self.postgres / "PG_VERSION"
        return int(version.read_text(encoding="ascii")) if version.is_file() else None

    def url(self, user: str = OWNER, database: str = DATABASE) -> str:
        """libpq URL of a database of this cluster."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket))}&port={PORT}"


def find_home(data: Path, report: Report) -> Home:
    """Chooses account and folder; leaves a link in the data folder if they lie elsewhere."""
    _make_data_folder(data)
    link = data / "postgres"
    if link.is_symlink():
        folder = link.readlink().parent
        folder.mkdir(parents=True, exist_ok=True)
        return Home(folder, _account(folder))
    home = Home(data.resolve(), _account(data))
    return home if link.exists() or _can_enter(home) else _home_elsewhere(home, report)


def _make_data_folder(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except (NotADirectoryError, FileExistsError):
        raise ClusterError(f"{data} is not a folder: choose another one with --data.") from None
    except OSError as error:
        raise ClusterError(
            f"The folder {data} cannot be made ({error.strerror}): choose another one with --data."
        ) from None


def _account(folder: Path) -> Account:
    """Account of an existing cluster, or the one that a new cluster gets."""
    uid = _owner(folder / "postgres")
    if os.geteuid() == 0:
        return known_account(uid) if uid else service_account()
    if uid not in (None, os.geteuid()):
        raise ClusterError(_not_yours(folder / "postgres"))
    return known_account(os.geteuid())


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except FileNotFoundError:
        return None
    except PermissionError:
        raise ClusterError(_not_yours(path.parent)) from None


def _can_enter(home: Home) -> bool:
    """Whether the account reaches the folder; asked of the kernel, as modes are half the truth."""
    enter = ("/bin/sh", "-c", 'cd "$1"', "sh", str(home.folder))
    return not home.account.is_other or home.account.run(*enter).returncode == 0


def _home_elsewhere(home: Home, report: Report) -> Home:
    elsewhere = Home(SYSTEM_HOMES / _digest(home.folder), home.account)
    report(
        f"{home.folder} cannot be entered by the user {home.account.name}: "
        f"the database is kept in {elsewhere.folder}, linked from {home.postgres}"
    )
    elsewhere.folder.mkdir(parents=True, exist_ok=True)
    home.postgres.symlink_to(elsewhere.postgres)
    return elsewhere


def _digest(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]


def _not_yours(path: Path) -> str:
    owner = path.stat().st_uid
    return (
        f"{path} belongs to user id {owner}, not to {os.geteuid()}: "
        "start the service as that user, or choose another folder with --data."
    )


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Holds the cluster for this process; the kernel lets go when the process ends."""
    try:
        file = home.lock.open("a+", encoding="ascii")
    except PermissionError:
        raise ClusterError(_not_yours(home.folder)) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ClusterInUseError(_in_use(home)) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _in_use(home: Home) -> str:
    pid = home.lock.read_text(encoding="ascii").strip()
    return (
        f"The data folder {home.folder} is in use by the service with process id {pid}: "
        "stop that one first, or choose another folder with --data."
    )
