# SPDX-License-Identifier: Apache-2.0
"""GitLab: OpenID Connect whose subject is the decimal account number, so a renamed account stays the same."""

import re

from app.identity.errors import IdTokenInvalid
from app.identity.oidc import OidcProvider

ISSUER = "https://gitlab.com"
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")


class GitLabProvider(OidcProvider):
    """GitLab's hosted service, or one's own by its issuer."""

    reads = "We read your account number, name and verified e-mail address. We ask for no access to code."

    def accept_subject(self, subject: str) -> str:
        if not _NUMBER.fullmatch(subject):
            raise IdTokenInvalid("GitLab's subject should be an account number, and this one is not.")
        return subject
