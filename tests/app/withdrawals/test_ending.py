# SPDX-License-Identifier: Apache-2.0
"""Ending an own acceptance or contribution: by its signer alone, once, from its log entry on; signing anew works."""

import json
from typing import Any

import pytest
from signing_walk import Holder, accept, bearer, certified, count, draft_contribution, draft_end, end, file, give, sign
from sqlalchemy import select

from app.identity.ports import Actor
from app.log.models import LogEntry
from app.platform.jobs import Job
from app.records.models import Record
from app.signing.errors import (
    AcceptanceEnded,
    AgreementNotSigned,
    AlreadyContributed,
    AlreadyEnded,
    CannotBeEnded,
    NothingToEnd,
    SignatureInvalid,
)
from app.signing.models import Withdrawal
from mcla.artifacts.digest import sha256_hex
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import StatementInvalid
from mcla.statements.statement import parse_statement
from mcla.verify.verifier import verify_bundle


def test_an_end_is_a_signed_logged_statement_about_exactly_what_it_ends(services: Any, ada: Actor, gift: Any) -> None:
    drafts = [draft_end(services, ada, each) for each in gift]
    for ended, draft in zip(gift, drafts, strict=True):
        statement = parse_statement(draft.statement)
        assert (draft.type, draft.ends) == ("withdrawal", ended.id)
        assert statement.ends.log_index == ended.log_index
        signed = parse_statement(services.signing.signing(ada, "sng_" + ended.id[4:]).statement)
        assert (statement.root, statement.ends.statement) == (signed.root, sha256_hex(signed.to_bytes()))
        assert statement.consent.sha256 == draft.consent.sha256 == sha256_hex(draft.consent.text.encode())
    ended = end(services, ada, gift.given, reason="rights-claim", stage="S2")
    verdict = verify_bundle(canonical_json(ended.bundle), services.trust, identity=drafts[0].signer.uri)
    assert verdict.verified
    assert (verdict.statement["reason"], verdict.statement["stage"]) == ("rights-claim", "S2")
    assert (ended.log_index, ended.record_url) == (2, None)
    assert ended.url.endswith(f"/contributions/{gift.given.id}")


def test_a_contribution_that_was_taken_back_was_valid_then_and_is_not_now(
    services: Any, client: Any, ada: Actor, gift: Any
) -> None:
    path = f"/api/v1/contributions/{gift.given.id}"
    before = client.get(path).get_json()
    assert [before[name] for name in ("state", "since", "valid_then", "valid_now")] == ["in-force", None, True, True]
    ended = end(services, ada, gift.given)
    after = client.get(path).get_json()
    since = {"log_index": ended.log_index, "time": "2026-11-22T12:00:00Z"}
    assert [after[name] for name in ("verdict", "state", "since")] == ["verified", "ended", since]
    assert (after["valid_then"], after["valid_now"], after["as_of"]["log_size"]) == (True, False, 3)
    digest = f"sha256:{file().sha256}"
    told = client.get(f"/api/v1/artifacts/{digest}").get_json()
    assert (told["verdict"], told["state"], told["reasons"][-1]["code"]) == ("verified", "ended", "ended")
    assert told["contributions"][0]["since"] == since
    assert client.post("/api/v1/verify", json={"digests": [digest]}).get_json()["results"] == [told]
    verdict = client.post("/api/v1/bundles/verify", json=dict(gift.given.bundle)).get_json()
    assert (verdict["verdict"], verdict["withdrawal"]["state"]) == ("verified", "ended")
    assert verdict["withdrawal"]["since"] == since


def test_one_contribution_in_force_speaks_for_a_file_before_one_that_was_ended(
    services: Any, ada: Actor, bela: Actor, gift: Any
) -> None:
    accept(services, bela)
    second = give(services, bela)
    end(services, ada, gift.given)
    answer = services.contributions.artifact(f"sha256:{file().sha256}")
    assert (answer.verdict, answer.state) == ("verified", "in-force")
    assert [each.standing.state for each in answer.contributions] == ["ended", "in-force"]
    end(services, bela, second)
    assert services.contributions.artifact(f"sha256:{file().sha256}").state == "ended"


