# SPDX-License-Identifier: Apache-2.0
"""Refusals towards stock clients. `extra` members join the problem; `message` is what some clients print."""

from typing import Any

from mcla.errors import MclaError


class SigstoreError(MclaError):
    """A request of a stock client was refused; nothing was certified, stamped or logged."""

    code = "stock-client-refused"
    hint = "Read the message; `docs/verify-without-us.md` says what stock clients can do here."

    def __init__(self, message: str, *, hint: str | None = None, **extra: Any) -> None:
        super().__init__(message, hint=hint)
        self.extra: dict[str, Any] = extra


class TokenRefused(SigstoreError):
    """The identity token is not one that this service takes."""

    code = "identity-token-refused"
    status = 401
    hint = "Get a fresh ID token of one of the service's identity providers, for the audience that it takes."


class AgreementNotSigned(SigstoreError):
    """The person of the token has no agreement in force, so no key is certified in that person's name."""

    code = "signer-without-agreement"
    status = 403
    hint = "Read and sign the agreement at `sign_url` with the same account, then sign again."


class FoundationUnclear(SigstoreError):
    """The person signed agreements of several foundations, and each knows the person by another name."""

    code = "foundation-unclear"
    status = 409
    hint = "Use the trust config of one project: /.well-known/mcla/client_trust_config.json?project=NAME"


class KeyRefused(SigstoreError):
    """No proof that the asker holds the key, or a key of another kind."""

    code = "key-refused"
    status = 400
    hint = "Make a fresh ECDSA P-256 key; prove it by a certificate request, or a signature over the token's subject."


class StampRefused(SigstoreError):
    """A timestamp request (RFC 3161) that is not answered."""

    code = "timestamp-request-invalid"
    status = 400
    hint = "Send a version 1 request over a SHA-256 digest, without extensions, as application/timestamp-query."


class EntryRefused(SigstoreError):
    """An entry that does not go into the log."""

    code = "log-entry-refused"
    status = 400
    hint = "The log takes signatures made with a certificate of this service, while that certificate is valid."
