# SPDX-License-Identifier: Apache-2.0
"""Hugging Face: OpenID Connect whose subject is an opaque account id, so a renamed account stays the same."""

import re

from app.identity.errors import IdTokenInvalid
from app.identity.oidc import OidcProvider

ISSUER = "https://huggingface.co"
_OPAQUE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class HuggingFaceProvider(OidcProvider):
    """The model hub's accounts."""

    reads = "We read your account id, name and verified e-mail address. We ask for no access to models or data."

    def accept_subject(self, subject: str) -> str:
        if not _OPAQUE.fullmatch(subject):
            raise IdTokenInvalid("Hugging Face's subject should be an opaque account id, and this one is not.")
        return subject
