# SPDX-License-Identifier: Apache-2.0
"""What `mcla verify` knows of the foundation's answer to an offer: a file, one beside the bundle, or a service's.

A file is proven or the answer is no. What a service sends is tried and believed only if it is proven; without one the
offer stays what it is alone: signed, and not known to count.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcla.cli.failure import ServiceRefused
from mcla.cli.target import read_file

if TYPE_CHECKING:
    from mcla.cli.service import Service
    from mcla.log.policy import Policy
    from mcla.verify.offers import Answer
    from mcla.verify.trust import TrustedRoot
    from mcla.verify.verdict import Verdict

MOST = 8


def answer_in_files(
    verdict: "Verdict", given: Path | None, bundle: Path, trust: "TrustedRoot", policy: "Policy | None"
) -> "Answer | None":
    """The answer in the file that was given or lies beside the bundle; raises `AnswerUnfit`."""
    from mcla.verify.answers import answered

    place = given or (answer_place(bundle) if is_offer(verdict) else None)
    if place is None or not (given or place.is_file()):
        return None
    return answered(verdict, read_file(place, "counter-signature"), trust, policy)


def answer_at(verdict: "Verdict", service: "Service", trust: "TrustedRoot", policy: "Policy | None") -> "Answer | None":
    """The answer that a service has, if it is proven."""
    from mcla.verify.answers import AnswerUnfit, answered

    if not is_offer(verdict):
        return None
    for path in _paths(service, str((verdict.statement or {})["root"])):
        with suppress(AnswerUnfit, ServiceRefused):
            return answered(verdict, service.get_bytes(path), trust, policy)
    return None


def is_offer(verdict: "Verdict") -> bool:
    """Whether a verdict whose steps held is about an offer."""
    return verdict.sound and bool((verdict.statement or {}).get("offer"))


def answer_place(bundle: Path) -> Path:
    """Where the answer lies by default: NAME.answer.sigstore.json beside NAME.sigstore.json."""
    return bundle.with_name(bundle.name.removesuffix(".json").removesuffix(".sigstore") + ".answer.sigstore.json")


def _paths(service: "Service", root: str) -> Iterator[str]:
    """Where the service keeps answers to offers of these files."""
    found: Any = service.get(f"/api/v1/artifacts/sha256:{root}").get("contributions")
    for each in found[:MOST] if isinstance(found, list) else ():
        identifier = str(each.get("id", "")) if isinstance(each, dict) else ""
        if identifier.isascii() and identifier.replace("_", "").isalnum() and each.get("offer"):
            yield f"/api/v1/contributions/{identifier}/answer"
