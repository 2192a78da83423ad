"""`./zgc token`: how programs come in."""

import click

from geodata.accounts.scope import parse_scopes
from geodata.accounts.tokens import NewToken, create_token, list_tokens, revoke_token
from service.commands.database import report
from service.commands.user import accounts, day, now, show


def create(user: str, title: str, scopes: tuple[str, ...], days: int) -> None:
    """Print a new token, alone, on standard output: it is not shown again."""
    new = NewToken(user, title, parse_scopes(scopes), days)
    with accounts() as connection:
        token = create_token(connection, new, now())
    report("Keep the token where only its program reads it; it is not shown again:")
    click.echo(token)


def show_tokens(user: str | None) -> None:
    """Tokens of a user, or of all."""
    with accounts() as connection:
        rows = list_tokens(connection, user)
    show(
        ("number", "token", "user", "title", "scopes", "expires", "revoked", "last use"),
        (
            (
                each.id,
                f"{each.prefix}…",
                each.user,
                each.title,
                ",".join(each.scopes),
                day(each.expires_at),
                day(each.revoked_at),
                day(each.used_at),
            )
            for each in rows
        ),
    )


def revoke(number: int) -> None:
    """A token is worth nothing any more."""
    with accounts() as connection:
        revoke_token(connection, number, now())
    report(f"token {number} is revoked")
