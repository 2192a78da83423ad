"""`./zgc token ...`."""

import click


@click.group()
def token() -> None:
    """Tokens: how programs come in, with `Authorization: Bearer TOKEN`."""


@token.command("create")
@click.argument("user")
@click.option("--title", required=True, help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    metavar="LAYER:VERB",
    help="What it is limited to: read or write of a layer, or of all (*:read); repeatable.",
)
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True)
def token_create(user: str, title: str, scopes: tuple[str, ...], days: int) -> None:
    """Print a new token of USER; it can do no more than they, and is shown this once."""
    from service.commands.token import create as run

    run(user, title, scopes, days)


@token.command("list")
@click.option("--user", help="Only those of one user.")
def token_list(user: str | None) -> None:
    """List tokens: number, beginning, user, scopes, expiry, last use."""
    from service.commands.token import show_tokens as run

    run(user)


@token.command("revoke")
@click.argument("number", type=int)
def token_revoke(number: int) -> None:
    """Make the token of that NUMBER worth nothing."""
    from service.commands.token import revoke as run

    run(number)
