# SPDX-License-Identifier: Apache-2.0
"""From an entry of a stock client to a contribution: the signer says the rest, and the statement names the entry."""

import hashlib
import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from forms import SAME_SITE, fields_of
from scripted_op import SUBJECT
from signin import person, sign_in
from signing_walk import PROJECT, accept, bearer, end, file, finish
from stock_bundles import bundle_of

from app.identity.ports import VerifiedClaims
from app.log.models import LogEntry
from app.signing.earlier import Earlier
from app.signing.errors import AgreementNotSigned, EarlierNamed, EarlierUnfit, EarlierUnknown
from mcla.artifacts.manifest import Manifest
from mcla.envelope.dsse import pae
from mcla.errors import MclaError
from mcla.statements.oms import oms_statement
from mcla.statements.statement import parse_statement
from mcla.verify.verifier import verify_bundle

JANE = VerifiedClaims("scripted", SUBJECT, "Jane Roe", "jroe")
WEIGHTS, CARD = file(), file("docs/card.md", b"card")
LIST = oms_statement(Manifest.of([WEIGHTS, CARD]), "model")


def logged(stock: Any, data: bytes) -> Earlier:
    """Sign these bytes with a stock client and log that."""
    answer = stock.log(stock.entry(hashlib.sha256(data).digest(), stock.sign(data), stock.certificate()))
    assert answer.status_code == 201, answer.text
    return Earlier(int(answer.json["logIndex"]))


def listed(stock: Any, payload: bytes = LIST) -> Earlier:
    """The same for a list of files, shown with its entry."""
    return Earlier(logged(stock, pae(payload)).log_index, payload)


def draft(services: Any, actor: Any, earlier: Any, *files: Any, project: str = PROJECT) -> Any:
    return services.signing.draft_contribution(actor, project, "code", files or (WEIGHTS,), {}, "cli", None, earlier)


@pytest.mark.parametrize("make", [lambda stock: logged(stock, b"weights"), listed], ids=["file", "list"])
def test_what_was_signed_with_another_tool_is_given_and_counts_like_any_other(
    stock: Any, services: Any, agreed: Any, make: Callable[[Any], Earlier]
) -> None:
    jane, earlier = agreed(), make(stock)
    assert [each.log_index for each in services.signing.waiting(jane)] == [earlier.log_index]
    unknown = stock.http.get(f"/api/v1/artifacts/sha256:{WEIGHTS.sha256}").json
    assert (unknown["verdict"], unknown["contributions"]) == ("unknown", [])
    done = finish(services, jane, draft(services, jane, [earlier], WEIGHTS, CARD))
    assert services.signing.waiting(jane) == []
    told = stock.http.get(f"/api/v1/artifacts/sha256:{WEIGHTS.sha256}").json
    assert (told["verdict"], told["contributions"][0]["id"]) == ("verified", done.id)
    entry = {"entry": f"sha256:{_body_sha256(services, earlier)}", "log_index": earlier.log_index}
    assert stock.http.get(f"/api/v1/contributions/{done.id}").json["earlier"] == [entry]
    verdict = verify_bundle(json.dumps(done.bundle).encode(), services.trust)
    assert verdict.verified
    assert [reason.code for reason in verdict.reasons] == ["signed", "key-held-by-cli", "names-earlier-signature"]


def _body_sha256(services: Any, earlier: Earlier) -> str:
    with services.db.read() as session:
        return str(session.get_one(LogEntry, earlier.log_index).body_sha256)


def test_an_entry_that_does_not_fit_is_refused_before_anything_is_signed(
    stock: Any, services: Any, agreed: Any
) -> None:
    jane, plain, whole = agreed(), logged(stock, b"weights"), listed(stock)
    other = oms_statement(Manifest.of([WEIGHTS]), "model")
    refused: list[tuple[type[MclaError], Earlier, Any]] = [
        (EarlierUnfit, plain, CARD),
        (EarlierUnfit, Earlier(plain.log_index, LIST), WEIGHTS),
        (EarlierUnfit, whole, WEIGHTS),
        (EarlierUnfit, Earlier(whole.log_index), WEIGHTS),
        (EarlierUnfit, Earlier(whole.log_index, other), WEIGHTS),
        (MclaError, listed(stock, b'{"_type":"other"}'), WEIGHTS),
        (EarlierUnknown, Earlier(0), WEIGHTS),  # the person's own acceptance is not one by another tool
        *((EarlierUnknown, Earlier(index), WEIGHTS) for index in (-1, 10**6, 2**63, 2**200)),
    ]
    for error, earlier, given in refused:
        with pytest.raises(error) as caught:
            draft(services, jane, [earlier], given)
        assert caught.value.hint, earlier
    assert stock.http.get(f"/api/v1/artifacts/sha256:{WEIGHTS.sha256}").json["verdict"] == "unknown"


