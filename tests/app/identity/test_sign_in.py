# SPDX-License-Identifier: Apache-2.0
"""Sign-in flows through the service: bound to a browser, used once, and never the same person by e-mail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from scripted_op import ABSENT, ScriptedOp
from sqlalchemy import select, text

from app.identity.errors import CallbackInvalid, FlowInvalid, IdentityError, ProviderUnknown
from app.identity.models import Contributor, Identity, LoginFlow, PersonDetail, WebSession
from app.identity.ports import Finished, VerifiedClaims
from app.identity.service import IdentityService
from app.platform.clock import FixedClock
from app.platform.db import Database

BROWSER = "browser-secret"


def sign_in(identity: IdentityService, op: ScriptedOp, provider: str = "scripted", browser: str = BROWSER) -> Finished:
    return identity.finish(provider, op.callback(identity.begin(provider, browser, "/verify").url), browser)


def test_a_person_signs_in_and_goes_on_with_the_page_they_came_from(identity: IdentityService, op: ScriptedOp) -> None:
    done = sign_in(identity, op)
    actor = identity.actor_of_session(done.session_secret)
    assert actor is not None
    assert (actor.name, actor.login, actor.email) == ("Jane Roe", "jroe", "jane@example.org")
    assert done.next_path == "/verify"


def test_the_same_subject_is_the_same_person_and_details_are_a_snapshot_only_when_they_differ(
    identity: IdentityService, op: ScriptedOp, db: Database
) -> None:
    first = identity.actor_of_session(sign_in(identity, op).session_secret)
    again = identity.actor_of_session(sign_in(identity, op).session_secret)
    op.userinfo.update(name="Jane Roe-Smith", preferred_username="renamed")
    renamed = identity.actor_of_session(sign_in(identity, op).session_secret)
    assert first is not None
    assert again is not None
    assert renamed is not None
    assert first.contributor_id == again.contributor_id == renamed.contributor_id
    assert first.person_detail_id == again.person_detail_id != renamed.person_detail_id
    with db.read() as session:
        assert identity.person_detail(session, first.person_detail_id).login == "jroe"
        secrets = set(session.scalars(select(PersonDetail.secret)))
    assert {len(secret) for secret in secrets} == {32}
    assert len(secrets) == 2


def test_equal_subject_and_address_at_two_providers_are_two_people(identity: IdentityService, op: ScriptedOp) -> None:
    one = identity.actor_of_session(sign_in(identity, op, "scripted").session_secret)
    other = identity.actor_of_session(sign_in(identity, op, "second").session_secret)
    assert one is not None
    assert other is not None
    assert one.email == other.email
    assert one.contributor_id != other.contributor_id


def test_a_state_works_once(identity: IdentityService, op: ScriptedOp) -> None:
    params = op.callback(identity.begin("scripted", BROWSER).url)
    identity.finish("scripted", params, BROWSER)
    with pytest.raises(FlowInvalid, match="already used"):
        identity.finish("scripted", params, BROWSER)


def test_a_state_works_once_also_when_it_comes_eight_times_at_the_same_moment(
    identity: IdentityService, op: ScriptedOp
) -> None:
    params = op.callback(identity.begin("scripted", BROWSER).url)

    def attempt(_: int) -> bool:
        try:
            identity.finish("scripted", params, BROWSER)
        except IdentityError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_eight_first_sign_ins_at_the_same_moment_make_one_person(identity: IdentityService, db: Database) -> None:
    claims = VerifiedClaims("scripted", "77", "Jo", "jo")
    with ThreadPoolExecutor(8) as pool:
        secrets = list(pool.map(lambda _: identity.start_session(claims), range(8)))
    people = {actor.contributor_id for actor in map(identity.actor_of_session, secrets) if actor}
    with db.read() as session:
        assert len(list(session.scalars(select(Identity)))) == 1
        assert set(session.scalars(select(Contributor.id))) == people
    assert len(people) == 1


def test_two_tabs_of_one_browser_both_finish(identity: IdentityService, op: ScriptedOp) -> None:
    urls = [identity.begin("scripted", BROWSER, f"/tab-{n}").url for n in (1, 2)]
    done = [identity.finish("scripted", op.callback(url), BROWSER) for url in reversed(urls)]
    assert [d.next_path for d in done] == ["/tab-2", "/tab-1"]


@pytest.mark.parametrize("browser", ["another-browser", "", "browser-secre", "browser-secret "])
def test_the_state_of_another_browser_is_refused_and_stays_usable_where_it_began(
    identity: IdentityService, op: ScriptedOp, browser: str
) -> None:
    params = op.callback(identity.begin("scripted", BROWSER).url)
    with pytest.raises(FlowInvalid, match="another browser"):
        identity.finish("scripted", params, browser)
    assert op.seen == []
    assert identity.finish("scripted", params, BROWSER).session_secret


def test_login_csrf_an_attackers_callback_cannot_sign_a_victim_in(identity: IdentityService, op: ScriptedOp) -> None:
    params = op.callback(identity.begin("scripted", "attacker").url)
    with pytest.raises(FlowInvalid):
        identity.finish("scripted", params, "victim")


def test_the_callback_of_one_provider_with_the_state_of_another_is_refused(
    identity: IdentityService, op: ScriptedOp
) -> None:
    params = op.callback(identity.begin("second", BROWSER).url)
    with pytest.raises(FlowInvalid, match="another provider"):
        identity.finish("scripted", params, BROWSER)
    assert op.seen == []


def test_the_code_of_one_flow_does_not_work_in_another(identity: IdentityService, op: ScriptedOp) -> None:
    first, second = (op.callback(identity.begin("scripted", BROWSER).url) for _ in range(2))
    with pytest.raises(IdentityError, match="did not accept"):
        identity.finish("scripted", second | {"code": first["code"]}, BROWSER)


@pytest.mark.parametrize(("minutes", "fresh"), [(9, True), (10, False), (60, False)])
def test_a_flow_lives_ten_minutes(
    identity: IdentityService, op: ScriptedOp, clock: FixedClock, minutes: int, fresh: bool
) -> None:
    params = op.callback(identity.begin("scripted", BROWSER).url)
    clock.at += timedelta(minutes=minutes)
    if fresh:
        assert identity.finish("scripted", params, BROWSER)
    else:
        with pytest.raises(FlowInvalid, match="ten minutes"):
            identity.finish("scripted", params, BROWSER)


@pytest.mark.parametrize("name", ["", "nobody", "SCRIPTED", "scripted ", "../scripted", "scripted\x00"])
def test_an_unknown_provider_is_refused(identity: IdentityService, name: str) -> None:
    with pytest.raises(ProviderUnknown):
        identity.begin(name, BROWSER)
    with pytest.raises(ProviderUnknown):
        identity.finish(name, {"state": ["x"]}, BROWSER)


MUTATIONS: dict[str, dict[str, object]] = {
    **{
        f"state-{name}": {"state": value}
        for name, value in {
            "absent": ABSENT,
            "empty": [""],
            "of-nobody": ["x" * 43],
            "twice": ["a", "b"],
            "huge": ["x" * 5000],
            "nul": ["\x00"],
            "not-ascii": ["é"],
            "surrogate": ["\ud800"],
            "sql": ["' OR 1=1 --"],
        }.items()
    },
    **{
        f"code-{name}": {"code": value}
        for name, value in {
            "absent": ABSENT,
            "empty": [""],
            "of-nobody": ["x"],
            "twice": ["a", "b"],
            "huge": ["x" * 5000],
            "nul": ["\x00"],
            "newline": ["a\nb"],
            "url": ["http://evil.example"],
        }.items()
    },
    **{
        f"iss-{name}": {"iss": value}
        for name, value in {
            "absent": ABSENT,
            "empty": [""],
            "wrong": ["https://evil.example"],
            "twice": ["a", "b"],
            "nul": ["\x00"],
        }.items()
    },
    **{
        f"error-{name}": {"error": [value]}
        for name, value in {
            "denied": "access_denied",
            "server": "server_error",
            "markup": "<img src=x>",
            "empty": "",
        }.items()
    },
}


@pytest.mark.parametrize("change", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_a_callback_with_one_field_changed_signs_nobody_in(
    identity: IdentityService, op: ScriptedOp, db: Database, change: dict[str, object]
) -> None:
    assert len(MUTATIONS) >= 25
    params = op.callback(identity.begin("scripted", BROWSER, "/sign/mcla-individual").url) | change
    kept = {name: value for name, value in params.items() if value is not ABSENT}
    with pytest.raises(IdentityError) as refusal:
        identity.finish("scripted", kept, BROWSER)  # type: ignore[arg-type]
    assert refusal.value.hint
    assert (
        isinstance(refusal.value, FlowInvalid | CallbackInvalid) or refusal.value.next_path == "/sign/mcla-individual"
    )
    with db.read() as session:
        assert session.scalar(text("SELECT count(*) FROM web_session")) == 0
        assert session.scalar(text("SELECT count(*) FROM identity")) == 0


def test_no_secret_of_a_flow_or_session_can_be_read_from_the_database(
    identity: IdentityService, op: ScriptedOp, db: Database
) -> None:
    url = identity.begin("scripted", BROWSER).url
    state = parse_qs(urlsplit(url).query)["state"][0]
    done = identity.finish("scripted", op.callback(url), BROWSER)
    with db.read() as session:
        rows = str(
            session.execute(select(LoginFlow.__table__)).all() + session.execute(select(WebSession.__table__)).all()
        )
    for secret in (state, BROWSER, done.session_secret):
        assert secret not in rows


def test_names_are_shown_without_control_and_direction_characters(identity: IdentityService, op: ScriptedOp) -> None:
    op.userinfo.update(name="Eve\u202e\x00 \u2066Li\n", preferred_username="e\x1bve")
    actor = identity.actor_of_session(sign_in(identity, op).session_secret)
    assert actor is not None
    assert (actor.name, actor.login) == ("Eve Li", "eve")


@pytest.mark.parametrize("name", ["", "   ", "\u202e", 7, None, ["Jane"]])
def test_a_person_without_a_usable_name_is_shown_by_login(
    identity: IdentityService, op: ScriptedOp, name: object
) -> None:
    op.userinfo["name"] = name
    actor = identity.actor_of_session(sign_in(identity, op).session_secret)
    assert actor is not None
    assert actor.name == "jroe"


def test_two_foundations_see_two_names_of_one_person_and_the_same_one_every_time(
    identity: IdentityService, op: ScriptedOp, db: Database, clock: FixedClock
) -> None:
    actor = identity.actor_of_session(sign_in(identity, op).session_secret)
    assert actor is not None
    with db.write() as session:
        for n in ("one", "two"):
            session.execute(
                text("INSERT INTO foundation (id, slug, name, contact, created_at) VALUES (:id, :id, :id, '', :at)"),
                {"id": n, "at": "2026-11-22 12:00:00"},
            )
    with ThreadPoolExecutor(4) as pool:

        def ask(foundation: str) -> str:
            with db.write() as session:
                return identity.signer_for(session, actor.contributor_id, foundation).id

        names = list(pool.map(ask, ["one", "two"] * 4))
    assert len(set(names)) == 2
    assert names[0::2] == [names[0]] * 4


def test_flows_that_are_long_over_are_forgotten_and_late_ones_still_hear_why(
    identity: IdentityService, op: ScriptedOp, clock: FixedClock, db: Database
) -> None:
    params = op.callback(identity.begin("scripted", BROWSER).url)
    clock.at += timedelta(minutes=30)
    identity.begin("scripted", BROWSER)
    with pytest.raises(FlowInvalid, match="ten minutes"):
        identity.finish("scripted", params, BROWSER)
    clock.at += timedelta(hours=2)
    identity.begin("scripted", BROWSER)
    with db.read() as session:
        assert session.scalar(text("SELECT count(*) FROM login_flow")) == 1
