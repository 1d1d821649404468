# SPDX-License-Identifier: Apache-2.0
"""SigningService: the way of a signature, from a statement shown to a bundle stored.

drafted (statement stored, shown exactly) -> certified (one key, ten minutes) -> signed (signature and timestamp
durable, with a job) -> complete (in the log, bundle checked by our own verifier, outcome stored). Each step is one
commit; a crash between any two leaves a state from which the job or a repeated request goes on. `void` is what can
never be recorded, because a stolen key under it was ended meanwhile.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy import select

from app.agreements.models import Agreement
from app.agreements.service import PublishedVersion
from app.passkeys.values import PasskeyInfo
from app.platform.clock import is_id
from app.signing import certify, complete, drafts, earlier, ending, finish, side, stepup, telling
from app.signing.earlier import Earlier, Waiting
from app.signing.errors import KeyEnded, RecordingDelayed, SigningUnknown
from app.signing.in_force import Accepted, acceptance_covering, acceptances
from app.signing.lookup import persons_signing
from app.signing.models import Signature, Signing, Withdrawal
from app.signing.paths import Way, version_for_offer
from app.signing.ports import Actor, Ports
from app.signing.values import (
    NOTHING_SEEN,
    Certified,
    CompanyFacts,
    Completed,
    Ended,
    Office,
    Seen,
    SignatureInfo,
    SigningInfo,
)
from mcla.artifacts.manifest import Manifest, ManifestEntry, parse_manifest
from mcla.errors import MclaError
from mcla.statements.parts import TensorsRef
from mcla.statements.passkey import Assertion

log = structlog.get_logger()


class SigningService:
    """Drafts, certifies, completes; all calls may be repeated and may race."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    @property
    def ports(self) -> Ports:
        """The collaborators, for services that sign for others with the same keys, clock and log."""
        return self._ports

    # drafts

    def draft_acceptance(
        self, actor: Actor, slug: str, version: str | None, key_holder: str, company: CompanyFacts | None = None
    ) -> SigningInfo:
        """Store and show the acceptance that would be signed; see `drafts.draft_acceptance` for what it refuses."""
        return self.signing(actor, drafts.draft_acceptance(self._ports, actor, slug, version, key_holder, company))

    def draft_contribution(
        self,
        actor: Actor,
        project: str,
        kind: str,
        files: Sequence[ManifestEntry],
        declarations: Mapping[str, object],
        key_holder: str,
        tensors: TensorsRef | None = None,
        earlier: Sequence[Earlier] = (),
        company_id: str | None = None,
        agreement: str | None = None,
        office: Office | None = None,
    ) -> SigningInfo:
        """Store and show the contribution that would be signed; see `drafts.draft_contribution` for what it refuses."""
        way = Way(company_id, agreement, office)
        made = drafts.draft_contribution(
            self._ports, actor, project, kind, files, declarations, key_holder, tensors, earlier, way
        )
        return self.signing(actor, made)

    def draft_withdrawal(
        self, actor: Actor, ended_id: str, reason: str, stage: str | None, key_holder: str
    ) -> SigningInfo:
        """Store and show the withdrawal that would be signed; see `ending.draft_withdrawal` for what it refuses."""
        return self.signing(actor, ending.draft_withdrawal(self._ports, actor, ended_id, reason, stage, key_holder))

    # signing

    def choose_passkey(self, actor: Actor, signing_id: str, passkey_id: str | None) -> None:
        """Make a draft wait for a passkey, or for none again; see `stepup.choose`."""
        stepup.choose(self._ports, actor, signing_id, passkey_id)

    def confirm(self, actor: Actor, signing_id: str, answer: Assertion) -> SigningInfo:
        """Put a passkey's assertion into the draft that waits for it; see `stepup.confirm`."""
        stepup.confirm(self._ports, actor, signing_id, answer)
        return self.signing(actor, signing_id)

    def certify(self, actor: Actor, signing_id: str, spki: bytes, proof: bytes, statement_sha256: str) -> Certified:
        """The one certificate of a signing; see `certify.certify`."""
        return certify.certify(self._ports, actor, signing_id, spki, proof, statement_sha256)

    def complete(
        self,
        actor: Actor,
        signing_id: str,
        signature: bytes,
        oms: bytes | None = None,
        seen: Seen = NOTHING_SEEN,
        *,
        consent: bool,
    ) -> Completed:
        """Take the signature and record it; the same request again answers the same. See `complete.sign`."""
        complete.sign(self._ports, actor, signing_id, signature, oms, seen, consent=consent)
        return self._finished(actor, signing_id)

    def sign_with_service_key(
        self, actor: Actor, signing_id: str, seen: Seen = NOTHING_SEEN, *, consent: bool
    ) -> Completed:
        """Sign with a one-use key that the service holds for this call; see `complete.sign_with_service_key`."""
        complete.sign_with_service_key(self._ports, actor, signing_id, seen, consent=consent)
        return self._finished(actor, signing_id)

    def finish(self, signing_id: str) -> None:
        """Bring a signed signing to its end; nothing happens to one that is complete."""
        finish.finish(self._ports, signing_id)

    def finish_job(self, payload: dict[str, Any]) -> None:
        """The handler of `signing.finish`: payload `{"signing_id"}`."""
        with suppress(KeyEnded):  # nothing is left to do: its signer is told, and signs again
            self.finish(payload["signing_id"])

    # reading

    def signing(self, actor: Actor, signing_id: str) -> SigningInfo:
        """One signing of this person; raises `SigningUnknown`."""
        with self._ports.db.read() as session:
            row = persons_signing(session, actor, signing_id)
        result = self._result(row) if row.state == "complete" else None
        return telling.tell(self._ports, row, result)

    def passkeys_for(self, actor: Actor, signing_id: str) -> list[PasskeyInfo]:
        """The signer's passkeys that can confirm this signing; raises `SigningUnknown`."""
        return stepup.choices(self._ports, actor, signing_id)

    def signatures(self, actor: Actor) -> list[SignatureInfo]:
        """What this person accepted, newest in the log first."""
        with self._ports.db.read() as session:
            return telling.signatures_of(session, actor.contributor_id)

    def in_force(self, contributor_id: str, slug: str) -> Accepted | None:
        """The contributor's newest acceptance of an agreement, by log index."""
        with self._ports.db.read() as session:
            found = acceptances(session, contributor_id, Agreement.slug == slug)
        return found[0] if found else None

    def covering(self, actor: Actor, project: str, kind: str) -> PublishedVersion:
        """The version that a contribution of this kind would rest on; raises `AgreementNotSigned`, `KindNotCovered`."""
        return acceptance_covering(self._ports, actor.contributor_id, self._ports.projects.project(project), kind)[1]

    def covering_offer(self, project: str, kind: str, slug: str) -> PublishedVersion:
        """The version under which files of this kind are offered to a project; see `paths.version_for_offer`."""
        return version_for_offer(self._ports, self._ports.projects.project(project), kind, slug)

    def manifest(self, actor: Actor, signing_id: str) -> Manifest | None:
        """The files of a signing of this person, None for an acceptance; raises `SigningUnknown`."""
        with self._ports.db.read() as session:
            listed = persons_signing(session, actor, signing_id).manifest
        return parse_manifest(listed) if listed else None

    def named_by(self, actor: Actor, signing_id: str) -> str:
        """The earlier signatures as a draft's maker named them, as text; raises `SigningUnknown`."""
        with self._ports.db.read() as session:
            return persons_signing(session, actor, signing_id).earlier or ""

    def waiting(self, actor: Actor) -> list[Waiting]:
        """What this person signed with tools of others and has given to no project; see `earlier.waiting`."""
        with self._ports.db.read() as session:
            return earlier.waiting(session, actor)

    def own_entries(self, actor: Actor, indexes: Sequence[int]) -> list[Waiting]:
        """This person's entries by tools of others at these places; raises `EarlierUnknown`."""
        with self._ports.db.read() as session:
            return earlier.own(session, actor, indexes)

    def check_earlier(self, actor: Actor, named: Sequence[Earlier], files: Manifest) -> None:
        """Whether earlier signatures are this person's and over these files; raises as `earlier.check_fit`."""
        with self._ports.db.read() as session:
            earlier.check_fit(session, actor, named, files)

    def oms_statement(self, actor: Actor, signing_id: str) -> bytes | None:
        """The list of the files of a signing of this person in the form of OMS; raises `SigningUnknown`."""
        with self._ports.db.read() as session:
            return side.oms_of(persons_signing(session, actor, signing_id))

    def signature_bundle(self, signature_id: str, *, older: bool = False) -> Mapping[str, Any]:
        """The public bundle of an acceptance, or its twin for `older` clients; raises `SigningUnknown`."""
        with self._ports.db.read() as session:
            row = session.get(Signature, signature_id) if is_id(signature_id) else None
        if row is None:
            raise SigningUnknown("There is no signature of that id.", hint="Check the id; it begins with sig_.")
        return self.twin(row.signing_id) if older else row.bundle

    def twin(self, signing_id: str) -> Mapping[str, Any]:
        """The bundle of a complete signing in the form that older clients read; see `side.twin`."""
        return side.twin(self._ports, signing_id)

    def has_list(self, signing_id: str) -> bool:
        """Whether the key of a signing signed the list of its files too."""
        query = select(Signing.id).where(Signing.id == signing_id, Signing.oms_signature.is_not(None))
        with self._ports.db.read() as session:
            return session.scalar(query) is not None

    def oms_bundle(self, signing_id: str, *, older: bool = False) -> Mapping[str, Any]:
        """The OMS bundle of a complete contribution; see `side.oms`."""
        return side.oms(self._ports, signing_id, older=older)

    def endable(self, actor: Actor, ended_id: str) -> tuple[ending.Endable, Ended | None]:
        """An own acceptance or contribution with its end, if it was ended; raises as `ending.endable`."""
        with self._ports.db.read() as session:
            found = ending.endable(session, self._ports, actor, ended_id)
            return found, ending.ended_by(session, found.signing.id)

    def withdrawal_bundle(self, withdrawal_id: str) -> Mapping[str, Any]:
        """The public bundle of a recorded withdrawal; raises `SigningUnknown`."""
        with self._ports.db.read() as session:
            row = session.get(Withdrawal, withdrawal_id) if is_id(withdrawal_id) else None
        if row is None or row.bundle is None:
            raise SigningUnknown("There is no withdrawal of that id.", hint="Check the id; it begins with wdr_.")
        return row.bundle

    def acceptance_of(self, statement_sha256: str) -> Mapping[str, Any] | None:
        """The public bundle of the acceptance whose statement has this digest (64 hex), if one is recorded."""
        query = select(Signature.bundle).join(Signing, Signing.id == Signature.signing_id)
        with self._ports.db.read() as session:
            found: Mapping[str, Any] | None = session.scalar(query.where(Signing.statement_sha256 == statement_sha256))
        return found

    def _finished(self, actor: Actor, signing_id: str) -> Completed:
        """Finish what is signed and durable: a fault from here on delays the recording and does not undo it."""
        try:
            finish.finish(self._ports, signing_id)
        except KeyEnded:
            raise
        except MclaError as error:
            log.warning("signing.delayed", signing=signing_id, reason=error.code)
            url = f"{self._ports.settings.origin}/api/v1/signings/{signing_id}"
            raise RecordingDelayed(
                "Your signature is kept, but it could not be recorded in the log yet.",
                url=url,
                reason=error.code,
                retry_after=60,
            ) from error
        with self._ports.db.read() as session:
            row = persons_signing(session, actor, signing_id)
        return self._result(row)

    def _result(self, row: Signing) -> Completed:
        with self._ports.db.read() as session:
            if row.kind == "withdrawal":
                return ending.completed(session, self._ports.settings, row)
            if row.kind == "company-change":
                changed = self._ports.companies.outcome(session, row.id)
                if changed is None:
                    raise SigningUnknown("This signing is not complete.")
                return telling.changed(self._ports.settings, row, *changed)
            if row.kind == "contribution":
                found = self._ports.outcomes.stored(session, row.id)
            else:
                signature = session.get(Signature, row.result_id)
                found = (signature.log_index, signature.bundle) if signature else None
            record_id = self._ports.outcomes.record_id(session, row.id)
        if found is None or record_id is None:
            raise SigningUnknown("This signing is not complete.")
        return telling.completed(self._ports.settings, row, *found, record_id)