def test_an_ended_acceptance_carries_nothing_new_and_leaves_the_old_as_it_was(
    services: Any, ada: Actor, gift: Any
) -> None:
    end(services, ada, gift.accepted)
    with pytest.raises(AgreementNotSigned):
        draft_contribution(services, ada, file("new.py", b"new"))
    assert services.contributions.contribution(gift.given.id, None).standing.state == "in-force"
    verdict = services.contributions.verify_bundle(canonical_json(gift.accepted.bundle))
    assert (verdict.verified, verdict.withdrawal.valid_then, verdict.withdrawal.valid_now) == (True, True, False)


def test_a_contribution_whose_page_stood_open_while_the_acceptance_was_ended_is_not_signed(
    services: Any, ada: Actor, gift: Any, db: Any
) -> None:
    signing, holder = certified(services, ada, lambda *who: draft_contribution(*who, file("new.py", b"new")))
    end(services, ada, gift.accepted)
    entries = count(db, LogEntry)
    with pytest.raises(AcceptanceEnded) as refusal:
        sign(services, ada, signing, holder)
    assert refusal.value.extra["sign_url"].endswith("/sign/mcla-individual")
    assert count(db, LogEntry) == entries


def test_what_was_ended_can_be_signed_and_given_anew(services: Any, ada: Actor, gift: Any) -> None:
    with pytest.raises(AlreadyContributed):
        draft_contribution(services, ada)
    end(services, ada, gift.given)
    end(services, ada, gift.accepted)
    again = accept(services, ada)
    assert again.id != gift.accepted.id
    assert services.signing.in_force(ada.contributor_id, "mcla-individual").signature_id == again.id
    new = give(services, ada)
    states = {
        each.id: each.standing.state
        for each in services.contributions.artifact(f"sha256:{file().sha256}").contributions
    }
    assert states == {gift.given.id: "ended", new.id: "in-force"}
    with pytest.raises(AlreadyContributed):
        draft_contribution(services, ada)


def test_ending_twice_ends_once_and_says_since_when(services: Any, ada: Actor, gift: Any, db: Any) -> None:
    waiting, holder = certified(services, ada, lambda *who: draft_end(*who, gift.given))
    ended = end(services, ada, gift.given)
    for twice in (lambda: draft_end(services, ada, gift.given), lambda: sign(services, ada, waiting, holder)):
        with pytest.raises(AlreadyEnded) as refusal:
            twice()
        assert refusal.value.extra["withdrawal"] == ended.id
        assert refusal.value.extra["since"] == {"time": "2026-11-22T12:00:00Z", "log_index": ended.log_index}
    assert count(db, Withdrawal) == 1


def test_the_same_last_request_again_gets_the_same_answer(services: Any, ada: Actor, gift: Any, db: Any) -> None:
    signing, holder = certified(services, ada, lambda *who: draft_end(*who, gift.given))
    first = sign(services, ada, signing, holder)
    assert sign(services, ada, signing, holder) == first
    assert services.signing.signing(ada, signing.id).result == first
    assert count(db, Withdrawal) == 1


def test_only_the_signer_can_and_everybody_else_learns_nothing(
    services: Any, client: Any, ada: Actor, bela: Actor, gift: Any
) -> None:
    headers = bearer(services, bela)
    asked = {"type": "withdrawal", "key_holder": "cli"}
    nobodys = [prefix + "0" * 26 for prefix in ("ctr_", "sig_", "wdr_")]
    ended = end(services, ada, give(services, ada, file("other.py", b"other")))
    problems = []
    for identifier in (gift.given.id, gift.accepted.id, ended.id, *nobodys):
        answer = client.post("/api/v1/signings", json=asked | {"ends": identifier}, headers=headers)
        problem = answer.get_json()
        problems.append((answer.status_code, problem["code"], problem["detail"], problem["hint"]))
    assert set(problems) == {(404, "nothing-to-end", problems[0][2], problems[0][3])}
    with pytest.raises(NothingToEnd):
        draft_end(services, bela, gift.given)


