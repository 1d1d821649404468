# SPDX-License-Identifier: Apache-2.0
"""Was somebody covered, for which kind, under which version, then? Persons, companies and files, at every moment."""

from datetime import timedelta
from typing import Any

import pytest
from company_walk import CORPORATE, EXAMPLE, account, change, confirm, publish_corporate, somebody
from counting import counted
from signin import PEOPLE, person
from signing_walk import PROJECT, Holder, accept, certify, draft_acceptance, end, file, finish, give
from version_folders import MATERIAL, SCOPED

from app.checks.queries import owners_of, persons_of
from app.companies.changes import EntryRemoved
from app.coverage.errors import TimeUnfit
from app.coverage.queries import size_at
from app.identity.people import link_identity
from app.platform.clock import new_id
from app.projects.service import ProjectUnknown
from app.signing import complete
from mcla.checks.people import ByAccount

DIGEST = f"sha256:{file().sha256}"


def asked(services: Any, actor: Any, kind: str | None = "code", at: Any = None) -> Any:
    return services.coverage.of_account(PROJECT, actor.provider, actor.subject, kind, at)


def said(services: Any, actor: Any, at: Any = None, kind: str = "code") -> tuple[str, str]:
    answer = asked(services, actor, kind, at).kinds[kind]
    return answer.word, answer.code


def test_a_person_is_covered_from_the_log_entry_of_the_acceptance_until_its_end_and_then_stays_told_so(
    services: Any, ada: Any, later: Any
) -> None:
    never = later()
    assert said(services, ada) == ("not-covered", "agreement-not-signed")
    unsigned = later()
    accepted = accept(services, ada)
    signed = later()
    answer = asked(services, ada).kinds["code"]
    assert (answer.word, answer.basis.version, answer.basis.log_index) == ("covered", "1.0.0", accepted.log_index)
    assert (answer.basis.path, answer.basis.since, answer.basis.until) == ("individual", signed, None)
    kept = later()
    end(services, ada, accepted)
    ended = later()
    moments = (never - timedelta(days=1), never, unsigned, signed, kept, ended)
    told = {moment: said(services, ada, moment) for moment in moments}
    assert list(told.values()) == [
        ("unknown", "account-unknown"),
        ("not-covered", "agreement-not-signed"),
        ("not-covered", "agreement-not-signed"),
        ("covered", "covered"),
        ("covered", "covered"),
        ("not-covered", "acceptance-ended"),
    ]
    again = accept(services, ada)
    later()
    assert asked(services, ada).kinds["code"].basis.log_index == again.log_index
    assert {moment: said(services, ada, moment) for moment in told} == told


def test_a_newer_version_ends_or_narrows_it_from_its_publication_on_and_grace_puts_that_off(
    services: Any, ada: Any, publish: Any, later: Any
) -> None:
    accept(services, ada)
    first = later()
    publish("1.1.0", SCOPED)
    scoped = later()
    publish("1.2.0", SCOPED, MATERIAL, grace_days=10)
    grace = later(days=11)
    over = later()
    kinds = {moment: asked(services, ada, None, moment) for moment in (first, scoped, grace, over)}
    assert [each.verdict for each in kinds.values()] == ["covered", "not-covered", "not-covered", "not-covered"]
    assert [each.kinds["safety"].code for each in kinds.values()] == ["covered", *["agreement-outdated"] * 3]
    assert [each.kinds["code"].word for each in kinds.values()] == ["covered", "covered", "covered", "not-covered"]
    assert kinds[grace].kinds["code"].basis.until == grace + timedelta(days=10)
    finish(services, ada, services.signing.draft_acceptance(ada, "mcla-individual", None, "cli"))
    later()
    assert asked(services, ada, None).verdict == "covered"
    assert said(services, ada, over) == ("not-covered", "agreement-outdated")


def test_an_employee_is_covered_while_three_people_have_signed_for_it(services: Any, firm: Any, later: Any) -> None:
    founded = later()
    firm.with_emil()
    listed = later()
    answer = asked(services, firm.emil).kinds["code"]
    assert (answer.word, answer.code, answer.basis.path) == ("covered", "covered-by-company", "company")
    assert (answer.basis.slug, asked(services, firm.emil, "data").verdict) == ("mcla-corporate", "not-covered")
    removed = later()
    change(services, firm.mia, firm.id, EntryRemoved(firm.entry))
    later()
    moments = (founded, listed, removed - timedelta(seconds=1), None)
    assert [said(services, firm.emil, each)[0] for each in moments] == [
        "not-covered",
        "covered",
        "covered",
        "not-covered",
    ]


