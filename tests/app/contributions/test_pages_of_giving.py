# SPDX-License-Identifier: Apache-2.0
"""Signing, giving and checking on pages against bad input: refused with a sentence, nothing lost, nothing signed."""

import html
import io
import re
import shlex
from typing import Any

import pytest
from flask.testing import FlaskClient
from signin import sign_in
from werkzeug.test import TestResponse

from app.contributions.formtext import texts_of
from app.signing.schemas import SIGNING_EXAMPLES

A = "0a" * 32
WEIGHTS: Any = SIGNING_EXAMPLES["contribution"]["value"]["declarations"]  # type: ignore[index]


def post(client: FlaskClient, services: Any, path: str, **fields: Any) -> TestResponse:
    """Send a form as our own page would: with its token and origin."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").get_data(as_text=True))
    assert found
    headers = {"Origin": services.settings.origin, "Sec-Fetch-Site": "same-origin"}
    return client.post(path, data={"csrf_token": found[1], **fields}, headers=headers)


@pytest.fixture
def ada(client: FlaskClient, services: Any) -> FlaskClient:
    sign_in(client, services, "ada")
    return client


@pytest.fixture
def signed(ada: FlaskClient, services: Any) -> FlaskClient:
    """Ada, with the agreement signed in the way without JavaScript."""
    review = post(ada, services, "/sign/mcla-individual/declare", owner="self", version="1.0.0").headers["Location"]
    done = post(ada, services, review, consent="yes")
    assert "/signatures/sig_" in done.headers["Location"]
    return ada


@pytest.mark.parametrize(
    "path", ["/contributions/new", "/signatures", "/sign/mcla-individual/declare", "/signatures/sig_x"]
)
def test_a_page_of_ones_own_leads_through_signing_in_and_back(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login?next=%2F")


def test_signing_again_leads_to_the_signature_that_is_in_force(signed: FlaskClient, services: Any) -> None:
    again = post(signed, services, "/sign/mcla-individual/declare", owner="self", version="1.0.0")
    assert "/signatures/sig_" in again.headers["Location"]


@pytest.mark.parametrize("owner", ["", "nobody", "self; employer"])
def test_an_unknown_owner_is_asked_again(ada: FlaskClient, services: Any, owner: str) -> None:
    answer = post(ada, services, "/sign/mcla-individual/declare", owner=owner)
    assert answer.status_code == 422
    assert "Say who owns" in answer.get_data(as_text=True)


def test_a_review_page_of_somebody_else_does_not_exist(ada: FlaskClient, services: Any, app: Any) -> None:
    review = post(ada, services, "/sign/mcla-individual/declare", owner="self").headers["Location"]
    bela = app.test_client()
    sign_in(bela, services, "bela")
    assert bela.get(review).status_code == 404
    assert post(bela, services, review, consent="yes").status_code == 404


def test_without_the_tick_nothing_is_signed(ada: FlaskClient, services: Any) -> None:
    review = post(ada, services, "/sign/mcla-individual/declare", owner="self").headers["Location"]
    answer = post(ada, services, review)
    assert answer.status_code == 422
    assert "Tick the box" in answer.get_data(as_text=True)
    assert services.log.checkpoint().splitlines()[1] == "0"


def test_a_statement_for_the_browsers_key_is_not_signed_by_the_service(ada: FlaskClient, services: Any) -> None:
    path = "/sign/mcla-individual/declare"
    review = post(ada, services, path, owner="self", key_holder="browser").headers["Location"]
    assert post(ada, services, review, consent="yes").status_code == 409


def test_files_before_the_agreement_are_kept_and_the_agreement_is_named(ada: FlaskClient, services: Any) -> None:
    files = f"{A} 7 kept.txt"
    answer = post(ada, services, "/contributions/new", project="tiny-llm", kind="eval", files=files)
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert files in text
    assert "/sign/mcla-individual" in text
    assert "--project tiny-llm --kind eval" in text
    assert "--kind weights" in ada.get("/contributions/new?kind=eval;echo").get_data(as_text=True)  # it is copied


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "weights", "files": f"{A} 7 a"}, "Choose the project"),
        ({"project": "no-such", "kind": "weights", "files": f"{A} 7 a"}, "Choose the project"),
        ({"project": "tiny-llm", "files": f"{A} 7 a"}, "Choose what the files are"),
        ({"project": "tiny-llm", "kind": "money", "files": f"{A} 7 a"}, "Choose what the files are"),
        ({"project": "tiny-llm", "kind": "weights"}, "Choose the files"),
        ({"project": "tiny-llm", "kind": "weights", "files": f"{A} 7 ../a"}, "&#39;..&#39;"),
        ({"project": "tiny-llm", "kind": "weights", "files": "<script>alert(1)</script>"}, "&lt;script&gt;"),
    ],
)
def test_a_step_that_is_not_complete_says_what_is_missing(
    signed: FlaskClient, services: Any, fields: dict[str, str], said: str
) -> None:
    answer = post(signed, services, "/contributions/new", **fields)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "There is a problem" in text
    assert said in text
    assert "<title>Error: " in text
    assert_faults_lead_to_their_fields(text)


def assert_faults_lead_to_their_fields(text: str) -> None:
    """Each link of the summary on top leads to something on the page."""
    linked = re.findall(r'<li><a href="#([^"]+)"', text)
    assert linked
    assert [name for name in linked if f'id="{name}"' not in text] == []


def test_unanswered_questions_are_named_and_the_answers_given_stay(signed: FlaskClient, services: Any) -> None:
    fields = {"project": "tiny-llm", "kind": "weights", "files": f"{A} 7 a", "d-contamination": "stays here"}
    answer = post(signed, services, "/contributions/questions", **fields)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "There is a problem" in text
    assert 'href="#f-relation"' in text
    assert_faults_lead_to_their_fields(text)
    assert text.count('class="field bad"') == text.count('<li><a href="#f-') > 3
    assert re.search(r'<textarea[^>]*name="d-contamination"[^>]*>stays here</textarea>', text)


def test_entries_are_added_and_removed_without_scripts_and_keep_what_was_entered(
    signed: FlaskClient, services: Any
) -> None:
    fields = {"project": "tiny-llm", "kind": "weights", "files": f"{A} 7 a", "d-relation": "merge"}
    fields |= {"d-bases-0-name": "one", "d-bases-0-relation": "merge"}
    page = post(signed, services, "/contributions/questions", **fields, add="bases").text
    assert 'name="d-bases-1-name" value=""' in page
    assert re.search(r'id="f-bases-1-name"[^>]* autofocus', page)
    assert 'value="one"' in page
    fields |= {"d-bases-1-name": "two", "d-bases-2-name": "three"}
    page = post(signed, services, "/contributions/questions", **fields, remove="bases-1").text
    assert re.findall(r'name="d-bases-[0-9]-name" value="([^"]*)"', page) == ["one", "three"]
    assert page.count('value="merge" selected') == 1
    for strange in ("bases-x", "bases-999999", "relation", "no_such", "-"):
        assert post(signed, services, "/contributions/questions", **fields, remove=strange).status_code in (200, 422)


def test_a_fault_in_an_entry_is_told_at_its_part(signed: FlaskClient, services: Any) -> None:
    answers = {f"d-{name}": text for name, text in texts_of(WEIGHTS).items()} | {"d-relation": "merge"}
    answers |= {"d-bases-0-name": "one", "d-bases-1-name": "two", "d-bases-1-sha256": "<zz>"}
    fields = {"project": "tiny-llm", "kind": "weights", "files": f"{A} 7 a"}
    answer = post(signed, services, "/contributions/questions", **fields, **answers)
    assert answer.status_code == 422
    assert 'href="#f-bases-1-sha256"' in answer.text
    assert "is asked only if “How was it made?” is" in html.unescape(answer.text)
    assert_faults_lead_to_their_fields(answer.text)


def test_the_same_files_again_lead_to_the_contribution_that_covers_them(signed: FlaskClient, services: Any) -> None:
    fields = {"project": "tiny-llm", "kind": "code", "files": f"{A} 7 a.py"}
    review = post(signed, services, "/contributions/new", **fields).headers["Location"]
    done = post(signed, services, review, consent="yes").headers["Location"]
    assert "/contributions/ctr_" in done
    again = post(signed, services, "/contributions/new", **fields)
    assert again.headers["Location"].endswith(done)


def test_a_contribution_is_public_but_its_record_is_not_named_to_others(
    signed: FlaskClient, services: Any, app: Any
) -> None:
    fields = {"project": "tiny-llm", "kind": "code", "files": f"{A} 7 a.py"}
    review = post(signed, services, "/contributions/new", **fields).headers["Location"]
    done = post(signed, services, review, consent="yes").headers["Location"]
    own, other = signed.get(done).get_data(as_text=True), app.test_client().get(done).get_data(as_text=True)
    assert "PDF record" in own
    assert "PDF record" not in other
    assert not [each for each in ("Ada Li", "adali", "ada.li@") if each in other]


@pytest.mark.parametrize("name", ["a.py", "my model; touch pwned.py", "$(id) `id` 'a'.py", "--service=evil.py"])
def test_the_command_to_copy_names_the_proof_as_it_is_saved_and_runs_nothing_of_a_files_name(
    signed: FlaskClient, services: Any, name: str
) -> None:
    fields = {"project": "tiny-llm", "kind": "code", "files": f"{A} 7 {name}"}
    review = post(signed, services, "/contributions/new", **fields).headers["Location"]
    given = post(signed, services, review, consent="yes").headers["Location"]
    told, proof = command_and_proof(signed, given)
    target = f"./{name}" if name.startswith("-") else name
    assert told == ["mcla", "verify", target, "--bundle", proof, "--trust", "trusted_root.json"]


def test_the_command_of_an_acceptance_names_the_proof_as_it_is_saved(signed: FlaskClient) -> None:
    [accepted] = re.findall(r'href="(/signatures/sig_\w+)"', signed.get("/signatures").text)
    told, proof = command_and_proof(signed, accepted)
    assert told == ["mcla", "verify", proof, "--trust", "trusted_root.json"]


def command_and_proof(client: FlaskClient, page: str) -> tuple[list[str], str]:
    """The words that a shell makes of the page's command, and the name under which its proof is downloaded."""
    text = client.get(page).text
    copied = re.search(r'data-copy="([^"]+)"', text)
    proof = re.search(r'href="(/api/v1/[^"]+/bundle)"', text)
    assert copied
    assert proof
    saved = re.fullmatch(r'attachment; filename="(.+)"', client.get(proof[1]).headers["Content-Disposition"])
    assert saved
    return shlex.split(html.unescape(copied[1]).splitlines()[1]), saved[1]


