# SPDX-License-Identifier: Apache-2.0
"""Claims: evidence of others that covers nobody, taken once or not at all, and shown to whom it provably names."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import claim_files as files
import pytest
from counting import counted
from signin import PEOPLE, person
from signing_walk import PROJECT, accept, count, end
from sqlalchemy import select

from app.claims import importing
from app.claims.errors import ClaimsUnknown
from app.claims.models import Claim, ClaimImport, ClaimMark, ClaimSecret
from app.claims.queries import claimed
from app.claims.unfit import ClaimsAgreementForeign, ClaimsFileUnfit, ClaimsProviderUnclear
from app.claims.values import Report, Whose
from app.identity.ports import VerifiedClaims
from app.platform.clock import new_id
from app.projects.service import ProjectUnknown
from app.wiring import Services
from mcla.checks.change import parse_change

BOTH = files.lite(files.entry(), files.entry("bnovak", files.BELA))


def outcomes(report: Report) -> list[str]:
    return [each.outcome for each in report.rows]


def said(services: Services, subject: object, provider: str = "demo", at: Any = None) -> tuple[str, str]:
    answer = services.coverage.of_account(PROJECT, provider, str(subject), "code", at).kinds["code"]
    return answer.word, answer.code


def signed_in(services: Services, claims: VerifiedClaims) -> Any:
    actor = services.identity.actor_of_session(services.identity.start_session(claims, "Test browser"))
    assert actor is not None
    return actor


def shown(services: Services, actor: Any) -> list[int]:
    return [each.row for each in services.claims.mine(actor.contributor_id)]


def test_a_claim_covers_nobody_says_so_and_becomes_real_only_by_signing_here(
    services: Services, clock: Any, take: Any
) -> None:
    before = clock.at
    assert said(services, files.ADA) == ("unknown", "account-unknown")
    clock.at += timedelta(minutes=1)
    take("cla-lite", BOTH)
    clock.at += timedelta(minutes=1)
    assert said(services, files.ADA) == ("not-covered", "claimed")
    ada = person(services.identity)
    clock.at += timedelta(minutes=1)
    assert said(services, files.ADA) == ("not-covered", "claimed")
    accepted = accept(services, ada)
    clock.at += timedelta(minutes=1)
    assert said(services, files.ADA) == ("covered", "covered")
    end(services, ada, accepted)
    clock.at += timedelta(minutes=1)
    assert said(services, files.ADA) == ("not-covered", "acceptance-ended"), "an old record outweighs no end"
    assert said(services, files.ADA, at=before) == ("unknown", "account-unknown"), "nothing was on record by then"


def test_a_re_registered_login_inherits_nothing(services: Services, take: Any) -> None:
    take("cla-lite", files.lite(files.entry("adali", 999)))
    take("cla-assistant", files.csv(files.PAGE, files.page_row("adali")))
    ada = person(services.identity)
    assert ada.login == "adali"
    assert shown(services, ada) == []
    assert said(services, ada.subject) == ("not-covered", "agreement-not-signed")
    assert said(services, 999) == ("not-covered", "claimed")
    renamed = signed_in(services, VerifiedClaims("demo", "999", login="other"))
    assert shown(services, renamed) == [1], "a renamed account keeps its record"


def test_a_legacy_row_without_an_id_names_no_account_for_anybody_but_staff(
    services: Services, take: Any, foundations: list[str]
) -> None:
    take("cla-assistant", files.csv(files.PAGE, files.page_row()))
    take("clabot", files.clabot("adali", "@example.org"))
    ada = person(services.identity)
    assert shown(services, ada) == []
    assert said(services, ada.subject)[1] == "agreement-not-signed"
    found = services.claims.find(Whose("login", "AdaLi"), foundations)
    assert [(each.system, each.subject) for each in found] == [("cla-assistant", None), ("clabot", None)]
    (info,) = (each for each in services.claims.imports(foundations) if each.system == "clabot")
    assert (info.here, info.domains) == (0, 1), "whoever has an address at a listed domain is not meant by it"


def test_imported_and_clicked_are_told_apart(services: Services, take: Any) -> None:
    rows = (files.database_row(), files.database_row("bnovak", files.BELA, "upload|owner"))
    take("cla-assistant", files.csv(files.DATABASE, *rows))
    told = [services.claims.mine(person(services.identity, who).contributor_id)[0] for who in ("ada", "bela")]
    assert [each.evidence for each in told] == ["recorded-by-id", "listed"]


def test_a_number_counts_at_its_own_provider_alone(services: Services, take: Any) -> None:
    take("cla-lite", BOTH)
    assert said(services, files.ADA, provider="github") == ("unknown", "account-unknown")
    for odd in ("0104729", " 104729", "104729\0", "adali", ""):
        assert said(services, odd)[1] == "account-unknown"


def test_an_address_names_the_person_whose_provider_verified_it_and_covers_nobody(
    services: Services, take: Any, foundations: list[str]
) -> None:
    take("easycla", files.csv(files.INDIVIDUALS, files.individual(email="ADA.LI@example.org")))
    ada, bela = person(services.identity), person(services.identity, "bela")
    assert (shown(services, ada), shown(services, bela)) == ([2], [])
    assert services.claims.mine(ada.contributor_id)[0].by_address
    assert said(services, ada.subject) == ("not-covered", "agreement-not-signed")
    lost = VerifiedClaims("demo", PEOPLE["ada"].subject, name="Ada Li", login="adali", email="new@example.org")
    assert shown(services, signed_in(services, lost)) == [], "an address that was given up is somebody else's"
    assert services.claims.imports(foundations)[0].here == 0


def test_a_row_with_a_number_is_never_shown_by_its_address_and_a_companys_list_to_nobody(
    services: Services, take: Any
) -> None:
    take("easycla", files.csv(files.COMPANIES, files.firm()))
    bela = person(services.identity, "bela")
    assert shown(services, bela) == []
    assert said(services, bela.subject)[1] == "agreement-not-signed"


def test_what_has_ended_there_is_no_claim_and_a_later_export_can_say_so(
    services: Services, clock: Any, take: Any
) -> None:
    standing = files.csv(files.DATABASE, files.database_row())
    take("cla-assistant", standing)
    assert said(services, files.ADA)[1] == "claimed"
    before = clock.at
    clock.at += timedelta(minutes=1)
    ended = files.csv(files.DATABASE, files.database_row().replace("345Z,,", "345Z,2020-01-01T00:00:00Z,"))
    for _ in range(2):
        planned = take("cla-assistant", ended, dry_run=True)
    assert outcomes(planned) == ["updated"]
    assert outcomes(take("cla-assistant", ended)) == ["updated"]
    assert said(services, files.ADA)[1] == "account-unknown"
    assert said(services, files.ADA, at=before)[1] == "claimed", "an answer about a time never changes"
    assert outcomes(take("cla-assistant", ended)) == ["already"]
    assert outcomes(take("cla-assistant", standing)) == ["already"]
    assert said(services, files.ADA)[1] == "account-unknown", "an older export brings nothing back"


def test_a_dry_run_answers_what_the_real_run_answers_and_writes_nothing(services: Services, take: Any) -> None:
    data = files.lite(files.entry(), files.entry(), files.entry(number="1"), files.entry("bnovak", files.BELA))
    planned = take("cla-lite", data, dry_run=True)
    tables = (Claim, ClaimImport, ClaimMark, ClaimSecret)
    assert [count(services.db, each) for each in tables] == [0, 0, 0, 0]
    assert take("cla-lite", data) == planned
    assert outcomes(planned) == ["imported", "already", "refused", "imported"]
    filled = [count(services.db, each) for each in tables]
    assert filled == [2, 1, 2, 1]
    again = take("cla-lite", data, dry_run=True)
    assert take("cla-lite", data) == again
    assert outcomes(again) == ["already", "already", "refused", "already"]
    assert [count(services.db, each) for each in tables] == filled, "the same file again leaves no trace"


def test_an_import_that_breaks_off_leaves_nothing(
    services: Services, take: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    ticks: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        ticks.append((done, total))
        if len(ticks) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take("cla-lite", BOTH, tick=stop)
    assert ticks == [(1, 2), (2, 2), (1, 2)], "looked up, then written"
    assert count(services.db, Claim) == 0
    assert outcomes(take("cla-lite", BOTH)) == ["imported", "imported"]


def test_an_import_says_for_whom_and_what_is_signed_instead_or_is_refused(services: Services, take: Any) -> None:
    with pytest.raises(ProjectUnknown):
        services.claims.import_file("no-such", "cla-lite", BOTH, "tests", provider="demo")
    with pytest.raises(ClaimsProviderUnclear, match="no providers"):
        take("cla-lite", BOTH, provider=None)
    with pytest.raises(ClaimsProviderUnclear, match="'nowhere'"):
        take("cla-lite", BOTH, provider="nowhere")
    with pytest.raises(ClaimsAgreementForeign):
        take("cla-lite", BOTH, agreements=["mcla-corporate"])
    with pytest.raises(ClaimsFileUnfit):
        take("cla-lite", b"{}")
    assert count(services.db, ClaimImport) == 0
    take("cla-lite", BOTH)
    (told,) = services.claims.mine(person(services.identity).contributor_id)
    assert told.agreements == ("mcla-individual",)


def numbered(session: Any) -> Sequence[Any]:
    return session.execute(select(Claim.key, Claim.subject, Claim.place, Claim.erased_by)).all()


def test_erasing_an_account_takes_its_data_and_the_next_import_of_the_file_brings_nothing_back(
    services: Services, take: Any, foundations: list[str]
) -> None:
    take("cla-lite", BOTH)
    take("easycla", files.csv(files.INDIVIDUALS, files.individual()))
    take("easycla", files.csv(files.COMPANIES, files.firm(emails="ada.li@example.org,b@example.com")))
    ada = person(services.identity)
    whose = Whose("account", ada.subject, ada.provider)
    assert len(services.claims.find(whose, foundations)) == 3, "by number, and by the address that is proven"
    assert services.claims.erase(whose, foundations, "demo 224737") == 3
    assert services.claims.find(whose, foundations) == []
    with services.db.read() as session:
        values = set(session.scalars(select(ClaimMark.value)))
        gone = [each for each in numbered(session) if each.erased_by]
    assert values == {"bnovak", "Example GmbH", "example.com", "b@example.com", "acme"}
    assert [(each.subject, each.place, each.erased_by) for each in gone] == [(None, "", "demo 224737")] * 2
    assert outcomes(take("cla-lite", BOTH)) == ["already", "already"]
    assert (shown(services, ada), said(services, ada.subject)[1]) == ([], "agreement-not-signed")
    assert said(services, files.BELA)[1] == "claimed"
    assert sum(each.erased for each in services.claims.imports(foundations)) == 2
    assert services.claims.erase(whose, foundations, "again") == 0


def test_erasing_by_login_or_address_reaches_rows_that_name_no_account(
    services: Services, take: Any, foundations: list[str]
) -> None:
    take("clabot", files.clabot("adali", "ada.li@example.org", "bnovak"))
    assert services.claims.erase(Whose("login", " ADALI "), foundations, "x") == 1
    assert services.claims.erase(Whose("address", "Ada.Li@EXAMPLE.org"), foundations, "x") == 1
    with services.db.read() as session:
        assert list(session.scalars(select(ClaimMark.value))) == ["bnovak"]


def test_another_foundation_sees_and_erases_nothing(services: Services, take: Any) -> None:
    take("cla-lite", BOTH)
    other = [services.projects.ensure_foundation("other", "Other", "").id]
    services.projects.ensure_project("other", "elsewhere", "Elsewhere", "")
    whose = Whose("account", str(files.ADA), "demo")
    assert (services.claims.imports(other), services.claims.find(whose, other)) == ([], [])
    assert services.claims.erase(whose, other, "x") == 0
    with services.db.read() as session:
        import_id = session.scalar(select(ClaimImport.id))
    for unknown in (import_id, new_id("cim"), "cim_\0"):
        with pytest.raises(ClaimsUnknown):
            services.claims.rows(str(unknown), other)
    assert services.coverage.of_account("elsewhere", "demo", str(files.ADA), None, None).verdict == "unknown"


def test_staff_sees_how_many_people_of_an_import_are_here_and_have_signed_since(
    services: Services, clock: Any, take: Any, foundations: list[str]
) -> None:
    ada = person(services.identity)
    early = accept(services, ada)
    clock.at += timedelta(minutes=1)
    take("cla-lite", BOTH)
    take("clabot", files.clabot("ada.li@example.org"))
    clock.at += timedelta(minutes=1)

    def told() -> list[tuple[str, int, int]]:
        return [(each.system, each.here, each.signed) for each in services.claims.imports(foundations)]

    assert sorted(told()) == [("cla-lite", 1, 0), ("clabot", 1, 0)], "who had signed before has not signed since"
    bela = person(services.identity, "bela")
    accepted = accept(services, bela)
    end(services, ada, early)
    accept(services, ada)
    assert sorted(told()) == [("cla-lite", 2, 2), ("clabot", 1, 1)]
    end(services, bela, accepted)
    assert sorted(told()) == [("cla-lite", 2, 1), ("clabot", 1, 1)]


def test_one_statement_finds_the_claims_of_any_number_of_accounts(services: Services, clock: Any, take: Any) -> None:
    take("cla-lite", files.lite(*(files.entry(f"u{number}", number) for number in range(1, 202))))
    project, spent = services.projects.project(PROJECT).id, []
    for many in (1, 200):
        with services.db.read() as session, counted(services.db) as statements:
            wanted = [("demo", str(number)) for number in range(1, many + 1)]
            assert len(claimed(session, project, wanted, clock.at)) == many
        spent.append(len(statements))
    assert spent[0] == spent[1]


def test_a_large_file_is_taken_in_statements_for_hundreds_of_rows_each(services: Services, take: Any) -> None:
    data = files.lite(*(files.entry(f"u{number}", number) for number in range(1, 2_001)))
    with counted(services.db) as statements:
        assert take("cla-lite", data).counts["imported"] == 2_000
    assert len(statements) < 40


def test_a_check_names_the_old_record_by_the_accounts_number_and_where_to_sign(services: Services, take: Any) -> None:
    take("cla-lite", BOTH)
    by_login = {"sha": "ab" * 20, "merge": False, "author": {"provider": "demo", "login": "bnovak"}}
    asked = {"project": PROJECT, "opener": {"provider": "demo", "subject": str(files.ADA)}, "commits": [by_login]}
    answer = services.checks.ask(parse_change(json.dumps(asked).encode()))
    opener, author = answer.subjects
    assert (answer.verdict, opener.said.code, author.said.code) == ("not-covered", "claimed", "login-only")
    assert opener.said.next is not None
    assert "sign in with this very account" in opener.said.next
    assert str(opener.sign_url).endswith("/sign/mcla-individual")
    assert str(opener.sign_url) in opener.said.next