def test_an_account_that_was_linked_or_separated_since_changes_no_answer_about_the_time_before(
    services: Any, ada: Any, db: Any, later: Any
) -> None:
    accept(services, ada)
    alone = later()
    second = linked(services, ada, "bela")
    both = later()
    told = {(who, at): said(services, who, at) for who in (ada, second) for at in (alone, both)}
    assert list(told.values()) == [("covered", "covered")] * 2 + [
        ("unknown", "account-unknown"),
        ("covered", "covered"),
    ]
    services.identity.unlink(ada, second.identity_id)
    apart = later()
    assert said(services, second) == ("not-covered", "agreement-not-signed")
    assert {(who, at): said(services, who, at) for who, at in told} == told
    third = linked(services, person(services.identity, "bela"), "chris")
    services.identity.unlink(third, second.identity_id)  # separated again, from somebody else this time
    later()
    assert {(who, at): said(services, who, at) for who, at in told} == told
    asked_of, owner = ByAccount(second.provider, second.subject), second.contributor_id
    with db.read() as session:
        at_each = [persons_of(session, [asked_of], at)[asked_of] for at in (both, apart, services.clock.now())]
        then, since = (owners_of(session, [second.email], at)[second.email] for at in (both, apart))
    assert (at_each[0], len(set(at_each)), owner) == (ada.contributor_id, 3, ada.contributor_id)
    assert [each.person for each in (*then, *since)] == at_each[:2]


def test_who_confirmed_for_a_company_covers_the_accounts_that_were_theirs_then(
    services: Any, firm: Any, later: Any
) -> None:
    firm.with_emil()
    second = linked(services, firm.emil, "bela")
    both = later()
    assert said(services, second) == ("covered", "covered-by-company")
    services.identity.unlink(second, firm.emil.identity_id)  # the account that had confirmed goes its own way
    later()
    third = linked(services, second, "chris")
    told = {who.login: (said(services, who, both)[0], said(services, who)[0]) for who in (firm.emil, second, third)}
    assert told == {
        "emil": ("covered", "covered"),
        second.login: ("covered", "not-covered"),
        third.login: ("unknown", "not-covered"),
    }


def linked(services: Any, actor: Any, who: str) -> Any:
    """This person, signed in with another account that is theirs from now on."""
    with services.db.write() as session:
        link_identity(session, PEOPLE[who], actor.contributor_id, services.clock.now())
    return person(services.identity, who)


def test_a_company_of_another_foundation_or_an_entry_nobody_confirmed_covers_nobody(services: Any, firm: Any) -> None:
    entry = firm.add(account(firm.emil))
    assert said(services, firm.emil)[0] == "not-covered"
    services.projects.ensure_foundation("other", "Other", "x@example.org")
    services.projects.ensure_project("other", "far", "Far", "")
    confirm(services, firm.emil, firm.id, entry)
    assert said(services, firm.emil)[0] == "covered"
    elsewhere = services.coverage.of_account("far", firm.emil.provider, firm.emil.subject, "code", None)
    assert elsewhere.verdict == "not-covered"
    assert services.coverage.of_company("far", firm.id, "code", None).kinds["code"].code == "company-unknown"


@pytest.mark.parametrize("who", ["person", "company"])
def test_an_acceptance_counts_from_its_log_entry_on_for_a_person_and_a_company_alike(
    services: Any, ada: Any, later: Any, who: str
) -> None:
    if who == "company":
        publish_corporate(services)
        draft = services.companies.draft_acceptance(ada, CORPORATE, None, EXAMPLE, "cli")
    else:
        draft = draft_acceptance(services, ada, "cli")
    holder = Holder()
    certify(services, ada, draft, holder)
    complete.sign(services.signing.ports, ada, draft.id, holder.signature(draft.statement), consent=True)
    signed = later(seconds=9)
    logged = services.clock.now()
    services.signing.finish_job({"signing_id": draft.id})
    company = services.companies.of_record(draft.statement_sha256)

    def word(at: Any) -> tuple[str, Any]:
        ask = (company.id,) if company else (ada.provider, ada.subject)
        found = (services.coverage.of_company if company else services.coverage.of_account)(PROJECT, *ask, "code", at)
        return found.verdict, found.as_of.log_size

    moments = (signed, logged - timedelta(microseconds=1), logged, None)
    assert [word(each) for each in moments] == [("not-covered", 0)] * 2 + [("covered", 1)] * 2


def test_a_company_is_asked_for_by_its_id(services: Any, firm: Any, later: Any) -> None:
    founded = later()
    ask = services.coverage.of_company
    assert ask(PROJECT, firm.id, "code", founded - timedelta(days=1)).verdict == "not-covered"
    now = ask(PROJECT, firm.id, None, None)
    assert now.kinds["weights"].basis.slug == "mcla-corporate"
    for nobody in (new_id("cmp"), "cmp_\0", "", "x" * 40):
        assert ask(PROJECT, nobody, "code", None).kinds["code"].code == "company-unknown"


