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
from app.contributions.covering import Coverings, agreement_of
from app.contributions.errors import ContributionUnknown, TooManyDigests
from app.contributions.models import Contribution, ContributionArtifact
from app.contributions.seeing import Seeing, Shown, check_may_see
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
from app.contributions.verdicts import Verdicts
from app.grants.models import Offer, OfferAnswer
from app.identity.ports import Actor
from app.log.models import LogEntry
from app.platform.clock import is_id
from app.platform.db import Database
from app.projects.models import Project
from app.signing.ending import told
from app.signing.models import Signing, Withdrawal
from app.signing.ports import Ports
from app.signing.values import Ended
from mcla.artifacts.digest import format_digest, read_digest
from mcla.log.policy import Policy
from mcla.statements.statement import MAX_FILE_SUBJECTS
from mcla.verify.trust import TrustedRoot
from mcla.verify.verdict import Reason, Verdict
from mcla.verify.verifier import verify_artifact, verify_bundle

MAX_DIGESTS = 1000
SHOWN_ALONE = 100
SHOWN_IN_BATCH = 10
NOT_KNOWN = Reason(
    "no-contribution",
    "No contribution recorded here covers this digest.",
    "Check the digest with `mcla hash FILE`; if the file should be covered, ask who gave it to sign for it.",
)


class ContributionService:
    """Answers about artifacts and contributions."""

    def __init__(
        self,
        db: Database,
        ports: Ports,
        trust_now: Callable[[], TrustedRoot],
        policy: Policy | None = None,
    ) -> None:
        """`policy` names the witnesses that verdicts recognise."""
        self._db, self._ports, self._trust_now = db, ports, trust_now
        self._clock = ports.clock
        self._policy = policy
        self._verdicts = Verdicts(trust_now, ports.settings.origin, policy)
        self.coverings = Coverings(self._verdicts, ports.settings.origin)
        self.seeing = Seeing(db, ports)

    def artifact(self, digest: str) -> ArtifactAnswer:
        """What is known of `sha256:<hex>`, or bare hex; raises `DigestInvalid`."""
        return self._answers([read_digest(digest)], SHOWN_ALONE)[0]

    def artifact_then(self, digest: str, as_of: AsOf) -> ArtifactAnswer:
        """What was known of it among the first entries of the log; raises `DigestInvalid`."""
        return self._answers([read_digest(digest)], SHOWN_ALONE, as_of)[0]

    def artifacts(self, digests: Sequence[str]) -> list[ArtifactAnswer]:
        """The same for up to 1,000 digests, in their order; raises `DigestInvalid`, `TooManyDigests`."""
        if not 1 <= len(digests) <= MAX_DIGESTS:
            raise TooManyDigests(f"expected 1 to {MAX_DIGESTS} digests, got {len(digests)}")
        return self._answers([read_digest(digest) for digest in digests], SHOWN_IN_BATCH)

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
            seen = check_may_see(session, self._ports, row, actor)
            # After the row, so that it covers it; before the ends, so that every end below it is seen.
            as_of = AsOf(queries.log_size(session), self._clock.now())
            files = _files(session, row.id)
            checked = self._verdicts.known([row.id]).get(row.id) or self._verdicts.check(row.id, row.bundle)
            verdict = stand(session, [checked.verdict], as_of)[0]
        return self._told(row, files, verdict, as_of, seen)

    def kept(self, contribution_id: str, actor: Actor | None) -> Kept:
        """What is stored of a contribution; raises `ContributionUnknown` or `ContributionHidden`."""
        with self._db.read() as session:
            row = _row(session, contribution_id)
            seen = check_may_see(session, self._ports, row, actor)
            return Kept(row.bundle, row.manifest, row.signing_id, public=seen.public)

    def check_may_see(self, actor: Actor, contribution_id: str) -> None:
        """Raise `ContributionUnknown`, or `ContributionHidden` for who is not among those who may see it now."""
        with self._db.read() as session:
            check_may_see(session, self._ports, _row(session, contribution_id), actor)

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
        with self._db.look() as reader:
            as_of = then or AsOf(queries.log_size(reader), self._clock.now())
            found = self.coverings.of_digests(reader, digests, limit + 1, as_of)
        return [_answer(each, found.get(each, ()), limit, as_of) for each in digests]

    def _told(
        self, row: Contribution, files: tuple[FileInfo, ...], verdict: Verdict, as_of: AsOf, seen: Shown
    ) -> ContributionInfo:
        said = verdict.statement or {}
        return ContributionInfo(
            id=row.id,
            url=f"{self._ports.settings.origin}/contributions/{row.id}",
            project=str(said.get("project", "")),
            kind=str(said.get("kind", "")),
            schedule=said.get("schedule"),
            confirmed=str(((said.get("company") or {}).get("confirmed") or {}).get("statement", "")),
            offer=said.get("offer"),
            agreement=agreement_of(said),
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
            bundle_url=self.coverings.bundle_url(row.id),
            manifest_url=f"{self._ports.settings.origin}/api/v1/contributions/{row.id}/manifest",
            verdict=verdict.verdict,
            reasons=verdict.reasons,
            as_of=as_of,
            shown_to=seen.audience,
            embargo_until=seen.until,
        )


def _answer(digest: str, found: Sequence[Covering], limit: int, as_of: AsOf) -> ArtifactAnswer:
    """`verified` if one contribution's proof holds, `not-verified` if none does, `unknown` if there are none."""
    covering, more = tuple(found[:limit]), len(found) > limit
    if not covering:
        return ArtifactAnswer(format_digest(digest), "unknown", "unknown", (NOT_KNOWN,), (), more=False, as_of=as_of)
    one = best(covering)
    return ArtifactAnswer(format_digest(digest), one.verdict, one.standing.state, one.reasons, covering, more, as_of)


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
