# SPDX-License-Identifier: Apache-2.0
"""Random secrets and their form at rest: the holder has the text, the database its SHA-256."""

import base64
import hashlib
import secrets


def new_secret() -> str:
    """43 URL-safe characters, 256 bits, from the system's random source."""
    return secrets.token_urlsafe(32)


def at_rest(secret: str) -> str:
    """The form that is stored; a fast digest is right for 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def s256(verifier: str) -> str:
    """The code challenge of a verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
