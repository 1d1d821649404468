# SPDX-License-Identifier: Apache-2.0
"""What a program fetches from a running service: public addresses and the list of keys."""

import urllib.request

from running import Running

from mcla.verify.trust import TrustedRoot


def fetched(service: Running, path: str) -> bytes:
    """The body of a public address; raises on anything but a good answer."""
    with urllib.request.urlopen(f"{service.origin}{path}", timeout=30) as answer:  # noqa: S310  # our own loopback address
        return bytes(answer.read())


def trust_of(service: Running) -> TrustedRoot:
    """The keys that the service publishes."""
    return TrustedRoot.from_json(fetched(service, "/.well-known/mcla/trusted_root.json"))