@pytest.mark.parametrize("digest", ["00", "g" * 64, "sha256:", "sha512:" + "0" * 128, "<script>", "\x00"])
def test_what_is_no_digest_is_refused_with_the_form_it_should_have(client: FlaskClient, digest: str) -> None:
    answer = client.get("/verify", query_string={"digest": digest})
    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert "There is a problem" in text
    assert "<script>" not in text


def test_an_artifact_page_for_no_digest_is_an_error_page(client: FlaskClient) -> None:
    assert client.get("/artifacts/sha256:00").status_code in (400, 422)


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        ("", "Paste a SHA-256"),
        ("a\nb", "Line 1"),
        (f"{A}\nnonsense", "Line 2"),
        ("\n".join([A] * 1001), "At most 1,000"),
    ],
)
def test_a_list_that_cannot_be_checked_says_which_line(
    client: FlaskClient, services: Any, digest: str, said: str
) -> None:
    answer = post(client, services, "/verify", digest=digest)
    assert answer.status_code == 400
    assert said in answer.get_data(as_text=True)


def test_a_pasted_digest_in_any_usual_form_leads_to_its_own_address(client: FlaskClient, services: Any) -> None:
    for pasted in (A, A.upper(), f"sha256:{A}", f"  {A}  file name.txt "):
        answer = post(client, services, "/verify", digest=pasted)
        assert answer.headers["Location"] == f"/verify?digest=sha256:{A}"


