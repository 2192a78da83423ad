"""The audit can be added to; everything else PostgreSQL refuses, whoever asks."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import make_url

from geodata.audit.actions import Action
from geodata.audit.asker import Asker
from geodata.audit.event import Event
from geodata.audit.roles import AuditUrls
from geodata.database.reader import serving_urls
from geodata.database.writer import writer_name
from layers.attribute import Role

REFUSED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue)

CHANGES = (
    "UPDATE audit.events SET actor = 'nobody'",
    "UPDATE audit.events SET at = now()",
    "DELETE FROM audit.events",
    "TRUNCATE audit.events",
    "UPDATE audit.links SET hash = ''",
    "DELETE FROM audit.links",
    "TRUNCATE audit.links",
)

TAKEOVERS = (
    "ALTER TABLE audit.events DISABLE TRIGGER ALL",
    "ALTER TABLE audit.events DISABLE TRIGGER refuse",
    "ALTER TABLE audit.events ADD COLUMN x text",
    "ALTER TABLE audit.events OWNER TO CURRENT_USER",
    "DROP TRIGGER refuse ON audit.events",
    "DROP TABLE audit.events",
    "DROP SCHEMA audit CASCADE",
    "CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NULL; END'",
    "CREATE TRIGGER x BEFORE INSERT ON audit.events EXECUTE FUNCTION audit.stamp()",
    "CREATE RULE x AS ON INSERT TO audit.events DO INSTEAD NOTHING",
    "CREATE TABLE audit.x (id int)",
    "SELECT audit.prune(100000)",
    "SET session_replication_role = replica",
    "COPY audit.events TO STDOUT",
    "DO $$ BEGIN LOCK TABLE audit.events IN ACCESS EXCLUSIVE MODE; END $$",
)

READS = (
    "SELECT * FROM audit.events",
    "SELECT count(*) FROM audit.events",
    "INSERT INTO audit.events (action) VALUES ('sign-in') RETURNING id",
    "SELECT * FROM audit.links",
    "SELECT * FROM audit.unsealed",
)


@pytest.fixture(autouse=True)
def _event(write: Callable[..., None]) -> None:
    """There is something to change."""
    write(Event(action=Action.SIGN_IN, who=Asker("wang")))


@pytest.fixture(scope="module")
def as_login(url: str, urls: AuditUrls) -> Iterator[Callable[[str], psycopg.Connection]]:
    """Sessions by what they are for, with what keeps them from writing switched off."""
    serving = serving_urls(url)
    addresses = {"writer": urls.writer, "reader": urls.reader, "owner": url}
    addresses |= {str(role): serving[role] for role in Role}
    held: dict[str, psycopg.Connection] = {}

    def session(name: str) -> psycopg.Connection:
        if name not in held:
            held[name] = psycopg.connect(addresses[name], autocommit=True)
            held[name].execute("SET default_transaction_read_only = off")
        return held[name]

    yield session
    for connection in held.values():
        connection.close()


def refused(connection: psycopg.Connection, statement: str) -> None:
    with pytest.raises(REFUSED):
        connection.execute(statement)


@pytest.mark.parametrize("login", ["public", "planner", "admin", "reader", "writer"])
@pytest.mark.parametrize("statement", [*CHANGES, *TAKEOVERS])
def test_no_login_of_the_service_changes_the_audit_or_its_guards(
    login: str, statement: str, as_login: Callable[[str], psycopg.Connection]
) -> None:
    if (login, statement) == ("reader", "COPY audit.events TO STDOUT"):
        return
    refused(as_login(login), statement)


@pytest.mark.parametrize("login", ["public", "planner", "land_officer", "admin", "writer"])
@pytest.mark.parametrize("statement", READS)
def test_only_the_login_that_reads_it_reads_it(
    login: str, statement: str, as_login: Callable[[str], psycopg.Connection]
) -> None:
    refused(as_login(login), statement)


@pytest.mark.parametrize("login", ["public", "planner", "land_officer", "admin", "reader"])
def test_only_the_login_that_adds_to_it_adds_to_it(
    login: str, as_login: Callable[[str], psycopg.Connection]
) -> None:
    refused(as_login(login), "INSERT INTO audit.events (action) VALUES ('sign-in')")


@pytest.mark.parametrize("statement", CHANGES)
def test_the_owner_itself_is_refused(
    statement: str, as_login: Callable[[str], psycopg.Connection], url: str
) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT number FROM audit.links")
    if "links" in statement:
        with psycopg.connect(url) as connection:
            connection.execute(
                "INSERT INTO audit.links SELECT coalesce(max(number), 0) + 1,"
                " (SELECT max(id) FROM audit.events), '' FROM audit.links ON CONFLICT DO NOTHING"
            )
    refused(as_login("owner"), statement)


def test_saying_that_one_prunes_does_not_let_one_delete_what_the_law_wants_kept(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL zgc.audit_prune = 'on'")
        refused(connection, "DELETE FROM audit.events")


def test_in_replication_the_guards_fire_too(url: str) -> None:
    with psycopg.connect(url) as connection:
        try:
            connection.execute("SET LOCAL session_replication_role = replica")
        except psycopg.errors.InsufficientPrivilege:
            pytest.skip("only a superuser can set it, and the owner here is none")
        refused(connection, "UPDATE audit.events SET actor = 'nobody'")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PUBLIC])
@pytest.mark.parametrize("statement", [*CHANGES, *READS])
def test_who_changes_features_adds_events_with_the_change_and_no_more(
    role: Role, statement: str, url: str
) -> None:
    with psycopg.connect(url) as connection:
        (owner,) = connection.execute("SELECT current_user").fetchone() or ("",)
        connection.execute(f"SET LOCAL ROLE {writer_name(owner, role)}")
        refused(connection, statement)


def test_time_and_login_are_the_servers_word(
    as_login: Callable[[str], psycopg.Connection], urls: AuditUrls
) -> None:
    as_login("writer").execute(
        "INSERT INTO audit.events (action, at, login) VALUES ('sign-out', '1999-01-01', 'li')"
    )
    row = as_login("reader").execute(
        "SELECT login, now() - at < interval '1 minute' FROM audit.events ORDER BY id DESC LIMIT 1"
    )
    assert row.fetchone() == (make_url(urls.writer).username, True)
