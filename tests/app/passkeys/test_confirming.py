# SPDX-License-Identifier: Apache-2.0
"""Confirming a draft with a passkey over the pages and the service: chosen, confirmed, certified, signed, verified."""

import base64
import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from forms import SAME_SITE, fields_of, post
from passkeys import ORIGIN, USER_PRESENT, SoftPasskey, add
from signin import sign_in
from signing_walk import Holder, certify, draft_acceptance, draft_contribution, finish

from app.identity.ports import Actor
from app.passkeys.errors import PasskeyCloned, PasskeyUnknown
from app.passkeys.values import PasskeyInfo
from app.signing.errors import (
    AlreadyCertified,
    PasskeyConfirmed,
    PasskeyUnasked,
    SigningUnknown,
    StatementChanged,
    WrongKeyHolder,
)
from app.signing.values import SigningInfo
from app.wiring import Services
from mcla.artifacts.digest import sha256_hex
from mcla.envelope.encoding import encode_base64
from mcla.envelope.webauthn import PasskeyElsewhere, PasskeyForged, PasskeyUserUnverified, challenge_of
from mcla.statements.canonical import canonical_json
from mcla.statements.statement import parse_draft, parse_statement
from mcla.verify.verifier import verify_bundle


@pytest.fixture
def waiting(services: Services, ada: Actor, added: PasskeyInfo) -> SigningInfo:
    """A draft of Ada's that waits for her passkey."""
    signing = draft_acceptance(services, ada)
    services.signing.choose_passkey(ada, signing.id, added.id)
    return services.signing.signing(ada, signing.id)


def test_an_agreement_and_a_contribution_are_confirmed_and_verify_offline(
    services: Services, ada: Actor, added: PasskeyInfo, waiting: SigningInfo, passkey: SoftPasskey
) -> None:
    signs_with_passkey(services, ada, waiting, passkey)
    give = draft_contribution(services, ada, holder="browser")
    services.signing.choose_passkey(ada, give.id, added.id)
    signs_with_passkey(services, ada, services.signing.signing(ada, give.id), passkey)
    (used,) = services.passkeys.mine(ada.contributor_id)
    assert used.last_used_at == services.clock.now()


def signs_with_passkey(services: Services, ada: Actor, signing: SigningInfo, passkey: SoftPasskey) -> None:
    answer = passkey.answer(challenge_of(signing.statement))
    confirmed = services.signing.confirm(ada, signing.id, answer)
    assert parse_statement(confirmed.statement).inner_bytes() == signing.statement
    done = finish(services, ada, confirmed)
    verdict = verify_bundle(canonical_json(done.bundle), services.trust, passkey=sha256_hex(passkey.public_key))
    assert verdict.verified, verdict.to_dict()
    assert verdict.reasons[1].code == "confirmed-by-named-passkey"


def test_nothing_is_certified_before_the_passkey_answered(
    services: Services, ada: Actor, waiting: SigningInfo, passkey: SoftPasskey
) -> None:
    with pytest.raises(PasskeyUnasked):
        certify(services, ada, waiting, Holder())
    confirmed = services.signing.confirm(ada, waiting.id, passkey.answer(challenge_of(waiting.statement)))
    with pytest.raises(StatementChanged):  # a page that shows the draft still
        certify(services, ada, waiting, Holder())
    certify(services, ada, confirmed, Holder())
    with pytest.raises(AlreadyCertified):
        services.signing.choose_passkey(ada, waiting.id, None)


def test_the_passkey_can_be_left_out_again(services: Services, ada: Actor, waiting: SigningInfo) -> None:
    services.signing.choose_passkey(ada, waiting.id, None)
    signing = services.signing.signing(ada, waiting.id)
    before = parse_draft(waiting.statement)
    assert parse_statement(signing.statement) == replace(before, key_holder="browser", passkey=None)
    finish(services, ada, signing)


def test_a_wrong_answer_changes_nothing(
    services: Services, ada: Actor, waiting: SigningInfo, passkey: SoftPasskey
) -> None:
    challenge = challenge_of(waiting.statement)
    another = draft_acceptance(services, ada).statement
    wrong = {
        "over another statement": (passkey.answer(challenge_of(another)), PasskeyElsewhere),
        "by another passkey": (SoftPasskey(ORIGIN).answer(challenge), PasskeyForged),
        "of a registration": (
            passkey.answer(challenge, client=passkey.client_data(challenge, "webauthn.create")),
            PasskeyElsewhere,
        ),
        "unverified": (
            passkey.answer(challenge, head=passkey.authenticator_data(USER_PRESENT)),
            PasskeyUserUnverified,
        ),
    }
    for case, (answer, refused) in wrong.items():
        with pytest.raises(refused):
            services.signing.confirm(ada, waiting.id, answer)
        assert services.signing.signing(ada, waiting.id) == waiting, case


