# SPDX-License-Identifier: Apache-2.0
"""A forge's ID token for a token of the project: a real issuer on loopback, which tells the truth and then lies."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from check_questions import question
from counting import counted
from flask import Flask
from flask.testing import FlaskClient
from oidc_lies import LIES, discovers
from scripted_op import ABSENT, ScriptedOp, rsa_key, serving
from serving import serving as serving_wsgi
from signin import person
from signing_walk import PROJECT
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.platform.clock import Clock, FixedClock
from app.platform.clock_watch import ClockWatch
from app.platform.scopes import Scope, TokenScopeMissing
from app.projects.service import ProjectInfo
from app.tokens import exchange
from app.tokens.errors import JobNotTrusted, WorkloadIssuerAway, WorkloadTokenInvalid, WorkloadTokenUsed
from app.tokens.exchange import WorkloadDesk
from app.tokens.issuers import WorkloadIssuer
from app.tokens.models import ProjectToken
from app.tokens.service import TokenService
from app.wiring import Services
from mcla.cli.check_beside import with_job_token
from mcla.cli.service import Service

JOB = {"repository_id": "74", "repository_owner_id": "65", "repository": "octo/repo", "event_name": "push"}
RULE = {"repository_id": "74", "repository_owner_id": "65"}
READ = frozenset({Scope.CHECKS_READ, Scope.COVERAGE_READ})
# The same function checks a person's ID token, where all of the lies are told; here, those that a job could tell.
OF_A_JOB = ("aud", "azp", "iss", "iat", "exp", "alg", "sig-", "signed", "signing", "jwk-brings", "jku", "missing-sub")
OF_A_WALK = ("nonce", "at-hash", "id-token-missing")


class Forge:
    """A forge on loopback; `op` is what it says, and a new one may take its place."""

    def __init__(self, clock: Clock, audience: str) -> None:
        self.clock, self.audience, self.issuer = clock, audience, ""
        self.op = ScriptedOp(clock)

    def honest(self) -> ScriptedOp:
        self.op = ScriptedOp(self.clock, self.issuer, claims={"aud": self.audience, "nonce": ABSENT, **JOB})
        self.op.discovery = {"authorization_endpoint": ABSENT, "token_endpoint": ABSENT, "userinfo_endpoint": ABSENT}
        return self.op

    def token(self, **claims: Any) -> str:
        """A fresh ID token, each with its own `jti`."""
        number = getattr(self, "number", 0)
        self.number = number + 1
        return str(self.op.id_token("", "", {"jti": str(number), "at_hash": ABSENT, **claims}))


@pytest.fixture
def forge(clock: FixedClock, services: Services) -> Iterator[Forge]:
    forge = Forge(clock, services.settings.origin)
    with serving(lambda request: forge.op(request)) as forge.issuer:
        forge.honest()
        yield forge


@pytest.fixture
def desk(services: Services, forge: Forge) -> Callable[[], WorkloadDesk]:
    """Makes a desk that has asked the forge for nothing yet."""

    def make() -> WorkloadDesk:
        issuer = WorkloadIssuer(forge.issuer, httpx2.HTTPTransport(), services.clock)
        watch = ClockWatch(services.db, services.clock, (exchange.cut_short,))
        return WorkloadDesk(services.db, services.clock, watch, {forge.issuer: issuer}, services.settings.origin)

    return make


@pytest.fixture
def trusting(desk: Callable[[], WorkloadDesk], project: ProjectInfo, forge: Forge) -> WorkloadDesk:
    """A desk where the project trusts one repository for two scopes."""
    made = desk()
    made.trust(project, forge.issuer, RULE, READ, "demo 104729")
    return made


def test_a_job_gets_ten_minutes_with_the_scopes_of_the_rule_or_fewer(
    services: Services, project: ProjectInfo, trusting: WorkloadDesk, forge: Forge, clock: FixedClock
) -> None:
    tokens = TokenService(services.db, clock, ClockWatch(services.db, clock, ()))
    whole = trusting.exchange(project, forge.token())
    narrow = trusting.exchange(project, forge.token(aud=[services.settings.origin]), frozenset({Scope.CHECKS_READ}))
    assert (whole.scopes, whole.expires_in) == (READ, 600)
    assert tokens.present(whole.secret).scopes == READ
    assert tokens.present(narrow.secret).scopes == {Scope.CHECKS_READ}
    assert tokens.tokens() == []  # people made none
    with pytest.raises(TokenScopeMissing):
        trusting.exchange(project, forge.token(), frozenset({Scope.POLICY_WRITE}))
    assert trusting.rules()[0].last_used_at is not None
    clock.at += timedelta(minutes=10)
    with pytest.raises(Exception, match="expired"):
        tokens.present(whole.secret)
    clock.at += timedelta(days=1)
    trusting.exchange(project, forge.token())
    with services.db.read() as session:
        assert session.scalar(select(func.count()).select_from(ProjectToken)) == 1


def test_each_id_token_works_once_also_for_eight_at_the_same_moment(
    project: ProjectInfo, trusting: WorkloadDesk, forge: Forge
) -> None:
    token = forge.token()

    def attempt(_: int) -> bool:
        try:
            trusting.exchange(project, token)
        except WorkloadTokenUsed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(attempt, range(8))) == [False] * 7 + [True]
    trusting.exchange(project, forge.token())


OTHERWISE: list[dict[str, Any]] = [
    *({"repository_id": each} for each in (74, ["74"], "740", "７４", " 74", None, ABSENT, True, {"74": 1})),
    {"repository_owner_id": "66"},  # the repository went to another owner
    {"repository_id": "75", "repository": "octo/repo"},  # the name was taken by somebody else
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_claim_that_is_missing_or_differs_in_value_or_type_is_not_trusted_and_uses_nothing_up(
    project: ProjectInfo, trusting: WorkloadDesk, forge: Forge
) -> None:
    for claims in OTHERWISE:
        token = forge.token(**claims)
        for _ in range(2):
            with pytest.raises(JobNotTrusted, match="repository_"):
                trusting.exchange(project, token)
    assert trusting.exchange(project, forge.token())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_lie_about_issuer_audience_algorithm_key_or_time_is_believed(
    project: ProjectInfo, trusting: WorkloadDesk, desk: Callable[[], WorkloadDesk], forge: Forge
) -> None:
    told = {name: lie for name, (lie, _) in LIES.items() if any(part in name for part in OF_A_JOB)}
    told = {name: lie for name, lie in told.items() if not any(part in name for part in OF_A_WALK)}
    assert len(told) > 30

    def believed(token: str) -> bool:
        try:
            return bool(desk().exchange(project, token))
        except (WorkloadTokenInvalid, JobNotTrusted, WorkloadIssuerAway):
            return False

    found = []
    for name, lie in told.items():
        lie(forge.honest())
        found += [name] if believed(forge.token()) else []
    assert found == []
    forge.honest()
    for text in ("", "a.b.c", "eyJ" * 9000, "\0", "é.é.é", "..", "eyJhbGciOiJub25lIn0.e30."):
        assert not believed(text)
    assert believed(forge.token())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_expired_token_one_for_another_service_and_a_branch_name_of_any_length(
    project: ProjectInfo, trusting: WorkloadDesk, forge: Forge, clock: FixedClock
) -> None:
    stale = forge.token()
    clock.at += timedelta(minutes=7)
    with pytest.raises(WorkloadTokenInvalid, match="expired"):
        trusting.exchange(project, stale)
    for audience in ("https://mcla.example.net", "http://127.0.0.1:8000/", f"{forge.audience}.evil.example"):
        with pytest.raises(WorkloadTokenInvalid, match="audience"):
            trusting.exchange(project, forge.token(aud=audience))
    with pytest.raises(WorkloadTokenInvalid, match="strangers"):
        trusting.exchange(project, forge.token(aud=[forge.audience, "https://other.example"]))
    assert trusting.exchange(project, forge.token(sub=f"repo:octo/repo:ref:refs/heads/{'x' * 400}"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_issuer_with_the_same_claims_and_another_project_are_trusted_with_nothing(
    services: Services, project: ProjectInfo, trusting: WorkloadDesk, forge: Forge, clock: FixedClock
) -> None:
    other = Forge(clock, forge.audience)
    with serving(lambda request: other.op(request)) as other.issuer:
        other.honest()
        with pytest.raises(JobNotTrusted):
            trusting.exchange(project, other.token())
        other.op.key = rsa_key("second")
        with pytest.raises(WorkloadTokenInvalid):  # signed by the other one's key, under the name of ours
            trusting.exchange(project, other.token(iss=forge.issuer))
        assert other.op.hits == []  # nobody whom no rule names is asked
    far = services.projects.ensure_project("example", "far", "Far", "")
    with pytest.raises(JobNotTrusted):
        trusting.exchange(far, forge.token())
    assert trusting.exchange(project, forge.token())


def test_ending_a_rule_ends_what_came_of_it_at_once(
    services: Services, project: ProjectInfo, trusting: WorkloadDesk, forge: Forge
) -> None:
    made, rule = trusting.exchange(project, forge.token()), trusting.rules()[0]
    other = services.projects.ensure_foundation("other", "Other", "x@example.org")
    for trust_id in (rule.id, "\0", "wtr_" + "0" * 26):
        with pytest.raises(Exception, match="There is no such rule"):
            trusting.end(trust_id, "demo 1", [other.id])
    trusting.end(rule.id, "demo 104729", [rule.foundation_id])
    with pytest.raises(Exception, match="ended"):
        services.tokens.present(made.secret)
    with pytest.raises(JobNotTrusted):
        trusting.exchange(project, forge.token())


def test_a_clock_set_back_does_not_lengthen_the_ten_minutes(
    services: Services, project: ProjectInfo, trusting: WorkloadDesk, forge: Forge, clock: FixedClock
) -> None:
    kept = services.tokens.create(project, [Scope.CHECKS_READ], "terminal")
    made = trusting.exchange(project, forge.token())
    clock.at -= timedelta(hours=2)
    with pytest.raises(Exception, match="expired"):
        services.tokens.present(made.secret)
    assert services.tokens.present(kept.secret)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_forge_that_is_away_or_answers_nonsense_uses_nothing_up(
    project: ProjectInfo, trusting: WorkloadDesk, desk: Callable[[], WorkloadDesk], forge: Forge
) -> None:
    token = forge.token()
    discovers(issuer="http://127.0.0.1:1")(forge.op)
    with pytest.raises(WorkloadIssuerAway):
        desk().exchange(project, token)
    forge.honest().discovery["jwks_uri"] = "https://keys.example.org/jwks"  # another machine than loopback
    with pytest.raises(WorkloadIssuerAway):
        desk().exchange(project, token)
    forge.honest()
    assert desk().exchange(project, token)


@pytest.fixture
def exchange_at(
    app: Flask, client: FlaskClient, services: Services, trusting: WorkloadDesk
) -> Iterator[Callable[..., TestResponse]]:
    """Posts to the exchange of an application that knows the forge."""
    known = copy(services)
    vars(known)["workloads"] = trusting
    app.extensions["mcla"] = known
    yield lambda **body: client.post("/api/v1/tokens/exchange", json=body)
    app.extensions["mcla"] = services


@pytest.mark.usefixtures("exchange_at")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_line_gets_a_jobs_access_by_itself_and_may_then_ask_by_address(
    app: Flask, services: Services, forge: Forge
) -> None:
    ada = person(services.identity)
    asked = question(ada, {"email": "ada.li@example.org"})
    with serving_wsgi(app) as origin, Service(origin) as service:
        bare = service.post("/api/v1/checks", asked)
        assert with_job_token(service, PROJECT, {"MCLA_ID_TOKEN": forge.token()}) == ()
        assert str(service.token).startswith("mcla_pat_")
        known = service.post("/api/v1/checks", asked)
        service.token = None
        (notice,) = with_job_token(service, PROJECT, {"MCLA_ID_TOKEN": forge.token(repository_id="75")})
    assert notice.code == "job-not-trusted"
    told = [[subject["code"] for subject in each["subjects"]] for each in (bare, known)]
    assert told[0][1] == "address-needs-token"
    assert len(told[1]) == 1  # the address is the opener's, who is one person


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_over_http_the_names_are_those_of_rfc_8693_and_each_refusal_has_its_code(
    exchange_at: Callable[..., TestResponse], client: FlaskClient, services: Services, forge: Forge
) -> None:
    token = forge.token()
    answer = exchange_at(project=PROJECT, subject_token=token, scope="coverage:read")
    body = answer.get_json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert {name: body[name] for name in ("token_type", "expires_in", "scope", "project")} == {
        "token_type": "Bearer", "expires_in": 600, "scope": "coverage:read", "project": PROJECT}  # fmt: skip
    bearing = {"Authorization": f"Bearer {body['access_token']}"}
    coverage = f"/api/v1/coverage?project={PROJECT}&provider=demo&subject=104729&kind=code"
    with counted(services.db) as statements:
        assert client.get(coverage, headers=bearing).status_code == 200
    assert not [each for each in statements if each.startswith(("UPDATE", "INSERT"))]
    refusals = {
        "workload-token-used": exchange_at(project=PROJECT, subject_token=token),
        "workload-token-invalid": exchange_at(project=PROJECT, subject_token="x"),
        "job-not-trusted": exchange_at(project=PROJECT, subject_token=forge.token(repository_id="1")),
        "project-unknown": exchange_at(project="nobody", subject_token=forge.token()),
        "token-scope-missing": exchange_at(project=PROJECT, subject_token=forge.token(), scope="policy:write"),
        "request-invalid": exchange_at(project=PROJECT, subject_token=forge.token(), scope="no:such"),
        "token-not-exchanged": client.get(coverage, headers={"Authorization": f"Bearer {forge.token()}"}),
        "token-not-taken": client.post("/api/v1/tokens/exchange", json={}, headers=bearing),
    }
    assert {code: answer.get_json()["code"] for code, answer in refusals.items()} == {code: code for code in refusals}
    assert all(answer.get_json()["hint"] and token not in answer.text for answer in refusals.values())
