# SPDX-License-Identifier: Apache-2.0
"""Is this bundle the foundation's answer to that offer? Proven like every bundle, and by the signer the offer names."""

from typing import Any

from mcla.log.policy import Policy
from mcla.verify.checks import Refused
from mcla.verify.offers import Answer, answer_of
from mcla.verify.trust import TrustedRoot
from mcla.verify.verdict import Verdict
from mcla.verify.verifier import verify_bundle


class AnswerUnfit(Refused):
    """A bundle is not the foundation's answer to this offer, or its proof does not hold."""

    code = "counter-signature-unfit"
    hint = "Fetch the answer again from the service: the contribution's page and its JSON name its address."


def answered(offer: Verdict, bundle: bytes, trust: TrustedRoot, policy: Policy | None = None) -> Answer:
    """The answer to `offer`, a verdict whose steps held; raises `AnswerUnfit`."""
    said: dict[str, Any] = offer.statement or {}
    if not offer.sound or not said.get("offer"):
        raise AnswerUnfit("expected an answer with the bundle of an offer, got it with something else")
    verdict = verify_bundle(bundle, trust, identity=said["offer"]["to"], issuer=said["service"], policy=policy)
    if not verdict.verified or verdict.statement is None:
        raise AnswerUnfit(f"the answer to the offer is not proven: {verdict.reasons[0].message}")
    found = verdict.statement
    if found["type"] != "offer-answer":
        raise AnswerUnfit(f"expected the foundation's answer to an offer, got a statement of type {found['type']}")
    for what, meant, got in (
        ("offer", said["statement_sha256"], found["answers"]["statement"]),
        ("agreement version", said["agreement"], found["agreement"]),
        ("foundation", said["foundation"], found["foundation"]),
        ("log", _log_of(offer), _log_of(verdict)),  # their order in it is what counts
    ):
        if meant != got:
            raise AnswerUnfit(f"expected an answer about the {what} {meant}, got one about {got}")
    return answer_of(found)


def _log_of(verdict: Verdict) -> str | None:
    return verdict.checkpoint.origin if verdict.checkpoint else None
