# SPDX-License-Identifier: Apache-2.0
"""Every address that takes an id, tried by a stranger with another person's ids: as if they had never existed.

The table below knows every route with a parameter. A new route that it does not know fails here, and whoever adds it
says whether its ids are private or public by design.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from signin import PEOPLE, sign_in
from signing_walk import Holder, accept, bearer, certify, draft_acceptance, draft_contribution, file, give
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.identity.people import link_identity
from app.identity.ports import Actor
from app.platform.clock import new_id
from app.platform.security import limiter
from mcla.envelope.encoding import encode_base64
from mcla.envelope.possession import possession_message

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
PRIVATE: dict[str, str] = {
    "/account/identities/<identity_id>/unlink": "identity",
    "/account/sessions/<session_id>/end": "session",
    "/api/v1/records/<record_id>.pdf": "record",
    "/api/v1/signings/<signing_id>": "signing",
    "/api/v1/signings/<signing_id>/certificate": "signing",
    "/api/v1/signings/<signing_id>/signature": "signing",
    "/contributions/review/<signing_id>": "signing",
    "/records/<record_id>.pdf": "record",
    "/sign/<slug>/review/<signing_id>": "signing",
    "/signatures/<signature_id>": "signature",
}
"""Routes whose id belongs to one person, with what the id is of."""
PUBLIC = {
    "/agreements/<slug>",
    "/agreements/<slug>/<version>",
    "/api/v1/agreements/<slug>/<version>",
    "/api/v1/agreements/<slug>/<version>/<path:path>",
    "/api/v1/artifacts/<digest>",
    "/api/v1/contributions/<contribution_id>",
    "/api/v1/contributions/<contribution_id>/bundle",
    "/api/v1/contributions/<contribution_id>/manifest",
    "/api/v1/signatures/<signature_id>/bundle",
    "/api/v2/tile/<path:rest>",
    "/artifacts/<digest>",
    "/contributions/<contribution_id>",
    "/log/tile/<path:rest>",
    "/login/<name>",
    "/login/<name>/callback",
    "/account/link/<name>",
    "/problems/<code>",
    "/sign/<slug>",
    "/sign/<slug>/declare",
    "/sign/<slug>/decline",
    "/static/<path:filename>",
}
"""Routes whose parameter anybody may know: they answer the same for everybody, save what a test below looks for."""
PREFIX = {"identity": "idn", "session": "ses", "record": "rec", "signing": "sng", "signature": "sig"}
Ids = dict[str, list[str]]


@pytest.fixture(autouse=True)
def fresh_limits(app: Flask) -> None:
    limiter.reset()


@pytest.fixture
def ada(client: FlaskClient, services: Any) -> Actor:
    actor = sign_in(client, services)
    with services.db.write() as session:
        link_identity(session, PEOPLE["chris"], actor.contributor_id, services.clock.now())
    return actor


@pytest.fixture
def ids(services: Any, ada: Actor) -> Ids:
    """Ids of everything that Ada has: drafts and complete signings of both types, and what came of them."""
    drafts = [draft_acceptance(services, ada, "service"), draft_acceptance(services, ada)]
    certify(services, ada, drafts[1], Holder())
    accepted, given = accept(services, ada), give(services, ada)
    drafts.insert(0, draft_contribution(services, ada, file("other.py", b"other"), holder="service"))
    done = [each.signing_id for each in services.signing.signatures(ada)]
    done += [each.signing_id for each in services.contributions.mine(ada.contributor_id)]
    records = [each.record_url.rpartition("/")[2].removesuffix(".pdf") for each in (accepted, given)]
    for each in done:
        services.records.issue(each)
    return {
        "signing": [*(each.id for each in drafts), *done],
        "signature": [accepted.id],
        "contribution": [given.id],
        "record": records,
        "session": [each.id for each in services.identity.sessions(ada.contributor_id)],
        "identity": [row.id for row, _ in services.identity.identities(ada.contributor_id)],
    }


Send = Callable[[str, str, dict[str, Any]], TestResponse]


@pytest.fixture
def strangers(app: Flask, services: Any) -> dict[str, Send]:
    """Bela in a browser, and Bela's command line."""
    browser = app.test_client()
    actor = sign_in(browser, services, "bela")
    page = browser.get("/account").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    headers = {"Sec-Fetch-Site": "same-origin", "X-CSRFToken": token}
    line, bare = bearer(services, actor), app.test_client()
    return {
        "session": lambda method, path, body: browser.open(path, method=method, headers=headers, **body),
        "bearer": lambda method, path, body: bare.open(path, method=method, headers=line, **body),
    }


def parameters(rule: str) -> list[str]:
    return re.findall(r"<(?:[^:<>]+:)?([a-z_]+)>", rule)


def filled(rule: str, identifier: str) -> str:
    return re.sub(r"<[a-z]+_id>", identifier, rule).replace("<slug>", "mcla-individual")


