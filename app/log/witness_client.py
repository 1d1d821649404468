# SPDX-License-Identifier: Apache-2.0
"""Asking one witness for a cosignature (C2SP tlog-witness, the log's side), with every answer capped and doubted.

A witness is somebody else's machine: it may be slow, silent, wrong or lying. What it answers is checked here before
anybody sees it, and nothing that it says is believed without a signature.
"""

import time
from dataclasses import dataclass
from hashlib import sha256

import httpx2

from app.platform.clock import Clock
from mcla.errors import MclaError
from mcla.log.cosignature import check_cosignature
from mcla.log.note import NoteSignature, parse_note
from mcla.log.policy import PolicyWitness
from mcla.log.witnessing import AddCheckpoint, format_request, parse_cosignatures, parse_known_size

MAX_ANSWER = 64 * 1024
CLOCK_SECONDS = 300
"""A cosignature is for the head that we just sent: a time this far off ours is not its time."""


@dataclass(frozen=True, slots=True)
class Given:
    """A cosignature that holds."""

    signature: NoteSignature


@dataclass(frozen=True, slots=True)
class Knows:
    """The witness last cosigned a head of this size, so it says."""

    size: int


@dataclass(frozen=True, slots=True)
class Disagrees:
    """The witness finds our head inconsistent; `shown` is the last head that it cosigned, if it shows one."""

    shown: str | None


@dataclass(frozen=True, slots=True)
class Failed:
    """No usable answer: `why` for the operator's log."""

    why: str


Outcome = Given | Knows | Disagrees | Failed


class WitnessClient:
    """One witness of the policy over HTTP; safe for threads."""

    def __init__(self, witness: PolicyWitness, clock: Clock, seconds: float) -> None:
        self.witness = witness
        self._clock, self._seconds = clock, seconds
        self._prefix = witness.url.rstrip("/")
        # Redirects and the environment's proxies are other people's choices of where our heads go.
        limits = {"timeout": httpx2.Timeout(seconds), "follow_redirects": False, "trust_env": False}
        self._client = httpx2.Client(headers={"Accept-Encoding": "identity"}, **limits)  # type: ignore[arg-type]

    def ask(self, request: AddCheckpoint) -> Outcome:
        """What the witness makes of a head; never raises."""
        try:
            status, body = self._call("POST", "/add-checkpoint", format_request(request))
            match status:
                case 200:
                    return self._given(body, request.checkpoint)
                case 409:
                    return Knows(parse_known_size(body))
                case 422:
                    return Disagrees(None)
            return Failed(f"it answered with status {status}")
        except (MclaError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            return Failed(f"{type(error).__name__}: {error}"[:200])

    def latest(self, origin: str) -> str | None:
        """The last head that the witness says it cosigned, not believed yet; None if it shows none."""
        try:
            status, body = self._call("GET", f"/{sha256(origin.encode()).hexdigest()}/checkpoint")
            return body.decode() if status == 200 else None
        except (MclaError, ValueError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError):
            return None

    def _given(self, body: bytes, checkpoint: str) -> Outcome:
        key, text = self.witness.key, parse_note(checkpoint).text
        for found in parse_cosignatures(body):
            if (found.name, found.key_id) != (key.name, key.id):
                continue  # of another key: ignored, as the specification demands
            at = check_cosignature(text, found.signature, key)
            if abs(at - self._clock.now().timestamp()) > CLOCK_SECONDS:
                return Failed(f"its cosignature is of another time than ours: {at}")
            return Given(found)
        return Failed(f"its answer holds no cosignature of {key.name}")

    def _call(self, method: str, path: str, content: bytes | None = None) -> tuple[int, bytes]:
        deadline = time.monotonic() + self._seconds
        with self._client.stream(method, self._prefix + path, content=content) as response:
            body = bytearray()
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > MAX_ANSWER or time.monotonic() > deadline:
                    raise httpx2.ReadError("the answer is too long, or takes too long")
            return response.status_code, bytes(body)
