# SPDX-License-Identifier: Apache-2.0
"""ContributionService: what is known of a digest, a batch of digests, a contribution. Reads only.

All of it is public, but for what an embargo or a hazard class hides (`app.contributions.seeing`).
What is told of a contribution comes from its verified bundle. A batch costs a constant number of SQL statements.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from app.contributions import queries
from app.contributions.errors import ContributionUnknown, TooManyDigests
from app.contributions.models import Contribution, ContributionArtifact
from app.contributions.queries import ROOT_POSITION, Hit
from app.contributions.seeing import Seeing, Shown, check_may_see, shown
from app.contributions.standing import stand
from app.contributions.values import (
    ArtifactAnswer,
    AsOf,
    ContributionInfo,
    Covering,
    FileInfo,
    Kept,
    MyContribution,
    best,
)
from app.contributions.verdicts import Checked, Verdicts
from app.grants.models import Offer, OfferAnswer
from app.identity.ports import Actor
from app.log.models import LogEntry
from app.platform.clock import Clock, is_id
from app.platform.db import Database
from app.platform.settings import Settings
from app.projects.models import Project
from app.signing.ending import told
from app.signing.models import Signing, Withdrawal
from app.signing.values import Ended
from mcla.artifacts.digest import format_digest, parse_digest
from mcla.artifacts.paths import MANIFEST_NAME
from mcla.log.policy import Policy
from mcla.statements.statement import MAX_FILE_SUBJECTS
from mcla.verify.standing import NOT_LOOKED_AT
from mcla.verify.trust import TrustedRoot
from mcla.verify.verdict import Reason, Verdict
from mcla.verify.verifier import verify_artifact, verify_bundle

MAX_DIGESTS = 1000
HIDDEN_NAME = "mcla:hidden"
"""Instead of the name of a file in a contribution that is not public."""
SHOWN_ALONE = 100
SHOWN_IN_BATCH = 10
NOT_KNOWN = Reason(
    "no-contribution",
    "No contribution recorded here covers this digest.",
    "Check the digest with `mcla hash FILE`; if the file should be covered, ask who gave it to sign for it.",
)
NOT_LISTED = Reason(
    "artifact-not-in-bundle",
    "The signed statement does not list this digest, although the service's index does.",
    "Tell the operator of the service: its index and its bundles disagree.",
)


class ContributionService:
    """Answers about artifacts and contributions."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        trust_now: Callable[[], TrustedRoot],
        policy: Policy | None = None,
    ) -> None:
        """`policy` names the witnesses that verdicts recognise."""
        self._db, self._clock, self._settings, self._trust_now = db, clock, settings, trust_now
        self._policy = policy
        self._verdicts = Verdicts(trust_now, settings.origin, policy)
        self.seeing = Seeing(db, clock)

    def artifact(self, digest: str) -> ArtifactAnswer:
        """What is known of `sha256:<hex>`; raises `DigestInvalid`."""
        return self._answers([parse_digest(digest)], SHOWN_ALONE)[0]

    def artifact_then(self, digest: str, as_of: AsOf) -> ArtifactAnswer:
        """What was known of it among the first entries of the log; raises `DigestInvalid`."""
        return self._answers([parse_digest(digest)], SHOWN_ALONE, as_of)[0]

    def artifacts(self, digests: Sequence[str]) -> list[ArtifactAnswer]:
        """The same for up to 1,000 digests, in their order; raises `DigestInvalid`, `TooManyDigests`."""
        if not 1 <= len(digests) <= MAX_DIGESTS:
            raise TooManyDigests(f"expected 1 to {MAX_DIGESTS} digests, got {len(digests)}")
        return self._answers([parse_digest(digest) for digest in digests], SHOWN_IN_BATCH)

    def verify_bundle(self, bundle: bytes, digest: str | None = None) -> Verdict:
        """The verdict on a bundle from anywhere, under this service's own trust, and whether it was ended since.

        With `digest` (64 hex), whether the bundle speaks of it. Nothing is stored or fetched.
        """
        trust, policy = self._trust_now(), self._policy
        if digest:
            verdict = verify_artifact(digest, bundle, trust, policy=policy)
        else:
            verdict = verify_bundle(bundle, trust, policy=policy)
        with self._db.read() as session:
            as_of = AsOf(queries.log_size(session), self._clock.now())
            return stand(session, [verdict], as_of)[0]

    def contribution(self, contribution_id: str, actor: Actor | None) -> ContributionInfo:
        """One contribution; raises `ContributionUnknown` or `ContributionHidden`."""
        with self._db.read() as session:
            row = _row(session, contribution_id)
            seen = check_may_see(session, row, actor, self._clock)
            # After the row, so that it covers it; before the ends, so that every end below it is seen.
            as_of = AsOf(queries.log_size(session), self._clock.now())
            files = _files(session, row.id)
            checked = self._verdicts.known(row.id) or self._verdicts.check(row.id, row.bundle)
            verdict = stand(session, [checked.verdict], as_of)[0]
        return self._told(row, files, verdict, as_of, seen)

    def kept(self, contribution_id: str, actor: Actor | None) -> Kept:
        """What is stored of a contribution; raises `ContributionUnknown` or `ContributionHidden`."""
        with self._db.read() as session:
            row = _row(session, contribution_id)
            seen = check_may_see(session, row, actor, self._clock)
            return Kept(row.bundle, row.manifest, row.signing_id, public=seen.public)

    def proof_to_check(self, contribution_id: str) -> Mapping[str, Any]:
        """The bundle for a check by the service itself, whoever asks for its outcome; it is not to be shown."""
        with self._db.read() as session:
            return _row(session, contribution_id).bundle

    def mine(self, contributor_id: str) -> list[MyContribution]:
        """A contributor's own contributions, newest in the log first."""
        query = (
            select(
                Contribution, Project, Signing.key_holder, Withdrawal, LogEntry.index, Offer.until, OfferAnswer.answer
            )
            .join(Project, Project.id == Contribution.project_id)
            .join(Signing, Signing.id == Contribution.signing_id)
            .outerjoin(Withdrawal, Withdrawal.ended_signing_id == Contribution.signing_id)
            .outerjoin(LogEntry, LogEntry.body_sha256 == Withdrawal.entry_sha256)
            .outerjoin(Offer, Offer.signing_id == Contribution.signing_id)
            .outerjoin(OfferAnswer, OfferAnswer.signing_id == Contribution.signing_id)
            .where(Contribution.contributor_id == contributor_id)
            .order_by(Contribution.log_index.desc())
            .options(defer(Contribution.manifest), defer(Contribution.bundle))  # megabytes that a list does not show
        )
        with self._db.read() as session:
            return [
                _mine(row, project, holder, told(withdrawal, index) if withdrawal else None, offered)
                for row, project, holder, withdrawal, index, *offered in session.execute(query)
            ]

    def _answers(self, digests: Sequence[str], limit: int, then: AsOf | None = None) -> list[ArtifactAnswer]:
        with self._db.read() as session:
            as_of = then or AsOf(queries.log_size(session), self._clock.now())
            found = queries.hits(session, set(digests), limit + 1, as_of.log_size)
            names = queries.paths(session, found) if found else {}
            checked = self._check(session, found)
            listed = self._listed(session, found, checked)
            verdicts = dict(
                zip(checked, stand(session, [each.verdict for each in checked.values()], as_of), strict=True)
            )
        by_digest: dict[str, list[Hit]] = {}
        for hit in found:
            by_digest.setdefault(hit.sha256, []).append(hit)
        answers = []
        for digest in digests:
            these = by_digest.get(digest, [])
            covering = [
                self._covering(
                    hit,
                    names,
                    verdicts[hit.contribution_id],
                    checked[hit.contribution_id].digests | listed.get(hit.contribution_id, frozenset()),
                )
                for hit in these[:limit]
            ]
            answers.append(_answer(digest, tuple(covering), more=len(these) > limit, as_of=as_of))
        return answers

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

    def _covering(
        self,
        hit: Hit,
        names: Mapping[tuple[str, int], str],
        verdict: Verdict,
        signed: frozenset[str],
    ) -> Covering:
        said, word, reasons, standing = verdict.statement or {}, verdict.verdict, verdict.reasons, verdict.withdrawal
        if verdict.sound and hit.sha256 not in signed:
            word, reasons, standing = "not-verified", (NOT_LISTED,), NOT_LOOKED_AT
        at_root, seen = hit.position == ROOT_POSITION, shown(hit, self._clock)
        path = MANIFEST_NAME if at_root else names[(hit.contribution_id, hit.position)]
        return Covering(
            id=hit.contribution_id,
            agreement=_agreement(said),
            kind=str(said.get("kind", "")),
            project=str(said.get("project", "")),
            signer=str(said.get("signer", "")),
            time=str(said.get("time") or ""),
            log_index=hit.log_index,
            key_holder=str(said.get("key_holder", "")),
            standing=standing,
            path=path if at_root or seen.public else HIDDEN_NAME,
            shown_to=seen.audience,
            embargo_until=seen.until,
            offer=said.get("offer"),
            bundle_url=self._bundle_url(hit.contribution_id),
            verdict=word,
            reasons=reasons,
        )

    def _told(
        self, row: Contribution, files: tuple[FileInfo, ...], verdict: Verdict, as_of: AsOf, seen: Shown
    ) -> ContributionInfo:
        said = verdict.statement or {}
        return ContributionInfo(
            id=row.id,
            url=f"{self._settings.origin}/contributions/{row.id}",
            project=str(said.get("project", "")),
            kind=str(said.get("kind", "")),
            schedule=said.get("schedule"),
            acceptance=str((said.get("acceptance") or {}).get("statement", "")),
            offer=said.get("offer"),
            agreement=_agreement(said),
            signer=str(said.get("signer", "")),
            key_holder=str(said.get("key_holder", "")),
            time=str(said.get("time") or ""),
            log_index=row.log_index,
            standing=verdict.withdrawal,
            manifest_root=row.manifest_root,
            file_count=row.file_count,
            total_size=row.total_size,
            files=files,
            declarations=said.get("declarations", {}),
            tensors=said.get("tensors"),
            earlier=said.get("earlier", ()),
            bundle_url=self._bundle_url(row.id),
            manifest_url=f"{self._settings.origin}/api/v1/contributions/{row.id}/manifest",
            verdict=verdict.verdict,
            reasons=verdict.reasons,
            as_of=as_of,
            shown_to=seen.audience,
            embargo_until=seen.until,
        )

    def _bundle_url(self, contribution_id: str) -> str:
        return f"{self._settings.origin}/api/v1/contributions/{contribution_id}/bundle"


