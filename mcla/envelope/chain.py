# SPDX-License-Identifier: Apache-2.0
"""Certificate chains (RFC 5280) at a moment in the past: the moment of the timestamp, never now.

Chains come whole from the trust file, so nothing is searched: each certificate must be issued by the next, the last
by itself. Anything critical that is not understood refuses the chain.
"""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from mcla.envelope.encoding import refused_as
from mcla.errors import MclaError

_UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
}


class ChainInvalid(MclaError):
    """A certificate does not lead to the trusted root at the moment asked."""

    code = "certificate-untrusted"
    hint = "Check that the trust file is the one of the service that made the bundle; get it again if its keys changed."


def check_chain(
    leaf: x509.Certificate, issuers: Sequence[x509.Certificate], at: datetime, usage: x509.ObjectIdentifier
) -> None:
    """Raise `ChainInvalid` unless `leaf` is issued through `issuers` (root last), all valid at `at` and for `usage`."""
    check_issuers(issuers, at, usage)
    with refused_as(ChainInvalid, "certificates that chain to the trusted root"):
        check_valid_at(leaf, at)
        check_critical(leaf)
        leaf.verify_directly_issued_by(issuers[0])


def check_trusted_chain(chain: Sequence[x509.Certificate], at: datetime, usage: x509.ObjectIdentifier) -> None:
    """The same for a chain that stands in the trust file as a whole, its leaf too."""
    check_issuers(chain[1:], at, usage)
    with refused_as(ChainInvalid, "certificates that chain to the trusted root"):
        check_valid_at(chain[0], at)
        _check_link(chain[0], chain[1])


def check_issuers(issuers: Sequence[x509.Certificate], at: datetime, usage: x509.ObjectIdentifier) -> None:
    """Raise `ChainInvalid` unless each may issue and is issued by the next, the last by itself, all valid at `at`."""
    if not issuers:
        raise ChainInvalid("expected a chain of certificates in the trust file, got none")
    with refused_as(ChainInvalid, "certificates that chain to the trusted root"):
        _check_linked(tuple(issuers), usage)
        for issuer in issuers:
            check_valid_at(issuer, at)


def check_valid_at(certificate: x509.Certificate, at: datetime) -> None:
    """Raise `ChainInvalid` unless `at` lies within the certificate's life, both ends included."""
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not start <= at <= end:
        name = certificate.subject.rfc4514_string()  # empty for a signer's
        what = f"the certificate of {name}" if name else "the certificate"
        raise ChainInvalid(f"expected {what} to be valid at {shown(at)}, got {shown(start)} to {shown(end)}")


def check_critical(certificate: x509.Certificate) -> None:
    """Raise `ChainInvalid` for a critical extension that this code does not enforce."""
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            raise ChainInvalid(f"expected only known critical extensions, got {extension.oid.dotted_string}")


def shown(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


@lru_cache(maxsize=256)
def _check_linked(issuers: tuple[x509.Certificate, ...], usage: x509.ObjectIdentifier) -> None:
    # Remembered: a trust file's own links are the same for every bundle, and each costs a signature check.
    for below, above in itertools.pairwise([*issuers, issuers[-1]]):
        below.verify_directly_issued_by(above)
    for depth, issuer in enumerate(issuers):
        _check_issuer(issuer, depth, usage)


@lru_cache(maxsize=256)
def _check_link(below: x509.Certificate, above: x509.Certificate) -> None:
    check_critical(below)
    below.verify_directly_issued_by(above)


def _check_issuer(certificate: x509.Certificate, depth: int, usage: x509.ObjectIdentifier) -> None:
    check_critical(certificate)
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    if not constraints.ca or (constraints.path_length is not None and constraints.path_length < depth):
        raise ChainInvalid("expected an issuer that may issue certificates, got one that may not")
    if not certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign:
        raise ChainInvalid("expected an issuer with the key usage keyCertSign")
    usages = _usages(certificate)
    if usages is not None and usage not in usages and ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in usages:
        raise ChainInvalid("expected an issuer for this purpose, got one for another")


def _usages(certificate: x509.Certificate) -> x509.ExtendedKeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return None
