# SPDX-License-Identifier: Apache-2.0
"""The key ring: the one file that says which keys there are, which of each kind signs, and until when each counts.

`keys/ring.json` holds no secret, and is replaced as a whole by a rename: whoever reads it sees the ring before a change
or after it, never between. Who changes it holds the lock file.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast, get_args

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from app.platform.keys.errors import KeyUnusable, RotationRefused
from app.platform.keys.files import UNFINISHED, read_private, store_private, sync_folder
from app.platform.keys.values import CERTIFIED, Generation, Kind, PublicKey, algorithm_of, algorithms
from mcla.artifacts.jsontext import parse_json
from mcla.envelope.encoding import decode_base64, encode_base64
from mcla.errors import MclaError

RING = "ring.json"
Ring = tuple[Generation, ...]
_LOST = "Restore ring.json from the newest backup of the keys folder. For a trial, begin with an empty data directory."


def read_ring(folder: Path) -> Ring:
    """Every generation, the oldest of each kind first; raises `KeyUnusable`."""
    data = read_private(folder / RING)
    try:
        value = parse_json(data, max_bytes=4 * 1024 * 1024)
        if not isinstance(value, dict) or value.get("version") != 1:
            raise KeyUnusable(f"expected {RING} of version 1", hint=_LOST)
        return tuple(_read(item) for item in value["generations"])
    except KeyUnusable:
        raise
    except (MclaError, ValueError, KeyError, TypeError) as error:
        raise KeyUnusable(f"{RING} cannot be read: {type(error).__name__}: {error}", hint=_LOST) from error


def begin_ring(folder: Path) -> Ring:
    """The ring, empty if the folder is new; raises `KeyUnusable` where keys lie without their ring."""
    if not (folder / RING).exists():
        if keys := sorted(path.name for path in folder.glob("*.key.pem")):
            raise KeyUnusable(f"{RING} is missing, but there are keys: {', '.join(keys)}", hint=_LOST)
        replace_ring(folder, ())
    return read_ring(folder)


def replace_ring(folder: Path, ring: Ring) -> None:
    """Put `ring` in the place of the old one, durably and in one step; the caller holds the lock."""
    text = json.dumps({"version": 1, "generations": [_written(one) for one in ring]}, indent=1) + "\n"
    fresh = folder / f".{RING}.new{UNFINISHED}"
    store_private(fresh, text.encode())
    fresh.replace(folder / RING)
    sync_folder(folder)


def ring_stamp(folder: Path) -> tuple[int, int, int, int] | None:
    """What changes whenever the ring is replaced; None while there is none."""
    try:
        seen = (folder / RING).stat()
    except FileNotFoundError:
        return None
    return seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size


@contextmanager
def changing(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Be the only one who changes the ring; raises `RotationRefused` while another does, unless told to wait."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        for left in folder.glob(f".*{UNFINISHED}"):
            left.unlink()  # by a killed process; it may be a second name of a key
        yield
    except BlockingIOError as error:
        raise RotationRefused("keys are being changed by another command", hint="Try again when it is done.") from error
    finally:
        os.close(handle)  # which gives the lock back, as does the end of the process


def _written(one: Generation) -> dict[str, Any]:
    spki = one.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "kind": one.kind,
        "number": one.number,
        "place": one.place,
        "public_key": encode_base64(spki),
        "chain": [encode_base64(certificate.public_bytes(Encoding.DER)) for certificate in one.chain],
        "start": _time_written(one.start),
        "signs_from": _time_written(one.signs_from),
        "end": _time_written(one.end),
    }


def _read(item: dict[str, Any]) -> Generation:
    kind: Kind = item["kind"]
    key = cast(PublicKey, load_der_public_key(decode_base64(item["public_key"], "a public key")))
    chain = tuple(x509.load_der_x509_certificate(decode_base64(one, "a certificate")) for one in item["chain"])
    if kind not in get_args(Kind) or algorithm_of(key) not in algorithms(kind):
        raise ValueError(f"expected a kind of key with its algorithm, got {kind!r}")
    if (kind in CERTIFIED) != bool(chain) or (chain and chain[0].public_key() != key):
        raise ValueError(f"the chain of {kind} {item['number']} does not certify its key")
    return Generation(
        kind=kind,
        number=int(item["number"]),
        place=str(item["place"]),
        public_key=key,
        chain=chain,
        start=_needed(_time_read(item["start"])),
        signs_from=_time_read(item["signs_from"]),
        end=_time_read(item["end"]),
    )


def _time_written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _time_read(text: str | None) -> datetime | None:
    moment = None if text is None else datetime.fromisoformat(text)
    if moment is not None and moment.tzinfo is None:
        raise ValueError("expected times with a zone")
    return moment


def _needed(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError("expected a start")
    return moment
