# SPDX-License-Identifier: Apache-2.0
"""Records of real signings, through the real services on both databases: made once, true, retried, and private."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from record_kinds import give_weights
from record_reading import shown
from signin import PEOPLE, person, sign_in
from signing_walk import accept, bearer, draft_acceptance, file, finish, give
from sqlalchemy import delete, null, select, update
from structlog.testing import capture_logs

from app.contributions.models import Contribution
from app.identity.actor import current_actor, load_actor
from app.identity.models import PersonDetail
from app.identity.ports import Actor, VerifiedClaims
from app.platform.jobs import Job
from app.platform.keys.rotate import rotate
from app.records.bulk import BulkIssue, Task
from app.records.data import RecordData
from app.records.errors import RecordContentInvalid, RecordNotReady, RecordUnknown, StoredFileUnfit
from app.records.glyphs import bundled, system
from app.records.making import RecordMaker
from app.records.models import Record, RecordFile
from app.records.render import render
from app.records.service import RecordService
from app.signing.models import Signature, Signing
from app.signing.values import Completed
from mcla.artifacts.manifest import parse_manifest
from mcla.records.check import check_sealed
from mcla.records.errors import SealInvalid
from mcla.records.fields import read_personal
from mcla.statements.commitment import Person, opens
from mcla.statements.statement import parse_statement
from mcla.verify.verifier import verify_artifact, verify_bundle


@pytest.fixture
def ada(services: Any) -> Actor:
    return person(services.identity)


def record_of(services: Any, done: Completed) -> Record:
    with services.db.read() as session:
        table = Signature if done.type == "acceptance" else Contribution
        signing_id = session.scalars(select(table.signing_id).where(table.id == done.id)).one()
        return session.scalars(select(Record).where(Record.signing_id == signing_id)).one()


def issued(services: Any, actor: Actor, done: Completed) -> bytes:
    record = record_of(services, done)
    services.records.issue(record.signing_id)
    return services.records.pdf(actor, record.id)


def job_of(services: Any, record: Record) -> Job:
    with services.db.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "record.issue")).all()
    return next(job for job in jobs if job.payload == {"signing_id": record.signing_id})


def test_an_acceptance_gets_a_record_by_the_job_that_completing_it_left(services: Any, ada: Actor) -> None:
    record = record_of(services, accept(services, ada))
    assert record.state == "logged"
    services.worker.run_due()
    record = record_of_id(services, record.id)
    assert (record.state, record.failure) == ("verified", None)
    pdf = services.records.pdf(ada, record.id)
    assert record_of_id(services, record.id).state == "delivered"
    assert record.sha256 == hashlib.sha256(pdf).hexdigest()
    assert job_of(services, record).state == "done"


def test_the_record_of_a_contribution_tells_what_was_given_and_proves_it(services: Any, ada: Actor) -> None:
    accept(services, ada)
    files = tuple(file(f"weights/part-{n}.safetensors", b"part %d" % n) for n in range(3))
    done = give_weights(services, ada, *files)
    pdf = issued(services, ada, done)
    text = shown(pdf)
    for fact in ("Ada Li", "adali at demo", "104729", "ada.li@example.org", "Fine-tuned from a base", "Tiny LLM",
                 done.id, "Method or tool: Asked for 1,000 training lines", "1.5e21 FLOP", "weights; Schedule W",
                 "50 % of the base: more than a third.",
                 "Licence lineage: Which bases, under which licences?",
                 "tiny-base Apache-2.0", "Revision (commit or tag): 1.0", "abababababab",
                 "Sign and record",
                 "Schedule W: weights", "2. Definitions"):  # fmt: skip
        assert fact in text, fact
    found = check_sealed(pdf, services.trust, services.clock.now())
    bundle, manifest = found.attachments["bundle.sigstore.json"], parse_manifest(found.attachments["manifest.json"])
    assert json.loads(bundle) == done.bundle
    assert verify_bundle(bundle, services.trust).verified
    for entry in files:
        assert verify_artifact(entry.sha256, bundle, services.trust, manifest).verified
    assert not verify_artifact("ab" * 32, bundle, services.trust, manifest).verified


def test_a_record_opens_the_public_commitment_and_carries_the_published_documents(services: Any, ada: Actor) -> None:
    pdf = issued(services, ada, accept(services, ada))
    found = check_sealed(pdf, services.trust, services.clock.now())
    envelope = json.loads(found.attachments["bundle.sigstore.json"])["dsseEnvelope"]
    statement = parse_statement(base64.b64decode(envelope["payload"]))
    told, salt = read_personal(found.record["personal"]).fields, found.record["identityOpening"]["salt"]
    fields = {name: told[name].value for name in ("name", "login", "subject", "email")}
    fields["provider"], secret = found.record["signer"]["account"]["provider"], base64.b64decode(told["secret"].value)
    assert opens(statement.identity_commitment, secret, Person(**fields), salt)
    assert not opens(statement.identity_commitment, secret, Person(**fields | {"name": "Eve"}), salt)
    published = services.agreements.version("mcla-individual", "1.0.0")
    for document in found.record["agreement"]["documents"]:
        content = published.documents[document["path"]]
        assert (document["sha256"], document["size"]) == (hashlib.sha256(content).hexdigest(), len(content))
        if "attachment" in document:
            assert found.attachments[document["attachment"]] == content
    assert {one["path"] for one in found.record["agreement"]["documents"]} == set(published.documents)


def test_the_private_record_tells_from_where_somebody_signed(services: Any, ada: Actor) -> None:
    there = replace(ada, address="2001:db8::17", agent="Fox/145 \u202e\x00<b>" + "x" * 1000)
    text = shown(issued(services, there, accept(services, there)))
    assert "2001:db8::17" in text
    assert "Fox/145 <b>xxx" in text
    assert "Signed in 2026-11-22 12:00:00 UTC" in text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_request_brings_the_address_and_the_browser_that_it_comes_from(app: Any, services: Any, ada: Actor) -> None:
    headers = bearer(services, ada) | {"User-Agent": "Fox/145"}
    with app.test_request_context("/signatures", headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.7"}):
        load_actor()
        actor = current_actor()
    assert (actor.address, actor.agent) == ("192.0.2.7", "Fox/145")
    assert "192.0.2.7" not in repr(actor)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_signs_is_told_before_which_characters_the_pdf_has_no_font_for(
    services: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign = next(chr(code) for code in range(0x12000, 0x12300) if code not in bundled() | system())
    name = f"Enki {sign}{sign} 山 Żółć"
    monkeypatch.setitem(PEOPLE, "enki", VerifiedClaims("demo", "7", name=name, login="enki"))
    enki = sign_in(client, services, "enki")
    draft = draft_acceptance(services, enki)
    undrawn = [f"U+{ord(sign):04X}", *(["U+5C71"] if ord("山") not in bundled() | system() else [])]
    assert client.get(f"/api/v1/signings/{draft.id}", headers=bearer(services, enki)).json["not_drawn"] == undrawn
    assert f"numbers instead: {', '.join(undrawn)}." in client.get(f"/sign/mcla-individual/review/{draft.id}").text
    assert f"Enki ⟨{undrawn[0]}⟩" in shown(issued(services, enki, finish(services, enki, draft)))


def test_the_job_run_twice_or_after_a_crash_gives_one_record(services: Any, ada: Actor) -> None:
    record = record_of(services, accept(services, ada))
    assert [services.records.issue(record.signing_id) for _ in range(2)] == [True, False]
    first = services.records.pdf(ada, record.id)
    services.clock.at += timedelta(hours=1)
    services.records.issue_job({"signing_id": record.signing_id})
    assert services.records.pdf(ada, record.id) == first
    begin_again(services, record)
    services.records.issue(record.signing_id)
    assert services.records.pdf(ada, record.id) == first


def test_a_record_that_an_earlier_key_sealed_is_taken_up_after_that_key_was_replaced(
    services: Any, own_keys: Path, ada: Actor
) -> None:
    record = record_of(services, accept(services, ada))
    services.records.issue(record.signing_id)
    first = services.records.pdf(ada, record.id)
    begin_again(services, record)
    rotate(services.settings, "document", services.clock.now())
    services.records.issue(record.signing_id)
    assert services.records.pdf(ada, record.id) == first
    new, old = reversed(services.trust.sealers)
    assert check_sealed(first, replace(services.trust, sealers=(old,)), services.clock.now())
    with pytest.raises(Exception, match="does not lead to a sealer"):
        check_sealed(first, replace(services.trust, sealers=(new,)), services.clock.now())


def test_a_stored_file_that_was_changed_or_lost_is_never_given_out_and_made_anew_if_nobody_had_it(
    services: Any, ada: Actor
) -> None:
    record = record_of(services, accept(services, ada))
    services.records.issue(record.signing_id)
    pdf = services.records.pdf(ada, record.id)
    services.storage.replace(f"records/{record.id}.pdf", pdf[:-1])
    with pytest.raises(StoredFileUnfit, match="not the one that was sealed"):
        services.records.pdf(ada, record.id)
    not_verified_yet(services, record)
    with capture_logs() as lines:
        services.records.issue(record.signing_id)
    told = [(each["event"], each["log_level"], each["record"]) for each in lines if "failure" in each]
    assert told == [("record.file_unfit", "error", record.id)]
    assert "shorter than what was sealed" in next(each["failure"] for each in lines if "failure" in each)
    second = services.records.pdf(ada, record.id)
    assert (record_of_id(services, record.id).failure, files_of(services)) == (None, [(2, sha256(second))])
    assert services.records.age().oldest == timedelta(0)  # nothing waits for the log any more

    not_verified_yet(services, record)
    (services.storage.root / f"records/{record.id}.2.pdf").unlink()
    with pytest.raises(SealInvalid):  # and what else is wrong does not hide it
        services.records.with_renderer(Erring()).issue(record.signing_id)
    assert files_of(services) == [(2, sha256(second))]
    services.records.issue(record.signing_id)
    assert files_of(services) == [(3, sha256(services.records.pdf(ada, record.id)))]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_record_whose_file_is_lost_says_so_until_it_is_made(
    services: Any, ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = record_of(services, accept(services, ada))
    services.records.issue(record.signing_id)
    not_verified_yet(services, record)
    services.storage.replace(f"records/{record.id}.pdf", b"\x93MCLAzst\x01 rotten")
    seen = []
    monkeypatch.setattr(
        services.records.maker, "render", lambda data: (seen.append(record_of_id(services, record.id)), render(data))[1]
    )
    services.records.issue(record.signing_id)
    assert [each.failure.partition(":")[0] for each in seen] == ["record-file-unfit"]
    assert record_of_id(services, record.id).state == "verified"


def test_an_unusable_key_leaves_the_reason_and_the_signature_alone_and_the_job_tries_again(
    services: Any, ada: Actor
) -> None:
    done = accept(services, ada)
    record = record_of(services, done)
    ended = services.clock.at
    services.clock.at = ended + timedelta(days=365 * 11)  # the document certificate lives ten years
    services.worker.run_due()
    failed = record_of_id(services, record.id)
    assert failed.failure
    assert str(failed.failure).startswith("seal-failed: the document certificate ends on 2036")
    assert job_of(services, record).state == "waiting"
    assert services.signing.in_force(ada.contributor_id, "mcla-individual").signature_id == done.id
    with pytest.raises(RecordNotReady, match="goes on trying"):
        services.records.pdf(ada, record.id)
    services.clock.at = ended + timedelta(hours=1)
    reset_jobs(services)
    services.worker.run_due()
    assert record_of_id(services, record.id).state == "verified"


def test_a_key_that_its_certificate_does_not_certify_is_found_before_anything_is_stored(
    services: Any, ada: Actor
) -> None:
    record = record_of(services, accept(services, ada))
    document = replace(services.keys.document, key=services.keys.tsa.key)
    keys = replace(services.keys, document=document)
    ports = replace(services.signing.ports, keys_now=lambda: keys)
    broken = RecordService(ports, services.storage, services.records._outbox)
    with pytest.raises(Exception, match="not those that were sealed"):
        broken.issue(record.signing_id)
    assert services.storage.read(f"records/{record.id}.pdf") is None
    assert str(record_of_id(services, record.id).failure).startswith("seal-invalid:")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_that_makes_records_tries_its_seal_as_it_begins_and_tells_what_is_wrong(services: Any) -> None:
    with capture_logs() as quiet:
        services.records.maker.probe_at_start()
    broken = replace(services.keys, document=replace(services.keys.document, key=services.keys.tsa.key))
    ports = replace(services.signing.ports, keys_now=lambda: broken)
    with capture_logs() as lines:
        RecordMaker(ports).probe_at_start()
    assert quiet == []
    assert [(each["event"], each["log_level"], each["fix"]) for each in lines] == [
        ("record.self_test_failed", "error", "mcla-server doctor")
    ]
    assert lines[0]["failure"].startswith("seal-invalid:")


class Overtaken:
    """Somebody else brings the record to its end while it is laid out here."""

    def __init__(self, services: Any, signing_id: str) -> None:
        self.services, self.signing_id, self.other = services, signing_id, False

    def render(self, data: RecordData) -> bytes:
        self.other = self.services.records.issue(self.signing_id)
        return render(data)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_of_two_runs_at_one_record_one_says_that_it_issued_it(services: Any, ada: Actor) -> None:
    record = record_of(services, accept(services, ada))
    overtaken = Overtaken(services, record.signing_id)
    run = BulkIssue(services.db, services.records.with_renderer(overtaken))
    assert run.do(Task(record.id, record.signing_id)).state == "there"
    assert overtaken.other


class Erring:
    """Prints another name."""

    def render(self, data: RecordData) -> bytes:
        return render(replace(data, signer=replace(data.signer, name="Mallory")))


def test_pages_of_another_renderer_pass_the_same_rule_or_are_not_kept(services: Any, ada: Actor) -> None:
    record = record_of(services, accept(services, ada))
    with pytest.raises(SealInvalid, match="is not the one that the signature commits to"):
        services.records.with_renderer(Erring()).issue(record.signing_id)
    assert services.storage.read(f"records/{record.id}.pdf") is None


class Straying:
    """Prints and attaches what another record says, which holds by itself."""

    def __init__(self, services: Any, other: str) -> None:
        self.services, self.other = services, other

    def render(self, _data: RecordData) -> bytes:
        return render(self.services.records.maker.load(self.other))


def test_the_pages_of_another_record_are_not_kept_though_they_hold(services: Any, ada: Actor) -> None:
    record, other = (record_of(services, made(services, ada)) for made in (accept, give))
    with pytest.raises(RecordContentInvalid, match="other attachments than were put in"):
        services.records.with_renderer(Straying(services, other.id)).issue(record.signing_id)
    assert services.storage.read(f"records/{record.id}.pdf") is None


def test_a_file_that_the_storage_did_not_keep_as_it_was_is_not_the_one_that_counts(
    services: Any, ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, create = record_of(services, accept(services, ada)), services.storage.create

    def forgetful(name: str, content: bytes) -> Any:
        return create(name, content[:-1] if name.endswith(f"{record.id}.pdf") else content)

    monkeypatch.setattr(services.storage, "create", forgetful)
    with pytest.raises(StoredFileUnfit):
        services.records.issue(record.signing_id)
    found = record_of_id(services, record.id)
    assert (found.state, found.sha256) == ("sealed", None)


def test_a_person_changed_after_signing_is_not_certified(services: Any, ada: Actor) -> None:
    record = record_of(services, accept(services, ada))
    for field in ("name", "login", "email"):
        with services.db.write() as session:
            before = session.scalars(select(getattr(PersonDetail, field))).first()
            session.execute(update(PersonDetail).values({field: "mallory@example.org"}))
        with pytest.raises(RecordContentInvalid, match="identity commitment"):
            services.records.issue(record.signing_id)
        with services.db.write() as session:
            session.execute(update(PersonDetail).values({field: before}))


def test_a_bundle_changed_in_the_database_is_not_certified(services: Any, ada: Actor) -> None:
    done = accept(services, ada)
    bundle = json.loads(json.dumps(done.bundle))
    bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["treeSize"] = "7"
    with services.db.write() as session:
        session.execute(update(Signature).values(bundle=bundle))
    with pytest.raises(RecordContentInvalid, match="does not verify"):
        services.records.issue(record_of(services, done).signing_id)


def test_a_bundle_of_another_signing_is_not_certified(services: Any, ada: Actor) -> None:
    first = accept(services, ada)
    second = accept(services, person(services.identity, "bela"))
    with services.db.write() as session:
        session.execute(update(Signature).where(Signature.id == first.id).values(bundle=second.bundle))
    with pytest.raises(RecordContentInvalid, match="another statement"):
        services.records.issue(record_of(services, first).signing_id)


def test_a_signing_that_is_not_complete_has_no_record(services: Any, ada: Actor) -> None:
    drafted = services.signing.draft_acceptance(ada, "mcla-individual", "1.0.0", "browser")
    with pytest.raises(RecordUnknown):
        services.records.issue(drafted.id)
    assert services.records.state_of(drafted.id) is None


def test_a_record_is_downloaded_by_its_own_signer_only(services: Any, client: Any, ada: Actor) -> None:
    record = record_of(services, accept(services, ada))
    services.records.issue(record.signing_id)
    for path in (f"/api/v1/records/{record.id}.pdf", f"/records/{record.id}.pdf"):
        assert client.get(path).status_code in (401, 303)
    sign_in(client, services, "bela")
    for path in (f"/api/v1/records/{record.id}.pdf", f"/records/{record.id}.pdf"):
        assert client.get(path).status_code == 404
    sign_in(client, services, "ada")
    for path in (f"/api/v1/records/{record.id}.pdf", f"/records/{record.id}.pdf"):
        answer = client.get(path)
        assert (answer.status_code, answer.content_type) == (200, "application/pdf")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{record.id}.pdf"'
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.data == services.records.pdf(ada, record.id)


def test_somebody_elses_record_and_no_record_answer_alike(services: Any, client: Any, ada: Actor) -> None:
    record = record_of(services, accept(services, ada))
    sign_in(client, services, "bela")
    bodies = [client.get(f"/api/v1/records/{name}.pdf").json for name in (record.id, "rec_" + "0" * 26)]
    for body in bodies:
        del body["request_id"]
    assert bodies[0] == bodies[1]


MALFORMED = ("x", "rec_", "rec_%00", "..%2f..%2fkeys", "rec_" + "z" * 27, "REC_" + "0" * 26, "%F0%9F%96%A4")


def test_a_malformed_record_id_is_simply_unknown(services: Any, client: Any) -> None:
    sign_in(client, services, "ada")
    assert {client.get(f"/api/v1/records/{name}.pdf").status_code for name in MALFORMED} == {404}


def test_a_record_in_the_making_says_so_and_when_to_ask_again(services: Any, client: Any, ada: Actor) -> None:
    record = record_of(services, accept(services, ada))
    sign_in(client, services, "ada")
    answer = client.get(f"/api/v1/records/{record.id}.pdf")
    assert (answer.status_code, answer.json["code"]) == (409, "record-not-ready")
    assert answer.headers["Retry-After"] == "3"
    assert "Nothing is lost" in answer.json["hint"]


def record_of_id(services: Any, record_id: str) -> Record:
    with services.db.read() as session:
        return session.get_one(Record, record_id)


def begin_again(services: Any, record: Record) -> None:
    """As after a crash between storing the file and saying so."""
    with services.db.write() as session:
        session.execute(delete(RecordFile).where(RecordFile.record_id == record.id))
    reset(services, record, state="logged", sha256=None)


def not_verified_yet(services: Any, record: Record) -> None:
    """As after a crash between saying that the file is stored and reading it back."""
    reset(services, record, state="sealed", sha256=None)
    with services.db.write() as session:
        session.execute(update(RecordFile).values(signed=null(), bundle=null(), log_index=None))


def files_of(services: Any) -> list[tuple[int, str]]:
    with services.db.read() as session:
        return [(file.number, file.sha256) for file in session.scalars(select(RecordFile).order_by(RecordFile.number))]


def sha256(pdf: bytes) -> str:
    return hashlib.sha256(pdf).hexdigest()


def reset(services: Any, record: Record, **values: Any) -> None:
    with services.db.write() as session:
        session.execute(update(Record).where(Record.id == record.id).values(**values))


def reset_jobs(services: Any) -> None:
    """Make every waiting job due now, as time would."""
    with services.db.write() as session:
        session.execute(update(Job).where(Job.state == "waiting").values(run_after=services.clock.now()))


def test_every_completed_signing_has_exactly_one_record_waiting(services: Any, ada: Actor) -> None:
    accept(services, ada)
    give_weights(services, ada)
    with services.db.read() as session:
        signings = set(session.scalars(select(Signing.id).where(Signing.state == "complete")))
        records = session.scalars(select(Record.signing_id)).all()
    assert sorted(records) == sorted(signings)
