# SPDX-License-Identifier: Apache-2.0
"""From digests to the contributions that cover them, each with the verdict on its proof; constant SQL statements.

What is told of a contribution was read from its verified bundle; a bundle that was not seen before is verified now.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.contributions import queries
from app.contributions.queries import ROOT_POSITION, Hit
from app.contributions.seeing import shown
from app.contributions.standing import stand
from app.contributions.values import AsOf, Covering
from app.contributions.verdicts import Checked, Verdicts
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
        self, session: Session, digests: Collection[str], limit: int, as_of: AsOf, project_id: str | None = None
    ) -> dict[str, list[Covering]]:
        """Up to `limit` contributions by each digest, in the order of the log; with `project_id` to it alone."""
        return self._covering(session, queries.hits(session, set(digests), limit, as_of.log_size, project_id), as_of)

    def of_tensors(
        self, session: Session, roots: Collection[str], limit: int, as_of: AsOf, project_id: str
    ) -> dict[str, list[Covering]]:
        """The same by tensor root, for contributions whose signed statement names it."""
        found = queries.tensor_hits(session, set(roots), limit, as_of.log_size, project_id)
        return self._covering(session, found, as_of)

    def bundle_url(self, contribution_id: str) -> str:
        return f"{self._origin}/api/v1/contributions/{contribution_id}/bundle"

    def _covering(self, session: Session, found: Sequence[Hit], as_of: AsOf) -> dict[str, list[Covering]]:
        files = queries.files(session, found) if found else {}
        checked = self._check(session, found)
        listed = self._listed(session, found, checked)
        stood = stand(session, [each.verdict for each in checked.values()], as_of)
        verdicts = dict(zip(checked, stood, strict=True))
        covering: dict[str, list[Covering]] = {}
        for hit in found:
            signed = checked[hit.contribution_id].digests | listed.get(hit.contribution_id, frozenset())
            one = self._one(hit, files.get((hit.contribution_id, hit.position)), verdicts, signed, as_of)
            covering.setdefault(hit.sha256, []).append(one)
        return covering

    def _check(self, session: Session, found: Sequence[Hit]) -> dict[str, Checked]:
        """The verdicts on the bundles of all hits; bundles not seen before are loaded in one statement."""
        known = {hit.contribution_id: self._verdicts.known(hit.contribution_id) for hit in found}
        missing = [identifier for identifier, checked in known.items() if checked is None]
        stored = queries.bundles(session, missing) if missing else {}
        fresh = {identifier: self._verdicts.check(identifier, bundle) for identifier, bundle in stored.items()}
        return {identifier: checked or fresh[identifier] for identifier, checked in known.items()}

    def _listed(
        self, session: Session, found: Sequence[Hit], checked: Mapping[str, Checked]
    ) -> dict[str, frozenset[str]]:
        """The digests of contributions whose statements name the root alone, from their manifests, in one statement."""
        large = {hit.contribution_id for hit in found if hit.file_count > MAX_FILE_SUBJECTS}
        known = {identifier: self._verdicts.known_files(identifier) for identifier in large}
        missing = [identifier for identifier, files in known.items() if files is None]
        stored = queries.manifests(session, missing) if missing else {}
        fresh = {each: self._verdicts.files(each, manifest, checked[each]) for each, manifest in stored.items()}
        return {identifier: fresh[identifier] if files is None else files for identifier, files in known.items()}

    def _one(
        self,
        hit: Hit,
        file: tuple[str, int] | None,
        verdicts: Mapping[str, Verdict],
        signed: frozenset[str],
        as_of: AsOf,
    ) -> Covering:
        verdict = verdicts[hit.contribution_id]
        said, word, reasons, standing = verdict.statement or {}, verdict.verdict, verdict.reasons, verdict.withdrawal
        if verdict.sound and hit.sha256 not in signed | _tensors_of(said):
            word, reasons, standing = "not-verified", (NOT_LISTED,), NOT_LOOKED_AT
        at_root, seen = hit.position == ROOT_POSITION, shown(hit, as_of.time)
        path, size = file or (MANIFEST_NAME, None)
        return Covering(
            id=hit.contribution_id,
            agreement=agreement_of(said),
            kind=str(said.get("kind", "")),
            schedule=said.get("schedule"),
            project=str(said.get("project", "")),
            signer=str(said.get("signer", "")),
            time=str(said.get("time") or ""),
            log_index=hit.log_index,
            key_holder=str(said.get("key_holder", "")),
            standing=standing,
            path=path if at_root or seen.public else HIDDEN_NAME,
            size=size,
            files=hit.file_count,
            shown_to=seen.audience,
            embargo_until=seen.until,
            offer=said.get("offer"),
            bundle_url=self.bundle_url(hit.contribution_id),
            verdict=word,
            reasons=reasons,
        )


def agreement_of(said: Mapping[str, Any]) -> dict[str, str]:
    """Slug, version and digest of the agreement that a statement names."""
    agreement: Mapping[str, str] = said.get("agreement", {})
    return {name: agreement.get(name, "") for name in ("slug", "version", "digest")}


def _tensors_of(said: Mapping[str, Any]) -> frozenset[str]:
    """The tensor root that a statement names."""
    tensors = said.get("tensors")
    return frozenset((tensors["root"],)) if tensors else frozenset()
