# SPDX-License-Identifier: Apache-2.0
"""By which key a log's head is read, on whose word, and whether that key still counts.

A key is given by hand, listed in a trust file, remembered from before, or taken at the first look. Only a trust file
says from when to when a key counts, so only with one is a key refused for its time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mcla.cli.failure import Undecided, WrongUsage
from mcla.cli.logstate import LogState
from mcla.cli.service import Service
from mcla.cli.target import read_file
from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, parse_checkpoint
from mcla.log.monitor import HeadUnreadable
from mcla.log.note import parse_note
from mcla.log.policyfile import MAX_BYTES, parse_policy
from mcla.log.vkey import VerifierKey, parse_vkey

if TYPE_CHECKING:
    from mcla.verify.trust import Validity

POLICY_PATH = "/.well-known/mcla/policy"


class KeyMissing(Undecided):
    """Nobody has said by which key the log signs."""

    code = "log-key-missing"
    hint = "Give --key VKEY or --trust FILE."


class KeyNotNow(Undecided):
    """The head is signed by a key that the trust file believes for another time only."""

    code = "log-key-ended"
    hint = (
        "If the log has changed its key, its next entry brings a head by the new one: get the newest trust file from "
        "whom you trust, and run the command again. If it goes on growing under this key, do not trust it: ask others."
    )


class KeyUnlisted(Undecided):
    """The head is signed by the key that the state file remembers, and the trust file does not list it."""

    code = "log-key-unlisted"
    hint = (
        "Ask the operator whose key it is. If it is the log's, get a trust file that lists it. If not, keep the state "
        "file as evidence, and begin anew with another and the trust file."
    )


class HeadUnknown(Undecided):
    """The log presents nothing that can be read as a head."""

    code = "head-unknown"
    hint = HeadUnreadable.hint


@dataclass(frozen=True, slots=True)
class Believed:
    """A key, in words why it is believed, and when it counts: never if the trust file lacks it, None without one."""

    key: VerifierKey
    why: str
    lives: "tuple[Validity, ...] | None" = None


def choose(
    vkey: str | None, trust: Path | None, before: LogState | None, service: Service, note: str, now: datetime
) -> Believed:
    """The key to read the head `note` by: the one given, listed or remembered that signed it.

    So a log may go on under a new key that its watcher was told of; its head has to extend the last all the same.
    """
    if vkey is not None and trust is not None:
        raise WrongUsage("--key and --trust both name the log's key.", why="expected one of them, got both")
    try:
        if trust is not None:
            return _listed(trust, before, note, now)
        given = parse_vkey(vkey.strip()) if vkey is not None else None
    except Undecided:
        raise
    except MclaError as error:
        raise WrongUsage("The log's key cannot be used.", why=error.message, hint=error.hint) from error
    if before is not None:
        key = _signing([before.key, given] if given else [before.key], note)
        return Believed(key, _why("given with --key", key, before))
    if given is not None:
        return Believed(given, "given with --key")
    return Believed(_first_use(service, note), "taken from the service itself at this first look, on its word alone")


def must_count(believed: Believed, head: Checkpoint, before: LogState | None, now: datetime) -> None:
    """Refuse a head by a key that does not count now, unless it was seen while the key did."""
    lives, name = believed.lives, believed.key.id.hex()
    if lives is None or _covers(lives, now):
        return
    if not lives:
        raise KeyUnlisted("The head is signed by a key that the trust file does not list.", why=f"got key {name}")
    if before is not None and before.shows(head) and _covers(lives, before.saved_at):
        return
    why = f"expected one that counts now, got key {name}, which counts {_told(lives)}"
    raise KeyNotNow("The head is signed by a key that does not count now.", why=why)


def _listed(place: Path, before: LogState | None, note: str, now: datetime) -> Believed:
    """Of the keys in the trust file and the one remembered, the first that signed; those that count now come first."""
    from mcla.verify.trust import TrustedRoot

    name = before.key.name if before else _origin_of(note)
    lives: dict[VerifierKey, tuple[Validity, ...]] = {}
    for log in TrustedRoot.from_json(read_file(place, "trust file")).logs:
        if log.name == name:
            key = VerifierKey.of_log(name, log.key)
            lives[key] = (*lives.get(key, ()), log.validity)
    if not lives:
        raise KeyMissing("The trust file does not name this log.", why=f"expected {name} among its logs")
    known = dict.fromkeys([before.key, *lives] if before else lives)
    key = _signing(sorted(known, key=lambda key: not _covers(lives.get(key, ()), now)), note)
    return Believed(key, _why(f"from {place}", key, before), lives.get(key, ()))


def _why(given: str, key: VerifierKey, before: LogState | None) -> str:
    if before is None:
        return given
    return "the one in this state file" if key == before.key else f"{given}, in place of {before.key.id.hex()}"


def _covers(lives: "Iterable[Validity]", moment: datetime) -> bool:
    return any(life.covers(moment) for life in lives)


def _told(lives: "Iterable[Validity]") -> str:
    from mcla.envelope.chain import shown

    return ", ".join(f"from {shown(life.start)}" + (f" to {shown(life.end)}" if life.end else "") for life in lives)


def _first_use(service: Service, note: str) -> VerifierKey:
    try:
        policy = parse_policy(service.get_bytes(POLICY_PATH, MAX_BYTES))
    except MclaError as error:
        raise KeyMissing("Nothing says by which key this log signs.", why=error.message) from error
    keys = [log.key for log in policy.logs if log.key.name == _origin_of(note)]
    if not keys:
        raise KeyMissing("The service's policy does not name this log.", why="expected a line: log VKEY")
    return _signing(keys, note)


def _signing(keys: Sequence[VerifierKey], note: str) -> VerifierKey:
    """The first of several keys of one log that has a line in its head; whether the line is right is seen later."""
    try:
        parsed = parse_note(note)
    except MclaError as error:
        raise HeadUnknown("The log shows no head.", why=error.message) from error
    return next((key for key in keys if parsed.by(key.name, key.id)), keys[0])


def _origin_of(note: str) -> str:
    try:
        return parse_checkpoint(parse_note(note).text).origin
    except MclaError as error:
        raise HeadUnknown("The log shows no head.", why=error.message) from error
