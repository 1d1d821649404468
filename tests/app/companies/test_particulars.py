# SPDX-License-Identifier: Apache-2.0
"""The same company under another name: what goes on, who may say it, and what is refused with what to do."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from company_walk import CORPORATE, EXAMPLE, Firm, change, draft_gift, found, publish_corporate, somebody
from signing_walk import bearer, certified, finish, sign

from app.companies.changes import ParticularsChanged
from app.companies.document import parse_document
from app.companies.errors import (
    CompanyNamedOtherwise,
    CompanyNameUnfit,
    CompanyUnknown,
    NotAllowed,
    NotSignatory,
    ParticularsKnown,
    ParticularsOvertaken,
    RegisterNumberTaken,
    RegisterNumberUnfit,
)
from app.companies.particulars import particulars_changed
from app.identity.ports import Actor
from app.signing.errors import SigningError
from mcla.statements.canonical import canonical_json
from mcla.verify.verifier import verify_bundle

AG = "Example AG"


def to(firm: Firm, name: str = AG, registration: str | None = None) -> ParticularsChanged:
    """The change from what the company is called now."""
    return particulars_changed(firm.services.companies.view(firm.sig, firm.id).info, name, registration)


def called(firm: Firm) -> tuple[str, str]:
    info = firm.services.companies.view(firm.sig, firm.id).info
    return info.name, info.registration


def test_under_its_new_name_agreement_list_and_confirmations_go_on(services: Any, firm: Firm, clock: Any) -> None:
    firm.with_emil()
    before, clock.at = clock.at, clock.at + timedelta(hours=1)
    done = change(services, firm.sig, firm.id, to(firm, AG, "HRB 9 C"), "Register of today")
    assert called(firm) == (AG, "HRB 9 C")
    view = services.companies.view(firm.max, firm.id)
    assert [(each.name, each.registration, each.until) for each in view.former] == [
        ("Example GmbH", "HRB 1234 B", clock.at)
    ]
    assert view.former[0].log_index == done.log_index
    assert AG in str(view.history[0].what)
    assert view.version == "1.0.0"
    given = finish(services, firm.emil, draft_gift(services, firm.emil, firm.id))
    assert services.contributions.contribution(given.id, None).standing.state == "in-force"
    for at in (before, None):
        answer = services.coverage.of_company("tiny-llm", firm.id, "code", at)
        assert answer.verdict == "covered"
    assert [each.info.name for each in services.companies.mine(firm.emil)] == [AG]
    change(services, firm.sig, firm.id, to(firm, "Example GmbH", "HRB 1234 B"))
    assert called(firm) == ("Example GmbH", "HRB 1234 B")


def test_the_log_and_the_public_bundle_name_neither_company_nor_person(services: Any, firm: Firm) -> None:
    done = change(services, firm.sig, firm.id, to(firm, "Umbenannte Beispielwerke AG"))
    bundle = canonical_json(dict(services.companies.history.bundle(done.id)))
    verdict = verify_bundle(bundle, services.trust)
    assert verdict.verified
    said = canonical_json(verdict.statement or {}).decode()
    for secret in ("Umbenannte", "Example GmbH", "HRB", firm.sig.name, str(firm.sig.email)):
        assert secret not in said
    document = services.companies.history.document(firm.sig, done.id)
    assert parse_document(document).change == ParticularsChanged(
        "Umbenannte Beispielwerke AG", "HRB 1234 B", "Example GmbH", "HRB 1234 B"
    )


def test_a_manager_tells_a_name_and_only_the_signatory_a_register_number(services: Any, firm: Firm) -> None:
    firm.with_emil()
    with pytest.raises(NotSignatory):
        change(services, firm.max, firm.id, to(firm, AG, "HRB 9 C"))
    with pytest.raises(NotAllowed):
        change(services, firm.emil, firm.id, to(firm))
    with pytest.raises(CompanyUnknown):
        change(services, somebody(services, "stranger"), firm.id, to(firm))
    change(services, firm.max, firm.id, to(firm, AG, "hrb 1234b"))  # the same number, written otherwise
    assert called(firm) == (AG, "hrb 1234b")


@pytest.mark.parametrize(
    "name", ["A" * 500, "X", "", "Example\x07 AG", "Example ‮GA", "Exam\u200bple AG", "Exаmple AG", "Example\nAG"]
)
def test_a_name_that_nobody_could_read_is_refused(firm: Firm, name: str) -> None:
    with pytest.raises(CompanyNameUnfit):
        to(firm, name)


@pytest.mark.parametrize("number", ["", " ", "9" * 500, "HRB ‮ 9", "HRB\x00 9"])
def test_a_register_number_that_nobody_could_read_is_refused(firm: Firm, number: str) -> None:
    with pytest.raises(RegisterNumberUnfit):
        to(firm, AG, number)


def test_the_same_again_is_refused_and_so_is_what_rests_on_a_name_that_is_over(services: Any, firm: Firm) -> None:
    stale = to(firm)
    with pytest.raises(ParticularsKnown):
        change(services, firm.sig, firm.id, to(firm, "Example GmbH"))
    change(services, firm.sig, firm.id, to(firm, "Example SE"))
    with pytest.raises(ParticularsOvertaken, match="Example SE"):
        change(services, firm.sig, firm.id, stale)
    assert len(services.companies.view(firm.sig, firm.id).former) == 1


def test_nobody_takes_a_name_or_number_that_another_company_has_or_had(services: Any, firm: Firm) -> None:
    rival = somebody(services, "rival")
    other = found(services, rival, replace(EXAMPLE, name="Rival KG", registration="HRA 7"))
    with pytest.raises(RegisterNumberTaken):
        change(services, firm.sig, firm.id, to(firm, AG, "HRA 7"))
    with pytest.raises(CompanyNameUnfit):
        change(services, firm.sig, firm.id, to(firm, "RIVAL KG"))
    change(services, firm.sig, firm.id, to(firm, AG, "HRB 9 C"))
    info = services.companies.view(rival, other).info
    with pytest.raises(CompanyNameUnfit):
        change(services, rival, other, particulars_changed(info, "Example GmbH", None))
    with pytest.raises(RegisterNumberTaken):
        change(services, rival, other, particulars_changed(info, "Rival OHG", "HRB 1234 B"))
    newcomer = somebody(services, "newcomer")
    with pytest.raises(RegisterNumberTaken):
        found(services, newcomer, EXAMPLE)
    with pytest.raises(CompanyNameUnfit):
        found(services, newcomer, replace(EXAMPLE, registration="HRB 77"))
    abroad = replace(EXAMPLE, jurisdiction="FR", registration="HRB 1234 B")
    assert found(services, newcomer, abroad) != firm.id


def test_a_new_version_is_signed_under_the_name_that_the_company_has_here(services: Any, firm: Firm) -> None:
    publish_corporate(services, "1.1.0")
    open_page = services.companies.draft_acceptance(firm.sig, CORPORATE, None, EXAMPLE, "cli")
    with pytest.raises(CompanyNamedOtherwise, match="Example GmbH"):
        found(services, firm.sig, replace(EXAMPLE, name=AG))
    change(services, firm.sig, firm.id, to(firm))
    with pytest.raises(CompanyNamedOtherwise, match=AG):
        finish(services, firm.sig, open_page)
    assert found(services, firm.sig, replace(EXAMPLE, name=AG)) == firm.id


def at_once(services: Any, drafts: list[tuple[Actor, Any]]) -> list[str]:
    """Sign all of these in the same moment; what became of each."""
    start = Barrier(len(drafts))

    def run(actor: Actor, drafted: Any) -> str:
        start.wait(timeout=60)
        try:
            return str(sign(services, actor, *drafted).type)
        except SigningError as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(drafts)) as pool:
        return sorted(each.result(timeout=60) for each in [pool.submit(run, *one) for one in drafts])


def ready(services: Any, actor: Actor, company: str, wanted: ParticularsChanged) -> tuple[Actor, Any]:
    return actor, certified(
        services, actor, lambda known, who: known.companies.draft_change(who, company, wanted, "", "cli")
    )


def test_of_two_changes_at_once_one_counts_and_the_other_is_told_what_came_first(services: Any, firm: Firm) -> None:
    for names in ((AG, AG), ("Example SE", "Example KG")):
        people = (firm.sig, firm.max)
        drafts = [ready(services, who, firm.id, to(firm, name)) for who, name in zip(people, names, strict=True)]
        refused = ParticularsKnown.code if len(set(names)) == 1 else ParticularsOvertaken.code
        assert at_once(services, drafts) == ["company-change", refused]
        assert called(firm)[0] in names
    assert len(services.companies.view(firm.sig, firm.id).former) == 2


def test_of_two_companies_that_take_one_name_at_once_one_gets_it(services: Any, firm: Firm) -> None:
    rival = somebody(services, "rival")
    other = found(services, rival, replace(EXAMPLE, name="Rival KG", registration="HRA 7"))
    info = services.companies.view(rival, other).info
    drafts = [
        ready(services, firm.sig, firm.id, to(firm, "Common AG", "HRB 5")),
        ready(services, rival, other, particulars_changed(info, "Common AG", "HRB 5")),
    ]
    assert at_once(services, drafts) == ["company-change", RegisterNumberTaken.code]


def test_a_name_and_a_new_company_of_it_at_once_are_one(services: Any, firm: Firm) -> None:
    newcomer = somebody(services, "newcomer")
    facts = replace(EXAMPLE, name="Common AG", registration="HRB 5")
    founding = certified(
        services, newcomer, lambda known, who: known.companies.draft_acceptance(who, CORPORATE, None, facts, "cli")
    )
    told = at_once(services, [ready(services, firm.sig, firm.id, to(firm, "Common AG")), (newcomer, founding)])
    assert told in (["acceptance", CompanyNameUnfit.code], ["company-change", CompanyNameUnfit.code])


def test_over_the_api_the_number_stays_where_it_is_left_out(services: Any, firm: Firm, client: Any) -> None:
    headers, url = bearer(services, firm.max), f"/api/v1/companies/{firm.id}/changes"
    asked = {"change": {"type": "particulars-changed", "name": AG}, "key_holder": "cli"}
    answer = client.post(url, json=asked, headers=headers)
    assert answer.status_code == 201, answer.text
    told = parse_document(answer.json["document"].encode()).change
    assert told == ParticularsChanged(AG, "HRB 1234 B", "Example GmbH", "HRB 1234 B")
    for wrong, status, code in (
        ({"name": "A" * 500}, 422, CompanyNameUnfit.code),
        ({"name": AG, "registration": "HRB ‮ 1"}, 422, RegisterNumberUnfit.code),
        ({"name": AG, "registration": "HRB 5"}, 403, NotSignatory.code),
        ({"name": "Example GmbH"}, 409, ParticularsKnown.code),
    ):
        refused = client.post(url, json=asked | {"change": {"type": "particulars-changed"} | wrong}, headers=headers)
        assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (status, code), refused.text
    change(services, firm.sig, firm.id, to(firm))
    former = client.get(f"/api/v1/companies/{firm.id}", headers=headers).json["former"]
    assert [(each["name"], each["registration"]) for each in former] == [("Example GmbH", "HRB 1234 B")]
    assert client.get(f"/api/v1/company-changes/{former[0]['change']}/bundle").status_code == 200
