"""The serving pool: read-only sessions without reset, and failures told as domain errors."""

import asyncio
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy import bindparam, column, func, select, table, text

from geodata.database.engine import open_engine
from geodata.database.pool import open_pool
from geodata.database.statement import Statement, compile_statement
from geodata.database.tables import METADATA
from geodata.errors import DatabaseBusyError, QueryTimeoutError

pytestmark = pytest.mark.anyio

AXES = METADATA.tables["axes"]
NUMBERS = compile_statement(
    select(column("n")).select_from(func.generate_series(1, bindparam("last")).alias("n"))
)
SESSION = compile_statement(select(func.pg_backend_pid()))
ACTIVITY = table("pg_stat_activity", column("pid"), column("datname"))
SESSIONS = compile_statement(
    select(ACTIVITY.c.pid).where(ACTIVITY.c.datname == func.current_database())
)
TOO_LONG = compile_statement(select(func.pg_sleep(30)))


@asynccontextmanager
async def opened(url, **options):
    settings = {"size": 1, "statement_timeout_s": 5, "acquire_timeout_s": 0.2} | options
    pool = await open_pool(url, **settings)
    try:
        yield pool
    finally:
        await pool.close()


async def test_rows_come_in_order_and_the_first_alone_on_request(plan_url):
    async with opened(plan_url) as pool:
        assert [row["n"] for row in await pool.fetch(NUMBERS, {"last": 3})] == [1, 2, 3]
        assert (await pool.fetchrow(NUMBERS, {"last": 3}))["n"] == 1
        assert await pool.fetch(NUMBERS, {"last": 0}) == []
        assert await pool.fetchrow(NUMBERS, {"last": 0}) is None


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("application_name", "zgc-gis"),
        ("default_transaction_read_only", "on"),
        ("jit", "off"),
        ("max_parallel_workers_per_gather", "0"),
        ("TimeZone", "UTC"),
        ("statement_timeout", "2500ms"),
    ],
)
async def test_sessions_are_set_for_serving(plan_url, setting, value):
    query = compile_statement(select(func.current_setting(setting).label("value")))
    async with opened(plan_url, statement_timeout_s=2.5) as pool:
        assert (await pool.fetchrow(query))["value"] == value


async def test_a_query_that_runs_too_long_is_a_timeout_and_the_pool_goes_on(plan_url):
    async with opened(plan_url, statement_timeout_s=0.1) as pool:
        with pytest.raises(QueryTimeoutError, match="longer than the time limit"):
            await pool.fetch(TOO_LONG)
        assert len(await pool.fetch(NUMBERS, {"last": 3})) == 3


async def test_the_database_is_busy_when_no_connection_becomes_free_in_time(plan_url):
    async with opened(plan_url) as pool:
        async with pool.connection():
            with pytest.raises(DatabaseBusyError, match="no free connection"):
                await pool.fetch(SESSION)
        assert len(await pool.fetch(SESSION)) == 1


async def test_a_write_is_refused(plan_url):
    writes = Statement("UPDATE axes SET name_zh = 'x'", (), {})
    async with opened(plan_url) as pool:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await pool.fetch(writes)


async def test_a_query_given_up_by_its_caller_frees_its_connection(plan_url):
    async with opened(plan_url, acquire_timeout_s=5) as pool:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.fetch(TOO_LONG), timeout=0.1)
        assert len(await pool.fetch(NUMBERS, {"last": 3})) == 3


@pytest.mark.parametrize(
    ("statement", "values", "error"),
    [
        (NUMBERS, {"last": "three"}, asyncpg.exceptions.DataError),
        (Statement("SELECT $1::int", (), {}), {}, asyncpg.InterfaceError),
        (Statement("SELECT nothing", (), {}), {}, asyncpg.UndefinedColumnError),
        (NUMBERS, {}, KeyError),
    ],
)
async def test_mistakes_of_the_program_are_not_taken_for_a_busy_database(
    plan_url, statement, values, error
):
    async with opened(plan_url) as pool:
        with pytest.raises(error):
            await pool.fetch(statement, values)
        assert len(await pool.fetch(SESSION)) == 1


# --- the database goes away ---


def administration(url):
    return open_engine(url).execution_options(isolation_level="AUTOCOMMIT")


def end_sessions(connection, database):
    ended = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
    connection.execute(ended, {"name": database})


async def test_a_session_that_the_server_ends_during_a_query_is_a_busy_database(migrated_url):
    engine = administration(migrated_url)
    async with opened(migrated_url) as pool:
        query = asyncio.create_task(pool.fetch(TOO_LONG))
        running = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                       " WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
                       " AND datname = current_database() AND state = 'active'")  # fmt: skip
        with engine.connect() as connection:
            while not connection.execute(running).all():
                await asyncio.sleep(0.01)
        with pytest.raises(DatabaseBusyError):
            await query
        assert len(await pool.fetch(SESSION)) == 1
    engine.dispose()


