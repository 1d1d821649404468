# SPDX-License-Identifier: Apache-2.0
"""What the service knows of a change: at once, the same for ever about a time, in as many statements for many."""

from datetime import timedelta
from typing import Any

import pytest
from check_questions import account, sent
from company_walk import change as change_company
from company_walk import confirm, say_member, somebody
from counting import counted
from signing_walk import PROJECT, accept, end, file, finish, give
from sqlalchemy import update

from app.companies.changes import Account as CompanyAccount
from app.companies.changes import EntryRemoved
from app.contributions.models import Contribution
from app.coverage.errors import TimeUnfit
from app.identity.ports import VerifiedClaims
from app.projects.service import ProjectUnknown
from app.signing.schemas import SIGNING_EXAMPLES
from mcla.checks.people import ByAccount
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import TensorsRef

ANSWERS: Any = SIGNING_EXAMPLES["contribution"]["value"]["declarations"]  # type: ignore[index]
CODE = "version = 1\n[[artifacts]]\npaths = ['**']\nkind = 'code'\n"
WEIGHTS = CODE.replace("'code'", "'weights'")
ROOT = "e" * 64


def codes(answer: Any) -> list[str]:
    return [each.said.code for each in (*answer.subjects, *answer.artifacts)]


def test_a_new_signature_counts_at_once_and_what_was_answered_about_a_time_is_answered_again_to_the_byte(
    services: Any, ada: Any, ask: Any, later: Any, project: Any
) -> None:
    assert ask(ada, artifacts=[sent()]).said.code == "not-covered"
    unsigned = later()
    accepted = accept(services, ada)
    assert ask(ada).verdict == "covered"
    give(services, ada)
    assert ask(ada, artifacts=[sent()]).verdict == "covered"
    moments = [unsigned, later()]
    first = [canonical_json(ask(ada, artifacts=[sent()], as_of=each).to_dict()) for each in moments]
    end(services, ada, accepted)
    services.policies.set(project, WEIGHTS, "terminal")
    services.exemptions.add(
        project, "bot", ByAccount("demo", ada.subject), "It is one now.", services.clock.now() + timedelta(9), "x"
    )
    assert codes(ask(ada, artifacts=[sent()])) == ["exempt-bot", "other-kind"]
    later()
    assert [canonical_json(ask(ada, artifacts=[sent()], as_of=each).to_dict()) for each in moments] == first
    assert [b'"not-signed"' in each for each in first] == [True, False]


def test_revoked_after_the_change_was_opened_is_said_to_be_so(services: Any, gift: Any, ada: Any, ask: Any) -> None:
    end(services, ada, gift.accepted)
    assert codes(ask(ada)) == ["acceptance-ended"]


def test_it_never_writes_and_takes_as_many_statements_for_many_people_and_files(
    services: Any, gift: Any, ada: Any, ask: Any
) -> None:
    bela = services.identity.start_session(VerifiedClaims("demo", "2", email="b@example.org"), "Test")
    assert bela
    one = [account(ada), {"email": "b@example.org"}]
    many = [{"provider": "demo", "subject": f"{n}"} for n in range(200)] + [
        {"email": f"p{n}@x.org"} for n in range(200)
    ]
    files = [sent(), sent(b"other", "b", tensors=ROOT)]
    more = [sent(b"%d" % n, f"f{n}", tensors=f"{n:064x}") for n in range(2000)]
    ask(ada, artifacts=files)  # each proof is verified once
    with counted(services.db) as few_statements:
        few = ask(ada, *one, addresses=True, artifacts=files, policy=CODE)
    with counted(services.db) as many_statements:
        lot = ask(ada, *one, *many, addresses=True, artifacts=[*files, *more], policy=CODE)
    assert (len(few.subjects), len(lot.subjects), len(lot.artifacts)) == (2, 402, 2002)
    assert many_statements == few_statements
    assert [each for each in many_statements if not each.startswith("SELECT")] == []
    assert len(many_statements) == 16


