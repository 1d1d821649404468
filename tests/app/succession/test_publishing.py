# SPDX-License-Identifier: Apache-2.0
"""Before and after a publication: the preview's numbers, declarations in the log, the race of two, who is told."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from counting import counted
from signing_walk import accept, end, give
from sqlalchemy import update
from version_folders import MATERIAL, NOTICE, SCOPED, SOURCE, copy_version, newer_version
from working import run_all_but_records

from app.agreements.errors import AgreementVersionExists, GraceInvalid, PublicationOvertaken, PublicationTooEarly
from app.agreements.folder import read_folder
from app.agreements.models import VersionCompatibility, VersionNotice
from app.contributions.models import Contribution
from app.identity.ports import VerifiedClaims
from app.succession.errors import AgainstTheRules, AlreadyDeclared, ReasonUnfit, VersionsUnfit
from mcla.envelope.bundle import parse_bundle
from mcla.statements.canonical import canonical_json
from mcla.verify.verifier import verify_artifact

REASON = "Only the word for a fee differs."


@pytest.fixture
def foundation(services):
    return services.projects.foundation("example")


@pytest.fixture
def preview(services, foundation, tmp_path):
    def look(version, *changes):
        return services.succession.preview(read_folder(newer_version(tmp_path, version, *changes)), foundation)

    return look


def people(services, number):
    claims = [VerifiedClaims("demo", str(each), name=f"Person {each}") for each in range(number)]
    return [services.identity.actor_of_session(services.identity.start_session(each, "Test")) for each in claims]


def test_the_preview_counts_exactly_who_stays_covered_and_who_signs_again(services, preview):
    everybody = people(services, 5)
    for each in everybody[:4]:
        accept(services, each)
    end(services, everybody[3], services.signing.signatures(everybody[3])[0].id)
    counts = [preview(f"1.{at}.0", change).standing for at, change in enumerate((MATERIAL, NOTICE, SCOPED), start=1)]
    assert [(each.covered, each.again, each.uncovered) for each in counts] == [(0, 3, 0), (3, 0, 0), (3, 0, 0)]
    assert [each.of_kinds for each in counts] == [0, 0, 3]
    words = preview("1.0.1")
    assert (words.comparison.name, words.standing.again, words.declared.covered) == ("editorial", 3, 3)
    assert words.needs_word


def test_only_who_gave_a_kind_signs_again_for_a_scoped_change(services, ada, bela, preview):
    for each in (ada, bela):
        accept(services, each)
    give(services, ada)
    with services.db.write() as session:  # as if it had been safety work; their answers are no part of this
        session.execute(update(Contribution).values(kind="safety"))
    found = preview("1.1.0", SCOPED).standing
    assert (found.covered, found.again, dict(found.by_kind)) == (1, 1, {"safety": 1})
    assert found.of_kinds == 1


def test_the_preview_takes_the_same_number_of_statements_for_one_signer_and_for_many(services, preview, publish):
    first, *others = people(services, 8)
    accept(services, first)
    with counted(services.db) as one:
        preview("1.1.0", MATERIAL)
    for each in others:
        accept(services, each)
    with counted(services.db) as many:
        assert preview("1.2.0", MATERIAL).standing.again == 8
    assert len(many) == len(one)


def test_the_preview_shows_the_words_that_change_and_only_those(preview):
    found = preview("1.1.0", MATERIAL)
    assert [part.title for part in found.text] == ["Before the first clause", "5. The licence you give"]
    (paragraph,) = found.text[1].paragraphs
    assert [(run.kind, run.text.strip()) for run in paragraph if run.kind != "same"] == [
        ("out", "free of charge,"),
        ("in", "without a fee,"),
    ]
    assert [(change.key, change.verdict.name) for change in found.comparison.changes] == [
        ("agreement.text_sha256", "editorial"),
        ("grant.patent.retaliation", "material"),
    ]


def test_a_version_that_is_published_has_no_preview(services, foundation):
    with pytest.raises(AgreementVersionExists, match="published already"):
        services.succession.preview(read_folder(SOURCE), foundation)


def test_the_first_version_of_an_agreement_replaces_nothing(services, foundation, tmp_path):
    found = services.succession.preview(read_folder(copy_version(tmp_path, "1.0.0", "mcla-other")), foundation)
    assert (found.replaces, found.comparison, found.standing, found.needs_word) == (None, None, None, False)


@pytest.mark.parametrize("grace", [-1, 366])
def test_days_of_grace_out_of_range_publish_nothing(services, publish, grace):
    with pytest.raises(GraceInvalid):
        publish("1.1.0", NOTICE, grace_days=grace)
    assert len(services.agreements.versions("mcla-individual")) == 1


def test_a_declaration_is_signed_logged_names_nobody_and_verifies_as_a_file(services, publish, db):
    publish("1.0.1")
    made = services.succession.declare("mcla-individual", "1.0.0", "1.0.1", f"  {REASON} ")
    with db.read() as session:
        row = session.get_one(VersionCompatibility, made)
    said = json.loads(row.document)
    assert (said["reason"], said["class"], said["declaredBy"]) == (REASON, "editorial", "operator")
    assert set(said) == {
        *("schema", "service", "foundation", "agreement", "old", "new", "class", "reason", "declaredBy", "declaredAt")
    }
    bundle = canonical_json(row.bundle)
    digest = parse_bundle(bundle).content.sha256
    assert verify_artifact(digest, bundle, services.trust).verified
    assert not verify_artifact("0" * 64, bundle, services.trust).verified


@pytest.mark.parametrize(
    ("old", "new", "reason", "although", "error"),
    [
        ("1.0.0", "1.1.0", REASON, None, AgainstTheRules),
        ("1.0.0", "1.1.0", REASON, "scoped", AgainstTheRules),
        ("1.1.0", "1.0.0", REASON, "material", VersionsUnfit),
        ("1.1.0", "1.1.0", REASON, "material", VersionsUnfit),
        ("1.0.0", "1.1.0", "ok", "material", ReasonUnfit),
        ("1.0.0", "1.1.0", "x" * 501, "material", ReasonUnfit),
        ("1.0.0", "1.1.0", "turned \u202e around", "material", ReasonUnfit),
    ],
)
def test_a_declaration_that_cannot_stand_says_why_and_keeps_nothing(
    services, publish, db, old, new, reason, although, error
):
    publish("1.1.0", MATERIAL)
    with pytest.raises(error):
        services.succession.declare("mcla-individual", old, new, reason, although)
    with db.read() as session:
        assert session.query(VersionCompatibility).count() == 0


def test_a_pair_is_declared_once(services, publish):
    publish("1.0.1")
    services.succession.declare("mcla-individual", "1.0.0", "1.0.1", REASON)
    with pytest.raises(AlreadyDeclared):
        services.succession.declare("mcla-individual", "1.0.0", "1.0.1", "Said again, with other words.")


def test_a_declaration_that_could_not_be_logged_counts_once_the_job_has_logged_it(
    services, publish, clock, monkeypatch
):
    publish("1.0.1")
    services.worker.run_due()
    log = services.signing.ports.log
    monkeypatch.setattr(log, "append", lambda _bodies: (_ for _ in ()).throw(OSError("away")))
    with pytest.raises(OSError, match="away"):
        services.succession.declare("mcla-individual", "1.0.0", "1.0.1", REASON)
    first = services.agreements.version("mcla-individual", "1.0.0").id
    assert services.agreements.lineage("mcla-individual").ends(first, clock.now()) == {}
    monkeypatch.undo()
    clock.at += timedelta(minutes=1)
    assert services.worker.run_due() == 2, "it, and what it leaves: checks that wait are asked again"
    assert len(services.agreements.lineage("mcla-individual").ends(first, clock.now())) == 9


def test_publishing_with_a_word_carries_everybody_and_a_word_against_the_rules_publishes_nothing(
    services, foundation, tmp_path
):
    bad = read_folder(newer_version(tmp_path / "a", "1.1.0", MATERIAL))
    with pytest.raises(AgainstTheRules):
        services.succession.publish(bad, foundation, reason=REASON)
    assert len(services.agreements.versions("mcla-individual")) == 1
    good = read_folder(newer_version(tmp_path / "b", "1.0.1"))
    services.succession.publish(good, foundation, reason=REASON)
    assert services.succession.standing_of("mcla-individual", "1.0.0").again == ()


def test_of_two_publications_after_the_same_preview_one_is_told_that_it_was_overtaken(services, foundation, tmp_path):
    seen = services.agreements.version("mcla-individual").digest
    reads = [read_folder(newer_version(tmp_path / name, f"1.{name}.0", NOTICE)) for name in "12"]
    start = Barrier(2)

    def publish(read):
        start.wait(timeout=20)
        try:
            return services.succession.publish(read, foundation, replaces=seen).version
        except PublicationOvertaken as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(publish, reads))
    assert answers[1] == "publication-overtaken"
    assert [each.version for each in services.agreements.versions("mcla-individual")] == [answers[0], "1.0.0"]


def test_a_clock_before_the_last_publication_publishes_nothing(services, publish, clock):
    clock.at -= timedelta(days=1)
    with pytest.raises(PublicationTooEarly):
        publish("1.1.0", NOTICE)
    assert len(services.agreements.versions("mcla-individual")) == 1


def test_every_signer_of_an_earlier_version_is_told_once(services, ada, bela, publish, db):
    accept(services, ada)
    version = publish("1.1.0", MATERIAL)
    for _ in range(2):
        run_all_but_records(services)
        services.succession.tell_job({"version_id": version.id})
    assert [each.version for each in services.succession.news(ada.contributor_id)] == ["1.1.0"]
    assert services.succession.news(bela.contributor_id) == []
    services.succession.seen(ada.contributor_id)
    services.succession.tell_job({"version_id": version.id})
    assert services.succession.news(ada.contributor_id) == []
    with db.read() as session:
        assert session.query(VersionNotice).count() == 1
