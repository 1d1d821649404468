# SPDX-License-Identifier: Apache-2.0
"""What may be drafted, what is refused before anything is signed, and what a statement never says."""

import hashlib
from datetime import timedelta

import pytest
from signing_walk import accept, draft_acceptance, draft_contribution, file, give
from sqlalchemy import func, select
from version_folders import TEXTS, copy_version

from app.agreements.errors import AgreementUnknown, AgreementVersionUnknown, AgreementWithdrawn, KindNotCovered
from app.projects.service import ProjectUnknown
from app.signing.errors import (
    AgreementNotSigned,
    AgreementReplaced,
    AlreadyContributed,
    AlreadySigned,
    DeclarationsUnfit,
    NotForPersons,
    SigningUnknown,
)
from app.signing.models import Signing
from mcla.artifacts.digest import DigestInvalid
from mcla.artifacts.manifest import ManifestEntry, ManifestInvalid
from mcla.artifacts.paths import PathInvalid
from mcla.statements.canonical import canonical_json
from mcla.statements.commitment import Person, opens
from mcla.statements.parts import StatementInvalid
from mcla.statements.statement import parse_statement
from mcla.statements.strict import parse_json


def test_the_statement_shown_is_the_statement_stored_in_its_one_form(services, ada, db):
    shown = draft_acceptance(services, ada)
    with db.read() as session:
        stored = session.get_one(Signing, shown.id)
    assert shown.statement == stored.statement
    assert shown.statement_sha256 == hashlib.sha256(shown.statement).hexdigest() == stored.statement_sha256
    assert canonical_json(parse_json(shown.statement)) == shown.statement


def test_two_drafts_of_the_same_thing_differ_by_their_salt(services, ada):
    one, two = (parse_statement(draft_acceptance(services, ada).statement) for _ in range(2))
    assert one.salt != two.salt
    assert one.identity_commitment != two.identity_commitment


def test_the_digest_of_the_consent_words_shown_is_in_the_statement(services, ada):
    shown = draft_acceptance(services, ada)
    statement = parse_statement(shown.statement)
    assert statement.consent.sha256 == hashlib.sha256(shown.consent.text.encode()).hexdigest()
    assert statement.consent.button == shown.consent.button


def test_a_statement_holds_no_name_login_or_address(services, ada):
    accept(services, ada)
    for shown in (draft_contribution(services, ada),):
        text = shown.statement.decode().lower()
        for private in (ada.name, ada.login, ada.email, ada.subject, ada.contributor_id, ada.identity_id):
            assert private.lower() not in text


def test_the_consent_words_hold_no_name_so_that_their_digest_confirms_no_guess(services, ada, bela):
    assert draft_acceptance(services, ada).consent.sha256 == draft_acceptance(services, bela).consent.sha256
    assert ada.name not in draft_acceptance(services, ada).consent.text


def test_the_identity_commitment_opens_to_this_person_and_nobody_else(services, ada, db):
    import base64

    statement = parse_statement(draft_acceptance(services, ada).statement)
    with db.read() as session:
        secret = services.identity.person_detail(session, ada.person_detail_id).secret
    salt = base64.b64encode(statement.salt).decode()
    person = Person(ada.provider, ada.subject, ada.name, ada.login, ada.email)
    assert opens(statement.identity_commitment, secret, person, salt)
    assert not opens(statement.identity_commitment, bytes(32), person, salt)
    assert not opens(statement.identity_commitment, secret, person, salt[::-1])
    for changed in ({"provider": "other"}, {"subject": "1"}, {"name": "Ada L"}, {"login": ""}, {"email": None}):
        values = {name: getattr(person, name) for name in ("provider", "subject", "name", "login", "email")}
        assert not opens(statement.identity_commitment, secret, Person(**values | changed), salt)


def test_a_draft_belongs_to_its_maker_alone(services, ada, bela):
    shown = draft_acceptance(services, ada)
    with pytest.raises(SigningUnknown):
        services.signing.signing(bela, shown.id)
    with pytest.raises(SigningUnknown):
        services.signing.manifest(bela, shown.id)


