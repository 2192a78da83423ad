"""One vocabulary: what is declared, what the database writes, what is watched."""

import re

from geodata.accounts.tables import ACCOUNTS_METADATA, FAILURES
from geodata.audit import watch
from geodata.audit.actions import ACTIONS, OUTCOMES, Action, Outcome
from geodata.audit.guards import GUARDS

UNWATCHED = {FAILURES.name}
"""Tables of accounts whose changes are no event: attempts to sign in are told of by themselves."""

WORD = re.compile(r"'\{?([a-z]+(?:\.[a-z]+|-in))\}?'")


def test_every_action_and_outcome_has_its_words() -> None:
    assert set(ACTIONS) == set(Action)
    assert set(OUTCOMES) == set(Outcome)


def test_what_the_database_writes_is_in_the_vocabulary() -> None:
    texts = [watch.NOTED, watch.NOTE_IMPORT, watch.NOTE_DECISION, watch.NOTE_AREAS]
    words = set(WORD.findall(" ".join([*texts, watch.NOTE_ACCOUNT])))
    settings = {word for word in words if word.startswith("zgc.")}
    assert words - settings - {each.value for each in Action} == set()
    assert len(words - settings) >= 15


def test_every_table_of_accounts_is_watched() -> None:
    watched = {guard.table for guard in GUARDS}
    for table in ACCOUNTS_METADATA.sorted_tables:
        if table.name not in UNWATCHED:
            assert f"{table.schema}.{table.name}" in watched
