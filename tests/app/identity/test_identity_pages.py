# SPDX-License-Identifier: Apache-2.0
"""Signing in through the real pages: cookies, forms, redirects, and what another person or another site cannot do."""

import re
from typing import Any

from flask.testing import FlaskClient
from forms import SAME_SITE, choose, post, walk
from signin import PEOPLE, sign_in

from app.wiring import Services


def test_a_person_signs_in_sees_their_account_and_signs_out(client: FlaskClient, provider: None) -> None:
    back = walk(client)
    assert (back.status_code, back.headers["Location"]) == (303, "/account")
    account = client.get("/account")
    assert "Ada Li" in account.text
    assert "ada.li@example.org" in account.text
    assert post(client, "/logout", account.text).headers["Location"] == "/"
    assert client.get("/account").headers["Location"] == "/login?next=%2Faccount"


def test_chris_whose_address_is_not_verified_signs_in_without_one(client: FlaskClient, provider: None) -> None:
    walk(client, "350377")
    page = client.get("/account").text
    assert "Chris Doe" in page
    assert "chris.doe@example.org" not in page


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: FlaskClient, provider: None) -> None:
    page = client.get("/login").text
    left = post(client, "/login/demo", page)
    back = client.get(choose(left.headers["Location"], "104729"))
    cookies = [c for r in (left, back) for c in r.headers.getlist("Set-Cookie") if c.startswith("mcla")]
    assert {c.partition("=")[0] for c in cookies} >= {"mcla", "mcla-flow"}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


def test_saying_no_at_the_provider_brings_the_login_page_back_with_the_way_on(
    client: FlaskClient, provider: None
) -> None:
    answer = walk(client, "nobody", "/sign/mcla-individual")
    assert answer.status_code == 400
    assert "said no" in answer.text
    assert "Nothing you entered is lost" in answer.text
    assert 'name="next" value="/sign/mcla-individual"' in answer.text
    assert 'href="/login?next=/sign/mcla-individual"' in answer.text  # the link on top leads there as well
    assert not any(c.startswith("mcla=") for c in answer.headers.getlist("Set-Cookie"))


def test_a_provider_that_is_down_brings_the_login_page_back_with_the_way_on(client: FlaskClient) -> None:
    page = client.get("/login").text
    answer = post(client, "/login/demo", page, next="/verify")
    assert answer.status_code == 503
    assert "did not answer" in answer.text
    assert 'name="next" value="/verify"' in answer.text


def test_signing_in_never_leads_to_another_site(client: FlaskClient, provider: None) -> None:
    for next_path in ("//evil.example", "/\\evil", "https:evil", "/%09/evil", "https://evil.example"):
        left = post(client, "/login/demo", client.get("/login").text, next=next_path)
        back = client.get(choose(left.headers["Location"], "104729"))
        assert back.headers["Location"] == "/", next_path


def test_the_callback_in_another_browser_signs_nobody_in(client: FlaskClient, app: Any, provider: None) -> None:
    left = post(client, "/login/demo", client.get("/login").text)
    callback = choose(left.headers["Location"], "104729")
    victim = app.test_client()
    answer = victim.get(callback)
    assert answer.status_code == 400
    assert "another browser" in answer.text
    assert victim.get("/account").status_code == 303


def test_a_callback_played_again_signs_nobody_in(client: FlaskClient, provider: None) -> None:
    left = post(client, "/login/demo", client.get("/login").text)
    callback = choose(left.headers["Location"], "104729")
    client.get(callback)
    assert client.get(callback).status_code == 400


FORGED: dict[str, dict[str, Any]] = {
    "cross-site": {"headers": {"Sec-Fetch-Site": "cross-site"}},
    "same-site": {"headers": {"Sec-Fetch-Site": "same-site"}},
    "no-headers": {"headers": {}},
    "origin-null": {"headers": {"Origin": "null"}},
    "origin-evil": {"headers": {"Origin": "http://evil.example"}},
    "no-token": {"headers": SAME_SITE, "data": {"csrf_token": ""}},
    "wrong-token": {"headers": SAME_SITE, "data": {"csrf_token": "x"}},
    "text-plain": {"headers": {"Sec-Fetch-Site": "cross-site"}, "content_type": "text/plain"},
}
CHANGES = [
    "/login/demo", "/logout", "/account/link/demo", "/account/sessions/end-all", "/account/sessions/ses_x/end",
    "/account/identities/idn_x/unlink", "/oauth/authorize",
]  # fmt: skip


