"""Files that were sent to be imported: kept for an hour in a folder of the service's own."""

import re
import secrets
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request

from service.errors import BodyTooLargeError, InvalidBodyError, UploadGoneError

MOST_BYTES = 512 << 20
"""Of one file; larger ones are imported at the terminal."""

MOST_KEPT = 20
KEPT_S = 3600
NAME = re.compile(r"[^/\\\x00-\x1f]{1,200}")
NUMBER = re.compile(r"[0-9a-f]{32}")

DRAINED_BYTES = 32 << 20
"""Read and dropped behind the limit: many clients send all before they read the answer."""


class Upload(NamedTuple):
    """A file that was sent: its number, its name as the user knows it, its folder."""

    number: str
    name: str
    folder: Path

    @property
    def path(self) -> Path:
        """The file, under a name that cannot lead elsewhere."""
        return self.folder / f"file{''.join(Path(self.name).suffixes[-2:])[-20:].lower()}"

    @property
    def work(self) -> Path:
        """Folder for what is made of it."""
        return self.folder / "work"


class Uploads:
    """The files that are kept."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="zgc-uploads-")
        self._names: dict[str, str] = {}

    def find(self, number: str) -> Upload:
        """A file by its number.

        Raises:
            UploadGoneError: there is none.
        """
        if not NUMBER.fullmatch(number) or number not in self._names:
            raise UploadGoneError(
                f"no file {number[:40]!r}; files are kept for {KEPT_S // 60} minutes: send it again"
            )
        return Upload(number, self._names[number], Path(self._folder.name, number))

    async def receive(self, request: Request, name: str) -> Upload:
        """Take a request's body as a file.

        Raises:
            InvalidBodyError: no name of a file, or cut off.
            BodyTooLargeError: larger than allowed.
        """
        if not NAME.fullmatch(name):
            raise InvalidBodyError(f"name {name[:80]!r}: must be a file's name without folders")
        self._forget_old()
        upload = Upload(number := secrets.token_hex(16), name, Path(self._folder.name, number))
        upload.folder.mkdir()
        try:
            await _receive(request, upload.path)
        except BaseException:
            shutil.rmtree(upload.folder)
            raise
        self._names[number] = name
        return upload

    def close(self) -> None:
        """Forget all."""
        self._folder.cleanup()

    def _forget_old(self) -> None:
        numbers = list(self._names)
        for place, number in enumerate(numbers):
            folder = Path(self._folder.name, number)
            is_old = time.time() - folder.stat().st_mtime > KEPT_S
            if is_old or place <= len(numbers) - MOST_KEPT:
                del self._names[number]
                shutil.rmtree(folder, ignore_errors=True)


async def _receive(request: Request, path: Path) -> None:
    received = 0
    try:
        with path.open("xb") as file:
            async for piece in request.stream():
                received += len(piece)
                if received <= MOST_BYTES:
                    file.write(piece)
                elif received > MOST_BYTES + DRAINED_BYTES:
                    break
    except ClientDisconnect:
        raise InvalidBodyError("the connection ended before the file did") from None
    if received > MOST_BYTES:
        raise BodyTooLargeError(
            f"the file has more than {MOST_BYTES >> 20} MB; import it with ./zgc import"
        )
