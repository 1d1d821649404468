# SPDX-License-Identifier: Apache-2.0
"""Collecting witnesses' cosignatures for a head that is already durable, within bounded time.

Everybody is asked at once; waiting ends with the quorum or with the time allowed. A witness that did not answer is
left alone for a while, so that one dead machine delays one head and not every one. If a witness shows a head by this
log's own key that the log's entries do not lead to, the log was forked or restored from an old copy: nothing more
may be signed. What happens without a quorum is the operator's choice (ADR 0012).
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import structlog

from app.log.errors import LogForked
from app.log.witness_client import Disagrees, Failed, Given, Knows, Outcome, WitnessClient
from mcla.log.checkpoint import Checkpoint
from mcla.log.merkle import EMPTY_ROOT
from mcla.log.note import NoteSignature
from mcla.log.policy import Policy
from mcla.log.tiles import TileReader, consistency_proof, tree_root_from_tiles
from mcla.log.witnessing import AddCheckpoint

log = structlog.get_logger()
PAUSE_SECONDS = 10.0
ATTEMPTS = 3
Opener = Callable[[str], Checkpoint]


@dataclass(slots=True)
class _Asked:
    """What is remembered of one witness between heads."""

    client: WitnessClient
    known: int = 0
    quiet_until: float = 0.0
    busy: bool = False

    @property
    def name(self) -> str:
        return self.client.witness.name


@dataclass(slots=True)
class _Round:
    """One head's way round the witnesses."""

    note: str
    head: Checkpoint
    tiles: TileReader
    opened: Opener
    everybody: bool
    given: dict[str, NoteSignature] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)


class Cosigners:
    """The witnesses of one policy, as one process asks them; call from one thread at a time."""

    def __init__(self, policy: Policy, clients: Sequence[WitnessClient], seconds: float) -> None:
        self.policy = policy
        self._asked = [_Asked(client) for client in clients]
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(max(1, len(clients)), thread_name_prefix="witness")

    def collect(
        self, note: str, head: Checkpoint, tiles: TileReader, opened: Opener, *, everybody: bool = False
    ) -> str:
        """`note`, a signed head that is durable, with every cosignature that came in time.

        `tiles` are this log's own and `opened` gives the checkpoint in a note by one of its keys, or raises. With
        `everybody` a quorum does not end the waiting. Raises `LogForked` if a witness proves that another history was
        signed.
        """
        turn = _Round(note, head, tiles, opened, everybody)
        end = time.monotonic() + self._seconds
        asked = [one for one in self._asked if not one.busy and one.quiet_until <= time.monotonic()]
        running = {self._ask(turn, one): one for one in asked}
        while running and not self._enough(turn) and (left := end - time.monotonic()) > 0:
            done, _ = wait(running, left, FIRST_COMPLETED)
            for future in done:
                one = running.pop(future)
                if (again := self._take(turn, one, future.result())) is not None:
                    running[again] = one
        for late in running.values():
            if not self._enough(turn):
                self._leave(late, "it did not answer in time")
        return note + "".join(turn.given[name].line for name in sorted(turn.given))

    def _enough(self, turn: _Round) -> bool:
        """Whether waiting longer is pointless: a policy that asks for nobody waits for everybody."""
        return not turn.everybody and self.policy.quorum != "none" and self.policy.met_by(turn.given)

    def _ask(self, turn: _Round, one: _Asked) -> "Future[Outcome]":
        old = min(one.known, turn.head.size)
        proof = consistency_proof(turn.tiles, old, turn.head.size) if old else ()
        one.busy = True
        return self._pool.submit(self._call, one, AddCheckpoint(old, proof, turn.note), turn.head.origin)

    @staticmethod
    def _call(one: _Asked, request: AddCheckpoint, origin: str) -> Outcome:
        try:
            outcome = one.client.ask(request)
            size = int(request.checkpoint.split("\n")[1])
            if isinstance(outcome, Given):
                one.known = size
            if isinstance(outcome, Disagrees) or (isinstance(outcome, Knows) and outcome.size > size):
                return Disagrees(one.client.latest(origin))
            return outcome
        finally:
            one.busy = False

    def _take(self, turn: _Round, one: _Asked, outcome: Outcome) -> "Future[Outcome] | None":
        """Use an answer; a question to ask again, if there is one."""
        match outcome:
            case Given(signature):
                turn.given[one.name] = signature
            case Knows(size):
                one.known = size
                turn.tries[one.name] = turn.tries.get(one.name, 1) + 1
                if turn.tries[one.name] <= ATTEMPTS:
                    return self._ask(turn, one)
                self._leave(one, "it names another size each time")
            case Disagrees(shown):
                self._refuse_fork(turn, one, shown)
                one.known = 0
                self._leave(one, "it says that this head does not extend what it saw, and shows nothing for it")
            case Failed(why):
                self._leave(one, why)
        return None

    def _refuse_fork(self, turn: _Round, one: _Asked, shown: str | None) -> None:
        """Raise `LogForked` if what the witness shows is signed by this log and not part of its history."""
        try:
            other = turn.opened(shown) if shown is not None else None
        except LogForked:
            return  # not by our key: a witness's word alone
        if other is None or (other.size <= turn.head.size and other.root == self._root_at(turn, other.size)):
            return
        raise LogForked(
            f"The witness {one.name!a} has seen a head signed by this log over {other.size} entries with the root "
            f"{other.root.hex()}; this log's {turn.head.size} entries do not lead to it: an older or another copy."
        )

    @staticmethod
    def _root_at(turn: _Round, size: int) -> bytes:
        return tree_root_from_tiles(turn.tiles, size) if size else EMPTY_ROOT

    @staticmethod
    def _leave(one: _Asked, why: str) -> None:
        """Do not ask this witness again for a while."""
        one.quiet_until = time.monotonic() + PAUSE_SECONDS
        log.warning("log.witness_failed", witness=one.name, reason=why)
