"""What row-level security a database has, compared with what the declared layers ask for."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from sqlalchemy import Column, Connection, MetaData, Table, Text, column, func, select, table

from geodata.accounts.tables import SCHEMA as ACCOUNTS
from geodata.database.bounds import (
    DECISIONS_TRIGGER,
    FUNCTIONS,
    REFUSE_OFFICES,
    WRITES_ALL,
    Policy,
    expose,
    policies,
    secure,
)
from geodata.database.command import driver
from geodata.database.step import Step
from geodata.database.tables import layer_table
from layers.catalog import Catalog
from layers.layer import Layer

CLASS = table("pg_class", *map(column, ("oid", "relname", "relrowsecurity")))
POLICY = table(
    "pg_policy", *map(column, ("polname", "polrelid", "polcmd", "polqual", "polwithcheck"))
)
PROC = table("pg_proc", *map(column, ("proname", "prosrc", "pronamespace")))

TRIGGER = table("pg_trigger", *map(column, ("oid", "tgname")))

DECISIONS = "geocoding.decisions"

COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}

Key = tuple[str, str]
"""Table and policy."""


def security_steps(
    connection: Connection, metadata: MetaData, catalog: Catalog, tables: Collection[str]
) -> Iterator[Step]:
    """Steps to the functions that policies ask, to the policies, and to their being heeded.

    Args:
        tables: those that the database has.
    """
    yield from _function_steps(connection)
    yield from _trigger_steps(connection)
    present = [layer for layer in catalog if layer.id in tables]
    yield from _policy_steps(connection, metadata, present)
    for layer in catalog:
        if layer.id not in tables:
            yield Step((*(policy.create for policy in policies(layer)), secure(layer.id)))
    heeded = _heeded(connection)
    for layer in present:
        if layer.id not in heeded:
            yield Step((secure(layer.id),), (expose(layer.id),))
    yield from _stale_steps(connection, catalog, metadata)


def _function_steps(connection: Connection) -> Iterator[Step]:
    schema = func.to_regnamespace(ACCOUNTS)
    query = select(PROC.c.proname, PROC.c.prosrc).where(PROC.c.pronamespace == schema)
    stored = {row.proname: row.prosrc for row in connection.execute(query)}
    for function in FUNCTIONS:
        former = stored.get(function.name)
        if former is None:
            yield Step((function.create,), (function.drop,))
        elif former != function.body:
            back = replace(function, body=former)
            yield Step((function.create,), (back.create,))


def _trigger_steps(connection: Connection) -> Iterator[Step]:
    text = func.pg_get_triggerdef(TRIGGER.c.oid, type_=Text)
    query = select(text).where(TRIGGER.c.tgname == REFUSE_OFFICES.name)
    stored = connection.execute(query).scalar_one_or_none()
    drop = f"DROP TRIGGER {REFUSE_OFFICES.name} ON {DECISIONS}"
    if stored is None:
        yield Step((DECISIONS_TRIGGER,), (drop,))
    elif stored != DECISIONS_TRIGGER:
        yield Step((drop, DECISIONS_TRIGGER), (drop, stored))


def _policy_steps(
    connection: Connection, metadata: MetaData, layers: Collection[Layer]
) -> Iterator[Step]:
    """A table that goes takes its policies with it."""
    ids = {layer.id for layer in layers}
    stored = {key: each for key, each in _stored(connection).items() if key[0] in ids}
    wanted = {(each.table, each.name): each for layer in layers for each in policies(layer)}
    worded = _worded(connection, metadata, layers)
    for key in sorted({*stored, *wanted}):
        former, policy = stored.get(key), wanted.get(key)
        if former == worded.get(key):
            continue
        drop, make = _pair(former), _pair(policy)
        yield Step((*drop[:1], *make[1:]), (*make[:1], *drop[1:]))


def _stale_steps(connection: Connection, catalog: Catalog, metadata: MetaData) -> Iterator[Step]:
    """Ours on tables that are no longer a layer's; a table that is dropped takes them with it."""
    found: dict[str, list[Policy]] = {}
    for policy in _stored(connection).values():
        if policy.table not in catalog.ids:
            found.setdefault(policy.table, []).append(policy)
    for name, former in found.items():
        if not any(WRITES_ALL.name in (policy.check or "") for policy in former):
            continue
        stays = name in metadata.tables
        drops = (*(policy.drop for policy in former), expose(name)) if stays else ()
        yield Step(drops, (*(policy.create for policy in former), secure(name)))


def _pair(policy: Policy | None) -> tuple[str, ...]:
    """How to drop it and how to make it."""
    return () if policy is None else (policy.drop, policy.create)


def _worded(
    connection: Connection, metadata: MetaData, layers: Collection[Layer]
) -> dict[Key, Policy]:
    """Declared policies as PostgreSQL words them, asked through tables that hide the real ones."""
    trial = connection.begin_nested()
    try:
        for function in FUNCTIONS:
            driver(connection).execute(function.create.encode())
        for layer in layers:
            declared = layer_table(metadata, layer)
            columns = [Column(each.name, each.type) for each in declared.c]
            Table(layer.id, MetaData(), *columns, prefixes=["TEMPORARY"]).create(connection)
            for policy in policies(layer):
                driver(connection).execute(policy.create.encode())
        return _stored(connection)
    finally:
        trial.rollback()


def _stored(connection: Connection) -> dict[Key, Policy]:
    using = func.pg_get_expr(POLICY.c.polqual, POLICY.c.polrelid, type_=Text)
    check = func.pg_get_expr(POLICY.c.polwithcheck, POLICY.c.polrelid, type_=Text)
    query = (
        select(
            CLASS.c.relname,
            POLICY.c.polname,
            POLICY.c.polcmd,
            using.label("using"),
            check.label("check"),
        )
        .join_from(POLICY, CLASS, CLASS.c.oid == POLICY.c.polrelid)
        .where(func.pg_table_is_visible(CLASS.c.oid))
    )
    return {
        (row.relname, row.polname): Policy(
            row.relname, row.polname, COMMANDS[row.polcmd], row.using, row.check
        )
        for row in connection.execute(query)
    }


def _heeded(connection: Connection) -> set[str]:
    query = select(CLASS.c.relname).where(
        CLASS.c.relrowsecurity, func.pg_table_is_visible(CLASS.c.oid)
    )
    return set(connection.execute(query).scalars())
