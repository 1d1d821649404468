# SPDX-License-Identifier: Apache-2.0
"""Memberships as code hosts confirm them: by the organisation's number, for who asks, and never by default."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from scripted_github import ScriptedGitHub, member
from scripted_op import ABSENT, CLIENT, ScriptedOp, serving
from werkzeug.wrappers import Request, Response

from app.identity import memberships, sessions
from app.identity.errors import IdentityError, MembershipUntold, ProviderAnswerInvalid
from app.identity.models import Membership
from app.identity.ports import OrganisationTold, VerifiedClaims
from app.identity.service import IdentityService
from app.platform.clock_watch import ClockWatch
from app.platform.settings import ProviderSettings, Settings

BROWSER = "browser-secret"
SPEECH = {"sub": "60a551a34ecc5d054c8ad93e", "name": "Speech", "preferred_username": "speech", "roleInOrg": "write"}


@pytest.fixture
def hub() -> Iterator[ScriptedGitHub]:
    script = ScriptedGitHub(memberships=[member(9919, "Example-Org"), member(7, "other"), member(8, "new", "pending")])
    with serving(script) as origin:
        script.site = origin
        yield script


@pytest.fixture
def identity(
    db: Any, clock: Any, tmp_path: Path, hub: ScriptedGitHub, op: ScriptedOp, transport: httpx2.BaseTransport
) -> IdentityService:
    sites = {"github": hub.site, "gitlab": op.issuer, "huggingface": op.issuer, "oidc": op.issuer}
    entries = [
        ProviderSettings(name=kind, kind=kind, issuer=site, client_id=CLIENT, client_secret="s3cret")  # type: ignore[arg-type]
        for kind, site in sites.items()
    ]
    settings = Settings(home=tmp_path, providers=tuple(entries))
    return IdentityService(db, clock, settings, ClockWatch(db, clock, (sessions.cut_short,)), transport)


@pytest.fixture
def ask(identity: IdentityService, hub: ScriptedGitHub, op: ScriptedOp) -> Callable[..., list[tuple[str, str]]]:
    """A whole walk that asks for an organisation by name; what is confirmed afterwards, number and name."""

    def go(name: str, provider: str = "github") -> list[tuple[str, str]]:
        url = identity.begin(provider, BROWSER, organisation=name).url
        params = hub.callback(url) if provider == "github" else op.callback(url)
        actor = identity.actor_of_session(identity.finish(provider, params, BROWSER).session_secret)
        assert actor is not None
        return [(each.organisation, each.name) for each in identity.memberships(actor.contributor_id)]

    return go


def test_the_scope_of_memberships_is_asked_of_nobody_else_and_nothing_of_other_organisations_is_kept(
    identity: IdentityService, hub: ScriptedGitHub, ask: Any, db: Any
) -> None:
    identity.finish("github", hub.callback(identity.begin("github", BROWSER).url), BROWSER)
    assert "org" not in hub.scope
    assert ask("example-ORG") == [("9919", "Example-Org")]
    assert hub.scope == "read:user user:email read:org"
    with db.read() as session:
        assert session.query(Membership).count() == 1


def test_a_renamed_organisation_keeps_and_one_made_anew_under_its_name_inherits_nothing(
    hub: ScriptedGitHub, ask: Any, clock: Any
) -> None:
    ask("example-org")
    hub.memberships = [member(9919, "example-labs")]
    assert ask("example-org") == [("9919", "example-labs")]
    hub.memberships = [member(10001, "example-org")]
    assert ask("example-org") == [("10001", "example-org")]


def test_who_is_no_member_any_more_or_only_invited_has_no_membership(hub: ScriptedGitHub, ask: Any) -> None:
    assert ask("new") == []
    assert ask("nowhere") == []
    assert ask("example-org") != []
    hub.memberships = [member(9919, "Example-Org", "pending")]
    assert ask("other") == []


UNTOLD: list[Any] = [
    {},
    ["x"],
    [{"state": "active"}],
    [member(None, "x")],
    [member(number=True, login="x")],
    [member(1, "")],
    [member(-1, "x")],
]


def test_an_answer_that_is_not_understood_confirms_nothing(hub: ScriptedGitHub, ask: Any) -> None:
    for hub.memberships in UNTOLD:
        with pytest.raises(ProviderAnswerInvalid):
            ask("x")


def test_a_host_that_refuses_or_is_down_confirms_nothing_and_what_was_confirmed_stays(
    identity: IdentityService, hub: ScriptedGitHub, ask: Any, db: Any
) -> None:
    ask("example-org")
    for status in (403, 404, 500):
        hub.status = {"/api/v3/user/memberships/orgs": status}
        with pytest.raises(IdentityError):
            ask("other")
    with db.read() as session:
        assert [each.organisation for each in session.query(Membership)] == ["9919"]


def test_memberships_are_read_page_by_page_up_to_a_thousand(hub: ScriptedGitHub, ask: Any) -> None:
    hub.memberships = [member(number, f"org-{number}") for number in range(1, 251)]
    assert ask("org-250") == [("250", "org-250")]
    hub.memberships = [member(number, f"org-{number}") for number in range(1, 1001)]
    with pytest.raises(ProviderAnswerInvalid, match="more than 1000"):
        ask("org-1")


def test_hugging_face_names_organisations_by_opaque_ids_and_only_those_that_let_the_person_in(
    op: ScriptedOp, ask: Any
) -> None:
    op.answer = {"iss": ABSENT}
    op.discovery = {"authorization_response_iss_parameter_supported": ABSENT}
    op.claims = {"sub": "62f264b9f3c90f4b6514a269"}
    op.userinfo = {"sub": "62f264b9f3c90f4b6514a269", "orgs": [SPEECH]}
    assert ask("speech", "huggingface") == [("60a551a34ecc5d054c8ad93e", "speech")]
    op.userinfo |= {"orgs": [SPEECH | {"pendingSSO": True}]}
    assert ask("speech", "huggingface") == []
    for told in (ABSENT, None, "speech", [{}], [SPEECH | {"sub": "../x"}], [SPEECH | {"preferred_username": 1}]):
        op.userinfo |= {"orgs": told}
        with pytest.raises(ProviderAnswerInvalid):
            ask("speech", "huggingface")


@dataclass
class ScriptedGroups:
    """GitLab's `GET /groups`: what it tells, page by page, to whoever has the token of the walk."""

    told: Any = field(default_factory=lambda: [group(9970, "gitlab-org"), group(55, "acme/Research")])
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.asked.append(request.args.to_dict())
        if request.headers.get("Authorization") != "Bearer access-1":
            return Response("{}", 401, content_type="application/json")
        first = (int(request.args["page"]) - 1) * int(request.args["per_page"])
        page = self.told[first : first + int(request.args["per_page"])] if isinstance(self.told, list) else self.told
        return Response(json.dumps(page), self.status, content_type="application/json")


