"""Keys of the words for what happened."""

from collections.abc import Mapping

from geodata.history.changes import ChangeKind
from geodata.ingest.modes import Mode
from geodata.ingest.undo import UNDO

KINDS: Mapping[ChangeKind, str] = {
    ChangeKind.CREATED: "history.created",
    ChangeKind.CHANGED: "history.changed",
    ChangeKind.REMOVED: "history.removed",
}

MODES: Mapping[str, str] = {
    Mode.APPEND: "imports.mode_append",
    Mode.UPDATE: "imports.mode_update",
    Mode.REPLACE: "imports.mode_replace",
    UNDO: "imports.mode_undo",
}