@pytest.mark.parametrize("unknown", ["", "sng_", "sng_\0", "sng_" + "0" * 26, "../../etc", "x" * 5000])
def test_an_unknown_or_malformed_signing_id_is_not_found(services, ada, unknown):
    with pytest.raises(SigningUnknown):
        services.signing.signing(ada, unknown)


def test_an_unknown_agreement_or_version_is_named(services, ada):
    with pytest.raises(AgreementUnknown):
        services.signing.draft_acceptance(ada, "no-such-agreement", "1.0.0", "cli")
    with pytest.raises(AgreementVersionUnknown):
        services.signing.draft_acceptance(ada, "mcla-individual", "9.9.9", "cli")


def test_a_withdrawn_version_takes_no_draft(services, ada):
    services.agreements.withdraw("mcla-individual", "1.0.0")
    with pytest.raises(AgreementWithdrawn):
        draft_acceptance(services, ada)


def test_a_replaced_version_takes_no_draft_and_names_the_newer_one(services, ada, tmp_path):
    services.agreements.publish(copy_version(tmp_path, "1.1.0"), "example")
    with pytest.raises(AgreementReplaced) as refused:
        draft_acceptance(services, ada)
    assert refused.value.extra["version"] == "1.1.0"


@pytest.mark.parametrize("slug", ["mcla-corporate", "mcla-grant"])
def test_a_companys_agreement_or_a_grant_is_not_accepted_as_a_persons_and_carries_nothing(services, ada, slug):
    services.agreements.publish(TEXTS / slug / "1.0.0", "example")
    with pytest.raises(NotForPersons):
        services.signing.draft_acceptance(ada, slug, None, "browser")
    with pytest.raises(AgreementNotSigned, match="under mcla-individual"):
        draft_contribution(services, ada)


def test_an_unknown_key_holder_is_refused(services, ada):
    with pytest.raises(StatementInvalid):
        draft_acceptance(services, ada, holder="passkey")


def test_a_version_that_is_signed_is_not_drafted_again_and_the_signature_is_named(services, ada):
    done = accept(services, ada)
    with pytest.raises(AlreadySigned) as refused:
        draft_acceptance(services, ada)
    assert refused.value.extra["signature"] == done.id


def test_a_contribution_without_acceptance_is_sent_to_the_agreement(services, ada):
    with pytest.raises(AgreementNotSigned) as refused:
        draft_contribution(services, ada)
    assert refused.value.extra["sign_url"].endswith("/sign/mcla-individual")


def test_the_acceptance_of_somebody_else_does_not_count(services, ada, bela):
    accept(services, bela)
    with pytest.raises(AgreementNotSigned):
        draft_contribution(services, ada)


def test_a_withdrawn_version_that_was_accepted_before_still_carries_contributions(services, ada):
    accept(services, ada)
    services.agreements.withdraw("mcla-individual", "1.0.0")
    assert draft_contribution(services, ada).state == "drafted"


def test_an_unknown_project_is_refused(services, ada):
    accept(services, ada)
    with pytest.raises(ProjectUnknown):
        services.signing.draft_contribution(ada, "no-such-project", "code", (file(),), {}, "cli")


@pytest.mark.parametrize("kind", ["", "Weights", "model", "code\0"])
def test_an_unknown_kind_is_refused(services, ada, kind):
    accept(services, ada)
    with pytest.raises(KindNotCovered):
        services.signing.draft_contribution(ada, "tiny-llm", kind, (file(),), {}, "cli")


def test_a_kind_that_no_agreement_covers_is_refused(services, ada, tmp_path):
    folder = copy_version(tmp_path, "1.1.0")
    from version_folders import substitute

    substitute(folder / "terms.toml", '"code", "data", "synthetic"', '"data", "synthetic"')
    services.agreements.publish(folder, "example")
    signing = services.signing.draft_acceptance(ada, "mcla-individual", "1.1.0", "browser")
    from signing_walk import finish

    finish(services, ada, signing)
    with pytest.raises(KindNotCovered):
        draft_contribution(services, ada)


