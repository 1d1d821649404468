# SPDX-License-Identifier: Apache-2.0
"""The operator's choice of witnesses: read from a C2SP tlog-policy file, checked at start, and published."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from app.log.cosigning import Cosigners
from app.log.witness_client import WitnessClient
from app.log.witnessed import Opened, Witnessed
from app.platform.clock import Clock
from app.platform.keys import ServiceKeys
from app.platform.settings import Settings, SettingsInvalid, is_loopback
from app.platform.storage import Storage
from mcla.errors import MclaError
from mcla.log.policy import Policy, PolicyLog, PolicyWitness
from mcla.log.policyfile import parse_policy
from mcla.log.vkey import VerifierKey


def load_policy(settings: Settings) -> Policy:
    """The witnesses and the quorum that `MCLA_WITNESS_POLICY` names, none by default; raises `SettingsInvalid`."""
    if settings.witness_policy is None:
        return Policy()
    try:
        policy = parse_policy(settings.witness_policy.read_bytes())
    except (OSError, MclaError) as error:
        raise SettingsInvalid(f"MCLA_WITNESS_POLICY: {settings.witness_policy}: {error}") from error
    for witness in policy.witnesses:
        _check_url(witness)
    return policy


def check_foreign(policy: Policy, keys: ServiceKeys) -> None:
    """Raises `SettingsInvalid` if a witness's key is one of the service's own, of whatever kind and age.

    Its line would count towards the quorum, though it is nobody else's word.
    """
    own = {
        one.public_key.public_bytes_raw(): one.kind
        for one in keys.generations
        if isinstance(one.public_key, Ed25519PublicKey | MLDSA44PublicKey)
    }
    for witness in policy.witnesses:
        if (kind := own.get(witness.key.raw)) is not None:
            raise SettingsInvalid(
                f"MCLA_WITNESS_POLICY: expected witnesses with keys of their own, got {witness.name!a} with the key "
                f"{kind!r} of this service",
                hint="Take its line out of the file and out of the quorum: only somebody else can be a witness of "
                "this log.",
            )


def recognised(policy: Policy) -> Policy | None:
    """What this service's own verdicts count: the operator's witnesses by name, none of them demanded."""
    return Policy(witnesses=policy.witnesses) if policy.witnesses else None


def published_policy(policy: Policy, logs: Iterable[tuple[str, VerifierKey]]) -> Policy:
    """What `/.well-known/mcla/policy` says: this service's log by each of its (address, key), and its witnesses."""
    return replace(policy, logs=tuple(PolicyLog(key, url) for url, key in logs))


def witnesses_of(
    settings: Settings, policy: Policy, storage: Storage, folder: Path, clock: Clock
) -> Callable[[Opened], Witnessed] | None:
    """What makes the log's witnesses, once it is known how its notes are opened; None where there are none."""
    if not policy.witnesses:
        return None
    clients = [WitnessClient(one, clock, settings.witness_wait) for one in policy.witnesses]
    cosigners = Cosigners(policy, clients, settings.witness_wait)
    refuse = settings.without_quorum == "refuse"
    return lambda opened: Witnessed(storage, folder, cosigners, opened, refuse=refuse)


def _check_url(witness: PolicyWitness) -> None:
    parts = urlsplit(witness.url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not secure or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SettingsInvalid(
            f"MCLA_WITNESS_POLICY: the witness {witness.name!a} needs its address, https://…, at the end of its line"
        )
