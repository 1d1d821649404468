# SPDX-License-Identifier: Apache-2.0
"""From settings to adapters: each configured provider by its kind, in the order of the settings."""

import ssl
from functools import cache

import httpx2

from app.identity import gitlab, huggingface
from app.identity.github import API, SITE, GitHubConfig, GitHubProvider
from app.identity.oidc import OidcConfig, OidcProvider
from app.identity.ports import Provider
from app.identity.urls import parse_url
from app.platform.clock import Clock
from app.platform.settings import ProviderSettings, Settings, SettingsInvalid

LABELS = {"github": "GitHub", "gitlab": "GitLab", "huggingface": "Hugging Face"}
ISSUERS = {"gitlab": gitlab.ISSUER, "huggingface": huggingface.ISSUER}
CLASSES = {"gitlab": gitlab.GitLabProvider, "huggingface": huggingface.HuggingFaceProvider}


def build_providers(
    settings: Settings, clock: Clock, transport: httpx2.BaseTransport | None = None
) -> dict[str, Provider]:
    """The adapters by name. `transport` carries every request; the default is a pooled one without proxies."""
    carrier = transport or pooled_transport()
    return {entry.name: build_provider(entry, settings.origin, clock, carrier) for entry in settings.providers}


def pooled_transport() -> httpx2.BaseTransport:
    """The network: connections are kept open, no proxy is used and nothing is tried twice."""
    return httpx2.HTTPTransport(verify=_authorities(), retries=0)


@cache
def _authorities() -> ssl.SSLContext:
    """The certificate authorities that servers are checked by; read once a process, as that takes 20 ms."""
    return httpx2.create_ssl_context()


def build_provider(entry: ProviderSettings, origin: str, clock: Clock, transport: httpx2.BaseTransport) -> Provider:
    """One adapter; raises `SettingsInvalid` for an issuer that is neither https nor on loopback."""
    label = entry.label or LABELS.get(entry.kind, entry.name.replace("-", " ").capitalize())
    redirect_uri, secret = f"{origin}/login/{entry.name}/callback", entry.client_secret.get_secret_value()
    issuer = entry.issuer or ISSUERS.get(entry.kind, "")
    if issuer:
        check_issuer(f"MCLA_PROVIDERS: the issuer of {entry.name!r}", issuer)
    if entry.kind == "github":
        site = issuer.rstrip("/") or SITE
        api = f"{site}/api/v3" if issuer else API  # where an enterprise server keeps it
        return GitHubProvider(
            GitHubConfig(entry.name, label, entry.client_id, secret, redirect_uri, site, api), transport
        )
    config = OidcConfig(entry.name, label, issuer, entry.client_id, secret, redirect_uri, entry.sigstore)
    return CLASSES.get(entry.kind, OidcProvider)(config, transport, clock)


def issuer_of(settings: Settings, name: str) -> str:
    """Where the provider of this name is found: its issuer or site, empty for one that is not in the settings."""
    entry = next((each for each in settings.providers if each.name == name), None)
    return (entry.issuer or ISSUERS.get(entry.kind, SITE)) if entry else ""


def check_issuer(what: str, issuer: str) -> None:
    """Refuse an issuer of the settings, named `what`, that could not be asked safely; raises `SettingsInvalid`."""
    url = parse_url(issuer)
    if url is None or url.query or (url.scheme != "https" and not url.is_loopback):
        raise SettingsInvalid(f"{what} must be an https address, or http on loopback.")
