# SPDX-License-Identifier: Apache-2.0
"""From digests to the contributions that cover them, each with the verdict on its proof; constant SQL statements.

What is told of a contribution was read from its verified bundle; a bundle that was not seen before is verified now.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.contributions import queries
from app.contributions.queries import ROOT_POSITION, Hit
from app.contributions.seeing import shown
from app.contributions.standing import stand
from app.contributions.values import AsOf, Covering
from app.contributions.verdicts import Checked, Verdicts
from app.platform.db import Reader
from mcla.artifacts.paths import MANIFEST_NAME
from mcla.statements.statement import MAX_FILE_SUBJECTS
from mcla.verify.standing import NOT_LOOKED_AT
from mcla.verify.verdict import Reason, Verdict

HIDDEN_NAME = "mcla:hidden"
"""Instead of the name of a file in a contribution that is not public."""
NOT_LISTED = Reason(
    "artifact-not-in-bundle",
    "The signed statement does not list this digest, although the service's index does.",
    "Tell the operator of the service: its index and its bundles disagree.",
)


class Coverings:
    """Finds what covers digests; for a session of the caller's."""

    def __init__(self, verdicts: Verdicts, origin: str) -> None:
        self._verdicts, self._origin = verdicts, origin

    def of_digests(
        self, reader: Reader, digests: Collection[str], limit: int, as_of: AsOf, project_id: str | None = None
    ) -> dict[str, list[Covering]]:
        """Up to `limit` contributions by each digest, in the order of the log; with `project_id` to it alone."""
        return self._covering(reader, queries.hits(reader, set(digests), limit, as_of.log_size, project_id), as_of)

    def of_tensors(
        self, reader: Reader, roots: Collection[str], limit: int, as_of: AsOf, project_id: str
    ) -> dict[str, list[Covering]]:
        """The same by tensor root, for contributions whose signed statement names it."""
        found = queries.tensor_hits(reader, set(roots), limit, as_of.log_size, project_id)
        return self._covering(reader, found, as_of)

    def bundle_url(self, contribution_id: str) -> str:
        return f"{self._origin}/api/v1/contributions/{contribution_id}/bundle"

    def _covering(self, reader: Reader, found: Sequence[Hit], as_of: AsOf) -> dict[str, list[Covering]]:
        checked = self._check(reader, found)
        listed = self._listed(reader, found, checked)
        stood = stand(reader, [each.verdict for each in checked.values()], as_of)
        verdicts = dict(zip(checked, stood, strict=True))
        told: dict[str, dict[str, Any]] = {}  # once for each contribution, however many of its files are asked for
        covering: dict[str, list[Covering]] = {}
        for hit in found:
            given, verdict = hit.contribution_id, verdicts[hit.contribution_id]
            if given not in told:
                told[given] = self._told(hit, verdict, as_of)
            signed = hit.sha256 in checked[given].digests or hit.sha256 in listed.get(given, ())
            one = _one(hit, told[given], signed=signed or not verdict.sound or hit.sha256 == _tensors_of(verdict))
            covering.setdefault(hit.sha256, []).append(one)
        return covering

    def _check(self, reader: Reader, found: Sequence[Hit]) -> dict[str, Checked]:
        """The verdicts on the bundles of all hits; bundles not seen before are loaded in one statement."""
        wanted = dict.fromkeys(hit.contribution_id for hit in found)
        known = self._verdicts.known(wanted)
        missing = [identifier for identifier in wanted if identifier not in known]
        stored = queries.bundles(reader, missing) if missing else {}
        known |= {identifier: self._verdicts.check(identifier, bundle) for identifier, bundle in stored.items()}
        return {identifier: known[identifier] for identifier in wanted}

    def _listed(
        self, reader: Reader, found: Sequence[Hit], checked: Mapping[str, Checked]
    ) -> dict[str, frozenset[str]]:
        """The digests of contributions whose statements name the root alone, from their manifests, in one statement."""
        large = {hit.contribution_id for hit in found if hit.file_count > MAX_FILE_SUBJECTS}
        known = self._verdicts.known_files(large) if large else {}
        missing = large - known.keys()
        stored = queries.manifests(reader, missing) if missing else {}
        return known | {each: self._verdicts.files(each, manifest, checked[each]) for each, manifest in stored.items()}

    def _told(self, hit: Hit, verdict: Verdict, as_of: AsOf) -> dict[str, Any]:
        """What is told of a contribution, whichever of its files is asked for."""
        said, seen = verdict.statement or {}, shown(hit, as_of.time)
        return {
            "id": hit.contribution_id,
            "agreement": agreement_of(said),
            "kind": str(said.get("kind", "")),
            "schedule": said.get("schedule"),
            "project": str(said.get("project", "")),
            "signer": str(said.get("signer", "")),
            "time": str(said.get("time") or ""),
            "log_index": hit.log_index,
            "key_holder": str(said.get("key_holder", "")),
            "standing": verdict.withdrawal,
            "files": hit.file_count,
            "shown_to": seen.audience,
            "embargo_until": seen.until,
            "offer": said.get("offer"),
            "bundle_url": self.bundle_url(hit.contribution_id),
            "verdict": verdict.verdict,
            "reasons": verdict.reasons,
        }


def _one(hit: Hit, told: Mapping[str, Any], *, signed: bool) -> Covering:
    at_root, public = hit.position == ROOT_POSITION, told["shown_to"] == "everybody"
    path = hit.path or MANIFEST_NAME
    one = Covering(**told, path=path if at_root or public else HIDDEN_NAME, size=hit.size)
    return one if signed else replace(one, verdict="not-verified", reasons=(NOT_LISTED,), standing=NOT_LOOKED_AT)


def agreement_of(said: Mapping[str, Any]) -> dict[str, str]:
    """Slug, version and digest of the agreement that a statement names."""
    agreement: Mapping[str, str] = said.get("agreement", {})
    return {name: agreement.get(name, "") for name in ("slug", "version", "digest")}


def _tensors_of(verdict: Verdict) -> str | None:
    """The tensor root that a statement names."""
    tensors = (verdict.statement or {}).get("tensors")
    return tensors["root"] if tensors else None
