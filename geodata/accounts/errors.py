"""Why accounts refuse: each names the value and what is allowed, and never a secret."""

from geodata.errors import GeodataError
from layers.text import Text


class AccountError(GeodataError):
    """An account, group or token that cannot be made or changed so.

    Args:
        text: why, for those who administer on a page.
    """

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class UnknownAccountError(AccountError):
    """Nothing of that name or number."""


class WeakPasswordError(AccountError):
    """A password that is too easy to guess."""


class LastAdministratorError(AccountError):
    """Nobody would be left to administer the service."""

    def __init__(self, name: str) -> None:
        super().__init__(
            Text(
                f"{name} 是最后一名可登录的管理员，请先设另一名",
                f"{name} is the last administrator who can sign in: make another one first",
            )
        )


class SignInRefusedError(GeodataError):
    """Name or password is wrong, or the account cannot be used: which, is not said."""

    def __init__(self) -> None:
        super().__init__("name or password is wrong, or the account is disabled")


class TooManyFailuresError(GeodataError):
    """Too many attempts failed.

    Args:
        wait_s: whole seconds until the next attempt is looked at.
    """

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many attempts to sign in have failed; try again in {wait_s} s")
        self.wait_s = wait_s
        self.text = Text(f"登录失败次数过多，请在 {wait_s} 秒后再试", str(self))


class InvalidTokenError(GeodataError):
    """A bearer token that is unknown, expired or revoked, or whose account is disabled."""

    def __init__(self, prefix: str = "") -> None:
        named = f" {prefix}…" if prefix else ""
        super().__init__(f"the bearer token{named} is unknown, expired or revoked")


class InvitationGoneError(GeodataError):
    """A one-time link that was used, has expired or never was."""

    def __init__(self) -> None:
        super().__init__("this link was used before, has expired or never was; ask for another")
