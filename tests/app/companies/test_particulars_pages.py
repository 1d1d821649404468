# SPDX-License-Identifier: Apache-2.0
"""The pages on which a company's new name is said and seen, without JavaScript."""

from typing import Any

from company_pages import browser, press, signed
from company_walk import Firm, draft_gift
from signing_walk import finish


def test_the_signatory_says_the_new_name_and_everybody_with_a_part_sees_both(
    services: Any, own_app: Any, firm: Firm
) -> None:
    firm.with_emil()
    given = finish(services, firm.emil, draft_gift(services, firm.emil, firm.id))
    sig, path = browser(own_app, services, firm.sig), f"/companies/{firm.id}"
    assert f"{path}/particulars" in sig.get(path).text
    page = sig.get(f"{path}/particulars").text
    for words in ("Example GmbH", "HRB 1234 B", "signs the agreement itself", "binds whoever took over the rights"):
        assert words in page
    answer = press(sig, f"{path}/particulars", name="Example AG", registration="HRB 9 C", reason="Another legal form")
    review = sig.get(answer.headers["Location"]).text
    assert "Says that Example GmbH, HRB 1234 B, is called Example AG, HRB 9 C, from now on" in review
    assert "it is the same legal entity as before" in review
    assert signed(sig, answer).endswith(path)
    for actor in (firm.sig, firm.max, firm.emil):
        seen = browser(own_app, services, actor).get(path).text
        assert "<h1>Example AG</h1>" in seen
        assert "Example GmbH, HRB 1234 B" in seen
    history = browser(own_app, services, firm.mia).get(path).text
    assert "Another legal form" in history
    assert "Example AG" in own_app.test_client().get(f"/contributions/{given.id}").text
    german = sig.get(f"{path}/particulars", headers={"Accept-Language": "de"}).text
    assert "Wie heißt Example AG jetzt?" in german


def test_each_fault_stands_at_its_field_and_nothing_is_changed(services: Any, own_app: Any, firm: Firm) -> None:
    path = f"/companies/{firm.id}/particulars"
    sig, max_ = (browser(own_app, services, each) for each in (firm.sig, firm.max))
    for values, status, field, words in (
        ({"name": " "}, 422, "name", "Type the company’s legal name."),
        ({"name": "A" * 500}, 422, "name", "2 to 200 characters"),
        ({"name": "Example\u202e GA"}, 422, "name", "invisible character U+202E"),
        ({"name": "Example GmbH"}, 409, "name", "exactly this name"),
        ({"name": "Example AG", "registration": "\u202e"}, 422, "registration", "1 to 200 characters"),
        ({"name": "Example AG", "reason": "long " * 200}, 422, "reason", "at most 500"),
    ):
        answer = press(sig, path, **{"registration": "HRB 1234 B"} | values)
        assert (answer.status_code, f'href="#f-{field}"' in answer.text, words in answer.text) == (status, True, True)
    assert 'name="registration"' not in max_.get(path).text
    forced = press(max_, path, name="Example AG", registration="HRB 5")
    assert (forced.status_code, "Only who signed for the company" in forced.text) == (403, True)
    emil = browser(own_app, services, firm.with_emil().emil)
    assert emil.get(path).status_code == 403
    assert browser(own_app, services, "stranger").get(path).status_code == 404
    assert services.companies.view(firm.sig, firm.id).info.name == "Example GmbH"
