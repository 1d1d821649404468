# SPDX-License-Identifier: Apache-2.0
"""Hugging Face: OpenID Connect whose subject is an opaque account id, so a renamed account stays the same."""

import re

from app.identity.errors import IdTokenInvalid, ProviderAnswerInvalid
from app.identity.oidc import OidcProvider
from app.identity.ports import FlowSecrets, OrganisationTold, Params, VerifiedClaims

ISSUER = "https://huggingface.co"
_OPAQUE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class HuggingFaceProvider(OidcProvider):
    """The model hub's accounts."""

    reads = "We read your account id, name and verified e-mail address. We ask for no access to models or data."

    def accept_subject(self, subject: str) -> str:
        if not _OPAQUE.fullmatch(subject):
            raise IdTokenInvalid("Hugging Face's subject should be an opaque account id, and this one is not.")
        return subject

    def membership_url(self, flow: FlowSecrets) -> str:
        """The sign-in itself: its userinfo names the organisations that the person lets it name."""
        return self.authorization_url(flow)

    def finish_membership(self, params: Params, flow: FlowSecrets) -> tuple[VerifiedClaims, list[OrganisationTold]]:
        """As `finish`, and the organisations of the userinfo's `orgs`, by their opaque ids."""
        claims, info = self.finish_with_info(params, flow)
        told = info.get("orgs")
        if not isinstance(told, list):
            raise ProviderAnswerInvalid(f"{self.label} did not say of which organisations you are a member.")
        return claims, [self._organisation(each) for each in told if not _shut_out(each)]

    def _organisation(self, told: object) -> OrganisationTold:
        number, name = (told.get("sub"), told.get("preferred_username")) if isinstance(told, dict) else (None, None)
        if not isinstance(number, str) or not _OPAQUE.fullmatch(number) or not isinstance(name, str) or not name:
            raise ProviderAnswerInvalid(f"{self.label} sent an organisation without its id and name.")
        return OrganisationTold(number, name)


def _shut_out(told: object) -> bool:
    """Whether the organisation does not let this person in at present: its own sign-on or second factor is missing."""
    return isinstance(told, dict) and (told.get("pendingSSO") is True or told.get("missingMFA") is True)