def test_nobody_gives_with_an_entry_of_somebody_else(stock: Any, services: Any, agreed: Any) -> None:
    agreed()
    earlier, ada = logged(stock, b"weights"), person(services.identity)
    accept(services, ada)
    assert services.signing.waiting(ada) == []
    with pytest.raises(EarlierUnknown) as caught:
        draft(services, ada, [earlier])
    with pytest.raises(EarlierUnknown) as nowhere:
        draft(services, ada, [Earlier(10**6)])
    assert caught.value.message.replace(str(earlier.log_index), "") == nowhere.value.message.replace(str(10**6), "")


def test_an_entry_stands_in_one_contribution_for_a_project_and_kind(stock: Any, services: Any, agreed: Any) -> None:
    jane, earlier = agreed(), logged(stock, b"weights")
    beside = draft(services, jane, [earlier], WEIGHTS, CARD)
    first = finish(services, jane, draft(services, jane, [earlier]))
    with pytest.raises(EarlierNamed) as caught:
        draft(services, jane, [earlier], WEIGHTS, file("a.py", b"a"))
    assert caught.value.extra == {"url": first.url, "contribution": first.id}
    with pytest.raises(EarlierNamed):  # the page stood open meanwhile
        finish(services, jane, beside)
    assert finish(services, jane, draft(services, jane, [earlier], project="open-voice")).type == "contribution"
    end(services, jane, first)
    again = finish(services, jane, draft(services, jane, [earlier]))
    assert services.contributions.contribution(again.id, jane).earlier[0]["logIndex"] == earlier.log_index


def test_who_ended_the_agreement_gives_nothing_and_still_finds_the_entry(stock: Any, services: Any, jane: Any) -> None:
    accepted = accept(services, jane)
    earlier = logged(stock, b"weights")
    end(services, jane, accepted)
    with pytest.raises(AgreementNotSigned):
        draft(services, jane, [earlier])
    assert [each.log_index for each in services.signing.waiting(jane)] == [earlier.log_index]
    accept(services, jane)
    assert finish(services, jane, draft(services, jane, [earlier])).log_index > earlier.log_index


def test_many_entries_stand_in_one_statement_in_the_order_of_the_log(stock: Any, services: Any, agreed: Any) -> None:
    jane, first, second = agreed(), logged(stock, b"weights"), logged(stock, b"card")
    made = draft(services, jane, [second, first, second], WEIGHTS, CARD)
    statement = parse_statement(made.statement)
    assert [each.log_index for each in statement.earlier] == [first.log_index, second.log_index]  # type: ignore[union-attr]


def test_an_entry_that_is_sent_again_stays_one(stock: Any, services: Any, agreed: Any) -> None:
    jane, certificate = agreed(), stock.certificate()
    entry = stock.entry(hashlib.sha256(b"weights").digest(), stock.sign(b"weights"), certificate)
    assert stock.log(entry).status_code == stock.log(entry).status_code == 201
    assert len(services.signing.waiting(jane)) == 1


# pages


@pytest.fixture
def page(app: Any, services: Any, agreed: Any) -> Any:
    """Jane at the pages."""
    secret, client = services.identity.start_session(JANE, "Test browser"), app.test_client()
    agreed()
    for host in ("localhost", urlsplit(services.settings.origin).hostname):
        client.set_cookie("mcla", secret, domain=host)
    return client


def send(client: Any, path: str, shown: str, **values: Any) -> Any:
    """Send the form of a page with its hidden fields."""
    return client.post(path, data=fields_of(shown) | values, headers=SAME_SITE)


def files_in(shown: str) -> str:
    found = re.search(r'<textarea class="mono" id="files"[^>]*>([^<]*)</textarea>', shown)
    assert found
    return found[1]


