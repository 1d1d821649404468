# SPDX-License-Identifier: Apache-2.0
"""The verifier: every step explicit, offline, from a bundle and a trust file alone.

A step runs when the steps it depends on held; otherwise it is reported as not checked. Only if every step held is the
verdict `verified`. Time is the timestamp's, never the clock's. Needs the package `cryptography` and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest
from mcla.envelope.bundle import Bundle, MessageSignature, parse_bundle
from mcla.envelope.certificate import Leaf, read_leaf
from mcla.envelope.chain import shown
from mcla.envelope.dsse import Envelope
from mcla.log.checkpoint import Checkpoint
from mcla.log.policy import Policy, PolicyUnmet
from mcla.statements.oms import OmsStatement
from mcla.statements.statement import Contribution, parse_statement
from mcla.verify import checks, earlier, message, offers, oms, telling
from mcla.verify.artifact import ManifestNeeded, Target, check_artifact, check_manifest
from mcla.verify.passkey import Confirmed, check_passkey, passkey_of
from mcla.verify.run import Run
from mcla.verify.standing import NOT_LOOKED_AT
from mcla.verify.telling import Statement
from mcla.verify.trust import TrustedRoot
from mcla.verify.verdict import Independent, Reason, SeenCheckpoint, Verdict


def verify_bundle(
    bundle: Bundle | bytes,
    trust: TrustedRoot,
    *,
    identity: str | None = None,
    issuer: str | None = None,
    policy: Policy | None = None,
    passkey: str | None = None,
    earlier: Sequence[bytes] = (),
) -> Verdict:
    """Verify a bundle (parsed, or its JSON bytes). `identity` and `issuer`, if given, must be exactly equal.

    An offer alone is never more than unknown: it counts with the foundation's answer (`mcla.verify.offers`).

    With a `policy` the log's head must be signed by one of its logs and cosigned by a quorum of its witnesses.
    With a `passkey` (SHA-256 of its public key, 64 hex digits) that very one must have confirmed the statement.
    Each bundle (JSON) of `earlier` signatures must hold, under the same `policy`, and be one that the statement names.
    """
    return _verify(bundle, trust, _Asked(identity, issuer, policy=policy, passkey=passkey, earlier=tuple(earlier)))


def verify_artifact(
    target: Target,
    bundle: Bundle | bytes,
    trust: TrustedRoot,
    manifest: Manifest | None = None,
    *,
    identity: str | None = None,
    issuer: str | None = None,
    policy: Policy | None = None,
    passkey: str | None = None,
    earlier: Sequence[bytes] = (),
) -> Verdict:
    """Verify that `bundle` is sound and speaks of `target`: a digest (64 hex, or `sha256:` and them) or a manifest.

    `manifest` is the one kept beside the statement; it is needed for a single file of more than 512.
    """
    return _verify(bundle, trust, _Asked(identity, issuer, target, manifest, policy, passkey, tuple(earlier)))


@dataclass(frozen=True, slots=True)
class _Asked:
    identity: str | None = None
    issuer: str | None = None
    target: Target | None = None
    manifest: Manifest | None = None
    policy: Policy | None = None
    passkey: str | None = None
    earlier: tuple[bytes, ...] = ()


def _verify(given: Bundle | bytes, trust: TrustedRoot, asked: _Asked) -> Verdict:
    run = Run()
    bundle = run.step(
        "bundle", lambda: given if isinstance(given, Bundle) else parse_bundle(given), say=telling.bundle_said
    )
    statement = _statement_steps(run, bundle)
    leaf = run.step("certificate", lambda one: read_leaf(one.certificate), bundle, say=lambda _: "P-256, for signing")
    run.step("signature", lambda one, by: checks.signature(one.content, by.public_key), bundle, leaf, say=_holds)
    stamped = run.step("timestamp", checks.timestamp, bundle, trust, say=lambda one: shown(one.time))
    run.step("certificate-life", checks.certificate_life, leaf, stamped)
    at = stamped.time if stamped else None
    key = run.step("certificate-chain", checks.chain, leaf, at, trust, say=lambda _: "issued by a trusted authority")
    run.step("certificate-transparency", checks.transparency, leaf, key, trust, at, say=shown)
    head = _log_steps(run, bundle, trust, at)
    seen_by = _witness_step(run, asked.policy, bundle, head)
    signer = run.step("signer", checks.signer, statement, leaf)
    confirmed = _passkey_step(run, asked.passkey, statement)
    _asked_steps(run, asked, leaf.signer_uri if leaf else None, leaf.issuer if leaf else None)
    _artifact_step(run, asked, statement, None if isinstance(given, Bundle) else sha256_hex(given))
    proven = _earlier_step(run, asked, statement, bundle, head, trust)
    stamp = bool(stamped and signer and leaf and not checks.same_operator(stamped, leaf))
    verdict = _conclude(run, bundle, statement, leaf, head, Independent(stamp, seen_by), at, confirmed, proven)
    if not verdict.verified or not isinstance(statement, Contribution) or statement.offer is None:
        return verdict
    return offers.counted(replace(verdict, proof=verdict.reasons), None, NOT_LOOKED_AT)


def _parsed(given: Bundle | bytes) -> Bundle:
    return given if isinstance(given, Bundle) else parse_bundle(given)


def _statement_steps(run: Run, bundle: Bundle | None) -> Statement | None:
    kind = run.step("payload-type", lambda one: checks.payload_type(one.content), bundle)
    return run.step("statement", lambda one, _: _read(one.content), bundle, kind, say=telling.statement_said)


def _read(content: Envelope | MessageSignature) -> Statement:
    if isinstance(content, MessageSignature):
        return content
    return oms.read_oms(content.payload) or parse_statement(content.payload)


def _log_steps(run: Run, bundle: Bundle | None, trust: TrustedRoot, at: datetime | None) -> Checkpoint | None:
    run.step("log-entry", checks.log_entry, bundle)
    log = run.step("log", checks.known_log, bundle, trust, at, say=lambda one: one.name)
    head = run.step("checkpoint", checks.checkpoint, bundle, log, say=lambda one: f"{one.size} entries")
    run.step("inclusion", checks.inclusion, bundle, head)
    return head


def _witness_step(run: Run, policy: Policy | None, bundle: Bundle | None, head: Checkpoint | None) -> tuple[str, ...]:
    """The names of the policy's witnesses that cosigned, be they enough or not."""
    if policy is None:
        run.skip("witnesses", "not asked")
        return ()
    cosigned = run.step("witnesses", checks.witnesses, bundle, head, policy, say=checks.witnesses_said)
    if cosigned is not None:
        return tuple(one.witness.name for one in cosigned)
    return next((fault.seen_by for fault in run.faults if isinstance(fault, PolicyUnmet)), ())


