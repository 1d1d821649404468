# SPDX-License-Identifier: Apache-2.0
"""Pages after a new version: what changed instead of the whole text, what is asked of whom, and the news once."""

import hashlib
import json

import pytest
from forms import post
from signin import sign_in
from signing_walk import accept
from version_folders import MATERIAL, NOTICE, PUBLISHED

from app.agreements.folder import read_folder
from app.agreements.plain import WIDTH, plain_text
from app.platform.formats import short_digest
from mcla.verify.verifier import verify_artifact

REASON = "Only the word for a fee differs."


@pytest.fixture
def signed_in(client, services):
    actor = sign_in(client, services)
    accept(services, actor)
    return actor


def test_a_signer_sees_what_changed_and_the_whole_text_is_one_link_away(client, signed_in, publish):
    version = publish("1.1.0", MATERIAL)
    page = client.get("/sign/mcla-individual").text
    assert "What changed since you signed" in page
    assert "Before you give anything new, it asks you to sign that one." in page
    assert '<del><span class="hush">removed: </span>free of charge, </del>' in page
    assert "grant.<wbr>patent.<wbr>retaliation" in page
    assert "Parties and purpose" not in page
    assert 'name="version" value="1.1.0"' in page
    whole = client.get("/sign/mcla-individual?whole=yes").text
    assert "Parties and purpose" in whole
    assert "See only what changed since 1.0.0" in whole
    # Both name the version by the digest that the statement will name.
    digest = short_digest(version.digest)
    assert digest in page
    assert digest in whole


@pytest.mark.parametrize(
    ("change", "grace", "said"),
    [
        ([NOTICE], 0, "Your signature carries on: you need not sign again, and you may."),
        ([MATERIAL], 14, "your signature still carries what you give; after that it asks you to sign this one."),
    ],
)
def test_the_page_says_honestly_whether_a_signature_is_needed(client, signed_in, publish, change, grace, said):
    publish("1.1.0", *change, grace_days=grace)
    assert said in client.get("/sign/mcla-individual").text


def test_somebody_who_signed_nothing_reads_the_whole_text(client, services, publish):
    publish("1.1.0", MATERIAL)
    assert "Parties and purpose" in client.get("/sign/mcla-individual").text
    sign_in(client, services)
    assert "Parties and purpose" in client.get("/sign/mcla-individual").text


def test_my_signatures_tells_the_news_once_and_what_is_asked_as_long_as_it_is(client, signed_in, services, publish):
    publish("1.1.0", MATERIAL)
    services.worker.run_due()
    page = client.get("/signatures").text
    assert "has version 1.1.0" in page
    assert "A newer version waits for your signature." in page
    assert "<strong>To be signed again</strong> before you give anything new" in page
    assert post(client, "/signatures/news", page).status_code == 303
    page = client.get("/signatures").text
    assert "has version 1.1.0" not in page
    assert "To be signed again" in page


def test_signing_a_version_that_was_replaced_meanwhile_is_refused_on_the_page_in_kind_words(client, services, publish):
    actor = sign_in(client, services)
    signing = services.signing.draft_acceptance(actor, "mcla-individual", "1.0.0", "service")
    path = f"/sign/mcla-individual/review/{signing.id}"
    page = client.get(path).text
    publish("1.1.0", NOTICE)
    answer = post(client, path, page, consent="yes")
    assert answer.status_code == 409
    assert "was replaced by 1.1.0 while you were reading" in answer.text
    assert "Nothing was signed. Open the agreement again" in answer.text
    assert services.signing.signatures(actor) == []


def test_who_gives_files_under_a_replaced_version_is_led_to_the_new_one_and_keeps_the_list(client, signed_in, publish):
    publish("1.1.0", MATERIAL)
    page = client.get("/contributions/new").text
    listed = json.dumps({"files": [{"path": "a.py", "sha256": "ab" * 32, "size": 1}]})
    form = {"project": "tiny-llm", "kind": "code", "files": listed}
    answer = post(client, "/contributions/new", page, **form)
    assert "What you signed was replaced by a version that asks for a new signature." in answer.text
    assert "ab" * 32 in answer.text


def test_the_page_between_two_versions_is_public_and_shows_the_declaration_with_its_proof(client, services, publish):
    publish("1.0.1")
    address = "/agreements/mcla-individual/1.0.1/changes/1.0.0"
    assert "declared the two compatible" not in client.get(address).text
    made = services.succession.declare("mcla-individual", "1.0.0", "1.0.1", REASON)
    page = client.get(address).text
    assert f"“{REASON}”" in page
    assert "since 1.0.0" in client.get("/agreements/mcla-individual/1.0.1").text
    document = client.get(f"/api/v1/declarations/{made}")
    assert json.loads(document.data)["reason"] == REASON
    bundle = client.get(f"/api/v1/declarations/{made}/bundle").data
    assert verify_artifact(hashlib.sha256(document.data).hexdigest(), bundle, services.trust).verified


@pytest.mark.parametrize(
    "path",
    [
        "/agreements/mcla-individual/1.0.0/changes/1.0.1",
        "/agreements/mcla-individual/1.0.1/changes/1.0.1",
        "/agreements/mcla-individual/1.0.1/changes/0.9.0",
        "/agreements/nothing/1.0.1/changes/1.0.0",
        "/api/v1/declarations/cmp_00000000000000000000000000",
        "/api/v1/declarations/%00/bundle",
        "/agreements/mcla-individual/9.9.9/text",
    ],
)
def test_what_is_not_there_is_not_found(client, publish, path):
    publish("1.0.1")
    assert client.get(path).status_code == 404


def test_the_text_of_every_version_as_plain_text_loses_no_word_and_fits_a_terminal(client):
    answer = client.get("/agreements/mcla-individual/1.0.0/text")
    assert answer.content_type == "text/plain; charset=utf-8"
    for folder in PUBLISHED:
        documents = read_folder(folder).documents
        text = plain_text(documents)
        assert max(map(len, text.splitlines())) <= WIDTH
        words = set(text.replace("|", " ").split())
        for path, content in documents.items():
            if path.endswith(".md"):
                body = content.decode().replace("**", "").replace("`", "").replace("#", "")
                assert set(body.split()) - words == set(), path
