# SPDX-License-Identifier: Apache-2.0
"""C2SP tlog-policy: which logs and witnesses are believed, and how many witnesses make a checkpoint good.

A quorum is the name of a witness, of a group ("2 of these 3", "all of those groups") or `none`. Everything refers
backwards only, and each name is a member of one group at most, so no witness counts twice. `mcla.log.policyfile`
reads and writes the file.
"""

from collections.abc import Collection
from dataclasses import dataclass

from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, parse_checkpoint
from mcla.log.cosignature import cosigned_at, is_signed_by
from mcla.log.note import Note, parse_note
from mcla.log.vkey import VerifierKey

NONE = "none"


class PolicyUnmet(MclaError):
    """A checkpoint is by a known log, but too few of the policy's witnesses have cosigned it: those in `seen_by`."""

    code = "quorum-missing"
    hint = "Get the proof again later: a newer checkpoint may carry more witnesses. Or ask the service about its log."

    def __init__(self, message: str, seen_by: tuple[str, ...]) -> None:
        super().__init__(message)
        self.seen_by = seen_by


class LogNotInPolicy(MclaError):
    """A checkpoint is signed by none of the logs that the policy names."""

    code = "log-not-in-policy"
    hint = "Use the policy for this log; /.well-known/mcla/policy of its service shows the key to compare."


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log that is believed; its key's name is its origin. `url` may be empty."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness under the `name` that this policy gives it. `url` is its submission prefix, or empty."""

    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """Met when at least `threshold` of its members (witnesses or groups) are."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A witness of the policy and when (POSIX seconds) it cosigned."""

    witness: PolicyWitness
    time: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """A checkpoint that met the policy: by which log, seen by which witnesses."""

    checkpoint: Checkpoint
    log: PolicyLog | None
    cosigned: tuple[Cosigned, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses, groups in order of definition, and the name that has to be met."""

    logs: tuple[PolicyLog, ...] = ()
    witnesses: tuple[PolicyWitness, ...] = ()
    groups: tuple[PolicyGroup, ...] = ()
    quorum: str = NONE

    def met_by(self, names: Collection[str]) -> bool:
        """Whether the witnesses of these names make the quorum."""
        met = {witness.name for witness in self.witnesses} & set(names)
        for group in self.groups:
            if sum(member in met for member in group.members) >= group.threshold:
                met.add(group.name)
        return self.quorum == NONE or self.quorum in met

    def cosigned(self, note: Note) -> tuple[Cosigned, ...]:
        """The policy's witnesses that cosigned `note`; lines by others are passed over.

        Raises `CosignatureInvalid` if a line of one of them is wrong.
        """
        times = [(witness, cosigned_at(note, witness.key)) for witness in self.witnesses]
        return tuple(Cosigned(witness, time) for witness, time in times if time is not None)

    def check(self, text: str) -> Accepted:
        """Accept the signed checkpoint `text`, or raise `LogNotInPolicy`, `PolicyUnmet`, `NoteInvalid`,
        `CheckpointInvalid` or `CosignatureInvalid`.

        A policy without logs leaves it to the caller to know whose checkpoint it is.
        """
        note = parse_note(text)
        head = parse_checkpoint(note.text)
        log = self._log_of(note, head) if self.logs else None
        cosigned = self.cosigned(note)
        self.require({one.witness.name for one in cosigned})
        return Accepted(head, log, cosigned)

    def require(self, names: Collection[str]) -> None:
        """Raise `PolicyUnmet` unless the witnesses of these names make the quorum."""
        if not self.met_by(names):
            got = ", ".join(sorted(names)) or "none"
            expected = f"expected the quorum {self.quorum!a} of the policy's {len(self.witnesses)} witnesses"
            raise PolicyUnmet(f"{expected}, got {got!a}", tuple(sorted(names)))

    def _log_of(self, note: Note, head: Checkpoint) -> PolicyLog:
        for log in self.logs:
            if log.key.name == head.origin and is_signed_by(note, log.key):
                return log
        names = ", ".join(sorted({log.key.name for log in self.logs}))
        raise LogNotInPolicy(f"expected a checkpoint signed by a log of the policy ({names}), got one of {head.origin}")
