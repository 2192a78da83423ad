"""`./zgc user` and `./zgc token`, each a process's worth of work on a real database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from geodata.accounts.errors import InvalidTokenError
from geodata.accounts.tables import ACCOUNTS_METADATA
from geodata.accounts.tokens import find_token
from service.cli import main

PASSWORD = "隔冬不凋 pine 42"

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, plan_url: str, plan_engine: Engine) -> Iterator[Run]:
    monkeypatch.setenv("ZGC_DATABASE_URL", plan_url)
    clear(plan_engine)
    yield lambda *words, typed="": CliRunner().invoke(main, words, input=typed)
    clear(plan_engine)


def clear(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(ACCOUNTS_METADATA.sorted_tables):
            connection.execute(table.delete())


def test_users_are_added_listed_and_changed(run: Run) -> None:
    added = run("user", "add", "li", "--role", "admin", typed=f"{PASSWORD}\n")
    assert added.exit_code == 0, added.output
    assert PASSWORD not in added.output
    assert run("user", "add", "wang", typed=f"{PASSWORD}\n").exit_code == 0
    assert run("user", "set-role", "wang", "land_officer").exit_code == 0
    assert run("user", "disable", "wang").exit_code == 0
    rows = [line.split("\t")[:4] for line in run("user", "list").stdout.splitlines()]
    assert rows == [
        ["name", "role", "state", "groups"],
        ["li", "admin", "active", "-"],
        ["wang", "land_officer", "disabled", "-"],
    ]
    assert run("user", "enable", "wang").exit_code == 0
    assert run("user", "reset-password", "wang", typed="another good one 7\n").exit_code == 0


def test_users_are_linked_to_what_a_provider_calls_them(run: Run) -> None:
    issuer = "https://id.example.cn"
    assert run("user", "add", "zhao", "--openid", issuer, "7f3a").exit_code == 0
    linked = run("user", "link", "zhao", issuer, "9b1c")
    assert linked.exit_code == 0, linked.output
    assert "ZGC_OPENID_ISSUER is not set" in linked.output
    rows = [line.split("\t") for line in run("user", "list").stdout.splitlines()]
    assert (rows[0][5], rows[1][2]) == ("openid", "active")
    assert rows[1][5] == f"{issuer} 7f3a; {issuer} 9b1c"
    assert run("user", "unlink", "zhao", issuer, "9b1c").exit_code == 0
    assert run("user", "list").stdout.splitlines()[1].endswith(f"\t{issuer} 7f3a")


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("user", "link", "nobody", "https://id.example.cn", "7f3a"), "", "'nobody'"),
        (("user", "add", "zhao", "--openid", "", "7f3a"), "", "issuer"),
        (("user", "add", "li"), "password1234\n", "commonest"),
        (("user", "add", "li"), "", "12 to 200"),
        (("user", "add", "Li"), f"{PASSWORD}\n", "a-z"),
        (("user", "disable", "nobody"), "", "'nobody'"),
        (("user", "reset-password", "nobody"), "", "'nobody'"),
        (("user", "group", "add", "office", "atlantis"), "", "'atlantis'"),
        (("token", "create", "li", "--title", "x", "--scope", "x:read"), "", "'x:read'"),
        (("token", "revoke", "7"), "", "no token 7"),
    ],
    ids=str,
)
def test_what_cannot_be_is_one_sentence_and_exit_code_1(
    words: tuple[str, ...], typed: str, said: str, run: Run
) -> None:
    result = run(*words, typed=typed)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_groups_bind_users_to_areas(run: Run, plan_engine: Engine) -> None:
    with plan_engine.connect() as connection:
        area = connection.exec_driver_sql("SELECT min(id) FROM areas").scalar_one()
    run("user", "add", "wang", typed=f"{PASSWORD}\n")
    assert run("user", "group", "add", "office", area).exit_code == 0
    assert run("user", "group", "join", "office", "wang").exit_code == 0
    assert run("user", "group", "list").stdout.splitlines()[1] == f"office\t{area}\twang"
    assert run("user", "group", "leave", "office", "wang").exit_code == 0
    assert run("user", "group", "areas", "office").exit_code == 0
    assert run("user", "group", "list").stdout.splitlines()[1] == "office\t-\t-"


def test_a_token_is_printed_once_and_can_be_revoked(run: Run, plan_engine: Engine) -> None:
    run("user", "add", "wang", typed=f"{PASSWORD}\n")
    made = run("token", "create", "wang", "--title", "同步", "--scope", "parcels:read")
    token = made.stdout.strip()
    now = datetime.now(UTC)
    with plan_engine.begin() as connection:
        assert find_token(connection, token, now).account == "wang"
    listed = run("token", "list", "--user", "wang").stdout
    assert token not in listed
    number, shown = listed.splitlines()[1].split("\t")[:2]
    assert token.startswith(shown.rstrip("…"))
    assert run("token", "revoke", number).exit_code == 0
    with plan_engine.begin() as connection, pytest.raises(InvalidTokenError):
        find_token(connection, token, now)


def test_no_command_takes_a_password_as_an_argument(run: Run) -> None:
    for words in (("user", "add"), ("user", "reset-password")):
        assert "--password" not in run(*words, "--help").output
        assert run(*words, "li", "--password", PASSWORD).exit_code == 2
