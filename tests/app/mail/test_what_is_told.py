# SPDX-License-Identifier: Apache-2.0
"""Who gets which mail: signers who have to sign again, an invited manager, and who took a contribution back."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from company_walk import found, invite, publish_corporate, somebody
from forms import post
from post_office import PostOffice, text_of
from signin import person, sign_in
from signing_walk import accept, end, give
from sqlalchemy import delete, select, update
from version_folders import MATERIAL, NOTICE, SCOPED, newer_version

from app.agreements.values import PublishedVersion
from app.companies.facts import company_facts
from app.contributions.models import Contribution
from app.identity.ports import Actor
from app.mail.models import Mail
from app.platform.clock import FixedClock
from app.records.models import Record
from app.succession.mailing import MAIL_AFTER
from app.wiring import Services
from app.withdrawals.values import NewDecision
from mcla.terms.taking_back import STEPS

ADA, BELA = "ada.li@example.org", "bela.novak@example.org"


@pytest.fixture
def bela(services: Services) -> Actor:
    return person(services.identity, "bela")


def publish(services: Services, base: Path, version: str, *changes: tuple[str, str], days: int = 0) -> PublishedVersion:
    folder = newer_version(base, version, *changes)
    return services.agreements.publish(folder, "example", grace_days=days)


def told(services: Services, clock: FixedClock) -> None:
    """Let the jobs of a publication run, those of ten minutes later too."""
    services.worker.run_due()
    clock.at += MAIL_AFTER
    services.worker.run_due()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_signer_gets_a_link_to_the_newest_record_which_needs_the_sign_in_of_its_signer(
    services: Services, ada: Actor, office: PostOffice, client: Any
) -> None:
    accept(services, ada)
    signing = services.signing.signatures(ada)[0].signing_id
    services.records.issue(signing)
    services.worker.run_due()
    first = link_in(services, office.took[0])
    with services.db.write() as session:  # as a service leaves it that sent no mail then
        session.execute(update(Record).values(state="verified"))
        session.execute(delete(Mail))
    services.records.reissue(Path(first).stem, "A better page.")
    services.records.issue(signing)
    services.worker.run_due()
    (message,) = office.took[1:]
    link = link_in(services, message)
    assert message["To"] == ADA
    assert "was issued anew" in text_of(message)
    assert link != first
    asked = client.get(link)
    assert (asked.status_code, asked.headers["Location"]) == (303, f"/login?next={quote(link, safe='')}")
    sign_in(client, services, "bela")
    assert client.get(link).status_code == 404
    sign_in(client, services)
    got = client.get(link)
    assert (got.status_code, got.headers["Cache-Control"]) == (200, "private, no-store")
    assert got.data.startswith(b"%PDF-")


def link_in(services: Services, message: Any) -> str:
    """The path of the record that a mail leads to."""
    (path,) = re.findall(rf"{services.settings.origin}(/records/rec_[0-9a-z]{{26}}\.pdf)\n", text_of(message))
    return str(path)


def test_who_has_to_sign_again_is_told_once_what_changed_and_until_when(
    services: Services, ada: Actor, bela: Actor, clock: FixedClock, office: PostOffice, tmp_path: Path
) -> None:
    accept(services, ada)
    version = publish(services, tmp_path, "1.1.0", MATERIAL, days=14)
    services.worker.run_due()
    assert office.took == [], "a person may still say that nobody has to"
    for _ in range(2):
        told(services, clock)
        services.succession.tell_job({"version_id": version.id})
    (message,) = office.took
    assert message["To"] == ADA
    text = text_of(message)
    assert "material (asks everybody to sign again): grant.patent.retaliation" in text
    assert "Until 6 December 2026 the signature of version 1.0.0 still counts" in text
    assert f"{services.settings.origin}/agreements/mcla-individual/1.1.0/changes/1.0.0" in text
    assert f"{services.settings.origin}/sign/mcla-individual\n" in text


def test_who_has_nothing_to_do_gets_no_mail(
    services: Services, ada: Actor, bela: Actor, clock: FixedClock, office: PostOffice, tmp_path: Path
) -> None:
    for each in (ada, bela):
        accept(services, each)
    give(services, ada)
    with services.db.write() as session:  # as if it had been safety work
        session.execute(update(Contribution).values(kind="safety"))
    publish(services, tmp_path / "a", "1.1.0", NOTICE)
    told(services, clock)
    assert office.took == []
    publish(services, tmp_path / "b", "1.2.0", NOTICE, SCOPED)
    told(services, clock)
    (message,) = office.took
    assert message["To"] == ADA
    assert "before you give safety." in text_of(message)
    end(services, bela, services.signing.signatures(bela)[0].id)
    publish(services, tmp_path / "c", "2.0.0", NOTICE, SCOPED, MATERIAL)
    told(services, clock)
    assert [each["To"] for each in office.took] == [ADA, ADA]


def test_a_word_that_versions_are_compatible_spares_the_mail_even_before_it_is_logged(
    services: Services, ada: Actor, clock: FixedClock, office: PostOffice, tmp_path: Path, monkeypatch: Any
) -> None:
    accept(services, ada)
    publish(services, tmp_path, "1.0.1")
    services.worker.run_due()
    log = services.signing.ports.log
    monkeypatch.setattr(log, "append", lambda _bodies: (_ for _ in ()).throw(OSError("away")))
    with pytest.raises(OSError, match="away"):
        services.succession.declare("mcla-individual", "1.0.0", "1.0.1", "Only words differ here.")
    told(services, clock)
    monkeypatch.undo()
    for _ in range(3):
        clock.at += timedelta(minutes=5)
        services.worker.run_due()
    assert office.took == []
    with services.db.read() as session:
        assert session.scalars(select(Mail)).all() == []


def test_who_signed_for_two_companies_is_told_once(
    services: Services, clock: FixedClock, office: PostOffice, tmp_path: Path
) -> None:
    publish_corporate(services)
    sig = somebody(services, "sig")
    found(services, sig)
    found(services, sig, company_facts("Other AG", "ch", "CHE-1", "Director", "by-register"))
    publish_corporate(services, "2.0.0", MATERIAL)
    told(services, clock)
    (message,) = office.to("sig@example.com")
    assert "2.0.0" in message["Subject"]
    assert f"{services.settings.origin}/sign/mcla-corporate/company" in text_of(message)


def test_an_invited_manager_gets_each_new_link_by_mail(services: Services, office: PostOffice) -> None:
    publish_corporate(services)
    sig = somebody(services, "sig")
    invitation = invite(services, sig, found(services, sig), "new@example.com")
    token = services.companies.invitations.make_link(sig, invitation)
    services.worker.run_due()
    (message,) = office.to("new@example.com")
    assert f"{services.settings.origin}/companies/join/{token}\n" in text_of(message)
    assert message["Subject"] == "Example GmbH asks you to manage who may contribute for it"
    again = services.companies.invitations.make_link(sig, invitation)
    services.worker.run_due()
    assert again in text_of(office.to("new@example.com")[1])
    with services.db.read() as session:
        assert {row.address for row in session.scalars(select(Mail))} == {None}


def test_the_page_of_a_link_says_that_it_was_mailed(services: Services, client: Any, ada: Actor) -> None:
    from company_rows import write_company
    from signing_walk import draft_acceptance

    signings = [draft_acceptance(services, ada).id for _ in range(4)]
    invitation = write_company(services, ada, signings)["invitation"][0]
    sign_in(client, services)
    page = client.get("/account").text
    shown = post(client, f"/companies/invitations/{invitation}/link", page).text
    assert "The link is on its way to somebody@example.org" in shown
    assert "/companies/join/" in shown


def test_who_took_a_contribution_back_is_told_the_answer_and_each_correction(
    services: Services, ada: Actor, clock: FixedClock, office: PostOffice
) -> None:
    accept(services, ada)
    taken = end(services, ada, give(services, ada), reason="rights-claim", stage="S1")
    services.cases.decide(taken.id, NewDecision("refused", note="our secret reasons"))
    clock.at += timedelta(minutes=1)
    services.cases.decide(taken.id, NewDecision("allowed"))
    services.worker.run_due()
    texts = [text_of(each) for each in office.to(ADA)]
    assert len(texts) == 2
    assert "stays licensed as before" in texts[0]
    assert "has corrected its answer" in texts[1]
    assert f"- {STEPS['out-of-repository']}\n" in texts[1]
    assert f"{services.settings.origin}/withdrawals/{taken.id}" in texts[1]
    assert not any("secret" in text for text in texts)
