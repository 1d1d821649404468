# SPDX-License-Identifier: Apache-2.0
"""Whole sign-ins at GitLab and Hugging Face, played by a provider whose documents and claims are shaped like theirs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from scripted_op import ABSENT, CLIENT, ScriptedOp
from sqlalchemy import select

from app.identity import sessions
from app.identity.errors import IdTokenInvalid
from app.identity.models import Identity
from app.identity.ports import Actor
from app.identity.service import IdentityService
from app.platform.clock import FixedClock
from app.platform.clock_watch import ClockWatch
from app.platform.db import Base, Database
from app.platform.settings import ProviderSettings, Settings

BROWSER = "browser-secret"
GITLAB: dict[str, Any] = {
    "sub": "5718290",
    "sub_legacy": "b6c5d9f1f0f04d3c8f6a70c3d2b3a6c1f5b7c2d9e8a1b4c3d2e1f0a9b8c7d6e5",
    "name": "Jane Roe",
    "nickname": "jroe",
    "preferred_username": "jroe",
    "email": "jane@example.org",
    "email_verified": True,
    "profile": "https://gitlab.example/jroe",
    "picture": "https://gitlab.example/uploads/jroe.png",
    "groups_direct": ["models", "models/speech"],
}
HUGGING_FACE: dict[str, Any] = {
    "sub": "62f264b9f3c90f4b6514a269",
    "name": "Jane Roe",
    "preferred_username": "jroe",
    "profile": "https://hub.example/jroe",
    "picture": "https://hub.example/avatars/jroe.png",
    "website": "https://example.org",
    "email": "jane@example.org",
    "email_verified": True,
    "isPro": False,
    "canPay": False,
    "orgs": [
        {"sub": "60a551a34ecc5d054c8ad93e", "name": "Speech", "preferred_username": "speech", "roleInOrg": "write"}
    ],
}
CLAIMS = {"gitlab": GITLAB, "huggingface": HUGGING_FACE}
DOCUMENTS: dict[str, dict[str, Any]] = {
    # Neither promises RFC 9207's `iss`, and both offer more scopes than may be asked for.
    "gitlab": {
        "authorization_response_iss_parameter_supported": ABSENT,
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "scopes_supported": ["api", "read_user", "write_repository", "openid", "profile", "email"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "claim_types_supported": ["normal"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "sub_legacy", "name", "email", "groups_direct"],
    },
    "huggingface": {
        "authorization_response_iss_parameter_supported": ABSENT,
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "scopes_supported": [
            "openid",
            "profile",
            "email",
            "read-repos",
            "write-repos",
            "manage-repos",
            "inference-api",
        ],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["aud", "exp", "iat", "iss", "sub", "name", "preferred_username", "email_verified"],
    },
}
IN_ID_TOKEN = {"gitlab": ("sub", "sub_legacy", "email", "email_verified"), "huggingface": ("sub",)}
KINDS = tuple(CLAIMS)


@pytest.fixture
def identity_settings(tmp_path: Path, op: ScriptedOp) -> Settings:
    entries = [
        ProviderSettings(name=kind, kind=kind, issuer=op.issuer, client_id=CLIENT, client_secret="s3cret")  # type: ignore[arg-type]
        for kind in KINDS
    ]
    return Settings(home=tmp_path, providers=tuple(entries))


@pytest.fixture
def identity(
    db: Database, clock: FixedClock, identity_settings: Settings, transport: httpx2.BaseTransport
) -> IdentityService:
    return IdentityService(db, clock, identity_settings, ClockWatch(db, clock, (sessions.cut_short,)), transport)


Walk = Callable[..., Actor]


@pytest.fixture
def walk(identity: IdentityService, op: ScriptedOp) -> Walk:
    """`walk(kind, **changes)`: a whole sign-in of Jane at a provider of this kind, with other claims where given."""

    def go(kind: str, **changes: Any) -> Actor:
        claims = CLAIMS[kind] | changes
        op.discovery = DOCUMENTS[kind]
        op.answer = {"iss": ABSENT}
        op.userinfo = claims
        op.claims = {name: claims[name] for name in IN_ID_TOKEN[kind] if name in claims}
        done = identity.finish(kind, op.callback(identity.begin(kind, BROWSER, "/verify").url), BROWSER)
        actor = identity.actor_of_session(done.session_secret)
        assert actor is not None
        return actor

    return go


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_signs_in_and_is_known_by_the_account_and_not_by_the_name(kind: str, walk: Walk) -> None:
    actor = walk(kind)
    assert (actor.provider, actor.subject) == (kind, CLAIMS[kind]["sub"])
    assert (actor.name, actor.login, actor.email) == ("Jane Roe", "jroe", "jane@example.org")
    renamed = walk(kind, preferred_username="jane-roe", nickname="jane-roe", name="Jane R.")
    assert (renamed.contributor_id, renamed.login) == (actor.contributor_id, "jane-roe")


@pytest.mark.parametrize("kind", KINDS)
def test_a_recycled_login_under_another_account_is_another_person(kind: str, walk: Walk) -> None:
    other = {"gitlab": "5718291", "huggingface": "62f264b9f3c90f4b6514a270"}[kind]
    assert walk(kind).contributor_id != walk(kind, sub=other).contributor_id


@pytest.mark.parametrize("kind", KINDS)
def test_only_identity_and_address_are_asked_for_whatever_else_is_offered(
    kind: str, identity: IdentityService, op: ScriptedOp
) -> None:
    op.discovery = DOCUMENTS[kind]
    url = httpx2.URL(identity.begin(kind, BROWSER, "/").url)
    assert sorted(url.params["scope"].split()) == ["email", "openid", "profile"]
    assert url.params["code_challenge_method"] == "S256"


@pytest.mark.parametrize("verified", [False, "true", 1, None, ABSENT])
@pytest.mark.parametrize("kind", KINDS)
def test_an_address_that_is_not_verified_is_not_kept_and_stops_nothing(kind: str, verified: Any, walk: Walk) -> None:
    assert walk(kind, email_verified=verified).email is None


@pytest.mark.parametrize("kind", KINDS)
def test_groups_and_organisations_are_not_stored(kind: str, walk: Walk, db: Database) -> None:
    walk(kind)
    with db.read() as session:
        stored = [str(session.execute(select(table)).all()).lower() for table in Base.metadata.sorted_tables]
    assert any("jane roe" in rows for rows in stored)
    assert not [rows for rows in stored if "speech" in rows or "60a551" in rows]


MALFORMED = {
    "gitlab": ("0", "05", "-5", "5.0", "jroe", "5718290 ", "５", "9" * 20, "5718290\n", 5718290, "", None),
    "huggingface": ("jroe/x", "62f2 64b9", "ü" * 8, "a" * 65, "../x", "62f264b9\n", 62264, "", None),
}


@pytest.mark.parametrize(("kind", "subject"), [(kind, each) for kind in KINDS for each in MALFORMED[kind]])
def test_a_subject_of_another_form_is_refused_and_leaves_no_account(
    kind: str, subject: Any, walk: Walk, db: Database
) -> None:
    with pytest.raises(IdTokenInvalid):
        walk(kind, sub=subject)
    with db.read() as session:
        assert session.query(Identity).count() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_user_information_about_another_account_is_refused(
    kind: str, identity: IdentityService, op: ScriptedOp
) -> None:
    op.discovery, op.answer = DOCUMENTS[kind], {"iss": ABSENT}
    op.claims = {"sub": CLAIMS[kind]["sub"]}
    op.userinfo = CLAIMS[kind] | {"sub": "1"}
    with pytest.raises(IdTokenInvalid, match="another subject"):
        identity.finish(kind, op.callback(identity.begin(kind, BROWSER, "/").url), BROWSER)


def test_equal_subjects_at_both_are_two_people(walk: Walk) -> None:
    assert walk("gitlab", sub="7").contributor_id != walk("huggingface", sub="7").contributor_id
