# SPDX-License-Identifier: Apache-2.0
"""Ending something on the pages without JavaScript: said before, asked once, told afterwards, and nobody else's."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from forms import post
from signin import sign_in
from signing_walk import accept, end, file, give

from app.identity.ports import Actor

KEPT = {"reason": "none-given", "stage": ""}


@pytest.fixture
def ada(client: FlaskClient, services: Any) -> Actor:
    return sign_in(client, services)


def test_taking_back_is_walked_without_javascript_and_told_on_every_page(
    client: FlaskClient, services: Any, app: Any, gift: Any
) -> None:
    path = f"/contributions/{gift.given.id}/end"
    page = client.get(path).text
    assert "What can no longer be undone" in page
    review = post(client, path, page, reason="rights-claim", stage="S3").headers["Location"]
    assert review.startswith("/withdrawals/review/sng_")
    shown = client.get(review).text
    for said in ("Somebody else claims rights in it", "Used to train a model", "take back", "Exact statement"):
        assert said in shown
    refused = post(client, review, shown)
    assert (refused.status_code, "Tick the box" in refused.text) == (422, True)
    assert services.contributions.contribution(gift.given.id, None).standing.state == "in-force"
    answer = post(client, review, shown, consent="yes")
    assert answer.headers["Location"] == f"/contributions/{gift.given.id}"
    own, mine = client.get(answer.headers["Location"]).text, client.get("/signatures").text
    assert "Taken back" in own
    assert re.search(r"/api/v1/withdrawals/wdr_[0-9a-z]{26}/bundle", own)
    assert "Take this contribution back" not in own
    assert "Taken back" in mine
    assert "1 agreement and 0 contributions in force" in mine
    public = app.test_client()
    assert "Its signer took it back" in public.get(f"/contributions/{gift.given.id}").text
    checked = public.get(f"/verify?digest={file().sha256}").text
    assert "Taken back: model.safetensors was given to Tiny LLM, and is in force no more." in checked
    pasted = post(public, "/verify", public.get("/verify").text, digest=f"{file().sha256}\n{'0' * 64}")
    assert "0 of 2 are covered" in pasted.text
    for again in (client.get(path), client.get(review)):
        assert again.headers["Location"].endswith(f"/contributions/{gift.given.id}")


def test_an_acceptance_is_ended_without_questions_and_can_be_signed_again(
    client: FlaskClient, services: Any, ada: Actor, gift: Any
) -> None:
    path = f"/signatures/{gift.accepted.id}/end"
    page = client.get(path).text
    assert "Two questions" not in page
    review = post(client, path, page).headers["Location"]
    answer = post(client, review, client.get(review).text, consent="yes")
    told = client.get(answer.headers["Location"]).text
    assert "Nothing new can be given under this acceptance" in told
    assert "/sign/mcla-individual" in told
    digest = services.signing.signing(ada, "sng_" + gift.accepted.id[4:]).statement_sha256
    assert "was accepted and is in force no more" in client.get(f"/verify?digest={digest}").text
    form = client.get("/contributions/new").text
    again = post(client, "/contributions/new", form, project="tiny-llm", kind="code", files=f"{'1' * 64} 5 a.py")
    assert again.status_code == 409
    accept(services, ada)
    give(services, ada, file("later.py", b"later"))


@pytest.mark.parametrize("wrong", [{}, {"reason": "spite"}, {"stage": "S9"}, {"reason": "x" * 9999, "stage": "S0"}])
def test_an_answer_that_is_missing_or_unknown_is_asked_for_again(
    client: FlaskClient, services: Any, gift: Any, wrong: dict[str, str]
) -> None:
    path = f"/contributions/{gift.given.id}/end"
    answer = post(client, path, client.get(path).text, **wrong)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text


def test_somebody_elses_and_nobodys_pages_are_not_there(
    client: FlaskClient, services: Any, app: Any, gift: Any
) -> None:
    stranger = app.test_client()
    sign_in(stranger, services, "bela")
    token = stranger.get("/account").text
    for path in (f"/contributions/{gift.given.id}/end", f"/signatures/{gift.accepted.id}/end", "/signatures/x/end"):
        assert stranger.get(path).status_code == 404
        assert post(stranger, path, token, **KEPT).status_code == 404
    assert app.test_client().get(f"/contributions/{gift.given.id}/end").status_code == 303


def test_two_pages_that_stand_open_end_it_once(client: FlaskClient, services: Any, ada: Actor, gift: Any) -> None:
    path = f"/contributions/{gift.given.id}/end"
    page = client.get(path).text
    review = post(client, path, page, **KEPT).headers["Location"]
    end(services, ada, gift.given)
    late = post(client, path, page, **KEPT)
    assert late.headers["Location"].endswith(f"/contributions/{gift.given.id}")
    refused = post(client, review, client.get(review).text, consent="yes")
    assert (refused.status_code, "This was ended on" in refused.text) == (409, True)
