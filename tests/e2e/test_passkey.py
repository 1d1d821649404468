# SPDX-License-Identifier: Apache-2.0
"""A passkey in a real browser: added on the account page, asked on the signing page, checked offline afterwards.

The authenticator is Chromium's own virtual one (WebAuthn domain of the DevTools protocol).
"""

import base64
import json
from collections.abc import Callable
from typing import Any

from e2e.conftest import NAMES, Signed
from fetching import fetched, trust_of
from playwright.sync_api import CDPSession, expect
from running import Running
from windows import Window, paste, sign_contribution

from mcla.statements.statement import parse_statement
from mcla.verify.verifier import verify_bundle

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_confirms_a_contribution_and_is_checked_offline(
    window: Callable[..., Window], signed: Signed, service: Running
) -> None:
    walker = window()
    devtools = walker.context.new_cdp_session(walker.page)
    devtools.send("WebAuthn.enable")
    authenticator = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]

    page = walker.sign_in(NAMES[0], "/account")  # afresh: a passkey is added soon after signing in or not at all
    page.get_by_role("button", name="Add a passkey for Example Foundation").click()
    fingerprint = page.get_by_role("row", name="Example Foundation").locator("code").get_attribute("title") or ""
    assert [text for text in walker.complaints if "ES256 and RS256" not in text] == []
    walker.complaints.clear()  # Chromium would have RS256 taken too, which the statement's form does not know

    page = paste(walker, "safe-eval", "Code", f"{'7c' * 32} 7 c.txt")
    page.get_by_role("button", name="Confirm with the passkey of").click()
    expect(page.get_by_role("heading", name="Your passkey confirms this")).to_be_visible()
    shown = page.locator("#statement").text_content() or ""

    person_is_verified(devtools, authenticator, verified=False)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign and record").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey did not answer.")
    person_is_verified(devtools, authenticator, verified=True)
    contribution = sign_contribution(page)

    bundle = fetched(service, f"/api/v1/contributions/{contribution}/bundle")
    verdict = verify_bundle(bundle, trust_of(service), passkey=fingerprint)
    assert verdict.verified, verdict.to_dict()
    assert verdict.reasons[1].code == "confirmed-by-named-passkey"
    assert verdict.statement is not None
    assert verdict.statement["key_holder"] == "passkey"
    assert parse_statement(payload_of(bundle)).inner_bytes() == shown.encode()
    expect(page.locator("main")).to_contain_text("the signer’s browser, confirmed by a passkey")

    page = walker.go("/account")
    page.get_by_role("button", name="Remove the passkey for Example Foundation").click()
    expect(page.get_by_text(fingerprint)).to_have_count(0)


def person_is_verified(devtools: CDPSession, authenticator: str, *, verified: bool) -> None:
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": verified})


def payload_of(bundle: bytes) -> bytes:
    envelope: dict[str, Any] = json.loads(bundle)["dsseEnvelope"]
    return base64.b64decode(envelope["payload"])