def _passkey_step(run: Run, wanted: str | None, statement: Statement | None) -> Confirmed | None:
    if statement is not None and wanted is None and passkey_of(statement) is None:
        run.skip("passkey", "not asked")
        return None
    return run.step("passkey", lambda one: check_passkey(one, wanted), statement)


def _asked_steps(run: Run, asked: _Asked, signer: str | None, service: str | None) -> None:
    for name, expected, got in (("identity", asked.identity, signer), ("issuer", asked.issuer, service)):
        if expected is None:
            run.skip(name, "not asked")
        else:
            run.step(name, checks.exactly, expected, got, name)


def _artifact_step(run: Run, asked: _Asked, statement: Statement | None, bundle_sha256: str | None) -> None:
    wanted = asked.manifest if asked.target is None else asked.target
    if isinstance(statement, OmsStatement) and wanted is not None:
        run.step("artifact", lambda one: oms.check_oms(wanted, one, bundle_sha256), statement)
    elif isinstance(statement, MessageSignature) and wanted is not None:
        run.step("artifact", lambda one: message.check_file(wanted, one), statement)
    elif asked.target is not None:
        target, manifest = asked.target, asked.manifest
        run.step("artifact", lambda one: check_artifact(target, one, manifest), statement)
    elif asked.manifest is not None:
        run.step("artifact", check_manifest, statement, asked.manifest)
    else:
        run.skip("artifact", "not asked")


def _earlier_step(
    run: Run,
    asked: _Asked,
    statement: Statement | None,
    bundle: Bundle | None,
    head: Checkpoint | None,
    trust: TrustedRoot,
) -> tuple[earlier.Proven, ...]:
    if not asked.earlier:
        if isinstance(statement, Contribution) and statement.earlier:  # where nothing is named there is nothing to ask
            run.skip("earlier", "not asked")
        return ()
    manifest = asked.target if isinstance(asked.target, Manifest) else asked.manifest

    def verify(data: bytes) -> Verdict:
        return verify_bundle(data, trust, policy=asked.policy)

    def check(one: Any, own: Bundle, top: Checkpoint) -> tuple[earlier.Proven, ...]:
        return earlier.check_earlier(one, own, top, manifest, asked.earlier, verify)

    return run.step("earlier", check, statement, bundle, head, say=earlier.told) or ()


def _conclude(
    run: Run,
    bundle: Bundle | None,
    statement: Statement | None,
    leaf: Leaf | None,
    head: Checkpoint | None,
    independent: Independent,
    at: datetime | None,
    confirmed: Confirmed | None,
    proven: Sequence[earlier.Proven],
) -> Verdict:
    rest: dict[str, Any] = {
        "steps": tuple(run.steps),
        "statement": telling.said_of(statement, bundle, leaf, at, proven) if statement and bundle else None,
        "independent": independent,
        "checkpoint": SeenCheckpoint(head.origin, head.size, head.root.hex()) if head else None,
    }
    if run.faults:
        # Only "the manifest is needed" leaves the question open; with any other fault the answer is no.
        unknown = all(isinstance(fault, ManifestNeeded) for fault in run.faults)
        reasons = tuple(Reason(fault.code, fault.message, fault.hint) for fault in run.faults)
        return Verdict("unknown" if unknown else "not-verified", reasons, **rest)
    if (
        statement is None
        or leaf is None
        or at is None
        or any(step.outcome == "not-checked" and step.detail != "not asked" for step in run.steps)
    ):
        raise AssertionError("a step was left out although none failed")
    return Verdict("verified", telling.reasons_of(statement, leaf, at, confirmed, proven), **rest)


def _holds(_: None) -> str:
    return "by the key in the certificate"
