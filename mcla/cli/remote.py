# SPDX-License-Identifier: Apache-2.0
"""`mcla verify --service`: ask the service where the proof is, fetch it, and judge it here.

The service's own verdict is never taken over. It is asked for bundles only; each is verified on this computer
against the trust file, as if it had come by mail.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mcla.artifacts.manifest import Manifest, parse_manifest
from mcla.cli.failure import ServiceRefused, Undecided
from mcla.cli.service import AnswerInvalid, Service
from mcla.cli.target import BundleMissing, Target
from mcla.errors import MclaError

MOST = 8
"""Contributions tried for one target; more would let a service keep a verifier busy for ever."""


class ProofHidden(Undecided):
    """The only proofs that the service has are under embargo, or kept from the public by their hazard."""

    code = "proof-hidden"
    hint = "Ask the giver for the proof file and check it here: mcla verify TARGET --bundle FILE."


@dataclass(frozen=True, slots=True)
class Offered:
    """A bundle the service has for the target, not yet believed."""

    bundle: bytes
    manifest: Manifest | None


def offered(service: Service, target: Target, measured: str | Manifest) -> Iterator[Offered]:
    """The bundles that may cover the target, one at a time; raises `BundleMissing` or `ProofHidden`."""
    contributions = _contributions(service, measured)
    if not contributions:
        hint = f"Whoever gave the files can sign them: mcla sign PATH --service {service.origin} --project P --kind K"
        why = "expected a contribution that covers it, got none"
        raise BundleMissing(f"{service.origin} knows nothing about {target.name}.", why=why, hint=hint)
    hidden, seen = "", False
    for contribution in contributions[:MOST]:
        try:
            offer = Offered(service.get_bytes(_path(service, contribution)), _manifest(service, contribution))
        except ServiceRefused as refusal:
            if refusal.problem_code != "contribution-hidden":
                raise
            hidden = refusal.message
            continue
        seen = True
        yield offer
    if hidden and not seen:
        raise ProofHidden(f"{service.origin} has a proof for {target.name} that is not public.", why=hidden)


def _contributions(service: Service, measured: str | Manifest) -> list[dict[str, Any]]:
    # A whole folder is found by any of its files: a contribution that covers the folder covers each of them.
    digest = measured if isinstance(measured, str) else measured.files[0].sha256
    found = service.get(f"/api/v1/artifacts/sha256:{digest}").get("contributions")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise AnswerInvalid("The service's answer about the artifact has another shape.", why="expected contributions")
    return found


def _path(service: Service, contribution: dict[str, Any]) -> str:
    """The path of the bundle on this very service: an address elsewhere is never followed."""
    address = str(contribution.get("bundle_url") or f"/api/v1/contributions/{contribution.get('id')}/bundle")
    parts = urlsplit(address)
    elsewhere = parts.netloc and f"{parts.scheme}://{parts.netloc}" != service.origin
    if elsewhere or not parts.path.startswith("/"):
        raise AnswerInvalid("The service names a bundle elsewhere.", why=f"expected {service.origin}/…, got {address}")
    return parts.path


def _manifest(service: Service, contribution: dict[str, Any]) -> Manifest | None:
    """The list of all files; large contributions prove a single file only with it."""
    identifier = str(contribution.get("id", ""))
    if not identifier.isascii() or not identifier.replace("_", "").isalnum():
        raise AnswerInvalid("The service names a contribution strangely.", why=f"expected an id, got {identifier!r}")
    try:
        data = service.get_bytes(f"/api/v1/contributions/{identifier}/manifest")
    except ServiceRefused as refusal:
        if refusal.http_status == 404:
            return None
        raise
    try:
        return parse_manifest(data)
    except MclaError as error:
        raise AnswerInvalid("The service's list of files cannot be used.", why=error.message) from error
