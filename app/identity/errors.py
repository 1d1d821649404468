# SPDX-License-Identifier: Apache-2.0
"""Every refusal of the identity noun: what happened, that nothing was lost, what to do next."""

from mcla.errors import MclaError

AGAIN = "Nothing you entered is lost. Go to /login and sign in again."


class IdentityError(MclaError):
    """A sign-in or an account change that was refused."""

    code = "sign-in-refused"
    hint = AGAIN
    next_path = "/"
    """The page that the person was on the way to, kept so that trying again leads there."""


class ProviderUnknown(IdentityError):
    """No provider of that name is configured."""

    code = "provider-unknown"
    status = 404
    hint = "Go to /login and choose one of the providers shown there."


class ProviderUnreachable(IdentityError):
    """The provider did not answer, or answered too late."""

    code = "provider-unreachable"
    status = 503
    hint = "Nothing you entered is lost. Try again in a minute, or sign in with another provider."


class ProviderAnswerInvalid(IdentityError):
    """The provider answered something that its protocol does not allow."""

    code = "provider-answer-invalid"
    status = 502
    hint = "Nothing you entered is lost. Try again; if it stays, tell the operator which provider you used."


class ProviderRefused(IdentityError):
    """The provider, or the person there, said no."""

    code = "provider-refused"
    status = 400


class IdTokenInvalid(ProviderAnswerInvalid):
    """An id token failed a check; the message names the check."""

    code = "id-token-invalid"


class FlowInvalid(IdentityError):
    """A callback that belongs to no sign-in begun in this browser, or to one that is over."""

    code = "sign-in-state-invalid"
    status = 400


class CallbackInvalid(IdentityError):
    """A callback whose parameters are missing, repeated or of another provider."""

    code = "sign-in-callback-invalid"
    status = 400


class LinkRefused(IdentityError):
    """Linking an identity needs the same person, signed in within ten minutes."""

    code = "link-refused"
    status = 403
    hint = "Sign in again with the account you already use here, then link the other one within ten minutes."


class MembershipUntold(IdentityError):
    """This provider cannot be asked of which organisations somebody is a member."""

    code = "membership-untold"
    status = 409
    hint = "Choose a provider of /account/memberships, or have your account or verified address listed instead."


class IdentityTaken(IdentityError):
    """The identity belongs to another contributor; contributors are never merged."""

    code = "identity-taken"
    status = 409
    hint = "Sign in with that account to use it, or link a different one. Both accounts stay as they were."


class SessionUnknown(IdentityError):
    """No such session of this person; another person's session looks the same as none."""

    code = "session-unknown"
    status = 404
    hint = "Open /account to see your sessions."


class IdentityUnknown(IdentityError):
    """No such identity of this person."""

    code = "identity-unknown"
    status = 404
    hint = "Open /account to see your linked accounts."


class PersonDetailUnknown(IdentityError):
    """The row of names and addresses does not exist, or was erased."""

    code = "person-detail-unknown"
    status = 404
    hint = "The person's details were erased; the proofs that refer to them stay valid."


class AuthorizationInvalid(IdentityError):
    """A request for the command line's authorization that cannot be answered by a redirect."""

    code = "authorization-invalid"
    status = 400
    hint = "Nothing was allowed. Run the command again; if it stays, update the mcla command line."


class OAuthTokenError(IdentityError):
    """An answer of the token endpoint in the words of RFC 6749 section 5.2."""

    code = "token-refused"
    status = 400
    hint = "Run the command again and sign in in the browser."

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error
