"""An event, and how it gets into the audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert

from geodata.audit.actions import Action, Outcome
from geodata.audit.asker import Asker
from geodata.audit.tables import EVENTS

MOST_FEATURES = 100
"""Ids that an event names; `number` says how many there were."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened; when, the database says.

    Args:
        action: what.
        who: by whom, from where.
        outcome: how it ended.
        subject: account or group concerned.
        layer: layer concerned.
        features: ids of its features, at most `MOST_FEATURES`.
        number: how many features, where known.
        times: how often the same happened.
        detail: what else there is to know: never a secret, never a value that is not public.
    """

    action: Action
    who: Asker
    outcome: Outcome = Outcome.DONE
    subject: str | None = None
    layer: str | None = None
    features: tuple[str, ...] = ()
    number: int | None = None
    times: int = 1
    detail: Mapping[str, object] = field(default_factory=dict)


def record(connection: Connection, *events: Event) -> None:
    """Add events within a transaction: they stand if it does."""
    keep(connection, events)


def keep(connection: Connection, events: Sequence[Event]) -> None:
    """Add events, all or none; nothing is read back, since who adds them may not read them."""
    if events:
        connection.execute(insert(EVENTS).inline().values([_row(event) for event in events]))


def _row(event: Event) -> dict[str, object]:
    return {
        "action": event.action.value,
        "outcome": event.outcome.value,
        "actor": event.who.account,
        "role": event.who.role,
        "address": event.who.address,
        "subject": event.subject,
        "layer": event.layer,
        "features": list(event.features) or None,
        "number": event.number,
        "times": event.times,
        "detail": dict(event.detail),
    }
