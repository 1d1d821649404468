# SPDX-License-Identifier: Apache-2.0
"""Drafts: the exact statement that somebody is asked to sign, stored before it is shown.

The statement's bytes are built once, with a fresh salt, and never again: what is shown, certified for, signed and
logged are the same bytes. A draft lives 30 minutes and is nobody's but its maker's.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app.agreements.service import PublishedVersion
from app.platform.clock import new_id
from app.projects.service import ProjectInfo
from app.signing.doubles import (
    refuse_contributed_already,
    refuse_replaced,
    refuse_signed_already,
    refuse_unpublished,
)
from app.signing.earlier import Earlier, refs, refuse_named_already, write_earlier
from app.signing.errors import CapacityUnfit, DeclarationsUnfit, NotForPersons, TensorsUnfit
from app.signing.models import Signing
from app.signing.paths import FOR_SELF, Path, Way, path_of, with_company
from app.signing.ports import Actor, Gift, Ports
from app.signing.values import CompanyFacts
from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.artifacts.paths import MANIFEST_NAME
from mcla.artifacts.safetensors import is_safetensors
from mcla.statements.commitment import Person, commit, commit_title
from mcla.statements.company import CompanyRef
from mcla.statements.parts import (
    TENSOR_KINDS,
    AgreementRef,
    ConsentRef,
    EarlierRef,
    ManifestRef,
    Subject,
    TensorsRef,
)
from mcla.statements.statement import SALT_BYTES, Acceptance, Contribution, manifest_subjects
from mcla.terms.declarations import Answer, DeclarationsInvalid
from mcla.wording import Worded

DRAFT_LIFE = timedelta(minutes=30)
ABANDONED = timedelta(days=1)
MOST_OPEN = 20
"""Unsigned drafts kept for one identity: a draft may hold a list of 100,000 files, and a full disk stops the log."""


def draft_acceptance(
    ports: Ports, actor: Actor, slug: str, version: str | None, key_holder: str, company: CompanyFacts | None = None
) -> str:
    """Store the acceptance that `actor` is asked to sign, for self or for `company`; returns the signing's id.

    `version` None means the newest. Raises `AgreementUnknown`, `AgreementVersionUnknown`, `AgreementWithdrawn`,
    `NotForPersons`, `CapacityUnfit`, `AgreementReplaced`, `AlreadySigned`, `ClockUnsteady`, or what `Companies` raises.
    """
    published = ports.agreements.version_to_sign(slug, version)
    _check_capacity(published, company)
    refuse_replaced(ports, published)
    with ports.db.write() as session:
        now = ports.steady.now(session)
        refuse_unpublished(published, now)
        signer = ports.identity.signer_for(session, actor.contributor_id, published.foundation_id)
        if company is None:
            refuse_signed_already(session, ports, signer.id, published)
        else:
            ports.companies.refuse_acceptance(session, company, published, actor.contributor_id)
        common = Common(ports, session, actor, published, signer.id, key_holder, now)
        statement = _acceptance(common, published, company)
        row = common.row("acceptance", statement.to_bytes())
        row.document = company.document() if company else None
        session.add(row)
        forget_abandoned(session, row, now)
    return row.id


def draft_contribution(
    ports: Ports,
    actor: Actor,
    project_slug: str,
    kind: str,
    files: Sequence[ManifestEntry],
    declarations: Mapping[str, object],
    key_holder: str,
    tensors: TensorsRef | None,
    earlier: Sequence[Earlier] = (),
    way: Way = FOR_SELF,
) -> str:
    """Store the contribution that `actor` is asked to sign, for self or for a company, as an offer or not.

    Returns the signing's id.

    `earlier` are signatures over these files that the signer made before with tools of others.

    Raises `ProjectUnknown`, `AgreementNotSigned`, `KindNotCovered`, `DeclarationsUnfit`, `ManifestInvalid`,
    `TensorsUnfit`, `AlreadyContributed`, `EarlierUnknown`, `EarlierUnfit`, `EarlierNamed`, `NotForOffers`,
    `OfficeUnfit`, `ClockUnsteady`, or what `Companies` raises.
    """
    project = ports.projects.project(project_slug)
    manifest = Manifest.of(files)
    _check_tensors(tensors, kind, manifest)
    path, published = path_of(ports, actor, project, kind, way)
    answers = _answers(ports, published, kind, declarations)
    path = with_company(ports, actor, path, way, Gift(project.slug, kind, manifest.root, answers, way.agreement))
    schedule = ports.agreements.declarations(published, kind)
    letter = schedule.letter if schedule else None
    with ports.db.write() as session:
        now = ports.steady.now(session)
        signer = ports.identity.signer_for(session, actor.contributor_id, project.foundation.id)
        refuse_contributed_already(session, ports, signer.id, project.id, kind, manifest.root)
        named = refs(session, signer.id, earlier, manifest)
        refuse_named_already(session, ports, project.id, kind, named)
        common = Common(ports, session, actor, published, signer.id, key_holder, now)
        statement = _contribution(common, project, kind, manifest, path, answers, letter, tensors, named)
        row = common.row("contribution", statement.to_bytes())
        row.project_id, row.manifest = project.id, manifest.to_bytes()
        row.document = path.grantor.document() if path.grantor else None
        row.earlier = write_earlier(earlier) or None
        session.add(row)
        forget_abandoned(session, row, now)
    return row.id


class Common:
    """The parts that every statement of one draft shares."""

    def __init__(
        self,
        ports: Ports,
        session: Session,
        actor: Actor,
        published: PublishedVersion,
        signer_id: str,
        key_holder: str,
        now: datetime,
    ) -> None:
        self._ports, self._actor, self._published = ports, actor, published
        self._signer_id, self._key_holder, self._now = signer_id, key_holder, now.replace(microsecond=0)
        self._salt = secrets.token_bytes(SALT_BYTES)
        detail = ports.identity.person_detail(session, actor.person_detail_id)
        person = Person(actor.provider, actor.subject, detail.name, detail.login, detail.email)
        self._secret, self._salt_text = detail.secret, base64.b64encode(self._salt).decode()
        self._commitment = commit(self._secret, person, self._salt_text)

    def parts(self) -> dict[str, Any]:
        published, origin = self._published, self._ports.settings.origin
        return {
            "salt": self._salt,
            "service": origin,
            "foundation": published.foundation.slug,
            "signer": f"{origin}/signers/{self._signer_id}",
            "identity_commitment": self._commitment,
            "key_holder": self._key_holder,
            "agreement": AgreementRef(published.slug, published.version, published.digest, published.text_sha256),
            "created_at": self._now,
        }

    def company(self, facts: CompanyFacts) -> CompanyRef:
        """The company as the statement has it: the title of who signs is committed to."""
        title = commit_title(self._secret, facts.title, self._salt_text)
        return CompanyRef(facts.name, facts.jurisdiction, facts.registration, facts.power, title)

    def consent(self, files: int) -> ConsentRef:
        words = self._ports.agreements.consent(self._published, files=files)
        return ConsentRef(sha256=words.sha256, button=words.button)

    def row(self, kind: str, statement: bytes) -> Signing:
        return Signing(
            id=new_id("sng"),
            kind=kind,
            state="drafted",
            identity_id=self._actor.identity_id,
            person_detail_id=self._actor.person_detail_id,
            signer_id=self._signer_id,
            agreement_version_id=self._published.id,
            key_holder=self._key_holder,
            statement=statement,
            statement_sha256=sha256_hex(statement),
            created_at=self._now,
            expires_at=self._now + DRAFT_LIFE,
        )


def _acceptance(common: Common, published: PublishedVersion, company: CompanyFacts | None) -> Acceptance:
    return Acceptance(
        subjects=_documents(published),
        consent=common.consent(0),
        capacity=capacity_of(company),
        company=common.company(company) if company else None,
        **common.parts(),
    )


def _contribution(
    common: Common,
    project: ProjectInfo,
    kind: str,
    manifest: Manifest,
    path: Path,
    answers: Mapping[str, Answer],
    letter: str | None,
    tensors: TensorsRef | None,
    earlier: tuple[EarlierRef, ...],
) -> Contribution:
    return Contribution(
        subjects=manifest_subjects(manifest),
        consent=common.consent(len(manifest.files)),
        project=project.slug,
        kind=kind,
        schedule=letter,
        manifest=ManifestRef.of(manifest),
        acceptance=path.acceptance,
        declarations=answers,
        tensors=tensors,
        earlier=earlier,
        capacity=capacity_of(path.company),
        company=path.company,
        offer=path.offer,
        grantor=common.company(path.grantor) if path.grantor else None,
        **common.parts(),
    )


def capacity_of(company: object) -> str:
    """In which capacity a statement is made."""
    return "individual" if company is None else "company"


def _check_capacity(published: PublishedVersion, company: CompanyFacts | None) -> None:
    if company is None and not published.for_persons:
        raise NotForPersons(
            Worded(
                "%(title)s (%(slug)s) is not signed by one person for everything they give.",
                title=published.title,
                slug=published.slug,
            )
        )
    if company is not None and not published.for_companies:
        raise CapacityUnfit(
            Worded("%(title)s (%(slug)s) is not signed for a company.", title=published.title, slug=published.slug)
        )


def _check_tensors(tensors: TensorsRef | None, kind: str, manifest: Manifest) -> None:
    """The claim is the signer's, as the digests are; refused is what these files cannot hold."""
    if tensors is None:
        return
    if kind not in TENSOR_KINDS:
        raise TensorsUnfit(
            Worded(
                "expected tensors with kind %(value)s only, got them with %(kind)s",
                value=" or ".join(TENSOR_KINDS),
                kind=kind,
            )
        )
    held = sum(entry.size for entry in manifest.files if is_safetensors(entry.path))
    if tensors.bytes > held:
        what = f"{tensors.bytes} bytes of tensors"
        raise TensorsUnfit(
            Worded(
                "expected at most %(held)s bytes, as many as the .safetensors files hold, got %(what)s",
                held=held,
                what=what,
            )
        )


