# SPDX-License-Identifier: Apache-2.0
"""Deciding, folding and covering on paper: pure functions of what was signed, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.companies.addresses import parse_address, parse_domain
from app.companies.changes import (
    Account,
    Address,
    AffiliationConfirmed,
    AffiliationEnded,
    Change,
    Domain,
    EntryAdded,
    EntryRemoved,
    ManagerInvited,
    ManagerJoined,
    ManagerRemoved,
    Organisation,
    ReleaseAsked,
    Released,
)
from app.companies.coverage import Covered, Reason, covered_at, release_of
from app.companies.deciding import decide
from app.companies.document import Document, answers_sha256, manifest_of, parse_document
from app.companies.errors import (
    AddressNotVerified,
    ChangeBackwards,
    CompanyNameUnfit,
    CompanyNotInForce,
    DomainNotYours,
    EntryKnown,
    EntryUnknown,
    LastManager,
    MembershipMissing,
    NotAllowed,
    NotListed,
    PublicMailDomain,
    RuleUnfit,
    SameActor,
    TooFewManagers,
)
from app.companies.names import check_name, same, skeleton
from app.companies.roster import Accepted, Event, Ledger, Person, Place, fold
from app.identity.ports import ConfirmedMembership
from mcla.errors import MclaError

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KINDS = ("code", "data", "weights", "recipe")
ROOT = "ab" * 32
ANSWERS = answers_sha256({"title": "a"})


def person(login: str, email: str | None = "") -> Person:
    return Person(f"con_{login}", Account("demo", login), f"{login}@example.com" if email == "" else email)


SIG, MAX, MIA, EMIL, LENA = (person(each) for each in ("sig", "max", "mia", "emil", "lena"))


class Paper:
    """A company on paper: each step is decided upon and then written down, an hour after the one before."""

    def __init__(self) -> None:
        accepted = Accepted(
            "mcla-corporate",
            "1.0.0",
            "agv_1",
            KINDS,
            2,
            ("weights",),
            own_signature=False,
            signatory=SIG.contributor_id,
            signature_id="sig_1",
            place=Place("0" * 64, 0),
            at=T0,
        )
        self.ledger, self.now = Ledger("com_1", (accepted,), ()), T0
        self.do(SIG, ManagerInvited("inv_max", "max@example.com"), ManagerInvited("inv_mia", "mia@example.com"))
        self.do(MAX, ManagerJoined("inv_max"))
        self.do(MIA, ManagerJoined("inv_mia"))

    def do(self, by: Person, *changes: Change) -> datetime:
        for change in changes:
            self.now += HOUR
            decide(self.ledger, change, by, self.now)
            number = len(self.ledger.events)
            event = Event(number, self.now, by, change, Place(f"{number:064x}", number + 1))
            self.ledger = replace(self.ledger, events=(*self.ledger.events, event))
        return self.now

    def add(self, rule: Any, kinds: Any = ("code",), by: Person = MAX, **dates: datetime) -> str:
        entry = f"ent_{len(self.ledger.events)}"
        self.do(by, EntryAdded(entry, rule, kinds, **dates))
        return entry

    def covered(self, who: Person, at: datetime, kind: str = "code") -> str:
        found = covered_at(self.ledger, [who.account], kind, at)
        return "covered" if isinstance(found, Covered) else found.code


@pytest.fixture
def paper() -> Paper:
    return Paper()


def test_the_state_at_any_time_is_what_was_signed_up_to_then(paper: Paper) -> None:
    listed_from = paper.now + HOUR
    entry = paper.add(EMIL.account)
    confirmed = paper.do(EMIL, AffiliationConfirmed(entry))
    removed = paper.do(MIA, EntryRemoved(entry))
    later = paper.add(Address("emil@example.com"))
    again = paper.do(EMIL, AffiliationConfirmed(later))
    moment = timedelta(microseconds=1)
    for at, expected in (
        (T0, "affiliation-unconfirmed"),
        (T0 - moment, "company-not-in-force"),
        (listed_from, "affiliation-unconfirmed"),
        (confirmed - moment, "affiliation-unconfirmed"),
        (confirmed, "covered"),
        (removed - moment, "covered"),
        (removed, "list-entry-over"),
        (again, "covered"),
        (again + 180 * DAY - moment, "covered"),
        (again + 180 * DAY, "confirmation-old"),
    ):
        assert paper.covered(EMIL, at) == expected, at
    before = [fold(paper.ledger, at) for at in (T0, confirmed, removed)]
    paper.do(MAX, ManagerRemoved("inv_mia"))
    assert [fold(paper.ledger, at) for at in (T0, confirmed, removed)] == before


def test_an_acceptance_that_ended_covers_nobody_from_then_on_and_everybody_before(paper: Paper) -> None:
    entry = paper.add(EMIL.account)
    confirmed = paper.do(EMIL, AffiliationConfirmed(entry))
    ended = replace(paper.ledger.accepted[0], ended_at=confirmed + DAY)
    paper.ledger = replace(paper.ledger, accepted=(ended,))
    assert paper.covered(EMIL, confirmed + DAY) == "company-not-in-force"
    assert paper.covered(EMIL, confirmed + DAY - HOUR) == "covered"
    paper.now = confirmed + DAY
    with pytest.raises(CompanyNotInForce):
        paper.do(MAX, EntryRemoved(entry))


def test_each_entry_gives_its_own_kinds_from_and_to_its_own_days(paper: Paper) -> None:
    start, stop = paper.now + 10 * DAY, paper.now + 20 * DAY
    entry = paper.add(EMIL.account, ("code",), valid_from=start, valid_to=stop)
    with pytest.raises(NotListed):
        paper.do(EMIL, AffiliationConfirmed(entry))
    paper.now = start
    paper.do(EMIL, AffiliationConfirmed(entry))
    told = [paper.covered(EMIL, at) for at in (start, paper.now, stop - HOUR, stop)]
    assert told == ["affiliation-unconfirmed", "covered", "covered", "list-entry-over"]
    assert paper.covered(EMIL, paper.now, "weights") == "kind-not-listed"
    for kinds in ((), ("safety",), ("poem",)):
        with pytest.raises(RuleUnfit):
            paper.add(LENA.account, kinds)


def test_nothing_counts_before_it_was_signed_nor_before_the_last_change(paper: Paper) -> None:
    with pytest.raises(ChangeBackwards):
        paper.add(EMIL.account, valid_from=paper.now - DAY)
    with pytest.raises(RuleUnfit):
        paper.add(EMIL.account, valid_to=paper.now)
    with pytest.raises(RuleUnfit):
        paper.add(EMIL.account, valid_from=paper.now + 2 * DAY, valid_to=paper.now + DAY)
    just_before = paper.now + HOUR - timedelta(minutes=10)
    entry = paper.add(EMIL.account, valid_from=just_before)
    assert fold(paper.ledger, paper.now).entries[entry].valid_from == paper.now
    paper.now -= 2 * HOUR
    with pytest.raises(ChangeBackwards):
        paper.do(MAX, EntryRemoved(entry))


def test_the_last_manager_stays_and_one_alone_can_only_remove(paper: Paper) -> None:
    entry = paper.add(EMIL.account)
    paper.do(MAX, ManagerRemoved("inv_mia"))
    for by in (MAX, SIG):
        with pytest.raises(LastManager) as refusal:
            paper.do(by, ManagerRemoved("inv_max"))
        assert "Invite another manager first" in str(refusal.value.hint)
    for change in (EntryAdded("ent_x", LENA.account, ("code",)), ReleaseAsked(("data",))):
        with pytest.raises(TooFewManagers):
            paper.do(MAX, change)
    paper.do(MAX, EntryRemoved(entry))
    with pytest.raises(NotAllowed):
        paper.do(MIA, ManagerInvited("inv_y", "y@example.com"))
    paper.do(MAX, ManagerInvited("inv_lena", "lena@example.com"))
    paper.do(LENA, ManagerJoined("inv_lena"))
    paper.do(LENA, ManagerRemoved("inv_max"))
    with pytest.raises(EntryUnknown):
        paper.do(LENA, ManagerRemoved("inv_max"))


def test_who_has_no_such_part_changes_nothing(paper: Paper) -> None:
    entry = paper.add(EMIL.account)
    paper.do(EMIL, AffiliationConfirmed(entry))
    add, remove = EntryAdded("ent_x", LENA.account, ("code",)), EntryRemoved(entry)
    release = Released("tiny-llm", "code", ROOT, ANSWERS, EMIL.account)
    for by in (SIG, EMIL, LENA):
        for change in (add, remove, ReleaseAsked(()), release):
            with pytest.raises(NotAllowed):
                paper.do(by, change)
    for by in (EMIL, LENA):
        for change in (ManagerInvited("inv_x", "x@example.com"), ManagerRemoved("inv_max")):
            with pytest.raises(NotAllowed):
                paper.do(by, change)
    with pytest.raises(EntryUnknown):
        paper.do(LENA, AffiliationEnded(entry))


def test_nobody_is_two_of_the_three(paper: Paper) -> None:
    own = paper.add(MAX.account, by=MAX)
    with pytest.raises(SameActor):
        paper.do(MAX, AffiliationConfirmed(own))
    of_sig = paper.add(SIG.account)
    with pytest.raises(SameActor):
        paper.do(SIG, AffiliationConfirmed(of_sig))
    paper.do(SIG, ManagerInvited("inv_sig", "sig@example.com"))
    with pytest.raises(SameActor):
        paper.do(SIG, ManagerJoined("inv_sig"))
    by_other = paper.add(Address("max@example.com"), by=MIA)
    at = paper.do(MAX, AffiliationConfirmed(by_other))
    assert paper.covered(MAX, at) == "covered"


def test_a_new_signatory_who_is_on_the_list_is_not_covered_by_the_own_signature(paper: Paper) -> None:
    entry = paper.add(EMIL.account)
    at = paper.do(EMIL, AffiliationConfirmed(entry))
    newer = replace(paper.ledger.accepted[0], version="1.1.0", signatory=EMIL.contributor_id, at=at + HOUR)
    paper.ledger = replace(paper.ledger, accepted=(*paper.ledger.accepted, newer))
    assert [paper.covered(EMIL, when) for when in (at, at + HOUR)] == ["covered", "same-actor"]


def test_a_domain_counts_by_whole_labels_and_below_it_only_if_said(paper: Paper) -> None:
    exact, wide = (
        paper.add(Domain("example.com", include_subdomains=False)),
        paper.add(Domain("example.com", include_subdomains=True), by=MIA),
    )
    evil, below = person("evil", "x@evilexample.com"), person("below", "x@dev.example.com")
    unverified, longer = person("una", None), person("long", "x@example.com.evil.example")
    for who, entry in ((evil, exact), (evil, wide), (below, exact), (unverified, wide), (longer, wide)):
        with pytest.raises(NotListed):
            paper.do(who, AffiliationConfirmed(entry))
    paper.do(EMIL, AffiliationConfirmed(exact))
    paper.do(below, AffiliationConfirmed(wide))


def test_only_who_has_a_verified_address_in_exactly_a_domain_lists_it(paper: Paper) -> None:
    for domain in ("other.example", "com", "dev.example.com"):
        with pytest.raises(DomainNotYours) as refusal:
            paper.add(Domain(domain, include_subdomains=True))
        assert "yours is in example.com" in refusal.value.message
    paper.do(SIG, ManagerInvited("inv_x", "x@sub.example.com"))
    paper.do(person("x", "x@sub.example.com"), ManagerJoined("inv_x"))
    with pytest.raises(DomainNotYours):
        paper.add(Domain("example.com", include_subdomains=True), by=person("x", "x@sub.example.com"))
    with pytest.raises(DomainNotYours):
        paper.add(Domain("example.com", include_subdomains=True), by=replace(MAX, email=None))


def member(who: Person, number: str, at: datetime, provider: str = "demo") -> Person:
    return replace(who, memberships=(ConfirmedMembership(provider, number, "any-name", at),))


def test_an_organisation_is_known_by_its_number_at_its_host_and_the_word_for_it_is_fresh(paper: Paper) -> None:
    rule, now = Organisation("demo", "9919", "example-org"), paper.now
    strangers = (member(MAX, "10001", now), member(MAX, "9919", now, "github"), member(MAX, "9919", now - 2 * DAY), MAX)
    for by in strangers:
        with pytest.raises(MembershipMissing):
            paper.add(rule, by=by)
    entry = paper.add(rule, by=member(MAX, "9919", now))
    with pytest.raises(EntryKnown):
        paper.add(Organisation("demo", "9919", "renamed"), by=member(MIA, "9919", now))
    for who in (member(EMIL, "10001", now), member(EMIL, "9919", now, "github"), EMIL):
        with pytest.raises(NotListed):
            paper.do(who, AffiliationConfirmed(entry))
    at = paper.do(member(EMIL, "9919", now), AffiliationConfirmed(entry))
    assert paper.covered(EMIL, at + 90 * DAY - HOUR) == "covered"
    assert paper.covered(EMIL, at + 90 * DAY) == "confirmation-old"


def test_an_invitation_is_for_one_verified_address_and_one_person(paper: Paper) -> None:
    paper.do(MAX, ManagerInvited("inv_lena", "lena@example.com"))
    for who in (EMIL, replace(LENA, email=None)):
        with pytest.raises(AddressNotVerified):
            paper.do(who, ManagerJoined("inv_lena"))
    paper.do(LENA, ManagerJoined("inv_lena"))
    with pytest.raises(EntryUnknown):
        paper.do(LENA, ManagerJoined("inv_lena"))
    paper.do(MAX, ManagerInvited("inv_again", "lena@example.com"))
    with pytest.raises(EntryKnown):
        paper.do(LENA, ManagerJoined("inv_again"))
    paper.do(MIA, ManagerRemoved("inv_again"))
    with pytest.raises(EntryUnknown):
        paper.do(LENA, ManagerJoined("inv_again"))


def test_of_two_managers_who_remove_each_other_one_stays(paper: Paper) -> None:
    paper.do(MAX, ManagerRemoved("inv_mia"))
    with pytest.raises(NotAllowed):
        paper.do(MIA, ManagerRemoved("inv_max"))


def test_of_two_managers_who_list_the_same_the_second_is_told(paper: Paper) -> None:
    entry = paper.add(EMIL.account)
    with pytest.raises(EntryKnown):
        paper.add(EMIL.account, by=MIA)
    paper.do(MAX, EntryRemoved(entry))
    with pytest.raises(EntryUnknown):
        paper.do(MIA, EntryRemoved(entry))
    paper.add(EMIL.account, by=MIA)


def test_data_and_weights_wait_for_a_second_person_where_the_company_asks(paper: Paper) -> None:
    entry = paper.add(EMIL.account, ("data", "code"))
    paper.do(EMIL, AffiliationConfirmed(entry))
    assert fold(paper.ledger, paper.now).release_kinds == ("weights",)
    paper.do(MAX, ReleaseAsked(("data",)))
    release = Released("tiny-llm", "data", ROOT, ANSWERS, EMIL.account)
    at = paper.do(MIA, release)
    roster = fold(paper.ledger, at)
    assert roster.release_kinds == ("data", "weights")
    assert release_of(roster, release)
    for other in (
        {"project": "other"},
        {"kind": "code"},
        {"root": "cd" * 32},
        {"declarations": answers_sha256({"title": "b"})},
        {"giver": LENA.account},
    ):
        assert release_of(roster, replace(release, **other)) is None  # type: ignore[arg-type]
    assert release_of(fold(paper.ledger, at - HOUR), release) is None


def test_nobody_releases_the_own_files_nor_files_of_who_may_not_give_them(paper: Paper) -> None:
    entry = paper.add(MAX.account, ("data",), by=MIA)
    paper.do(MAX, AffiliationConfirmed(entry))
    with pytest.raises(SameActor):
        paper.do(MAX, Released("tiny-llm", "data", ROOT, ANSWERS, MAX.account))
    other_account = replace(MAX, account=Account("demo", "max-too"))
    with pytest.raises(SameActor):
        paper.do(other_account, Released("tiny-llm", "data", ROOT, ANSWERS, MAX.account))
    for giver, kind in ((LENA.account, "data"), (MAX.account, "code")):
        with pytest.raises(NotListed):
            paper.do(MIA, Released("tiny-llm", kind, ROOT, ANSWERS, giver))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["*.example.com", "", "com", ".", "a b.com", "ex*mple.com", "exa..mple.com", "-x.com", "x@y.com", "1" * 300]
)
def test_a_domain_with_a_star_or_none_at_all_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(RuleUnfit) as refusal:
        parse_domain(text)
    assert "without a star" in str(refusal.value.hint)


@pytest.mark.parametrize("text", ["gmail.com", "GMail.com", "@gmx.de", "mail.gmail.com", "users.noreply.github.com."])
def test_a_public_mail_domain_stands_for_no_company(text: str) -> None:
    with pytest.raises(PublicMailDomain) as refusal:
        parse_domain(text)
    assert "whole address" in str(refusal.value.hint)


def test_domains_and_addresses_are_compared_in_one_spelling() -> None:
    assert parse_domain(" @Bücher.Example. ") == parse_domain("xn--bcher-kva.example")
    assert parse_address("Ada.Li@Example.COM") == "ada.li@example.com"
    for wrong in ("ada", "@example.com", "a b@example.com", "ada@com", "ada@-x.com", "a@b@example.com", "x" * 260):
        with pytest.raises(RuleUnfit):
            parse_address(wrong)


@pytest.mark.parametrize(
    "name",
    ["Ex\u0430mple", "Example\u200b", "Exam\u202eple", "A", "", "x" * 201, "Ex\u0000ample", "Ωmega Ltd", "E\u2028x"],
)
def test_a_name_with_mixed_scripts_or_invisible_characters_is_refused(name: str) -> None:
    with pytest.raises(CompanyNameUnfit):
        check_name(name)


def test_names_that_look_alike_have_one_skeleton_and_others_have_not() -> None:
    alike = (
        ("Microsoft", "rnicrosoft"),
        ("Apple", "\u0430\u0440\u0440\u04cf\u0435"),
        ("Paypal", "PaypaI"),
        ("Google", "G00gle"),
        ("Example GmbH", "EXAMPLE  GMBH"),
        ("Cafe\u0301 AG", "Café AG"),
    )
    for one, other in alike:
        assert skeleton(one) == skeleton(other), (one, other)
    assert len({skeleton(each) for each in ("Example GmbH", "Sample GmbH", "Mustermann AG", "株式会社例")}) == 4
    assert same("Straße AG", "STRASSE AG")
    assert not same("Paypal", "PaypaI")
    for good in ("Müller & Söhne GmbH", "Toyota 株式会社", "ПАО Газпром", "L'Oréal S.A.", "삼성 SDS"):
        assert check_name(f"  {good} ") == good


@pytest.mark.parametrize(
    "change",
    [
        ManagerInvited("inv_1", "a@example.com"),
        ManagerJoined("inv_1"),
        ManagerRemoved("inv_1"),
        EntryAdded("ent_1", Domain("example.com", include_subdomains=True), ("code", "data"), T0, T0 + DAY),
        EntryAdded("ent_1", Account("demo", "7"), ("code",)),
        EntryAdded("ent_1", Organisation("github", "9919", "example-org"), ("code",)),
        EntryRemoved("ent_1"),
        AffiliationConfirmed("ent_1"),
        AffiliationEnded("ent_1"),
        ReleaseAsked(("data",)),
        Released("tiny-llm", "data", ROOT, ANSWERS, Account("demo", "7")),
    ],
)
def test_a_document_is_read_as_it_was_written_and_in_no_other_spelling(change: Change) -> None:
    document = Document.of("com_1", EMIL.account, "Größe", change)
    data = document.to_bytes()
    assert parse_document(data) == document
    assert Document.of("com_1", EMIL.account, "Größe", change).to_bytes() != data
    assert len(manifest_of(data).files) == 1
    for wrong in (b" " + data, data.replace(b"com_1", b'com_1","x":"'), data[:-1], b"{}"):
        with pytest.raises((ValueError, KeyError, TypeError, MclaError)):
            parse_document(wrong)


def test_a_reason_is_told_for_each_that_is_missing_the_nearest_first(paper: Paper) -> None:
    entry = paper.add(EMIL.account, ("code",))
    at = paper.do(EMIL, AffiliationConfirmed(entry))
    found = covered_at(paper.ledger, [LENA.account, EMIL.account], "weights", at)
    assert isinstance(found, Reason)
    assert (found.code, found.sentence[-1]) == ("kind-not-listed", ".")
    assert isinstance(covered_at(paper.ledger, [LENA.account, EMIL.account], "code", at), Covered)
    assert covered_at(paper.ledger, [], "code", at) == covered_at(paper.ledger, [LENA.account], "code", at)
