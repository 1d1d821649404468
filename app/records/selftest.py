# SPDX-License-Identifier: Apache-2.0
"""Proves, before anybody signs, that this process can make a page, seal it and verify the seal."""

from datetime import datetime

from app.platform.keys import ServiceKeys
from app.records.check import check_seal
from app.records.errors import SealInvalid
from app.records.render import render_html
from app.records.seal import seal

_PROBE = (
    '<!doctype html><html lang="en"><title>Probe</title><meta name="dcterms.created" content="2026-01-01T00:00:00Z">'
    '<meta name="dcterms.modified" content="2026-01-01T00:00:00Z"><h1>Probe</h1><p>Made in memory.</p></html>'
)


def self_test(keys: ServiceKeys, now: datetime) -> None:
    """Seal and verify a probe document in memory; raises `SealFailed` or `SealInvalid` naming what is wrong."""
    sealed = seal(render_html(_PROBE), keys.document, now)
    roots = keys.document.chain[-1:]
    check_seal(sealed, roots, now)
    # A check that cannot fail proves nothing: one changed byte must be refused.
    place = sealed.index(b"/Type") + 1
    try:
        check_seal(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], roots, now)
    except SealInvalid:
        return
    raise SealInvalid("self-test", "a changed probe document passed the check")
