"""Why signing in at an OpenID provider comes to nothing; no text holds a code, token or secret."""

from geodata.errors import GeodataError


class OpenidError(GeodataError):
    """Nobody was signed in by the provider."""


class ProviderUnavailableError(OpenidError):
    """The provider does not answer, or says that it cannot now."""


class ProviderAnswerError(OpenidError):
    """The provider's answer is none that the standard allows, or that we may believe."""


class UnknownKeyError(ProviderAnswerError):
    """An ID token whose signature no key in hand confirms: the provider may have changed them."""


class CodeRefusedError(OpenidError):
    """The provider does not take the code: it was used before, or has expired."""

    def __init__(self) -> None:
        super().__init__("the provider does not take the code: used before, or expired")


class AttemptUnknownError(OpenidError):
    """An answer to no question that this browser asked, or asked too long ago."""

    def __init__(self) -> None:
        super().__init__("this browser began no such sign-in, or began it too long ago")


class ConsentDeniedError(OpenidError):
    """The person, or the provider for them, said no."""

    def __init__(self) -> None:
        super().__init__("the provider was told not to sign in here (access_denied)")


class UnlinkedError(OpenidError):
    """The provider knows the person, and no account is linked to them.

    Args:
        issuer: of the provider.
        subject: what the provider calls the person.
    """

    def __init__(self, issuer: str, subject: str) -> None:
        super().__init__(f"no account is linked to {subject!r} of {issuer}")
        self.issuer = issuer
        self.subject = subject


class NoRoleError(OpenidError):
    """The provider names the person in no group that has a role here."""

    def __init__(self, claim: str) -> None:
        super().__init__(f"no value of the claim {claim!r} has a role here")


class AccountDisabledError(OpenidError):
    """The account that is linked may not come in.

    Args:
        name: its name.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"the account {name} is disabled")
        self.name = name
