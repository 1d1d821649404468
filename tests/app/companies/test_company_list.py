# SPDX-License-Identifier: Apache-2.0
"""From the signature for a company to a covered employee, through the real ceremony on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from company_walk import (
    EXAMPLE,
    KINDS,
    Firm,
    account,
    change,
    confirm,
    draft_gift,
    fill_list,
    found,
    invite,
    publish_corporate,
    say_member,
    somebody,
)
from counting import counted
from signing_walk import Holder, accept, certified, certify, draft_end, end, file, finish, sign

from app.companies.changes import Address, EntryAdded, EntryRemoved, ManagerJoined, ManagerRemoved, Organisation
from app.companies.document import parse_document
from app.companies.errors import (
    AddressNotVerified,
    CompanyKnown,
    CompanyNameUnfit,
    CompanyNotInForce,
    CompanyUnknown,
    EntryUnknown,
    InvitationInvalid,
    MembershipMissing,
    NotAffiliated,
    NotAllowed,
    ReasonMissing,
)
from app.companies.facts import company_facts
from app.companies.models import CompanyInvitation
from app.contributions.errors import ContributionUnknown, NoLongerYours
from app.platform.clock import new_id
from app.records.load import load
from app.records.pages import sentence
from app.signing.errors import (
    AgreementNotSigned,
    AlreadyEnded,
    CannotBeEnded,
    CapacityUnfit,
    NotForPersons,
    NothingToEnd,
    NotYoursToEnd,
)
from mcla.artifacts.digest import sha256_hex
from mcla.statements.canonical import canonical_json
from mcla.statements.statement import parse_statement
from mcla.verify.verifier import verify_artifact, verify_bundle


def test_three_records_by_three_people_let_an_employee_give_until_the_entry_is_removed(
    services: Any, firm: Firm
) -> None:
    firm.with_emil()
    accept(services, firm.emil)
    accepted = services.signing.signatures(firm.sig)[0]
    signed = services.signing.signing(firm.sig, accepted.signing_id)
    draft = draft_gift(services, firm.emil, firm.id)
    statement = parse_statement(draft.statement)
    assert (statement.capacity, statement.acceptance.statement) == ("company", signed.statement_sha256)
    given = finish(services, firm.emil, draft)
    verdict = verify_bundle(canonical_json(given.bundle), services.trust)
    assert verdict.verified
    assert verdict.statement["company"]["confirmed"] == statement.company.confirmed.to_dict()
    assert "for a company" in verdict.reasons[0].message

    open_page, holder = certified(services, firm.emil, lambda *who: draft_gift(*who, firm.id, kind="recipe"))
    change(services, firm.mia, firm.id, EntryRemoved(firm.entry), "Left")
    for late in (
        lambda: sign(services, firm.emil, open_page, holder),
        lambda: draft_gift(services, firm.emil, firm.id, kind="recipe"),
    ):
        with pytest.raises(NotAffiliated) as refusal:
            late()
        assert refusal.value.extra["reason"] == "list-entry-over"
    assert services.contributions.contribution(given.id, None).standing.state == "in-force"
    assert services.signing.in_force(firm.emil.contributor_id, "mcla-individual")
    own = finish(services, firm.emil, draft_gift(services, firm.emil, None, kind="recipe"))
    said = verify_bundle(canonical_json(own.bundle), services.trust).statement
    assert (said["capacity"], said["company"]) == ("individual", None)


def test_the_acceptance_states_the_company_and_names_no_person_and_its_end_ends_every_path(
    services: Any, firm: Firm
) -> None:
    firm.with_emil()
    accepted = services.signing.signatures(firm.sig)[0]
    verdict = verify_bundle(canonical_json(services.signing.signature_bundle(accepted.id)), services.trust)
    said = verdict.statement["company"]
    assert (said["name"], said["registration"], said["power"]) == ("Example GmbH", "HRB 1234 B", "by-register")
    assert "accepted for Example GmbH" in verdict.reasons[0].message
    statement = services.signing.signing(firm.sig, accepted.signing_id).statement.decode()
    assert not [each for each in ('Sig"', "sig@", str(firm.sig.subject), EXAMPLE.title) if each in statement]
    end(services, firm.sig, accepted.id)
    for refused in (
        lambda: draft_gift(services, firm.emil, firm.id),
        lambda: change(services, firm.max, firm.id, EntryRemoved(firm.entry)),
    ):
        with pytest.raises(CompanyNotInForce):
            refused()
    assert found(services, firm.sig) == firm.id
    assert finish(services, firm.emil, draft_gift(services, firm.emil, firm.id)).type == "contribution"


def test_a_change_is_logged_as_a_salted_digest_and_its_document_proves_it(services: Any, firm: Firm) -> None:
    secret = "emil.secret@example.com"
    wanted = EntryAdded(new_id("ent"), Address(secret), ("code",))
    draft, holder = services.companies.draft_change(firm.max, firm.id, wanted, "New in the team", "cli"), Holder()
    certify(services, firm.max, draft, holder)
    done = sign(services, firm.max, draft, holder)
    assert sign(services, firm.max, draft, holder) == done == services.signing.signing(firm.max, draft.id).result
    assert done.url.endswith(f"/companies/{firm.id}")
    document = services.companies.history.document(firm.mia, done.id)
    assert secret.encode() in document
    for public in (draft.statement, canonical_json(services.companies.history.bundle(done.id))):
        assert not [each for each in (secret.encode(), b"entry-added", b"New in") if each in public]
    read = parse_document(document)
    assert (read.reason, read.actor, len(read.salt)) == ("New in the team", account(firm.max), 32)
    bundle = canonical_json(done.bundle)
    assert verify_artifact(sha256_hex(document), bundle, services.trust).verified
    assert not verify_artifact("0" * 64, bundle, services.trust).verified
    for stranger in (firm.sig, somebody(services, "stranger")):
        with pytest.raises(CompanyUnknown):
            services.companies.history.document(stranger, done.id)
    with pytest.raises(CannotBeEnded):
        end(services, firm.max, done.id)
    with pytest.raises(NothingToEnd):
        end(services, firm.mia, done.id)
    assert len(services.companies.view(firm.max, firm.id).entries) == 1
    for reason in ("", "  ", "x" * 501, "two\nlines"):
        with pytest.raises(ReasonMissing):
            services.companies.draft_change(
                firm.max, firm.id, EntryAdded(new_id("ent"), Address("n@example.com"), ("code",)), reason, "cli"
            )


def test_an_invitations_link_is_kept_as_a_digest_works_once_and_is_over_after_a_week(
    services: Any, firm: Firm, clock: Any, db: Any
) -> None:
    nils, invitation = somebody(services, "nils"), invite(services, firm.sig, firm.id, "nils@example.com")
    old, token = (services.companies.invitations.make_link(firm.sig, invitation) for _ in range(2))
    with db.read() as session:
        assert session.get_one(CompanyInvitation, invitation).token_sha256 == sha256_hex(token.encode())
    for wrong in (old, "", "x", token + "x"):
        with pytest.raises(InvitationInvalid):
            services.companies.invitations.invited(wrong)
    with pytest.raises(AddressNotVerified) as unverified:
        services.companies.invitations.draft_join(somebody(services, "una", None), token, "cli")
    assert "Verify the address at the provider" in str(unverified.value.hint)
    with pytest.raises(NotAllowed):
        services.companies.draft_change(firm.max, firm.id, ManagerJoined(invitation), "", "cli")
    clock.at += timedelta(days=7)
    with pytest.raises(InvitationInvalid) as refusal:
        services.companies.invitations.draft_join(nils, token, "cli")
    assert refusal.value.status == 410
    for step in (timedelta(0), timedelta(hours=-2)):  # nor is it good again when the clock is set back
        clock.at += step
        services.identity.actor_of_session("anybody who calls, so that the time is seen")
    with pytest.raises(InvitationInvalid, match="is over"):
        services.companies.invitations.invited(token)
    clock.at += timedelta(hours=2)
    fresh = services.companies.invitations.make_link(firm.max, invitation)
    twice = [services.companies.invitations.draft_join(nils, fresh, "cli") for _ in range(2)]
    finish(services, nils, twice[0])
    with pytest.raises(InvitationInvalid):
        services.companies.invitations.invited(fresh)
    for used in (
        lambda: finish(services, nils, twice[1]),
        lambda: services.companies.invitations.make_link(firm.max, invitation),
    ):
        with pytest.raises(EntryUnknown):
            used()
    taken_back = invite(services, firm.max, firm.id, "una@example.com")
    link = services.companies.invitations.make_link(firm.max, taken_back)
    change(services, nils, firm.id, ManagerRemoved(taken_back))
    with pytest.raises(InvitationInvalid):
        services.companies.invitations.invited(link)


def test_a_confirmation_by_address_ends_with_the_address_and_after_180_days(
    services: Any, firm: Firm, clock: Any
) -> None:
    entry = firm.domain()
    confirm(services, firm.emil, firm.id, entry)
    clock.at += timedelta(days=179)
    draft_gift(services, firm.emil, firm.id)
    before, asked = clock.at, ("tiny-llm", "demo", firm.emil.subject, "code")
    clock.at += timedelta(minutes=5)
    somebody(services, "emil", "emil@elsewhere.example")
    for who in (firm.emil, somebody(services, "emil")):  # nor does it come back with the address
        with pytest.raises(NotAffiliated) as refusal:
            draft_gift(services, who, firm.id)
        assert refusal.value.extra["reason"] == "address-over"
    told = {at: services.coverage.of_account(*asked, at).kinds["code"].code for at in (before, None)}
    assert told == {before: "covered-by-company", None: "company-entry-over"}
    clock.at += timedelta(minutes=5)
    again = somebody(services, "emil")
    confirm(services, again, firm.id, entry)
    clock.at += timedelta(days=179)
    somebody(services, "emil", "Emil@Example.com")  # the same address
    draft_gift(services, again, firm.id)
    clock.at += timedelta(days=1)
    with pytest.raises(NotAffiliated) as refusal:
        draft_gift(services, again, firm.id)
    assert refusal.value.extra["reason"] == "confirmation-old"
    confirm(services, again, firm.id, entry)
    draft_gift(services, again, firm.id)


def test_a_confirmation_by_membership_ends_when_the_host_names_it_no_more_and_after_90_days(
    services: Any, firm: Firm, clock: Any
) -> None:
    rule, moment = Organisation("demo", "9919", "example-org"), timedelta(days=1, seconds=1)
    with pytest.raises(MembershipMissing):
        firm.add(rule)
    say_member(services, firm.max, ("9919", "example-org"))
    entry = firm.add(rule)
    with pytest.raises(CompanyUnknown):
        services.companies.confirmable(firm.emil, firm.id)
    say_member(services, firm.emil, ("10001", "example-org"))  # made anew under the old name
    with pytest.raises(CompanyUnknown):
        confirm(services, firm.emil, firm.id, entry)
    say_member(services, firm.emil, ("9919", "example-org"))
    clock.at += moment
    with pytest.raises(MembershipMissing) as stale:
        confirm(services, firm.emil, firm.id, entry)
    assert "/account/memberships" in str(stale.value.hint)
    say_member(services, firm.emil, ("9919", "example-labs"))
    confirm(services, firm.emil, firm.id, entry)
    clock.at += timedelta(days=89)
    draft, holder = certified(services, firm.emil, lambda *who: draft_gift(*who, firm.id))
    member, asked = clock.at, ("demo", firm.emil.subject, "code")
    clock.at += timedelta(minutes=5)
    say_member(services, firm.emil)
    for late in (lambda: draft_gift(services, firm.emil, firm.id), lambda: sign(services, firm.emil, draft, holder)):
        with pytest.raises(NotAffiliated) as refusal:
            late()
        assert refusal.value.extra["reason"] == "membership-over"
    clock.at += timedelta(minutes=5)
    say_member(services, firm.emil, ("9919", "example-labs"), wanted="example-labs")
    told = {at: services.coverage.of_account("tiny-llm", *asked, at).kinds["code"].code for at in (member, None)}
    assert told == {member: "covered-by-company", None: "company-entry-over"}
    with pytest.raises(NotAffiliated):
        draft_gift(services, firm.emil, firm.id)
    assert services.companies.confirmable(firm.emil, firm.id)[1][0].confirmed.over
    confirm(services, firm.emil, firm.id, entry)
    draft_gift(services, firm.emil, firm.id)
    clock.at += timedelta(days=90)
    with pytest.raises(NotAffiliated) as refusal:
        draft_gift(services, firm.emil, firm.id)
    assert refusal.value.extra["reason"] == "confirmation-old"


def test_one_company_is_signed_for_once_by_one_signatory_and_under_a_name_of_its_own(services: Any) -> None:
    publish_corporate(services)
    sig, rogue = somebody(services, "sig"), somebody(services, "rogue")

    def asked(who: Any, name: str, country: str, number: str) -> Any:
        company = company_facts(name, country, number, "Director", "by-law")
        return services.companies.draft_acceptance(who, "mcla-corporate", None, company, "cli")

    open_page, holder = certified(services, rogue, lambda _, who: asked(who, "Other GmbH", "DE", "hrb1234b"))
    lookalike, other_holder = certified(services, rogue, lambda _, who: asked(who, "Examp1e GmbH", "DE", "HRB 99"))
    company_id = found(services, sig)
    for who in (sig, rogue):
        with pytest.raises(CompanyKnown):
            asked(who, "Example GmbH", "DE", "HRB-1234 B")
    with pytest.raises(CompanyKnown):
        sign(services, rogue, open_page, holder)
    with pytest.raises(CompanyNameUnfit) as refusal:
        sign(services, rogue, lookalike, other_holder)
    assert "write to the foundation" in str(refusal.value.hint)
    for name in ("EXAMPLE GmbH", "Exarnple GmbH", "Ex\u0430mple GmbH"):
        with pytest.raises(CompanyNameUnfit):
            asked(rogue, name, "DE", "HRB 99")
    assert asked(rogue, "Example GmbH", "AT", "FN 7 a").type == "acceptance"
    publish_corporate(services, "1.1.0")
    assert found(services, sig) == company_id
    with pytest.raises(NotForPersons):
        services.signing.draft_acceptance(sig, "mcla-corporate", None, "cli")
    with pytest.raises(CapacityUnfit):
        services.companies.draft_acceptance(sig, "mcla-individual", None, EXAMPLE, "cli")


def test_the_list_is_seen_by_its_managers_alone_and_everybody_finds_the_own_companies(
    services: Any, firm: Firm
) -> None:
    firm.with_emil()
    firm.domain()
    lena, stranger = somebody(services, "lena"), somebody(services, "x", "x@else.example")
    seen = {each.login: services.companies.view(each, firm.id) for each in (firm.sig, firm.max, firm.emil, lena)}
    assert {login: (len(each.entries), len(each.managers)) for login, each in seen.items()} == {
        "sig": (0, 2),
        "max": (2, 2),
        "emil": (0, 0),
        "lena": (0, 0),
    }
    assert [login for login, each in seen.items() if each.history] == ["max"]
    assert {login: set(services.companies.mine(each)[0].roles) for login, each in
            (("sig", firm.sig), ("max", firm.max), ("emil", firm.emil), ("lena", lena))} == {
        "sig": {"signatory", "listed"},
        "max": {"manager", "listed"},
        "emil": {"listed", "confirmed"},
        "lena": {"listed"},
    }  # fmt: skip
    assert services.companies.mine(stranger) == []
    for hidden in (
        lambda: services.companies.view(stranger, firm.id),
        lambda: services.companies.view(stranger, new_id("com")),
        lambda: services.companies.draft_change(stranger, firm.id, EntryRemoved(firm.entry), "Why", "cli"),
    ):
        with pytest.raises(CompanyUnknown):
            hidden()
    foundation = services.agreements.version("mcla-corporate").foundation_id
    assert [set(each.kinds) for each in services.companies.giving(firm.emil, foundation)] == [set(KINDS)]
    assert services.companies.giving(lena, foundation) == []
    change(services, firm.mia, firm.id, ManagerRemoved(firm.managers["max"]))
    assert services.companies.view(firm.max, firm.id).history == ()


def test_a_contribution_for_a_company_is_taken_back_by_who_gave_it_or_who_acts_for_the_company(
    services: Any, firm: Firm
) -> None:
    firm.with_emil()
    accept(services, firm.emil)
    files = [file(f"{number}.py", bytes([number])) for number in range(5)]
    *gifts, late = (finish(services, firm.emil, draft_gift(services, firm.emil, firm.id, each)) for each in files[:4])
    own = finish(services, firm.emil, draft_gift(services, firm.emil, None, files[4]))
    otto = somebody(services, "otto")
    for who, what in ((otto, gifts[0]), (firm.mia, own), (firm.sig, own)):
        with pytest.raises(NothingToEnd):
            draft_end(services, who, what)
    done = end(services, firm.mia, gifts[0], reason="rights-claim", stage="S0")
    verdict = verify_bundle(canonical_json(done.bundle), services.trust)
    assert (verdict.verified, verdict.statement["capacity"]) == (True, "company")
    assert "ended a company's contribution" in verdict.reasons[0].message
    signer = parse_statement(services.signing.signing(firm.mia, f"sng_{done.id[4:]}").statement).signer
    assert signer != services.contributions.contribution(gifts[0].id, None).signer
    assert services.contributions.contribution(gifts[0].id, None).standing.state == "ended"
    end(services, firm.sig, gifts[1])

    def ending(who: Any, what: Any = gifts[2]) -> Any:
        return (who, *certified(services, who, lambda _, actor: draft_end(services, actor, what)))

    by_max, by_mia, by_emil = (ending(who) for who in (firm.max, firm.mia, firm.emil))
    capacities = [
        parse_statement(draft.statement).capacity for _, draft, _ in (by_mia, by_emil, ending(firm.emil, own))
    ]
    assert capacities == ["company", "company", "individual"]
    left = ending(firm.emil, late)
    change(services, firm.sig, firm.id, ManagerRemoved(firm.managers["max"]))
    with pytest.raises(NotYoursToEnd, match="act for this company no more"):
        sign(services, *by_max)
    sign(services, *by_emil)
    with pytest.raises(AlreadyEnded):
        sign(services, *by_mia)
    change(services, firm.mia, firm.id, EntryRemoved(firm.entry))
    with pytest.raises(NotYoursToEnd):  # who is listed no more takes nothing of the company back, also what stood open
        sign(services, *left)
    with pytest.raises(NotYoursToEnd):
        draft_end(services, firm.emil, late)
    seeing = services.contributions.seeing  # nor decides who sees it: that is for those who act for the company
    with pytest.raises(NoLongerYours):
        seeing.lift(firm.emil, late.id)
    with pytest.raises(ContributionUnknown):
        seeing.readers(otto, late.id)
    assert (seeing.readers(firm.mia, late.id), seeing.readers(firm.emil, own.id)) == ([], [])
    end(services, firm.emil, own)
    end(services, firm.mia, late)


def test_whoever_gives_signs_an_individual_agreement_too_where_the_companys_agreement_asks_it(
    services: Any, firm: Firm
) -> None:
    firm.with_emil()
    publish_corporate(services, "1.1.0", ('own_signature = "not-needed"', 'own_signature = "needed"'))
    assert found(services, firm.sig) == firm.id
    with pytest.raises(AgreementNotSigned) as refusal:
        draft_gift(services, firm.emil, firm.id)
    assert "individual agreement as well" in refusal.value.message
    own = accept(services, firm.emil)
    open_page, holder = certified(services, firm.emil, lambda *who: draft_gift(*who, firm.id))
    end(services, firm.emil, own)
    with pytest.raises(AgreementNotSigned):
        sign(services, firm.emil, open_page, holder)
    accept(services, firm.emil)
    assert finish(services, firm.emil, draft_gift(services, firm.emil, firm.id)).type == "contribution"


def test_the_same_statements_are_asked_however_long_the_list_is(services: Any, firm: Firm, db: Any) -> None:
    firm.with_emil()
    foundation = services.agreements.version("mcla-corporate").foundation_id
    asked: dict[str, Callable[[], object]] = {
        "mine": lambda: services.companies.mine(firm.emil),
        "view": lambda: services.companies.view(firm.max, firm.id),
        "giving": lambda: services.companies.giving(firm.emil, foundation),
        "confirmable": lambda: services.companies.confirmable(firm.emil, firm.id),
        "gift": lambda: draft_gift(services, firm.emil, firm.id),
    }

    def statements() -> dict[str, int]:
        told = {}
        for name, ask in asked.items():
            with counted(db) as seen:
                ask()
            told[name] = len(seen)
        return told

    fill_list(services, firm.max, firm.id, 1)
    statements()  # what is remembered for the next time is remembered now
    few = statements()
    fill_list(services, firm.max, firm.id, 198)
    assert statements() == few
    assert len(services.companies.view(firm.max, firm.id).entries) == 200


def test_the_records_name_the_company_and_the_title_in_which_its_signatory_signed(services: Any, firm: Firm) -> None:
    firm.with_emil()
    accepted = services.signing.signatures(firm.sig)[0]
    given = finish(services, firm.emil, draft_gift(services, firm.emil, firm.id))
    with services.db.read() as session:
        ids = [services.records.state_of(each).id for each in (accepted.signing_id, "sng_" + given.id[4:])]
        acceptance, gift = (load(session, each, services.trust, "0" * 64) for each in ids)
    assert sentence(acceptance).endswith("version 1.0.0, for Example GmbH, as Managing director.")
    assert " for Example GmbH under the " in sentence(gift)
    assert acceptance.signer.company is not None
    assert gift.signer.company is not None
    assert (acceptance.signer.company.title, gift.signer.company.title) == ("Managing director", "")