def test_an_employee_is_covered_by_the_list_until_the_entry_is_removed_and_then_told_so(
    services: Any, firm: Any, ask: Any, later: Any
) -> None:
    firm.with_emil()
    assert codes(ask(firm.emil)) == ["covered-by-company"]
    listed = later()
    change_company(services, firm.mia, firm.id, EntryRemoved(firm.entry))
    assert codes(ask(firm.emil)) == ["company-entry-over"]
    assert codes(ask(firm.emil, as_of=listed)) == ["covered-by-company"]
    accept(services, firm.emil)
    assert codes(ask(firm.emil)) == ["covered"]


def test_a_future_end_date_ends_nothing_before_its_day(services: Any, firm: Any, ask: Any, clock: Any) -> None:
    last_day = clock.at + timedelta(days=30)
    entry = firm.add(CompanyAccount(firm.emil.provider, firm.emil.subject), valid_to=last_day)
    confirm(services, firm.emil, firm.id, entry)
    assert codes(ask(firm.emil)) == ["covered-by-company"]
    clock.at = last_day
    assert codes(ask(firm.emil)) == ["company-entry-over"]
    assert codes(ask(firm.emil, as_of=(last_day - timedelta(seconds=1)).isoformat())) == ["covered-by-company"]


def test_a_list_whose_entry_nobody_confirmed_covers_nobody(services: Any, firm: Any, ask: Any) -> None:
    with_address = somebody(services, "emil2", "emil2@example.com")
    say_member(services, with_address, ("9", "Example"))
    assert codes(ask(with_address)) == ["not-signed"]


def test_an_address_stands_for_the_opener_who_has_it_verified_and_for_nobody_else(
    services: Any, gift: Any, ada: Any, ask: Any, later: Any
) -> None:
    by_address = {"name": "Ada", "email": "Ada.Li@Example.org"}
    assert codes(ask(ada, by_address)) == ["covered", "address-needs-token"]
    found = ask(ada, by_address, addresses=True)
    assert (codes(found), found.subjects[0].roles) == (["covered"], ("opener", "author"))  # one person
    bela = somebody(services, "bela")
    assert codes(ask(bela, by_address, addresses=True)) == ["not-signed", "address-alone"]
    verified = "version = 1\n[people]\naddresses = 'verified'\n"
    assert codes(ask(bela, by_address, addresses=True, policy=verified)) == ["not-signed", "address-alone"]
    assert codes(ask(ada, {"email": "bela@example.com"}, addresses=True, policy=verified)) == ["covered", "not-signed"]
    had_it = later()
    moved = VerifiedClaims(ada.provider, ada.subject, "Ada Li", "adali", "new@example.org")
    services.identity.start_session(moved, "Test browser")
    assert codes(ask(ada, by_address, addresses=True)) == ["covered", "address-unknown"]
    assert codes(ask(ada, by_address, addresses=True, as_of=had_it)) == ["covered"]
    services.identity.start_session(VerifiedClaims("demo", "5", email="new@example.org"), "Test browser")
    assert codes(ask(ada, {"email": "new@example.org"}, addresses=True)) == ["covered", "address-ambiguous"]


def test_a_look_alike_of_a_verified_address_is_nobody(gift: Any, ada: Any, ask: Any) -> None:
    for email in (
        "ada.li@example.org.evil.example",
        "ada.li@xexample.org",
        "ada.li@example.org\0",
        "ada.li@exámple.org",
    ):
        assert codes(ask(ada, {"email": email}, addresses=True)) == ["covered", "address-unknown"]


