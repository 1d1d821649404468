# SPDX-License-Identifier: Apache-2.0
"""The first keys: made, or adopted where the settings name keys that exist. Safe to repeat and to kill."""

import os
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate

from app.platform.keys.certificates import LEEWAY, given_chain, make_chain
from app.platform.keys.files import store_private
from app.platform.keys.homes import Homes, probe
from app.platform.keys.load import FOLDER, FORM_FILE
from app.platform.keys.ring import Ring, begin_ring, changing, replace_ring
from app.platform.keys.values import CERTIFIED, KINDS, Algorithm, Generation, Kind, PublicKey, algorithms
from app.platform.settings import KeyPlaces, TokenSettings


def create_keys(
    home: Path, host: str, now: datetime, places: KeyPlaces | None = None, token: TokenSettings | None = None
) -> None:
    """Make the keys and certificates that are missing under `home/keys`; those that exist are never touched.

    `places` says where each kind of key should live. Raises `KeyUnusable` or `RotationRefused`.
    """
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    homes = Homes(folder, token or TokenSettings())
    with changing(folder, wait=True):
        ring = begin_ring(folder)
        if not (folder / FORM_FILE).exists():
            store_private(folder / FORM_FILE, os.urandom(32))
        for kind in KINDS:
            if not any(one.kind == kind for one in ring):
                ring = (*ring, new_generation(homes, ring, kind, places or KeyPlaces(), host, now, first=True))
                replace_ring(folder, ring)  # after each: a killed call has made whole keys only


def new_generation(
    homes: Homes, ring: Ring, kind: Kind, places: KeyPlaces, host: str, now: datetime, *, first: bool = False
) -> Generation:
    """A key that is not in the ring yet, tried out and certified; only the first of its kind signs at once."""
    earlier = [one for one in ring if one.kind == kind]
    place = homes.find_or_make(kind, _algorithm(kind, places), places.of(kind), [one.place for one in ring])
    signer = homes.open(kind, place)
    probe(signer)
    number, key = len(earlier) + 1, signer.public_key()
    chain = _chain(kind, number, host, key, now, places)
    start = (now - LEEWAY).replace(microsecond=0)
    # A head covers every entry since the log began, so a new log key speaks for signatures as old as the first's.
    start = earlier[0].start if kind in ("log", "pqlog") and earlier else start
    return Generation(kind, number, place, key, chain, start, signs_from=now if first else None)


def _algorithm(kind: Kind, places: KeyPlaces) -> Algorithm:
    return places.document_algorithm if kind == "document" else algorithms(kind)[0]


def _chain(
    kind: Kind, number: int, host: str, key: PublicKey, now: datetime, places: KeyPlaces
) -> tuple[Certificate, ...]:
    """The certificates of a key: by an outside authority where one certified it, of our own making, or none."""
    if kind == "document" and places.document_chain is not None:
        return given_chain(places.document_chain, key, now)
    if kind in CERTIFIED and isinstance(key, EllipticCurvePublicKey | RSAPublicKey):
        return make_chain(kind, number, host, key, now)
    return ()
