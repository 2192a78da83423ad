"""Static files, with the cache rule that fits each kind."""

import os
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
VENDORED = FOLDER / "vendor"

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"


class Files(StaticFiles):
    """Vendored files carry their version in the path and never change; ours are revalidated."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file, or 304, with its cache rule."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        vendored = Path(full_path).is_relative_to(VENDORED)
        response.headers["Cache-Control"] = IMMUTABLE if vendored else REVALIDATE
        return response