def test_a_file_is_covered_from_its_log_entry_until_it_was_taken_back(services: Any, ada: Any, later: Any) -> None:
    accept(services, ada)
    before = later()
    given = give(services, ada)
    held = later()
    end(services, ada, given)
    later()

    def file_at(at: Any, kind: str = "code") -> tuple[str, str]:
        answer = services.coverage.of_artifact(PROJECT, DIGEST, kind, at).kinds[kind]
        return answer.word, answer.code

    assert [file_at(each) for each in (before, held, None)] == [
        ("unknown", "artifact-unknown"),
        ("covered", "covered"),
        ("not-covered", "contribution-ended"),
    ]
    assert file_at(held, "weights") == ("unknown", "artifact-unknown")
    basis = services.coverage.of_artifact(PROJECT, DIGEST, "code", held).kinds["code"].basis
    assert (basis.slug, basis.log_index) == ("mcla-individual", given.log_index)


def test_the_size_of_the_log_at_a_time_is_found_by_halving(services: Any, ada: Any, later: Any, db: Any) -> None:
    moments = [later()]
    accept(services, ada)
    for number in range(5):
        moments.append(later())
        give(services, ada, file(f"{number}.py", str(number).encode()))
    moments.append(later())
    with db.read() as session:
        assert [size_at(session, 6, each) for each in moments] == [0, 1, 2, 3, 4, 5, 6]
        assert size_at(session, 0, moments[-1]) == 0


def test_the_same_statements_are_asked_however_much_was_signed(services: Any, ada: Any, later: Any, db: Any) -> None:
    end(services, ada, accept(services, ada))
    asked(services, ada, None)  # the agreement's documents are read once
    with counted(db) as few:
        asked(services, ada, None)
    for _ in range(3):
        accept(services, somebody(services, new_id("usr")))
        end(services, ada, accept(services, ada))
    with counted(db) as many:
        asked(services, ada, None)
    assert len(many) == len(few)


def test_a_time_that_has_not_come_or_a_project_that_is_not_there_is_refused(
    services: Any, ada: Any, clock: Any
) -> None:
    with pytest.raises(TimeUnfit, match="has come"):
        asked(services, ada, at=clock.at + timedelta(seconds=1))
    with pytest.raises(TimeUnfit, match="zone"):
        asked(services, ada, at=clock.at.replace(tzinfo=None))
    with pytest.raises(ProjectUnknown):
        services.coverage.of_account("none", "demo", "1", None, None)


def test_a_login_is_a_label_so_known_and_unknown_ones_get_the_same_bytes(
    services: Any, client: Any, ada: Any, later: Any
) -> None:
    base = f"/api/v1/coverage?project={PROJECT}&kind=code&provider=demo"
    accept(services, ada)
    later()
    known, other = (client.get(f"{base}&login={login}") for login in (ada.login, "nobody-here"))
    assert known.data == other.data
    told = known.get_json()["kinds"]["code"]
    assert (told["verdict"], told["code"]) == ("unknown", "login-only")
    assert "number or id" in told["reason"]
    named = client.get(f"{base}&subject={ada.subject}&login=anything").get_json()  # beside an id it says nothing
    assert named["verdict"] == "covered"
    alone = client.get(f"/api/v1/coverage?project={PROJECT}&login={ada.login}")
    assert (alone.status_code, alone.get_json()["code"]) == (422, "coverage-unasked")


def test_the_api_asks_about_one_subject_and_names_nobody(services: Any, client: Any, ada: Any, later: Any) -> None:
    accept(services, ada)
    later()
    base = f"/api/v1/coverage?project={PROJECT}"
    mine = f"{base}&provider={ada.provider}&subject={ada.subject}"
    answer = client.get(f"{mine}&kind=code").get_json()
    assert (answer["verdict"], answer["kinds"]["code"]["basis"]["agreement"]["version"]) == ("covered", "1.0.0")
    assert answer["as_of"]["log_size"] == 1
    assert ada.name not in str(answer)
    assert len(client.get(mine).get_json()["kinds"]) == 9
    then = client.get(f"{mine}&as_of=2020-01-01T00:00:00Z").get_json()
    assert (then["verdict"], then["as_of"]) == ("unknown", {"log_size": 0, "time": "2020-01-01T00:00:00Z"})
    assert client.get(f"{base}&artifact={DIGEST}&kind=code").get_json()["verdict"] == "unknown"
    assert client.get(f"{base}&company={EXAMPLE.name[:4]}&kind=code").get_json()["verdict"] == "unknown"
    for wrong in ("", "&provider=demo", f"&subject=1&artifact={DIGEST}", "&provider=demo&subject=1&company=cmp_1"):
        refused = client.get(base + wrong)
        assert (refused.status_code, refused.get_json()["code"]) == (422, "coverage-unasked")
    for bad in ("&kind=poem", "&as_of=yesterday", "&as_of=2026-01-01T00:00:00"):
        assert client.get(mine + bad).status_code == 422
    assert client.get(f"{mine}&as_of=2999-01-01T00:00:00Z").get_json()["code"] == "time-unfit"
    assert client.get(f"{base}&artifact=sha256:0").status_code == 400
    nul = client.get(f"{base}&provider=demo&subject=%00")
    assert (nul.status_code, nul.get_json()["verdict"]) == (200, "unknown")
