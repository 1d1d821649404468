# SPDX-License-Identifier: Apache-2.0
"""Mail domains and addresses as they are compared: parsed, in lower case and IDNA, never as text patterns.

`x@evilexample.com` is not in `example.com`: domains are compared label by label. Only addresses that a provider has
verified are ever compared.
"""

import re
from pathlib import Path

import idna

from app.companies.errors import PublicMailDomain, RuleUnfit
from mcla.wording import Worded

MAX_ADDRESS = 254
"""Characters of an address, RFC 5321 4.5.3.1.3 less the angle brackets."""
_LOCAL = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}")

PUBLIC_MAIL = frozenset((Path(__file__).parent / "public_mail.txt").read_text(encoding="ascii").split())
"""Domains at which anybody gets an address; the largest ones, kept by hand. Others are held off by the rule that who
lists a domain has an address there, and that no subdomain of these stands for a company either."""


def parse_domain(text: str) -> str:
    """A company's mail domain in IDNA form; raises `RuleUnfit` or `PublicMailDomain`."""
    domain = _idna(text.strip().removeprefix("@").removesuffix("."))
    if domain is None or "." not in domain:
        hint = "Write the domain alone, without a star; whether its subdomains count is said separately."
        raise RuleUnfit(
            Worded("expected a mail domain such as example.com, got %(text)s", text=repr(text[:80])), hint=hint
        )
    if any(inside(domain, public, subdomains=True) for public in PUBLIC_MAIL):
        raise PublicMailDomain(
            Worded("Everybody can get an address at %(domain)s, so it tells nothing of a company.", domain=domain)
        )
    return domain


def parse_address(text: str) -> str:
    """An e-mail address as it is compared: local part and domain in lower case; raises `RuleUnfit`."""
    local, _, domain = text.strip().rpartition("@")
    parsed = _idna(domain)
    if len(text) > MAX_ADDRESS or not _LOCAL.fullmatch(local) or parsed is None or "." not in parsed:
        raise RuleUnfit(Worded("expected an address such as name@example.com, got %(text)s", text=repr(text[:80])))
    return f"{local.lower()}@{parsed}"


def compared(address: str | None) -> str | None:
    """A provider's verified address as it is compared, None for none and for one that cannot be parsed."""
    try:
        return parse_address(address) if address else None
    except RuleUnfit:
        return None


def domain_of(address: str) -> str:
    """The domain of a parsed address."""
    return address.rpartition("@")[2]


def inside(domain: str, of: str, *, subdomains: bool) -> bool:
    """Whether `domain` is `of`, or with `subdomains` below it."""
    return domain == of or (subdomains and domain.endswith(f".{of}"))


def above(domain: str) -> list[str]:
    """The domain itself and every domain above it, for looking up which rules may name it."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def _idna(text: str) -> str | None:
    try:
        return idna.encode(text, uts46=True).decode() if text and len(text) <= 253 else None
    except idna.IDNAError:
        return None