def test_files_of_a_folder_and_tensors_in_other_bytes_are_told_apart(
    services: Any, gift: Any, ada: Any, ask: Any
) -> None:
    folder = [file("a.safetensors", b"a"), file("b.safetensors", b"b")]
    claim = TensorsRef(ROOT, 1, 1)
    done = finish(
        services, ada, services.signing.draft_contribution(ada, PROJECT, "weights", folder, ANSWERS, "cli", claim)
    )
    asked = [sent(b"a", "x/a"), sent(b"repacked", "x/c", tensors=ROOT), sent(b"none", "x/d")]
    strict = ask(ada, artifacts=asked, policy=WEIGHTS)
    assert [(each.said.code, each.found, each.contribution) for each in strict.artifacts] == [
        ("covered", "member", done.id),
        ("same-tensors", "same-tensors", done.id),
        ("not-given", None, None),
    ]
    lenient = ask(ada, artifacts=asked[:2], policy=WEIGHTS + "same_tensors = 'accept'\n")
    assert lenient.verdict == "covered"
    needs = "schedule = 'W'\nagreements = ['mcla-individual']\noutbound = ['Apache-2.0']\nkey_holders = ['cli']\n"
    assert ask(ada, artifacts=asked[:1], policy=WEIGHTS + needs).verdict == "covered"
    for wants, code in (
        ("agreements = ['mcla-grant']", "agreement-not-allowed"),
        ("outbound = ['Apache-2.0', 'MIT']", "outbound-not-allowed"),
        ("key_holders = ['passkey']", "key-holder-not-allowed"),
    ):
        assert codes(ask(ada, artifacts=asked[:1], policy=WEIGHTS + wants))[1] == code
    lying = {"path": "m", "sha256": strict.artifacts[0].sha256, "size": 2}
    assert codes(ask(ada, artifacts=[lying], policy=WEIGHTS))[1] == "size-contradicts"


def test_the_root_of_a_manifest_is_no_file(services: Any, gift: Any, ada: Any, ask: Any) -> None:
    root = services.contributions.contribution(gift.given.id, None).manifest_root
    assert codes(ask(ada, artifacts=[{"path": "x", "sha256": root, "size": 7}]))[1] == "not-given"


def test_what_was_given_to_another_project_or_taken_back_does_not_cover(
    services: Any, gift: Any, ada: Any, ask: Any
) -> None:
    assert codes(ask(ada, artifacts=[sent()], project="open-voice")) == ["covered", "not-given"]
    end(services, ada, gift.given)
    assert codes(ask(ada, artifacts=[sent()])) == ["covered", "contribution-ended"]


def test_a_stored_proof_that_does_not_hold_covers_nothing(services: Any, gift: Any, ada: Any, ask: Any) -> None:
    with services.db.write() as session:
        session.execute(update(Contribution).values(bundle={"mediaType": "none"}))
    assert codes(ask(ada, artifacts=[sent()]))[1] == "contribution-unproven"


def test_a_broken_policy_of_the_repository_is_unusable_alone_and_told_beside_the_services_copy(
    services: Any, gift: Any, ada: Any, ask: Any, project: Any
) -> None:
    alone = ask(ada, artifacts=[sent()], policy="version = 2")
    assert (alone.verdict, alone.said.code, alone.policy.source) == ("unknown", "policy-unusable", "repository")
    kept = services.policies.set(project, CODE, "terminal")
    beside = ask(ada, artifacts=[sent()], policy="version = 2")
    assert (beside.verdict, beside.policy.source, beside.policy.sha256) == ("covered", "server", kept.sha256)
    assert "cannot be read (version: got 2" in str(beside.policy.problem)


def test_unknown_projects_and_times_that_have_not_come_are_refused(services: Any, ada: Any, ask: Any) -> None:
    with pytest.raises(ProjectUnknown):
        ask(ada, project="nobody")
    with pytest.raises(TimeUnfit):
        ask(ada, as_of="2999-01-01T00:00:00Z")
    assert ask(ada, as_of="1970-01-01T00:00:00Z").verdict == "not-covered"


def test_who_is_at_a_provider_that_is_none_of_ours_is_unknown(ada: Any, ask: Any) -> None:
    assert codes(ask(ada, {"provider": "github", "subject": "7"}))[1] == "provider-unknown"
