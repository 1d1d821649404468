# SPDX-License-Identifier: Apache-2.0
"""Proves, before anybody signs, that this process can make a page, seal it and verify the seal."""

from datetime import datetime

from app.platform.keys import ServiceKeys
from app.records.render import render_html
from app.records.seal import seal
from mcla.records.errors import SealInvalid
from mcla.records.seal import check_bytes, check_seal, read_sealed
from mcla.verify.trust import TrustedRoot

_PROBE = (
    '<!doctype html><html lang="en"><title>Probe</title><meta name="dcterms.created" content="2026-01-01T00:00:00Z">'
    '<meta name="dcterms.modified" content="2026-01-01T00:00:00Z"><h1>Probe</h1><p>Made in memory.</p></html>'
)


def self_test(keys: ServiceKeys, trust: TrustedRoot, now: datetime) -> None:
    """Seal and verify a probe document in memory; raises `SealFailed` or `SealInvalid` naming what is wrong."""
    sealed = seal(render_html(_PROBE), keys.document, now)
    _check(sealed, trust, now)
    # A check that cannot fail proves nothing: one changed byte must be refused.
    place = sealed.index(b"/Type") + 1
    try:
        _check(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], trust, now)
    except SealInvalid:
        return
    raise SealInvalid("self-test", "a changed probe document passed the check")


def _check(sealed: bytes, trust: TrustedRoot, now: datetime) -> None:
    signed = check_bytes(sealed, trust)
    check_seal(read_sealed(signed), signed, trust, now)
