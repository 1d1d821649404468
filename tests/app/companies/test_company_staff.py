# SPDX-License-Identifier: Apache-2.0
"""What the foundation's staff can do to a company: end its acceptance, and admit a signatory in another's place."""

from datetime import timedelta
from typing import Any

import pytest
from company_pages import browser, press, signed
from company_walk import CORPORATE, EXAMPLE, Firm, change, draft_gift, found, publish_corporate, somebody
from signing_walk import certified, end, finish, sign

from app.companies.changes import EndedByFoundation, EntryRemoved, ManagerInvited, SignatoryAdmitted
from app.companies.errors import CompanyKnown, CompanyNotInForce, NotAllowed, ReasonMissing
from app.identity.ports import Actor
from app.platform.clock import new_id
from app.succession.counting import groups, people_of


@pytest.fixture
def staff(services: Any) -> Actor:
    """Somebody who acts for the foundation."""
    actor = somebody(services, "stella", "stella@foundation.example")
    services.staff.add(services.agreements.version("mcla-individual").foundation, actor.provider, actor.subject)
    return actor


def test_the_foundation_ends_what_a_company_accepted_from_then_on_and_nobody_signs_again_unadmitted(
    services: Any, firm: Firm, staff: Actor, clock: Any
) -> None:
    firm.with_emil()
    given = finish(services, firm.emil, draft_gift(services, firm.emil, firm.id))
    open_page, holder = certified(services, firm.emil, lambda *who: draft_gift(*who, firm.id, kind="recipe"))
    for other in (firm.max, firm.sig):
        for wanted in (EndedByFoundation(), SignatoryAdmitted("x@example.com")):
            with pytest.raises(NotAllowed):
                change(services, other, firm.id, wanted)
    with pytest.raises(ReasonMissing):
        change(services, staff, firm.id, EndedByFoundation(), " ")
    before = clock.at
    clock.at += timedelta(minutes=5)
    assert asked_again(services) == ([firm.sig.contributor_id], 1)
    done = change(services, staff, firm.id, EndedByFoundation(), "The register knows no such company")
    assert done.log_index is not None
    assert asked_again(services) == ([], 0)
    for late in (
        lambda: sign(services, firm.emil, open_page, holder),
        lambda: draft_gift(services, firm.emil, firm.id),
        lambda: change(services, firm.max, firm.id, EntryRemoved(firm.entry)),
        lambda: change(services, staff, firm.id, EndedByFoundation()),
    ):
        with pytest.raises(CompanyNotInForce):
            late()
    assert services.contributions.contribution(given.id, None).standing.state == "in-force"
    told = [services.coverage.of_company("tiny-llm", firm.id, "code", at).verdict for at in (before, None)]
    assert told == ["covered", "not-covered"]
    for who in (firm.sig, somebody(services, "nina")):
        with pytest.raises(CompanyKnown):
            found(services, who)
    change(services, staff, firm.id, SignatoryAdmitted("sig@example.com"), "The register shows it now")
    assert found(services, firm.sig) == firm.id
    assert asked_again(services) == ([firm.sig.contributor_id], 1)
    assert draft_gift(services, firm.emil, firm.id, kind="recipe").type == "contribution"


def test_a_signatory_who_left_is_replaced_by_one_whom_the_staff_admit(
    services: Any, firm: Firm, staff: Actor, clock: Any
) -> None:
    firm.with_emil()
    nina = somebody(services, "nina")
    with pytest.raises(CompanyKnown) as refusal:
        found(services, nina)
    assert "admit your verified address" in str(refusal.value.hint)
    clock.at += timedelta(minutes=5)
    change(services, staff, firm.id, SignatoryAdmitted("nina@example.com"), "Register extract of today")
    for unfit in (somebody(services, "otto"), somebody(services, "nils", None)):
        with pytest.raises(CompanyKnown):
            found(services, unfit)
    clock.at += timedelta(minutes=5)
    assert found(services, nina) == firm.id
    roles = {
        who.login: {each for one in services.companies.mine(who) for each in one.roles} for who in (nina, firm.sig)
    }
    assert roles == {"nina": {"signatory"}, "sig": set()}
    with pytest.raises(NotAllowed):
        change(services, firm.max, firm.id, SignatoryAdmitted("max@example.com"))
    for replaced in (lambda: found(services, firm.sig), lambda: found(services, nina)):
        with pytest.raises(CompanyKnown):
            replaced()
    change(services, nina, firm.id, ManagerInvited(new_id("inv"), "una@example.com"))
    assert finish(services, firm.emil, draft_gift(services, firm.emil, firm.id)).type == "contribution"
    assert len(services.companies.view(firm.max, firm.id).managers) == 2
    assert EXAMPLE.name == services.companies.view(nina, firm.id).info.name
    clock.at += timedelta(minutes=5)
    end(services, nina, services.signing.signatures(nina)[0].id)  # and what was signed before does not come back
    with pytest.raises(CompanyNotInForce):
        draft_gift(services, firm.emil, firm.id)
    assert services.coverage.of_company("tiny-llm", firm.id, "code", None).verdict == "not-covered"


