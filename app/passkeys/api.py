# SPDX-License-Identifier: Apache-2.0
"""JSON of adding a passkey and of its answers, for this service's own pages: not in the API document."""

from typing import Any

from apiflask import APIBlueprint

from app.identity.actor import signed_in
from app.passkeys import schemas
from app.platform.security import WRITES, Access, access, limiter
from app.wiring import services
from mcla.envelope.encoding import decode_base64, encode_base64
from mcla.envelope.webauthn import PasskeyMalformed
from mcla.statements.parts import StatementInvalid
from mcla.statements.passkey import Assertion

bp = APIBlueprint("passkeys_api", __name__, enable_openapi=False)


@bp.post("/api/v1/passkeys/registration")
@limiter.limit(WRITES)
@bp.input(schemas.RegistrationIn, location="json")
@bp.output(schemas.RegistrationOut, status_code=201)
@access(Access.SESSION)
def begin(json_data: schemas.RegistrationIn) -> dict[str, Any]:
    actor = signed_in()
    begun = services().passkeys.begin(actor, json_data.foundation)
    return {
        "challenge": encode_base64(begun.challenge),
        "rp_id": begun.rp_id,
        "rp_name": begun.rp_name,
        "user_handle": encode_base64(begun.user_handle),
        "user_name": f"{actor.login or actor.subject}, {begun.rp_name}",
        "known": [encode_base64(each) for each in begun.known],
    }


@bp.post("/api/v1/passkeys")
@limiter.limit(WRITES)
@bp.input(schemas.NewPasskeyIn, location="json")
@access(Access.SESSION)
def register(json_data: schemas.NewPasskeyIn) -> tuple[dict[str, Any], int]:
    client_data = decode_base64(json_data.client_data, "client_data")
    authenticator_data = decode_base64(json_data.authenticator_data, "authenticator_data")
    made = services().passkeys.register(signed_in(), client_data, authenticator_data)
    return {"id": made.id, "fingerprint": made.fingerprint}, 201


@bp.post("/api/v1/signings/<signing_id>/passkey")
@limiter.limit(WRITES)
@bp.input(schemas.AssertionIn, location="json")
@access(Access.SESSION)
def confirm(signing_id: str, json_data: schemas.AssertionIn) -> dict[str, str]:
    signing = services().signing.confirm(signed_in(), signing_id, _assertion(json_data))
    return {"statement": signing.statement.decode(), "statement_sha256": signing.statement_sha256}


def _assertion(given: schemas.AssertionIn) -> Assertion:
    names = ("authenticator_data", "client_data", "signature")
    try:
        return Assertion(**{name: decode_base64(getattr(given, name), name) for name in names})
    except StatementInvalid as error:
        raise PasskeyMalformed(error.message) from error
