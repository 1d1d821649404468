# SPDX-License-Identifier: Apache-2.0
"""Every refusal about passkeys, with what to do next."""

from typing import ClassVar

from mcla.errors import MclaError


class PasskeyError(MclaError):
    """Something about a passkey was refused; nothing was registered, removed or signed."""

    code: ClassVar[str] = "passkey-unfit"
    status = 422
    hint = "Open your account page and add the passkey again."


class PasskeyUnknown(PasskeyError):
    """The signer has no such passkey, or has removed it."""

    code = "passkey-unknown"
    status = 404
    hint = "Open your account page: it lists your passkeys, and adds one."


class PasskeyKnown(PasskeyError):
    """The same credential or key is registered already, perhaps for somebody else."""

    code = "passkey-known"
    status = 409
    hint = "Add a new passkey: each is registered once, for one person and one foundation."


class RegistrationUnknown(PasskeyError):
    """The challenge is of no registration that this person has under way: used, too old, or somebody else's."""

    code = "passkey-registration-unknown"
    status = 409


class PasskeyCloned(PasskeyError):
    """The signature count did not go up: there may be two copies of a key that says it has only one."""

    code = "passkey-count-back"
    status = 409
    hint = "Remove this passkey on your account page and add another; sign without it meanwhile."


class TooManyPasskeys(PasskeyError):
    """A signer keeps a few passkeys, not a collection."""

    code = "passkeys-too-many"
    status = 409
    hint = "Remove one that you no longer use, then add the new one."


class NoPasskeysHere(PasskeyError):
    """Browsers bind passkeys to a host name; the service is reached by an address."""

    code = "passkeys-need-a-name"
    status = 409
    hint = "The operator must give the service a host name (MCLA_ORIGIN); until then sign without a passkey."


class SignInTooOld(PasskeyError):
    """Adding a passkey needs a sign-in of the last minutes, so that a session left open does not add one."""

    code = "sign-in-too-old"
    status = 403
    hint = "Sign in again with the account in use, then add the passkey within ten minutes."
