# SPDX-License-Identifier: Apache-2.0
"""The witness's one use case: cosign a head if it extends the last one, and remember it before anybody hears of it.

Check and store are one step under a lock that threads and processes share, so the stored size never falls. The head
is on disk, with its directory, before the cosignature is given away: a witness that forgot could be shown a fork.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from app.platform.clock import Clock
from app.witness.errors import HeadNotSigned, LogUnknown, NotConsistent, OldSizeWrong
from app.witness.home import WitnessHome
from mcla.log.checkpoint import Checkpoint, EmptyRootWrong, parse_checkpoint
from mcla.log.cosignature import CosignatureInvalid, is_signed_by
from mcla.log.merkle import ProofInvalid, verify_consistency
from mcla.log.note import Note, NoteInvalid, NoteSignature, parse_note
from mcla.log.witnessing import AddCheckpoint, WitnessMessageInvalid, parse_request


class Witness:
    """One witness over its folder; any number of threads and processes may use it at once."""

    def __init__(self, home: WitnessHome, clock: Clock) -> None:
        self._home = home
        self._cosigner = home.cosigner()
        self._clock = clock
        self._turn = threading.Lock()

    def add_checkpoint(self, body: bytes) -> NoteSignature:
        """Answer `POST add-checkpoint`: our cosignature over the submitted head.

        Raises `WitnessMessageInvalid` or `CheckpointInvalid` (400), and a `WitnessError` with its own status.
        """
        request = parse_request(body)
        try:
            note = parse_note(request.checkpoint)
            head = parse_checkpoint(note.text)
        except NoteInvalid as error:
            raise WitnessMessageInvalid(error.message) from error
        except EmptyRootWrong as error:
            raise NotConsistent(error.message) from error
        signed = self._signed_by_log(note, head.origin)
        if request.old > head.size:
            raise WitnessMessageInvalid(f"expected an old size of at most {head.size}, got {request.old}")
        with self._alone():
            self._check_extends(request, head)
            cosignature = self._cosigner.sign(note.text, int(self._clock.now().timestamp()))
            lines = "".join(one.line for one in (*signed, cosignature))
            self._home.heads.replace(_name(head.origin), f"{note.text}\n{lines}".encode())
        return cosignature

    def latest(self, origin_hash: str) -> str:
        """The last cosigned head of the log with this SHA-256 of its origin; raises `LogUnknown`."""
        for origin in self._home.logs():
            if _name(origin) == origin_hash:
                stored = self._home.heads.read(origin_hash)
                if stored is not None:
                    return stored.decode()
        raise LogUnknown("this witness has cosigned no head of such a log")

    def _signed_by_log(self, note: Note, origin: str) -> list[NoteSignature]:
        """The lines of the log's own keys, each of them right."""
        keys = self._home.logs().get(origin)
        if keys is None:
            raise LogUnknown(f"this witness watches no log named {origin[:100]!a}")
        try:
            signers = {(key.name, key.id) for key in keys if is_signed_by(note, key)}
        except (NoteInvalid, CosignatureInvalid) as error:
            raise HeadNotSigned(error.message) from error
        if not signers:
            raise HeadNotSigned(f"no key of the log {origin[:100]!a} signed this head")
        return [one for one in note.signatures if (one.name, one.key_id) in signers]

    def _check_extends(self, request: AddCheckpoint, head: Checkpoint) -> None:
        last = self._last(head.origin)
        known = last.size if last else 0
        if request.old != known:
            raise OldSizeWrong(known)
        try:
            if last is not None and last.size:
                verify_consistency(last.size, head.size, last.root, head.root, request.proof)
            elif request.proof:
                raise NotConsistent("expected no proof from an empty log, got one")
        except ProofInvalid as error:
            raise NotConsistent(error.message) from error

    def _last(self, origin: str) -> Checkpoint | None:
        stored = self._home.heads.read(_name(origin))
        return parse_checkpoint(parse_note(stored.decode()).text) if stored is not None else None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one thread of one process at a time."""
        with self._turn:
            handle = os.open(self._home.lock, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)


def _name(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()