async def test_a_session_that_the_server_ended_meanwhile_is_replaced_or_told_as_busy(migrated_url):
    engine = administration(migrated_url)
    async with opened(migrated_url) as pool:
        (row,) = await pool.fetch(SESSION)
        with engine.connect() as connection:
            connection.execute(select(func.pg_terminate_backend(row["pg_backend_pid_1"])))
        try:
            rows = await pool.fetch(SESSION)
        except DatabaseBusyError:
            rows = await pool.fetch(SESSION)
        assert len(rows) == 1
    engine.dispose()


async def test_a_database_that_is_gone_is_a_busy_database_until_it_is_back(
    new_database, cluster_url
):
    url = new_database()
    name = url.rpartition("/")[2].partition("?")[0]
    engine = administration(cluster_url)
    async with opened(url) as pool:
        assert len(await pool.fetch(SESSION)) == 1
        with engine.connect() as connection:
            end_sessions(connection, name)
            connection.execute(text(f"ALTER DATABASE {name} RENAME TO {name}_away"))
        for _ in range(2):
            with pytest.raises(DatabaseBusyError):
                await pool.fetch(SESSION)
        with engine.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {name}_away RENAME TO {name}"))
        assert len(await pool.fetch(SESSION)) == 1
    engine.dispose()


async def test_a_server_that_does_not_answer_is_an_error_at_the_start(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        await open_pool(f"postgresql://zgc@/x?host={tmp_path}", size=1, statement_timeout_s=1)


async def test_a_request_during_the_shutdown_is_told_that_the_database_is_busy(plan_url):
    async with opened(plan_url) as pool:
        await pool.close()
        with pytest.raises(DatabaseBusyError, match="shutting down"):
            await pool.fetch(SESSION)


async def test_sessions_are_not_reset_between_uses_and_keep_their_prepared_plans(plan_url):
    """What makes a page cheap; and why no statement of the service may change a session."""
    plans = compile_statement(
        select(func.count().label("plans")).select_from(table("pg_prepared_statements"))
    )
    async with opened(plan_url) as pool:
        async with pool.connection() as connection:
            await connection.execute("SET zgc.rest = 'behind'")
        await pool.fetch(NUMBERS, {"last": 1})
        left = compile_statement(select(func.current_setting("zgc.rest").label("value")))
        assert (await pool.fetchrow(left))["value"] == "behind"
        assert (await pool.fetchrow(plans))["plans"] >= 2


async def test_sessions_ended_at_any_moment_are_never_another_error_than_busy(migrated_url):
    engine = administration(migrated_url)
    ended = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with opened(migrated_url) as pool:

        async def ask() -> bool:
            try:
                return len(await pool.fetch(SESSION)) == 1
            except DatabaseBusyError:
                return False

        with engine.connect() as connection:
            for _ in range(30):
                asked = [asyncio.create_task(ask()) for _ in range(4)]
                await asyncio.sleep(0)
                connection.execute(ended)
                await asyncio.gather(*asked)
        while not await ask():
            await asyncio.sleep(0.01)
    engine.dispose()


async def test_many_more_callers_than_connections_are_all_served_and_none_is_lost(plan_url):
    async with opened(plan_url, size=3, acquire_timeout_s=10) as pool:
        for count in (1, 40, 2, 40):
            calls = (pool.fetch(NUMBERS, {"last": number}) for number in range(count))
            assert [len(rows) for rows in await asyncio.gather(*calls)] == list(range(count))
            usage = pool.usage()
            assert usage.in_use == 0
            assert 1 <= usage.idle <= 3


async def test_no_connection_is_left_open_by_the_shutdown(migrated_url):
    async with opened(migrated_url, size=4) as pool:
        found = await asyncio.gather(*(pool.fetchrow(SESSION) for _ in range(20)))
        used = {row[0] for row in found}
    async with opened(migrated_url) as pool:
        for _ in range(100):  # the server takes a moment to end them
            if not used & {row["pid"] for row in await pool.fetch(SESSIONS)}:
                return
            await asyncio.sleep(0.02)
    raise AssertionError("sessions are left")


async def test_connections_that_nobody_uses_are_closed_but_for_the_least(
    migrated_url, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("geodata.database.pool.IDLE_S", 0.1)
    async with opened(migrated_url, size=4, least=1, acquire_timeout_s=5) as pool:
        await asyncio.gather(*(pool.fetch(NUMBERS, {"last": 1}) for _ in range(20)))
        for _ in range(100):
            if sum(pool.usage()) <= 1:
                break
            await asyncio.sleep(0.05)
        assert sum(pool.usage()) <= 1
        assert len(await pool.fetch(NUMBERS, {"last": 2})) == 2