def group(number: Any, path: Any) -> dict[str, Any]:
    return {"id": number, "name": "A group", "full_path": path, "visibility": "private"}


@pytest.fixture
def groups(op: ScriptedOp) -> ScriptedGroups:
    op.answer = {"iss": ABSENT}
    op.discovery = {"authorization_response_iss_parameter_supported": ABSENT}
    script = ScriptedGroups()
    op.override["/api/v4/groups"] = script
    return script


def test_gitlab_names_groups_by_numbers_to_a_scope_that_is_asked_for_on_that_walk_alone(
    identity: IdentityService, ask: Any, groups: ScriptedGroups
) -> None:
    plain, asking = (
        parse_qs(urlsplit(identity.begin("gitlab", BROWSER, organisation=name).url).query)["scope"]
        for name in (None, "acme/research")
    )
    assert (plain, asking) == (["openid profile email"], ["openid profile email read_api"])
    assert ask("acme/research", "gitlab") == [("55", "acme/Research")]
    assert [each["min_access_level"] for each in groups.asked] == ["10"]  # who only asked for access is no member
    groups.told = [group(55, "acme/lab")]
    assert ask("elsewhere", "gitlab") == [("55", "acme/lab")]
    groups.told = [group(56, "acme/research")]  # made anew by others under the old path
    assert ask("elsewhere", "gitlab") == []


def test_groups_that_are_refused_or_not_understood_confirm_nothing_and_what_was_confirmed_stays(
    ask: Any, groups: ScriptedGroups, db: Any
) -> None:
    ask("acme/research", "gitlab")
    for groups.told in (
        {},
        ["x"],
        [{"id": 1}],
        [group(None, "x")],
        [group("55", "x")],
        [group(0, "x")],
        [group(5, "")],
    ):
        with pytest.raises(ProviderAnswerInvalid):
            ask("x", "gitlab")
    groups.told = [group(number, f"g-{number}") for number in range(201, 321)]
    for groups.status in (401, 403, 404, 500):
        with pytest.raises(IdentityError):
            ask("g-207", "gitlab")
    with db.read() as session:
        assert [each.organisation for each in session.query(Membership)] == ["55"]
    groups.status = 200
    assert ask("g-320", "gitlab") == [("320", "g-320")]
    groups.told = [group(number, f"g-{number}") for number in range(1, 1001)]
    with pytest.raises(ProviderAnswerInvalid, match="more than 1000"):
        ask("g-1", "gitlab")


def test_a_provider_that_tells_no_memberships_is_not_asked(identity: IdentityService) -> None:
    assert [name for name in identity.providers if identity.asks_membership(name)] == [
        "github",
        "gitlab",
        "huggingface",
    ]
    with pytest.raises(MembershipUntold) as refusal:
        identity.begin("oidc", BROWSER, organisation="speech")
    assert "/account/memberships" in str(refusal.value.hint)


def test_old_words_of_anybody_are_forgotten_at_the_next_question(ask: Any, clock: Any, db: Any, identity: Any) -> None:
    ask("example-org")
    other = identity.actor_of_session(identity.start_session(VerifiedClaims("github", "77", name="Other"), ""))
    clock.at += memberships.KEPT * 2
    with db.write() as session:
        memberships.record(session, other.identity_id, [OrganisationTold("5", "x")], "x", clock.now())
        assert [each.organisation for each in session.query(Membership)] == ["5"]
