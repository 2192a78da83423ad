"""`./zgc user ...`."""

import click

from layers.attribute import Role

ROLES = [role.value for role in Role if role is not Role.PUBLIC]


@click.group()
def user() -> None:
    """Accounts: who may see and do more than the public."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default=ROLES[0], show_default=True)
@click.option(
    "--openid",
    "identity",
    nargs=2,
    metavar="ISSUER SUBJECT",
    help="Whom the OpenID provider calls so; no password then.",
)
def user_add(name: str, role: str, identity: tuple[str, str] | None) -> None:
    """Add the user NAME; the password is asked for, or read from standard input."""
    from service.commands.user import add, add_linked

    if identity is None:
        add(name, role)
    else:
        add_linked(name, role, *identity)


@user.command("list")
def user_list() -> None:
    """List users: name, role, state, groups, since when, identities."""
    from service.commands.user import show_users as run

    run()


@user.command("set-role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
def user_set_role(name: str, role: str) -> None:
    """Give the user NAME the ROLE; it counts from the next request on."""
    from service.commands.user import change_role as run

    run(name, role)


@user.command("disable")
@click.argument("name")
def user_disable(name: str) -> None:
    """Shut the user NAME out: sessions end, tokens are refused."""
    from service.commands.user import shut_out as run

    run(name)


@user.command("enable")
@click.argument("name")
def user_enable(name: str) -> None:
    """Let the user NAME in again."""
    from service.commands.user import let_in as run

    run(name)


@user.command("reset-password")
@click.argument("name")
def user_reset_password(name: str) -> None:
    """Give NAME another password, asked for or read from standard input; sessions end."""
    from service.commands.user import reset_password as run

    run(name)


@user.command("link")
@click.argument("name")
@click.argument("issuer")
@click.argument("subject")
def user_link(name: str, issuer: str, subject: str) -> None:
    """Let the user NAME sign in as whom the OpenID provider ISSUER calls SUBJECT (sub)."""
    from service.commands.user import link_identity as run

    run(name, issuer, subject)


@user.command("unlink")
@click.argument("name")
@click.argument("issuer")
@click.argument("subject")
def user_unlink(name: str, issuer: str, subject: str) -> None:
    """Let NAME sign in so no more; sessions that the provider opened end."""
    from service.commands.user import unlink_identity as run

    run(name, issuer, subject)


@user.group("group")
def user_group() -> None:
    """Groups of users, bound to areas such as a park."""


@user_group.command("add")
@click.argument("name")
@click.argument("areas", nargs=-1)
def group_add(name: str, areas: tuple[str, ...]) -> None:
    """Add the group NAME, bound to AREAS (ids of features of the area layers)."""
    from service.commands.user import new_group as run

    run(name, areas)


@user_group.command("areas")
@click.argument("name")
@click.argument("areas", nargs=-1)
def group_areas(name: str, areas: tuple[str, ...]) -> None:
    """Bind the group NAME to these AREAS and no others."""
    from service.commands.user import change_areas as run

    run(name, areas)


@user_group.command("list")
def group_list() -> None:
    """List groups: name, areas, users."""
    from service.commands.user import show_groups as run

    run()


@user_group.command("join")
@click.argument("group")
@click.argument("name")
def group_join(group: str, name: str) -> None:
    """Put the user NAME into GROUP."""
    from service.commands.user import join as run

    run(group, name)


@user_group.command("leave")
@click.argument("group")
@click.argument("name")
def group_leave(group: str, name: str) -> None:
    """Take the user NAME out of GROUP."""
    from service.commands.user import leave as run

    run(group, name)


@user_group.command("remove")
@click.argument("name")
def group_remove(name: str) -> None:
    """Remove the group NAME, which must have no members."""
    from service.commands.user import drop_group as run

    run(name)
