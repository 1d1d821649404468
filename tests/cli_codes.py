# SPDX-License-Identifier: Apache-2.0
"""The command line's side of codes and identity tokens, for tests that call the services without a browser."""

from typing import Any

from scripted_op import ABSENT, ScriptedOp

from app.identity.ports import Actor
from app.identity.secret import s256
from app.identity.service import IdentityService

REDIRECT = "http://127.0.0.1:4000/callback"
VERIFIER = "v" * 43


def code_for(identity: IdentityService, actor: Actor) -> str:
    return identity.tokens.issue_code(actor, REDIRECT, s256(VERIFIER))


def redeem(identity: IdentityService, code: str, **changes: str) -> str:
    values = {"redirect_uri": REDIRECT, "client_id": "mcla-cli", "verifier": VERIFIER} | changes
    return identity.tokens.redeem_code(code, **values).access_token


def assertion(op: ScriptedOp, **changes: Any) -> str:
    return str(op.id_token("", "", {"nonce": ABSENT, "at_hash": ABSENT} | changes))