@pytest.mark.parametrize("identifier", ["", "x", "ctr_", "ctr_\0", "ctr_" + "é" * 26, "sng_" + "0" * 26, "../../x"])
def test_what_is_no_id_ends_nothing(services: Any, ada: Actor, identifier: str) -> None:
    with pytest.raises(NothingToEnd):
        draft_end(services, ada, identifier)


def test_an_id_with_the_prefix_of_another_type_ends_nothing(services: Any, ada: Actor, gift: Any) -> None:
    with pytest.raises(NothingToEnd):
        draft_end(services, ada, "sig_" + gift.given.id[4:])


def test_a_withdrawal_cannot_be_ended_itself(services: Any, ada: Actor, gift: Any) -> None:
    ended = end(services, ada, gift.given)
    with pytest.raises(CannotBeEnded) as refusal:
        draft_end(services, ada, ended)
    assert "anew" in refusal.value.hint


def test_a_draft_that_was_never_signed_cannot_be_ended(services: Any, ada: Actor, gift: Any) -> None:
    draft = draft_contribution(services, ada, file("new.py", b"new"))
    with pytest.raises(NothingToEnd):
        draft_end(services, ada, "ctr_" + draft.id[4:])


def test_a_stage_of_an_acceptance_and_an_unknown_reason_are_refused(
    services: Any, client: Any, ada: Actor, gift: Any
) -> None:
    with pytest.raises(StatementInvalid):
        draft_end(services, ada, gift.accepted, stage="S1")
    headers, asked = bearer(services, ada), {"type": "withdrawal", "key_holder": "cli", "ends": gift.given.id}
    for wrong in ({"reason": "Ada was unhappy"}, {"stage": "S9"}, {"ends": "x"}, {"note": "text"}, {"reason": None}):
        answer = client.post("/api/v1/signings", json=asked | wrong, headers=headers)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "request-invalid"), wrong


def test_a_statement_swapped_between_show_and_sign_is_refused(services: Any, ada: Actor, gift: Any, db: Any) -> None:
    shown, holder = certified(services, ada, lambda *who: draft_end(*who, gift.given))
    other = draft_end(services, ada, gift.accepted)
    with pytest.raises(SignatureInvalid):
        services.signing.complete(ada, shown.id, holder.signature(other.statement), consent=True)
    changed = json.loads(shown.statement)
    changed["predicate"]["ends"]["logIndex"] = 0
    with pytest.raises(SignatureInvalid):
        services.signing.complete(ada, shown.id, Holder().signature(canonical_json(changed)), consent=True)
    assert count(db, Withdrawal) == 0


def test_an_end_brings_no_record_and_one_job_that_finishes_it(services: Any, ada: Actor, gift: Any, db: Any) -> None:
    before = count(db, Record)
    ended = end(services, ada, gift.given)
    assert count(db, Record) == before
    with db.read() as session:
        jobs = [job.payload["signing_id"] for job in session.scalars(select(Job).where(Job.kind == "signing.finish"))]
    assert jobs.count("sng_" + ended.id[4:]) == 1
    services.signing.finish_job({"signing_id": "sng_" + ended.id[4:]})
    assert count(db, Withdrawal) == 1


def test_its_bundle_is_public_and_holds_no_word_about_a_person(
    services: Any, client: Any, ada: Actor, gift: Any
) -> None:
    ended = end(services, ada, gift.given)
    answer = client.get(f"/api/v1/withdrawals/{ended.id}/bundle")
    assert answer.data == canonical_json(ended.bundle)
    texts = [answer.text, client.get("/.well-known/mcla/withdrawals").text, str(parse_bundle_payload(ended))]
    private = (ada.name, ada.login, ada.email, ada.contributor_id, ada.identity_id)
    assert [word for text in texts for word in private if word in text] == []
    for unknown in ("wdr_" + "0" * 26, gift.given.id, "x", "%00"):
        assert client.get(f"/api/v1/withdrawals/{unknown}/bundle").status_code == 404


def parse_bundle_payload(ended: Any) -> bytes:
    from mcla.envelope.encoding import decode_base64

    return decode_base64(ended.bundle["dsseEnvelope"]["payload"], "payload")