def test_the_page_of_signatures_leads_from_an_entry_to_a_contribution(stock: Any, services: Any, page: Any) -> None:
    earlier = logged(stock, b"weights")
    mine = page.get("/signatures").text
    assert "Signed with another tool, not given to a project yet" in mine
    assert f'name="earlier" value="{earlier.log_index}" checked' in mine
    new = page.get(f"/contributions/new?earlier={earlier.log_index}").text
    assert files_in(new) == f"{WEIGHTS.sha256} SIZE NAME"
    bare = send(page, "/contributions/new", new, project=PROJECT, kind="code", files=files_in(new))
    assert bare.status_code == 422
    assert "put its size in bytes and its name" in bare.text
    differs = send(page, "/contributions/new", new, project=PROJECT, kind="code", files=f"{CARD.sha256} 4 card.md")
    assert differs.status_code == 422
    assert "no file of this contribution has that digest" in differs.text
    named = files_in(new).replace("SIZE NAME", "7 weights.bin")
    drafted = send(page, "/contributions/new", new, project=PROJECT, kind="code", files=named)
    review = page.get(drafted.headers["Location"]).text
    assert f"log entry {earlier.log_index}" in review
    back = page.get(f"/contributions/new?from={drafted.headers['Location'].rpartition('/')[2]}").text
    assert files_in(back) == named
    assert fields_of(back)["earlier"] == fields_of(new)["earlier"]
    done = send(page, drafted.headers["Location"], review, consent="yes")
    assert f"log entry {earlier.log_index}" in page.get(done.headers["Location"]).text
    assert "Signed with another tool" not in page.get("/signatures").text
    other = named + f"\n{CARD.sha256} 4 card.md"
    twice = send(page, "/contributions/new", new, project=PROJECT, kind="code", files=other)
    assert (twice.status_code, done.headers["Location"].rpartition("/")[2] in twice.text) == (409, True)


def test_the_page_reads_the_names_from_the_signature_file_of_a_folder(stock: Any, page: Any, services: Any) -> None:
    bundle = bundle_of(stock, LIST, stock.certificate())
    index = json.loads(bundle)["verificationMaterial"]["tlogEntries"][0]["logIndex"]
    new = page.get(f"/contributions/new?earlier={index}").text
    for content, fault in ((b"", "json"), (b"{}", "mediaType"), (b"x" * 5_000_000, "at most")):
        refused = send(page, "/contributions/earlier", new, bundle=(BytesIO(content), "model.sig"))
        assert (refused.status_code, fault in refused.text.lower() or fault in refused.text) == (422, True), content[:9]
    shown = send(page, "/contributions/earlier", new, bundle=(BytesIO(bundle), "model.sig"))
    assert files_in(shown.text).splitlines() == [f"{each.sha256}  {each.path}" for each in (CARD, WEIGHTS)]
    sizes = files_in(shown.text) + "\n4 docs/card.md\n7 model.safetensors"
    drafted = send(page, "/contributions/new", shown.text, project=PROJECT, kind="code", files=sizes)
    assert drafted.status_code == 303, drafted.text
    assert f"log entry {index}" in page.get(drafted.headers["Location"]).text


def test_a_stranger_learns_nothing_of_an_entry_from_the_pages(stock: Any, services: Any, app: Any, agreed: Any) -> None:
    agreed()
    earlier, bundle = logged(stock, b"weights"), bundle_of(stock, LIST, stock.certificate())
    client = app.test_client()
    sign_in(client, services, "bela")
    assert "another tool" not in client.get("/signatures").text
    theirs, nobodys = (client.get(f"/contributions/new?earlier={index}") for index in (earlier.log_index, 10**6))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    page = client.get("/contributions/new").text
    assert send(client, "/contributions/earlier", page, bundle=(BytesIO(bundle), "m.sig")).status_code == 422


def test_a_form_that_was_changed_by_hand_is_refused(services: Any, page: Any) -> None:
    new = page.get("/contributions/new").text
    for text in ("x", "{}", "[7]", '[{"log_index":0}]', '[{"log_index":0,"statement":"%"}]', "[" * 500):
        sent = {"earlier": text, "project": PROJECT, "kind": "code", "files": f"{CARD.sha256} 4 card.md"}
        assert send(page, "/contributions/new", new, **sent).status_code in (400, 422), text


def test_the_api_takes_earlier_signatures_and_names_the_member_at_fault(stock: Any, services: Any, agreed: Any) -> None:
    jane = agreed()
    earlier, headers = logged(stock, b"weights"), bearer(services, jane)
    body = {"type": "contribution", "project": PROJECT, "kind": "code", "files": [WEIGHTS.to_dict()]}
    body |= {"declarations": {}, "key_holder": "cli"}
    for named in ([{"log_index": -1}], [{"log_index": 0, "statement": "%"}], [{}], {}, [{"log_index": 0}] * 513):
        answer = stock.http.post("/api/v1/signings", json=body | {"earlier": named}, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (422, "request-invalid"), named
    named = [{"log_index": earlier.log_index, "statement": None}]
    answer = stock.http.post("/api/v1/signings", json=body | {"earlier": named}, headers=headers)
    assert answer.status_code == 201, answer.text
    assert json.loads(answer.json["statement"])["predicate"]["earlier"][0]["logIndex"] == earlier.log_index
