# SPDX-License-Identifier: Apache-2.0
"""Every address that takes an id, tried by a stranger with another person's ids: as if they had never existed.

Not the answer alone is the same: so are its headers and the SQL statements behind it, so that time tells nothing either
(`benchmarks/others.py` measures it).
"""

import re
from typing import Any

import pytest
from counting import counted
from flask import Flask
from flask.testing import FlaskClient
from signin import sign_in
from strangers import (
    FORGETS,
    METHODS,
    PREFIX,
    PRIVATE,
    PUBLIC,
    STAFF,
    TOKENS,
    Ids,
    Send,
    body_for,
    filled,
    parameters,
    private_rules,
    strangers_of,
)
from werkzeug.test import TestResponse

from app.identity.ports import Actor
from app.platform.clock import new_id
from app.platform.security import limiter


@pytest.fixture(autouse=True)
def fresh_limits(app: Flask) -> None:
    limiter.reset()


@pytest.fixture
def ada(client: FlaskClient, services: Any) -> Actor:
    return sign_in(client, services)


@pytest.fixture
def ids(services: Any, belongings: Ids, ada: Actor) -> Ids:
    """Of everything that Ada has, this session too."""
    return belongings | {"session": [each.id for each in services.identity.sessions(ada.contributor_id)]}


@pytest.fixture
def strangers(app: Flask, services: Any) -> dict[str, Send]:
    return strangers_of(app, services)


def shape(answer: TestResponse, identifier: str) -> tuple[int, str, dict[str, str]]:
    """An answer without what differs from one request to the next."""
    text = answer.get_data(as_text=True).replace(identifier, "ID")
    text = text.replace(answer.headers["X-Request-Id"], "REQUEST")
    text = re.sub(r'(nonce="|csrf_token" value="|csrf-token" content=")[^"]*', r"\1", text)
    headers = {name: value.replace(identifier, "ID") for name, value in answer.headers.items()}
    varying = {"Content-Security-Policy", "X-Request-Id", "Date", "Set-Cookie", "Retry-After"}
    limits = {name for name in headers if name.startswith("X-RateLimit")}
    return answer.status_code, text, {n: "" if n in varying | limits else v for n, v in headers.items()}


def test_every_route_with_a_parameter_is_known_to_be_private_or_public(app: Flask) -> None:
    found = {rule.rule for rule in app.url_map.iter_rules() if parameters(rule.rule)}
    assert found == PRIVATE.keys() | PUBLIC | STAFF | TOKENS


def test_the_console_is_refused_before_an_id_is_looked_at(ids: Ids, strangers: dict[str, Send]) -> None:
    for rule in sorted(STAFF):
        told = [
            shape(strangers["session"]("GET", filled(rule, each), {}), each)
            for each in (ids["contribution"][0], new_id("ctr"))
        ]
        assert told[0] == told[1]
        assert told[0][0] in (403, 405)


def test_what_is_for_tokens_alone_is_refused_to_a_person_before_an_id_is_looked_at(
    ids: Ids, strangers: dict[str, Send]
) -> None:
    for rule in sorted(TOKENS):
        for method in ("GET", "DELETE"):
            told = [
                shape(strangers["bearer"](method, filled(rule, each), {}), each)
                for each in (ids["draft"][0], new_id("wck"))
            ]
            assert told[0] == told[1]
            assert told[0][0] in (401, 403)


def test_a_nul_in_any_parameter_or_field_is_no_fault_of_the_service(app: Flask, strangers: dict[str, Send]) -> None:
    """PostgreSQL has no text with a NUL in it: none may reach it."""
    fields = dict.fromkeys(("company", "project", "kind", "email", "files", "entry", "invitation"), "a\0b")
    for rule in sorted({each.rule for each in app.url_map.iter_rules() if not each.rule.startswith("/static")}):
        path = re.sub(r"<[^>]+>", "%00", rule)
        for method, body in (("GET", {}), ("POST", {"data": fields}), ("POST", {"data": fields | {"do": "remove"}})):
            assert strangers["session"](method, path, body).status_code < 500, (method, rule)
        limiter.reset()


def digests(services: Any, ada: Actor, signings: list[str]) -> dict[str, str]:
    return {each: services.signing.signing(ada, each).statement_sha256 for each in signings}


Asked = tuple[tuple[int, str, dict[str, str]], list[str]]


@pytest.mark.parametrize(
    # Who asks and which database answers have nothing to do with each other: each of both is enough.
    ("database_url", "as_whom"),
    [("sqlite", "bearer"), ("postgresql", "session")],
    indirect=["database_url"],
)
def test_a_stranger_learns_nothing_from_another_persons_id_and_changes_nothing_with_it(
    app: Flask, services: Any, ada: Actor, ids: Ids, strangers: dict[str, Send], as_whom: str
) -> None:
    known = digests(services, ada, ids["signing"])
    before = standing(services, ada, ids)

    def ask(method: str, rule: str, identifier: str) -> Asked:
        body = body_for(rule, method, identifier, known.get(identifier, "0" * 64))
        with counted(services.db) as statements:
            answer = strangers[as_whom](method, filled(rule, identifier), body)
        return shape(answer, identifier), statements

    tried = 0
    for rule, taken in methods_by_rule(app).items():
        kind = PRIVATE[rule]
        for method in METHODS:
            # What no route takes is refused before anything is looked up: one id shows it.
            known_ids = ids[kind] if method in taken else ids[kind][:1]
            ask(method, rule, new_id(PREFIX[kind]))  # what is remembered for the next request is remembered now
            expected = ask(method, rule, new_id(PREFIX[kind]))
            refused = (404, 405) if as_whom == "session" else (403, 404, 405)
            assert expected[0][0] in refused or method == "OPTIONS" or (rule, expected[0][0]) == (FORGETS, 303)
            assert expected[1], "who is asking was not looked up"
            for identifier in known_ids:
                assert ask(method, rule, identifier) == expected, (method, rule, identifier)
                tried += 1
            limiter.reset()
    assert tried >= len(PRIVATE) * len(METHODS)
    assert standing(services, ada, ids) == before


def methods_by_rule(app: Flask) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in private_rules(app):
        found.setdefault(each.rule, set()).update(each.methods or ())
    return found


def standing(services: Any, ada: Actor, ids: Ids) -> object:
    """Everything of Ada's that a stranger might have changed."""
    signings = [services.signing.signing(ada, each) for each in ids["signing"]]
    states = [(each.state, each.expires_at, each.result and each.result.id) for each in signings]
    alive = {each.id for each in services.identity.sessions(ada.contributor_id)}
    linked = [row.id for row, _ in services.identity.identities(ada.contributor_id)]
    passkeys = [each.id for each in services.passkeys.mine(ada.contributor_id)]
    return states, alive, linked, passkeys


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
    assert ids["record"][0] in own
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