def _answer(digest: str, covering: tuple[Covering, ...], *, more: bool, as_of: AsOf) -> ArtifactAnswer:
    """`verified` if one contribution's proof holds, `not-verified` if none does, `unknown` if there are none."""
    if not covering:
        return ArtifactAnswer(format_digest(digest), "unknown", "unknown", (NOT_KNOWN,), (), more=False, as_of=as_of)
    one = best(covering)
    return ArtifactAnswer(format_digest(digest), one.verdict, one.standing.state, one.reasons, covering, more, as_of)


def _agreement(said: Mapping[str, Any]) -> dict[str, str]:
    agreement: Mapping[str, str] = said.get("agreement", {})
    return {name: agreement.get(name, "") for name in ("slug", "version", "digest")}


def _row(session: Session, contribution_id: str) -> Contribution:
    row = session.get(Contribution, contribution_id) if is_id(contribution_id) else None
    if row is None:
        raise ContributionUnknown("There is no contribution of that id.")
    return row


def _files(session: Session, contribution_id: str) -> tuple[FileInfo, ...]:
    artifact = ContributionArtifact
    query = select(artifact.path, artifact.sha256, artifact.size).where(artifact.contribution_id == contribution_id)
    return tuple(FileInfo(*row) for row in session.execute(query.order_by(artifact.position).limit(MAX_FILE_SUBJECTS)))


def _mine(
    row: Contribution, project: Project, key_holder: str, ended: Ended | None, offered: Sequence[Any]
) -> MyContribution:
    return MyContribution(
        id=row.id,
        project=project.slug,
        project_name=project.name,
        kind=row.kind,
        file_count=row.file_count,
        total_size=row.total_size,
        manifest_root=row.manifest_root,
        key_holder=key_holder,
        log_index=row.log_index,
        contributed_at=row.contributed_at,
        signing_id=row.signing_id,
        ended=ended,
        offered_until=offered[0],
        answer=offered[1],
    )