@pytest.mark.parametrize("content", [b"{", b"{}", b" \n{}", b"[" * 100_000, b'{"mediaType":"x"}'])
def test_an_upload_of_json_that_is_no_proof_is_not_verified_and_says_so(
    client: FlaskClient, services: Any, content: bytes
) -> None:
    upload = (io.BytesIO(content), "proof.json")
    answer = post(client, services, "/verify", bundle=upload)
    assert answer.status_code == 200
    assert "Not verified." in answer.get_data(as_text=True)


def test_a_digest_that_is_none_beside_a_proof_is_refused(client: FlaskClient, services: Any) -> None:
    answer = post(client, services, "/verify", bundle=(io.BytesIO(b"{}"), "proof.json"), digest="00")
    assert answer.status_code == 400


def test_the_worker_may_compile_but_connect_nowhere(client: FlaskClient) -> None:
    answer = client.get("/js/hash-worker.js")
    assert answer.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"
    )
    assert client.get("/js/hash-worker.js", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_tensors_that_a_page_measured_reach_the_statement_come_back_to_be_changed_and_must_fit_the_files(
    signed: FlaskClient, services: Any
) -> None:
    claim = '{"bytes":5,"count":1,"root":"' + A + '"}'
    answers = {f"d-{name}": text for name, text in texts_of(WEIGHTS).items()}
    form: dict[str, Any] = {"project": "tiny-llm", "kind": "weights", "files": f"{A} 5 m.safetensors", "tensors": claim}
    asked = post(signed, services, "/contributions/new", **form).get_data(as_text=True)
    assert claim.replace('"', "&#34;") in asked
    review = post(signed, services, "/contributions/questions", **form, **answers).headers["Location"]
    assert "Root of the tensors" in signed.get(review).get_data(as_text=True)
    again = signed.get(f"/contributions/new?from={review.rsplit('/', 1)[1]}").get_data(as_text=True)
    assert claim.replace('"', "&#34;") in again
    form |= {"files": f"{A} 4 m.safetensors"}
    refused = post(signed, services, "/contributions/questions", **form, **answers)
    assert refused.status_code == 422
    assert "expected at most 4 bytes" in refused.get_data(as_text=True)
    for rubbish in ("x", "[]", "{}", claim.replace("5", "-5"), claim.replace(A, "x"), "[" * 200, "1" * 2000):
        form |= {"tensors": rubbish}
        assert post(signed, services, "/contributions/questions", **form, **answers).status_code == 400, rubbish


CARD = b"---\nlicense: mit\nbase_model: a/b@v1\nbase_model_relation: merge\ndatasets: [<b>x]\n---\n"


def read_card(client: FlaskClient, services: Any, content: bytes, **more: str) -> TestResponse:
    fields = {"project": "tiny-llm", "kind": "weights", "files": f"{A} 7 a", "read": "yes", **more}
    upload = (io.BytesIO(content), "READ\u202eME<i>.md")
    return post(client, services, "/contributions/questions", metadata=upload, **fields)


def test_a_model_card_proposes_and_answers_nothing_before_somebody_confirms_it(
    signed: FlaskClient, services: Any
) -> None:
    page = read_card(signed, services, CARD, **{"d-licence": "Apache-2.0"})
    assert page.status_code == 200
    text = html.unescape(page.text)
    assert text.count("From README<i>.md, please confirm") == 3  # relation, bases, training_data; licence was answered
    assert "<b>x" not in page.text
    assert 'name="d-bases-0-name" value="a/b"' in text
    assert 'name="d-licence" value="Apache-2.0"' in text
    fields = {
        "project": "tiny-llm",
        "kind": "weights",
        "files": f"{A} 7 a",
        "d-relation": "merge",
        "p-relation": "x.md",
    }
    whole = {f"d-{name}": text for name, text in texts_of(WEIGHTS).items() if not name.startswith("training")}
    whole |= fields | {"d-bases-0-name": "a/b", "d-bases-0-revision": "v1", "d-bases-0-licence": "MIT"}
    whole |= {"d-bases-0-relation": "merge", "d-opt_outs": "", "d-screened": ""}
    refused = post(signed, services, "/contributions/questions", **whole)
    assert refused.status_code == 422
    assert "Confirm “How was it made?”, read from x.md, or clear it." in html.unescape(refused.text)
    less = {name: text for name, text in whole.items() if name != "d-safeguards"}
    told = html.unescape(post(signed, services, "/contributions/questions", **less).text)
    assert "Choose an answer to “What happened to the safeguards of the base?”." in told
    assert "Confirm “How was it made?”" in told
    assert_faults_lead_to_their_fields(refused.text)
    assert post(signed, services, "/contributions/questions", **whole, **{"c-relation": "yes"}).status_code == 303


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "expected a file, got none"),
        (b"hello", "at the beginning"),
        (b"---\na: [\n---\n", "expected YAML, got at line"),
        (b"---\ntags: x\n---\n", "a question that is still open, got none in READ"),
        (b"{" * 50_000, "expected JSON"),
        (b"x" * 1_100_000, "expected at most 1,048,576 bytes"),
    ],
)
def test_a_file_that_proposes_nothing_says_why_and_loses_nothing(
    signed: FlaskClient, services: Any, content: bytes, words: str
) -> None:
    answer = read_card(signed, services, content, **{"d-contamination": "stays here"})
    assert answer.status_code == 422
    assert words in answer.text
    assert "stays here" in answer.text
    assert_faults_lead_to_their_fields(answer.text)