def body_for(rule: str, method: str, identifier: str, statement_sha256: str) -> dict[str, Any]:
    """The best body that a stranger could send: well-formed, with proofs of the stranger's own key."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return {}
    holder = Holder()
    if rule.endswith("/certificate"):
        proof = holder._sign(possession_message(identifier, statement_sha256))
        keys = {"public_key": encode_base64(holder.spki), "proof": encode_base64(proof)}
        return {"json": keys | {"statement_sha256": statement_sha256}}
    if rule.endswith("/signature"):
        return {"json": {"signature": encode_base64(holder.signature(b"{}")), "consent": True}}
    return {"data": {"consent": "yes"}}


def shape(answer: TestResponse, identifier: str) -> tuple[int, str, dict[str, str]]:
    """An answer without what differs from one request to the next."""
    text = answer.get_data(as_text=True).replace(identifier, "ID")
    text = text.replace(answer.headers["X-Request-Id"], "REQUEST")
    text = re.sub(r'(nonce="|csrf_token" value="|csrf-token" content=")[^"]*', r"\1", text)
    headers = {name: value.replace(identifier, "ID") for name, value in answer.headers.items()}
    varying = {"Content-Security-Policy", "X-Request-Id", "Date", "Content-Length", "Set-Cookie", "Retry-After"}
    limits = {name for name in headers if name.startswith("X-RateLimit")}
    return answer.status_code, text, {n: v for n, v in headers.items() if n not in varying | limits}


def private_rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.rule in PRIVATE)


def test_every_route_with_a_parameter_is_known_to_be_private_or_public(app: Flask) -> None:
    found = {rule.rule for rule in app.url_map.iter_rules() if parameters(rule.rule)}
    assert found == PRIVATE.keys() | PUBLIC


def digests(services: Any, ada: Actor, signings: list[str]) -> dict[str, str]:
    return {each: services.signing.signing(ada, each).statement_sha256 for each in signings}


@pytest.mark.parametrize("as_whom", ["session", "bearer"])
def test_a_stranger_learns_nothing_from_another_persons_id_and_changes_nothing_with_it(
    app: Flask, services: Any, ada: Actor, ids: Ids, strangers: dict[str, Send], as_whom: str
) -> None:
    send, known = strangers[as_whom], digests(services, ada, ids["signing"])
    before = standing(services, ada, ids)
    tried = 0
    for rule in private_rules(app):
        kind = PRIVATE[rule.rule]
        for method in METHODS:
            nobodys = new_id(PREFIX[kind])
            body = body_for(rule.rule, method, nobodys, "0" * 64)
            expected = shape(send(method, filled(rule.rule, nobodys), body), nobodys)
            assert expected[0] in ((404, 405) if as_whom == "session" else (403, 404, 405)) or method == "OPTIONS"
            for identifier in ids[kind]:
                body = body_for(rule.rule, method, identifier, known.get(identifier, "0" * 64))
                got = shape(send(method, filled(rule.rule, identifier), body), identifier)
                assert got == expected, (method, rule.rule, identifier)
                tried += 1
            limiter.reset()
    assert tried > len(PRIVATE) * len(METHODS)
    assert standing(services, ada, ids) == before


def standing(services: Any, ada: Actor, ids: Ids) -> object:
    """Everything of Ada's that a stranger might have changed."""
    signings = [services.signing.signing(ada, each) for each in ids["signing"]]
    states = [(each.state, each.expires_at, each.result and each.result.id) for each in signings]
    alive = {each.id for each in services.identity.sessions(ada.contributor_id)}
    linked = [row.id for row, _ in services.identity.identities(ada.contributor_id)]
    return states, alive, linked


def test_the_owner_gets_what_the_stranger_does_not(
    app: Flask, client: FlaskClient, services: Any, ada: Actor, ids: Ids
) -> None:
    for rule in private_rules(app):
        if "GET" in (rule.methods or ()):
            path = filled(rule.rule, ids[PRIVATE[rule.rule]][0])
            assert client.get(path).status_code == 200, path


def test_an_id_in_the_query_is_as_private_as_one_in_the_path(ids: Ids, strangers: dict[str, Send]) -> None:
    nobodys = new_id("sng")
    expected = shape(strangers["session"]("GET", f"/contributions/new?from={nobodys}", {}), nobodys)
    assert expected[0] == 404
    for identifier in ids["signing"]:
        assert shape(strangers["session"]("GET", f"/contributions/new?from={identifier}", {}), identifier) == expected


def test_a_public_contribution_shows_a_stranger_nothing_of_its_givers_own(
    client: FlaskClient, ids: Ids, strangers: dict[str, Send]
) -> None:
    contribution, private = ids["contribution"][0], [*ids["record"], *ids["signing"], *ids["session"]]
    own = client.get(f"/contributions/{contribution}").text
    assert ids["record"][1] in own
    for as_whom in ("session", "bearer"):
        for path in ("", "/bundle", "/manifest"):
            told = strangers[as_whom]("GET", f"/api/v1/contributions/{contribution}{path}", {}).get_data(as_text=True)
            assert not [each for each in (*private, "Ada Li", "adali", "ada.li@") if each in told]
    page = strangers["session"]("GET", f"/contributions/{contribution}", {}).text
    assert not [each for each in (*private, "Ada Li", "adali", "ada.li@") if each in page]


def test_a_records_id_follows_from_no_other_id_and_stays_the_same(services: Any, ada: Actor, ids: Ids) -> None:
    known = {each.partition("_")[2] for kind in ("signing", "signature", "contribution") for each in ids[kind]}
    assert not known & {each.partition("_")[2] for each in ids["record"]}
    for signing in ids["signing"][3:]:
        services.signing.finish(signing)
        record = services.records.state_of(signing)
        assert record.id in ids["record"]
        assert record.id in services.signing.signing(ada, signing).result.record_url


def test_the_public_story_of_a_contribution_names_no_record(client: FlaskClient, ids: Ids) -> None:
    for path in ("", "/bundle", "/manifest"):
        told = client.get(f"/api/v1/contributions/{ids['contribution'][0]}{path}").text
        assert "rec_" not in told
