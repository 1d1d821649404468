# SPDX-License-Identifier: Apache-2.0
"""Messages: what they say, what no value can put into their headers, and one Message-ID for one promise."""

from datetime import UTC, datetime
from email.headerregistry import Address
from typing import Any

import pytest

from app.mail.errors import MailUnfit
from app.mail.letters import TEXTS, Sender, compose, words
from app.mail.outbox import check_address
from app.platform.catalogues import languages
from app.platform.mail_server import parse_sender

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SENDER = Sender(Address("MCLA", addr_spec="mcla@example.org"), "mcla.example.org")
SAID: dict[str, dict[str, Any]] = {
    "agreement-changed": {
        "title": "Individual Agreement",
        "version": "1.1.0",
        "signed": "1.0.0",
        "foundation": "Example Foundation",
        "contact": "legal@example.org",
        "company": False,
        "kinds": [],
        "until": "",
        "changes": [{"name": "material", "terms": ["grant.patent.retaliation", "the text"]}],
        "changes_url": "https://mcla.example.org/agreements/x/1.1.0/changes/1.0.0",
        "sign_url": "https://mcla.example.org/sign/x",
    },
    "manager-invited": {
        "company": "Hooli\r\nBcc: everybody@example.org",
        "foundation": "Example\u202e Foundation",
        "contact": "",
        "address": "cy@hooli.example",
        "url": "https://mcla.example.org/companies/join/secret",
        "until": "2026-11-29T12:00:00+00:00",
    },
    "withdrawal-answered": {
        "foundation": "Example Foundation",
        "contact": "legal@example.org",
        "project": "tiny-llm",
        "day": "2026-11-22T12:00:00+00:00",
        "answer": "allowed",
        "corrected": False,
        "steps": ["It leaves the project."],
        "url": "https://mcla.example.org/withdrawals/wdr_1",
    },
    "offer-answered": {
        "foundation": "Example Foundation",
        "contact": "legal@example.org",
        "project": "Tiny LLM",
        "agreement": "Grant 1.0.0",
        "day": "2026-11-22T12:00:00+00:00",
        "answer": "counter-signed",
        "url": "https://mcla.example.org/contributions/ctr_1",
    },
    "record": {"contact": "", "again": False, "url": "https://mcla.example.org/records/rec_1.pdf"},
    "test": {"origin": "https://mcla.example.org"},
}


def made(template: str, **other: Any) -> Any:
    return compose(SENDER, template, f"{template}:1:con_1", SAID[template] | other, "ada@example.org", AT)


def test_every_text_is_tried_here() -> None:
    assert {path.stem for path in TEXTS.glob("*.txt")} == {*SAID, "once"}


@pytest.mark.parametrize("template", SAID)
def test_a_message_is_plain_text_by_a_program_with_a_date_and_an_id_of_its_promise(template: str) -> None:
    message = made(template)
    assert message.get_content_type() == "text/plain"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == AT
    assert message["Message-ID"].endswith("@mcla.example.org>")
    assert "con_1" not in message["Message-ID"]
    assert made(template).as_bytes() == message.as_bytes()
    text = message.get_content()
    assert "\n\n\n" not in text
    assert "None" not in text
    assert text.startswith("Hello,\n\n")


def test_a_line_break_in_a_name_makes_no_header_and_no_line() -> None:
    raw = made("manager-invited").as_bytes()
    assert b"\nBcc:" not in raw
    assert "Hooli Bcc: everybody@example.org asks you to help" in made("manager-invited").get_content()
    assert "\u202e" not in made("manager-invited").get_content()


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            "ada",
            "@example.org",
            "ada@",
            "a@b@c.example",
            "ada@example.org\r\nBcc: x@example.org",
            "a b@example.org",
        ),
        *("Ada <ada@example.org>", "ada@example.org,bela@example.org", "ada@example.org\n", "x" * 250 + "@example.org"),
    ],
)
def test_what_is_not_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(MailUnfit):
        check_address(address)
    with pytest.raises(MailUnfit):
        compose(SENDER, "test", "test:1", SAID["test"], address, AT)


@pytest.mark.parametrize("address", ["a..b@example.org", ".a@example.org", "a@b..example", "jürgen@example.org"])
def test_an_address_that_no_header_can_hold_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(MailUnfit) as caught:
        compose(SENDER, "test", "test:1", SAID["test"], address, AT)
    assert address not in caught.value.message


@pytest.mark.parametrize("text", ["", "MCLA", "a@b@c <x>", "mcla@example.org\nBcc: x@example.org", "mclä@example.org"])
def test_what_is_no_sender_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected an address such as"):
        parse_sender(text)


def test_the_mail_about_a_version_says_what_changed_and_until_when_there_is_time() -> None:
    subject, text = words("agreement-changed", SAID["agreement-changed"], languages()["en"])
    assert subject == "Individual Agreement: version 1.1.0 asks for your signature"
    assert "before you give anything new." in text
    assert "- material (asks everybody to sign again): grant.patent.retaliation, the text\n" in text
    assert "https://mcla.example.org/agreements/x/1.1.0/changes/1.0.0\n" in text
    more = {"until": "2026-12-06T12:00:00+00:00", "kinds": ["safety"]}
    graced = words("agreement-changed", SAID["agreement-changed"] | more, languages()["en"])[1]
    assert "Until 6 December 2026 the signature of version 1.0.0 still counts" in graced
    assert "before you give safety." in graced


def test_a_refusal_says_that_nothing_ends() -> None:
    said = SAID["withdrawal-answered"] | {"answer": "refused", "steps": []}
    text = words("withdrawal-answered", said, languages()["en"])[1]
    assert "stays licensed as before" in text
    assert "This is done" not in text


@pytest.mark.parametrize("template", SAID)
def test_a_message_speaks_the_language_of_who_gets_it(template: str) -> None:
    said = SAID[template] | (
        {"steps": ["The contribution is not merged."]} if template == "withdrawal-answered" else {}
    )
    message = compose(SENDER, template, "k", said, "ada@example.org", AT, "de")
    assert message["Content-Language"] == "de"
    assert message.get_content().startswith("Guten Tag,\n\n")
    assert ("29. November 2026, 12:00 UTC" in message.get_content()) == (template == "manager-invited")
    assert ("- Der Beitrag wird nicht aufgenommen." in message.get_content()) == (template == "withdrawal-answered")


def test_a_language_that_was_taken_away_again_is_written_in_english() -> None:
    message = compose(SENDER, "test", "k", SAID["test"], "ada@example.org", AT, "tlh")
    assert (message["Content-Language"], message["Subject"]) == ("en", "Mail works")
