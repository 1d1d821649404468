# SPDX-License-Identifier: Apache-2.0
"""Reading and writing the C2SP tlog-policy file: lines `log`, `witness`, `group` and one `quorum`.

The file is octets: names are compared as they are, never normalised. Read strictly, with the number of the line at
fault, because a policy that two programs read differently is two policies.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mcla.errors import MclaError
from mcla.log.note import NoteInvalid
from mcla.log.policy import NONE, Policy, PolicyGroup, PolicyLog, PolicyWitness
from mcla.log.vkey import KeyType, VerifierKey, parse_vkey

MAX_BYTES = 1024 * 1024
MAX_OF_EACH = 256  # the specification asks for at least 32 logs, witnesses and groups
_COUNT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_LOG_TYPES = (KeyType.ED25519, KeyType.COSIGNATURE_ML_DSA_44)
_WITNESS_TYPES = (KeyType.COSIGNATURE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)


class PolicyInvalid(MclaError):
    """A policy file breaks a rule of its format."""

    code = "policy-invalid"
    hint = "Lines: log VKEY [URL], witness NAME VKEY [URL], group NAME all|any|K NAME..., one quorum NAME|none."


def parse_policy(data: bytes) -> Policy:
    """The policy in a file's bytes; raises `PolicyInvalid` naming the line."""
    if len(data) > MAX_BYTES:
        raise PolicyInvalid(f"expected a policy of at most {MAX_BYTES} bytes, got {len(data)}")
    if not data.endswith(b"\n"):
        raise PolicyInvalid("expected every line of the policy to end in a newline, the last one does not")
    draft = _Draft()
    for number, raw in enumerate(data[:-1].split(b"\n"), 1):
        try:
            draft.read(raw)
        except (PolicyInvalid, NoteInvalid) as error:
            raise PolicyInvalid(f"line {number}: {error.message}") from error
    return draft.finished()


def format_policy(policy: Policy) -> bytes:
    """The file's bytes; `parse_policy` reads it back as an equal policy."""
    lines = [f"log {log.key.line} {log.url}".rstrip() for log in policy.logs]
    lines += [f"witness {one.name} {one.key.line} {one.url}".rstrip() for one in policy.witnesses]
    lines += [f"group {one.name} {one.threshold} {' '.join(one.members)}" for one in policy.groups]
    return "\n".join([*lines, f"quorum {policy.quorum}", ""]).encode("utf-8", "surrogateescape")


@dataclass(slots=True)
class _Draft:
    """A policy as far as its lines were read."""

    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: list[PolicyWitness] = field(default_factory=list)
    groups: list[PolicyGroup] = field(default_factory=list)
    members: set[str] = field(default_factory=set)
    quorum: str | None = None

    def read(self, raw: bytes) -> None:
        if any((octet < 0x20 and octet != 0x09) or octet == 0x7F for octet in raw):
            raise PolicyInvalid("a control character other than tab stands in the line")
        # Octets beyond ASCII are opaque: this way of decoding keeps different names different.
        words = [word for word in re.split(r"[ \t]+", raw.decode("utf-8", "surrogateescape")) if word]
        if not words or words[0].startswith("#"):
            return
        readers: dict[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }
        if words[0] not in readers:
            raise PolicyInvalid(f"expected log, witness, group or quorum, got {words[0][:40]!a}")
        readers[words[0]](words[1:])

    def finished(self) -> Policy:
        if self.quorum is None:
            raise PolicyInvalid("expected exactly one quorum line, got none")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def _log(self, words: list[str]) -> None:
        if not 1 <= len(words) <= 2:
            raise PolicyInvalid(f"expected log VKEY [URL], got {len(words)} words after log")
        log = PolicyLog(_key(words[0], _LOG_TYPES, "a log"), *words[1:])
        _check_apart(log.key, [one.key for one in self.witnesses])
        _one_more(self.logs, [known.key for known in self.logs], log, log.key)

    def _witness(self, words: list[str]) -> None:
        if not 2 <= len(words) <= 3:
            raise PolicyInvalid(f"expected witness NAME VKEY [URL], got {len(words)} words after witness")
        self._is_new(words[0])
        witness = PolicyWitness(words[0], _key(words[1], _WITNESS_TYPES, "a witness"), *words[2:])
        _check_apart(witness.key, [one.key for one in self.logs])
        _one_more(self.witnesses, [known.key for known in self.witnesses], witness, witness.key)

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise PolicyInvalid("expected group NAME all|any|K NAME..., got fewer words")
        name, count, *members = words
        self._is_new(name)
        for member in members:
            self._is_known(member)
            if member in self.members:
                raise PolicyInvalid(f"{member[:80]!a} is a member of a group already")
            self.members.add(member)
        if len(self.groups) == MAX_OF_EACH:
            raise PolicyInvalid(f"expected at most {MAX_OF_EACH} groups, got more")
        self.groups.append(PolicyGroup(name, _threshold(count, len(members)), tuple(members)))

    def _quorum(self, words: list[str]) -> None:
        if len(words) != 1:
            raise PolicyInvalid(f"expected quorum NAME, got {len(words)} words after quorum")
        if self.quorum is not None:
            raise PolicyInvalid("expected exactly one quorum line, got another")
        if words[0] != NONE:
            self._is_known(words[0])
        self.quorum = words[0]

    def _names(self) -> set[str]:
        return {one.name for one in self.witnesses} | {one.name for one in self.groups}

    def _is_new(self, name: str) -> None:
        if name == NONE or name in self._names():
            raise PolicyInvalid(f"the name {name[:80]!a} is taken")

    def _is_known(self, name: str) -> None:
        if name not in self._names():
            raise PolicyInvalid(f"expected the name of a witness or group on a line before, got {name[:80]!a}")


def _key(line: str, kinds: tuple[KeyType, ...], whose: str) -> VerifierKey:
    key = parse_vkey(line)
    if key.kind not in kinds:
        raise PolicyInvalid(f"a key of type {key.kind:#04x} is not {whose}'s")
    return key


def _one_more(items: list[Any], known: list[VerifierKey], item: PolicyLog | PolicyWitness, key: VerifierKey) -> None:
    if any(other.raw == key.raw for other in known):
        raise PolicyInvalid(f"the public key of {key.name!a} stands on a line before")
    if len(items) == MAX_OF_EACH:
        raise PolicyInvalid(f"expected at most {MAX_OF_EACH} lines of this sort, got more")
    items.append(item)


def _check_apart(key: VerifierKey, others: list[VerifierKey]) -> None:
    """Whoever holds a log's key can cosign any head of that log: as a witness's it proves nothing."""
    if any(key.raw == other.raw for other in others):
        raise PolicyInvalid(f"expected a witness with a key of its own, got the key of a log again ({key.name!a})")


def _threshold(word: str, members: int) -> int:
    if word in ("all", "any"):
        return members if word == "all" else 1
    if not _COUNT.fullmatch(word) or int(word) > members:
        raise PolicyInvalid(f"expected all, any or a number from 1 to {members}, got {word[:40]!a}")
    return int(word)
