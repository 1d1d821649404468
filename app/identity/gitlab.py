# SPDX-License-Identifier: Apache-2.0
"""GitLab: OpenID Connect whose subject is the decimal account number, so a renamed account stays the same.

Its user information names groups by their paths alone, and a path can be made anew by others. So memberships are read
from the REST API, which gives numbers, with a token that is asked for on that walk alone and kept nowhere.
"""

import re
from urllib.parse import urlencode

from app.identity.errors import IdTokenInvalid, ProviderAnswerInvalid
from app.identity.oidc import SCOPE, OidcProvider
from app.identity.ports import FlowSecrets, OrganisationTold, Params, VerifiedClaims

ISSUER = "https://gitlab.com"
SCOPE_OF_MEMBERSHIP = f"{SCOPE} read_api"
"""The least by which GitLab tells the numbers of groups; there is none for groups alone."""
GUEST = 10
"""The least role of a member; whoever has less in a group is only tied to it by a project or a request."""
PAGE, MOST_PAGES = 50, 20
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")


class GitLabProvider(OidcProvider):
    """GitLab's hosted service, or one's own by its issuer."""

    reads = "We read your account number, name and verified e-mail address. We ask for no access to code."

    def accept_subject(self, subject: str) -> str:
        if not _NUMBER.fullmatch(subject):
            raise IdTokenInvalid("GitLab's subject should be an account number, and this one is not.")
        return subject

    def membership_url(self, flow: FlowSecrets) -> str:
        """As `authorization_url`, with the scope that reads groups."""
        return self._authorization_url(flow, SCOPE_OF_MEMBERSHIP)

    def finish_membership(self, params: Params, flow: FlowSecrets) -> tuple[VerifiedClaims, list[OrganisationTold]]:
        """As `finish`, and the groups in which this account is a member, directly or by a group above."""
        claims, _, access_token = self._finish(params, flow)
        return claims, self._groups({"Authorization": f"Bearer {access_token}"})

    def _groups(self, headers: dict[str, str]) -> list[OrganisationTold]:
        """`GET /groups`, page by page; whatever is not understood is refused as a whole."""
        found: list[OrganisationTold] = []
        for page in range(1, MOST_PAGES + 1):
            asked = {"min_access_level": GUEST, "order_by": "id", "per_page": PAGE, "page": page}
            url = f"{self.issuer.rstrip('/')}/api/v4/groups?{urlencode(asked)}"
            told = self._http.get_json(url, "the memberships", headers)
            if not isinstance(told, list):
                raise ProviderAnswerInvalid(f"{self.label} sent memberships that are no list.")
            found += [self._group(each) for each in told]
            if len(told) < PAGE:
                return found
        raise ProviderAnswerInvalid(f"{self.label} names more than {PAGE * MOST_PAGES} groups.")

    def _group(self, told: object) -> OrganisationTold:
        number, path = (told.get("id"), told.get("full_path")) if isinstance(told, dict) else (None, None)
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 2**63:
            raise ProviderAnswerInvalid(f"{self.label} sent a membership without the group's number.")
        if not isinstance(path, str) or not path:
            raise ProviderAnswerInvalid(f"{self.label} sent a membership without the group's path.")
        return OrganisationTold(str(number), path)
