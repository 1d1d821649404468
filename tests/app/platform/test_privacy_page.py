# SPDX-License-Identifier: Apache-2.0
"""The privacy notice names everything that is kept about people: each table stands for a row of it, or for nobody."""

import re

import pytest
from flask.testing import FlaskClient

from app.models import Base

WHO, STATEMENTS = "Name, login, verified e-mail", "Your signed statements"
ROWS = {
    "contributor": WHO, "identity": WHO, "person_detail": WHO, "signer": STATEMENTS,
    "circumstance": "From where you signed", "former_link": "linked to you before",
    "membership": "a member of an organisation", "membership_end": "such a membership ended",
    "web_session": "Your sessions", "login_flow": "Sign-ins under way", "authorization_code": "Sign-ins under way",
    "access_token": "Sign-ins under way", "used_assertion": "Sign-ins under way",
    "passkey": "Passkeys", "passkey_challenge": "Sign-ins under way",
    "signing": "did not sign", "signature": STATEMENTS, "contribution": STATEMENTS, "contribution_artifact": STATEMENTS,
    "contribution_base": STATEMENTS, "tensor_list": STATEMENTS, "tensor_content": STATEMENTS,
    "stock_entry": STATEMENTS, "named_entry": STATEMENTS, "offer": STATEMENTS, "record": "your signed PDF",
    "record_file": "your signed PDF",
    "contribution_draft": "Drafts", "contribution_reader": "somebody named to see", "withdrawal": "took something back",
    "withdrawal_decision": "noted when it answered", "log_entry": "The digest of each statement",
    "company": "sign for a company", "company_acceptance": "sign for a company", "company_event": "a company lists you",
    "company_entry": "a company lists you", "company_invitation": "an invited manager",
    "company_release": "a second person of your company", "mail": "Which mails", "version_notice": "Which mails",
    "claim": "What another system recorded", "claim_import": "What another system recorded",
    "claim_mark": "What another system recorded", "check_exemption": "need not sign",
    "waiting_check": "waits for a signature", "waiting_question": "waits for a signature",
    "check_delivery": "waits for a signature",
    "staff": "act for a foundation", "offer_answer": "act for a foundation", "project_policy": "act for a foundation",
    "outbound_terms": "act for a foundation",
    "project_token": "act for a foundation", "project_webhook": "act for a foundation",
    "workload_trust": "act for a foundation", "version_compatibility": "act for a foundation",
}  # fmt: skip
NOBODY = {
    "agreement", "agreement_version", "agreement_document", "agreement_translation", "foundation",
    "project", "log_head", "clock_mark", "job", "claim_secret", "reached_stage", "published_feed", "feed_rotation",
    "decision", "certification", "family_file",
}  # fmt: skip
"""Tables that hold nothing about a person, or an opaque number of something that another table holds."""


def test_every_table_is_named_in_the_notice_or_holds_nothing_about_people(client: FlaskClient) -> None:
    page = client.get("/privacy").text
    assert set(Base.metadata.tables) - NOBODY == set(ROWS)
    assert [words for words in set(ROWS.values()) if words not in page] == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_row_says_what_where_and_for_whom(client: FlaskClient, language: str) -> None:
    page = client.get("/privacy", headers={"Accept-Language": language}).text
    rows = re.findall(r"<tr><th scope=\"row\">(.+?)</th><td[^>]*>(.+?)</td><td[^>]*>(.+?)</td></tr>", page)
    assert len(rows) == page.count('<th scope="row">') >= 25
    assert '<span lang="en">' not in page