def test_missing_and_unknown_answers_are_named_by_pointer(services, ada):
    accept(services, ada)
    with pytest.raises(DeclarationsUnfit) as refused:
        services.signing.draft_contribution(ada, "tiny-llm", "weights", (file(),), {"no_such_question": "x"}, "cli")
    pointers = {error["pointer"] for error in refused.value.extra["errors"]}
    assert "/declarations/no_such_question" in pointers
    assert len(pointers) > 1


def test_no_files_are_no_contribution(services, ada):
    accept(services, ada)
    with pytest.raises(ManifestInvalid):
        services.signing.draft_contribution(ada, "tiny-llm", "code", (), {}, "cli")


def test_the_same_path_twice_is_refused_even_in_another_case(services, ada):
    accept(services, ada)
    for twin in ("a.bin", "A.BIN"):
        with pytest.raises(ManifestInvalid):
            draft_contribution(services, ada, file("a.bin"), file(twin, b"other"))


@pytest.mark.parametrize(
    "path", ["../up", "/etc/passwd", "a\0b", "a/../b", "C:/x", "a//b", "", "mcla:manifest", "a\ud800"]
)
def test_a_path_that_means_something_else_elsewhere_is_refused(path):
    with pytest.raises(PathInvalid):
        file(path)


@pytest.mark.parametrize("digest", ["", "ab", "g" * 64, "A" * 64, "0" * 63, "0" * 65, " " + "0" * 63])
def test_a_digest_that_is_not_64_hex_digits_is_refused(digest):
    with pytest.raises(DigestInvalid):
        ManifestEntry("a", digest, 1)


def test_more_than_a_hundred_thousand_files_are_refused(services, ada):
    accept(services, ada)
    files = [ManifestEntry(f"f{number}", "0" * 64, 0) for number in range(100_001)]
    with pytest.raises(ManifestInvalid):
        services.signing.draft_contribution(ada, "tiny-llm", "code", files, {}, "cli")


def test_ten_thousand_files_are_bound_by_the_root_alone_and_each_is_found(services, ada):
    accept(services, ada)
    files = [ManifestEntry(f"f{n}", hashlib.sha256(str(n).encode()).hexdigest(), n) for n in range(10_000)]
    done = give(services, ada, *files)
    shown = services.signing.signing(ada, "sng_" + done.id[4:])
    assert len(parse_statement(shown.statement).subjects) == 1
    for number in (0, 9_999):
        answer = services.contributions.artifact(f"sha256:{files[number].sha256}")
        assert answer.verdict == "verified"
        assert answer.contributions[0].path == f"f{number}"


def test_the_same_files_are_not_contributed_twice_to_a_project(services, ada):
    accept(services, ada)
    done = give(services, ada)
    with pytest.raises(AlreadyContributed) as refused:
        draft_contribution(services, ada)
    assert refused.value.extra["url"] == done.url


def test_the_same_files_may_be_given_by_another_person_or_to_another_project(services, ada, bela):
    accept(services, ada)
    accept(services, bela)
    give(services, ada)
    assert draft_contribution(services, bela).state == "drafted"
    assert services.signing.draft_contribution(ada, "open-voice", "code", (file(),), {}, "cli").state == "drafted"


def test_a_signer_has_another_name_towards_another_foundation(services, ada, tmp_path):
    services.projects.ensure_foundation("other", "Other", "x@example.org")
    services.agreements.publish(copy_version(tmp_path, "1.0.1", slug="other-individual"), "other")
    here = draft_acceptance(services, ada).signer.uri
    there = services.signing.draft_acceptance(ada, "other-individual", "1.0.1", "cli").signer.uri
    assert here != there


def test_abandoned_drafts_are_forgotten(services, ada, db, clock):
    draft_acceptance(services, ada)
    clock.at += timedelta(days=2)
    kept = draft_acceptance(services, ada)
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(Signing)) == 1
        assert session.get(Signing, kept.id) is not None