def test_an_answer_is_taken_once(services: Services, ada: Actor, waiting: SigningInfo, passkey: SoftPasskey) -> None:
    answer = passkey.answer(challenge_of(waiting.statement))
    services.signing.confirm(ada, waiting.id, answer)
    with pytest.raises(PasskeyConfirmed):
        services.signing.confirm(ada, waiting.id, answer)
    services.signing.choose_passkey(ada, waiting.id, None)
    with pytest.raises(WrongKeyHolder):
        services.signing.confirm(ada, waiting.id, answer)


def test_a_count_that_does_not_go_up_is_refused_unless_it_stays_at_nothing(
    services: Services, ada: Actor, waiting: SigningInfo, passkey: SoftPasskey
) -> None:
    passkey.counter -= 1
    with pytest.raises(PasskeyCloned):
        services.signing.confirm(ada, waiting.id, passkey.answer(challenge_of(waiting.statement)))
    synced = SoftPasskey(ORIGIN, counter=-1)
    services.signing.choose_passkey(ada, waiting.id, add(services, ada, synced).id)
    synced.counter = -1
    signing = services.signing.signing(ada, waiting.id)
    assert parse_statement(
        services.signing.confirm(ada, signing.id, synced.answer(challenge_of(signing.statement))).statement
    ).confirmed


def test_only_a_live_passkey_of_the_signer_confirms(
    services: Services, ada: Actor, bela: Actor, added: PasskeyInfo, waiting: SigningInfo, passkey: SoftPasskey
) -> None:
    others = add(services, bela, SoftPasskey(ORIGIN))
    with pytest.raises(PasskeyUnknown):
        services.signing.choose_passkey(ada, waiting.id, others.id)
    with pytest.raises(SigningUnknown):
        services.signing.choose_passkey(bela, waiting.id, others.id)
    by_cli = draft_acceptance(services, ada, "cli")
    with pytest.raises(WrongKeyHolder):
        services.signing.choose_passkey(ada, by_cli.id, added.id)
    services.passkeys.remove(ada, added.id)
    with pytest.raises(PasskeyUnknown):
        services.signing.confirm(ada, waiting.id, passkey.answer(challenge_of(waiting.statement)))
    with pytest.raises(PasskeyUnknown):
        services.signing.choose_passkey(ada, draft_acceptance(services, ada).id, added.id)


def test_pages_and_json_go_the_same_way(client: FlaskClient, services: Services, passkey: SoftPasskey) -> None:
    ada = sign_in(client, services)
    page = client.get("/account").text
    assert "Add a passkey for Example Foundation" in page
    headers = SAME_SITE | {"X-CSRFToken": fields_of(page)["csrf_token"]}

    def send(path: str, **body: str) -> tuple[int, dict[str, str]]:
        answered = client.post(path, json=body, headers=headers)
        return answered.status_code, answered.get_json()

    assert send("/api/v1/passkeys/registration", foundation="nobody")[0] == 404
    status, begun = send("/api/v1/passkeys/registration", foundation="example")
    assert (status, begun["rp_id"], begun["user_name"]) == (201, "localhost", "adali, Example Foundation")
    client_data = passkey.client_data(base64.b64decode(begun["challenge"]), "webauthn.create")
    made = {"client_data": encode_base64(client_data), "authenticator_data": encode_base64(passkey.attested())}
    assert send("/api/v1/passkeys", **made)[0] == 201
    assert send("/api/v1/passkeys", **made)[1]["code"] == "passkey-registration-unknown"

    signing = draft_acceptance(services, ada)
    at = f"/sign/mcla-individual/review/{signing.id}"
    page = client.get(at).text
    (known,) = services.passkeys.mine(ada.contributor_id)
    assert f'name="passkey" value="{known.id}"' in page
    chosen = post(client, f"/signings/{signing.id}/passkey", page, passkey=known.id)
    assert (chosen.status_code, chosen.headers["Location"]) == (303, at)
    page = client.get(at).text
    assert f'data-passkey="{encode_base64(passkey.credential_id)}"' in page
    assert "Your passkey confirms this" in page

    challenge = challenge_of(services.signing.signing(ada, signing.id).statement)
    answer = passkey.answer(challenge)
    body = {
        "client_data": encode_base64(answer.client_data),
        "authenticator_data": encode_base64(answer.authenticator_data),
        "signature": encode_base64(answer.signature),
    }
    status, refused = send(f"/api/v1/signings/{signing.id}/passkey", **body | {"client_data": "A" * 2736})
    assert (status, refused["code"]) == (422, "passkey-malformed")
    assert "2 to 2048 bytes" in refused["detail"]
    assert send(f"/api/v1/signings/{signing.id}/passkey", **body | {"client_data": "A" * 5000})[0] == 422
    status, told = send(f"/api/v1/signings/{signing.id}/passkey", **body)
    assert status == 200
    assert json.loads(told["statement"])["predicate"]["contributorKey"]["webauthn"]["signature"] == body["signature"]
    assert "has confirmed this statement" in client.get(at).text
    post(client, f"/account/passkeys/{known.id}/remove", client.get("/account").text)
    assert known.fingerprint not in client.get("/account").text