def test_a_replaced_signatory_is_told_so_and_counts_nothing_of_it_as_in_force(
    app: Any, services: Any, firm: Firm, staff: Actor, clock: Any
) -> None:
    change(services, staff, firm.id, SignatoryAdmitted("nina@example.com"), "Register extract of today")
    clock.at += timedelta(minutes=5)
    nina = somebody(services, "nina")
    found(services, nina)
    (own,) = services.signing.signatures(firm.sig)
    page = browser(app, services, firm.sig)
    mine, told = page.get("/signatures").text, page.get(f"/signatures/{own.id}").text
    assert "0 agreements and 0 contributions in force" in mine
    assert "somebody else signed for Example GmbH: version 1.0.0" in told
    assert [each for each in ("What happens next", f"/signatures/{own.id}/end") if each in mine + told] == []
    assert "1 agreement and 0 contributions in force" in browser(app, services, nina).get("/signatures").text
    assert asked_again(services) == ([nina.contributor_id], 1)


def asked_again(services: Any) -> tuple[list[str], int]:
    """Whom a new version of the agreement for companies would be told to, and how many companies it counts."""
    versions = [services.agreements.version(CORPORATE).id]
    with services.db.read() as session:
        found = groups(session, versions)
        people = [each for group in found for each in session.scalars(people_of(versions, group))]
    return people, sum(group.signers for group in found)


def test_who_signs_anew_has_the_newest_alone_in_force(services: Any, firm: Firm, clock: Any) -> None:
    clock.at += timedelta(minutes=5)
    publish_corporate(services, "2.0.0", ("convenience_days = 45", "convenience_days = 30"))
    clock.at += timedelta(minutes=5)
    found(services, firm.sig)
    newest, first = services.signing.signatures(firm.sig)
    over = services.companies.over([newest.signing_id, first.signing_id])
    assert {key: (each.why, each.version, each.by_another) for key, each in over.items()} == {
        first.id: ("replaced", "2.0.0", False)
    }
    end(services, firm.sig, newest.id)  # what it replaced does not come back
    assert set(services.companies.over([newest.signing_id, first.signing_id])) == {first.id}
    assert services.companies.view(firm.sig, firm.id).may_sign


def test_staff_do_both_on_pages_that_say_what_it_means(app: Any, services: Any, firm: Firm, staff: Actor) -> None:
    page = browser(app, services, staff)
    company = f"/companies/{firm.id}"
    assert "Admit another signatory" in page.get(company).text
    manager = browser(app, services, firm.max)
    assert "Admit another signatory" not in manager.get(company).text
    assert [manager.get(f"{company}/{path}").status_code for path in ("end", "signatory")] == [403, 403]
    assert press(page, f"{company}/signatory", email="nobody", reason="Why").status_code == 422
    assert press(page, f"{company}/end").status_code == 422
    assert "What was given before stays given" in page.get(f"{company}/end").text
    signed(page, press(page, f"{company}/signatory", email="nina@example.com", reason="Register extract"))
    signed(page, press(page, f"{company}/end", reason="No such company"))
    shown = manager.get(company).text
    assert "The company has no acceptance in force." in shown
    assert "Ends what was accepted for the company, for the foundation" in shown
    assert "Admits nina@example.com to sign for the company" in shown
    signatory = browser(app, services, firm.sig)
    ended = signatory.get(company).text
    assert "has ended it. If you think that this is a mistake" in ended
    assert "/sign/mcla-corporate" not in ended
    mine = signatory.get("/signatures").text
    assert "Ended by the foundation" in mine
    assert "0 agreements and 0 contributions in force" in mine
    (own,) = services.signing.signatures(firm.sig)
    told = signatory.get(f"/signatures/{own.id}").text
    assert "Nobody can give anything new for Example GmbH." in told
    assert [each for each in ("What happens next", f"/signatures/{own.id}/end") if each in mine + told] == []