def test_another_site_cannot_press_any_button(client: FlaskClient, services: Services) -> None:
    sign_in(client, services)
    client.get("/account")
    for name, forged in FORGED.items():
        for path in CHANGES:
            assert client.post(path, **forged).status_code == 403, (name, path)
    assert client.get("/account").status_code == 200


def test_starting_to_sign_in_needs_cookies_so_another_site_cannot_start_it(client: FlaskClient) -> None:
    answer = client.post("/login/demo", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "Allow cookies" in answer.text


def test_only_get_leads_back_and_only_post_leaves(client: FlaskClient) -> None:
    assert client.get("/login/demo").status_code == 405
    assert client.post("/login/demo/callback").status_code in (403, 405)


def test_an_unknown_provider_is_not_found(client: FlaskClient) -> None:
    page = client.get("/login").text
    for name in ("nobody", "Demo", "..%2fdemo", "%00"):
        assert post(client, f"/login/{name}", page).status_code == 404, name
        assert client.get(f"/login/{name}/callback?state=x").status_code == 404, name


def test_the_session_of_another_person_is_not_found_and_goes_on(
    client: FlaskClient, app: Any, services: Services
) -> None:
    eve_client = app.test_client()
    eve = sign_in(eve_client, services, "bela")
    sign_in(client, services, "ada")
    page = client.get("/account").text
    assert str(eve.session_id) not in page
    for session_id in (eve.session_id, "ses_" + "0" * 26, "%00", "x"):
        assert post(client, f"/account/sessions/{session_id}/end", page).status_code == 404
    assert post(client, f"/account/identities/{eve.identity_id}/unlink", page).status_code == 404
    assert eve_client.get("/account").status_code == 200


def test_a_stolen_cookie_is_refused_at_once_after_signing_out_everywhere(
    client: FlaskClient, app: Any, services: Services
) -> None:
    thief = app.test_client()
    sign_in(client, services)
    stolen = client.get_cookie("mcla")
    assert stolen is not None
    thief.set_cookie("mcla", stolen.value)
    assert thief.get("/account").status_code == 200
    answer = post(client, "/account/sessions/end-all", client.get("/account").text)
    assert answer.headers["Location"] == "/login"
    assert thief.get("/account").status_code == 303
    assert thief.post("/api/v1/signings", json={}, headers=SAME_SITE).status_code == 401


def test_ending_the_session_in_use_is_signing_out(client: FlaskClient, services: Services) -> None:
    actor = sign_in(client, services)
    answer = post(client, f"/account/sessions/{actor.session_id}/end", client.get("/account").text)
    assert answer.headers["Location"] == "/login"
    assert client.get("/account").status_code == 303


def test_another_account_is_linked_by_signing_in_with_it_and_can_be_separated(
    client: FlaskClient, services: Services, provider: None
) -> None:
    walk(client, "104729")
    left = post(client, "/account/link/demo", client.get("/account").text)
    back = client.get(choose(left.headers["Location"], "224737"))
    assert back.headers["Location"] == "/account"
    page = client.get("/account").text
    assert "bela.novak@example.org" in page
    unlink = re.search(r'action="(/account/identities/[^"]+/unlink)"', page)
    assert unlink is not None
    assert post(client, unlink.group(1), page).status_code == 303
    assert "bela.novak@example.org" not in client.get("/account").text


def test_memberships_are_asked_of_no_provider_that_cannot_tell_them(client: FlaskClient, services: Services) -> None:
    sign_in(client, services)
    page = client.get("/account/memberships?next=//evil.example").text
    assert "No host has confirmed a membership of yours here." in page
    assert "None of the providers here can be asked." in page
    account = client.get("/account").text
    for name, status, words in (
        ("", 422, "short name"),
        ("x" * 256, 422, "short name"),
        ("x", 409, "tells no service"),
    ):
        answer = post(client, "/account/memberships", account, provider="demo", name=name)
        assert (answer.status_code, words in answer.text) == (status, True)


def test_linking_an_account_of_somebody_else_says_so_in_one_clear_sentence(
    client: FlaskClient, services: Services, provider: None
) -> None:
    services.identity.start_session(PEOPLE["bela"])
    walk(client, "104729")
    left = post(client, "/account/link/demo", client.get("/account").text)
    answer = client.get(choose(left.headers["Location"], "224737"))
    assert answer.status_code == 409
    assert "already belongs to another contributor" in answer.text
