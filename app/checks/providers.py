# SPDX-License-Identifier: Apache-2.0
"""The providers of this service as a check knows them: by name, kind and the host of their pages."""

from urllib.parse import urlsplit

from app.identity.github import SITE
from app.identity.providers import ISSUERS
from app.platform.settings import Settings
from mcla.checks.people import Forge


def forges_of(settings: Settings) -> tuple[Forge, ...]:
    """In the order of the settings."""
    sites = {"github": SITE, **ISSUERS}
    return tuple(
        Forge(each.name, each.kind, urlsplit(each.issuer or sites.get(each.kind, "")).hostname or "")
        for each in settings.providers
    )