def _documents(published: PublishedVersion) -> tuple[Subject, ...]:
    """The subjects of an acceptance: the version's digest, then its documents by the bytes of their paths."""
    documents = sorted(published.documents.items(), key=lambda item: item[0].encode())
    files = (Subject(name=path, sha256=sha256_hex(content)) for path, content in documents)
    return (Subject(name=MANIFEST_NAME, sha256=published.digest), *files)


def _answers(
    ports: Ports, published: PublishedVersion, kind: str, declarations: Mapping[str, object]
) -> dict[str, Answer]:
    try:
        return ports.agreements.check_declarations(published, kind, declarations)
    except DeclarationsInvalid as error:
        raise DeclarationsUnfit(error) from None


def forget_abandoned(session: Session, row: Signing, now: datetime) -> None:
    """Delete the identity's other drafts that expired a day ago or are too many: nothing of them was signed."""
    theirs = Signing.identity_id == row.identity_id, Signing.state.in_(("drafted", "certified")), Signing.id != row.id
    newest = select(Signing.id).where(*theirs).order_by(Signing.created_at.desc(), Signing.id).limit(MOST_OPEN - 1)
    too_old, too_many = Signing.expires_at < now - ABANDONED, Signing.id.not_in(list(session.scalars(newest)))
    abandoned = delete(Signing).where(*theirs, or_(too_old, too_many))
    session.execute(abandoned.execution_options(synchronize_session=False))


def cut_short(session: Session, over: datetime) -> None:
    """End every draft and take its certificate back: the clock was set back, so their ends came no nearer."""
    signed_nothing = Signing.state == "certified", (Signing.state == "drafted") & (Signing.expires_at > over)
    ending = update(Signing).where(or_(*signed_nothing))
    session.execute(ending.values(state="drafted", certificate=None, expires_at=over))
