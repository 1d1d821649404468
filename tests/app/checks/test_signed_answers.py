# SPDX-License-Identifier: Apache-2.0
"""Signed answers: exactly what was answered, by this service and nobody else, checked without it; nothing is stored."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from check_questions import question, sent
from counting import counted
from flask.testing import FlaskClient
from signing_walk import PROJECT

from mcla.checks.svr import (
    CHANGE_COVERED,
    FILES_COVERED,
    PEOPLE_COVERED,
    verify_answer,
)
from mcla.cli.main import cli
from mcla.errors import MclaError
from mcla.statements.parts import format_time
from mcla.verify.svr import PREDICATE_TYPE, SignedAnswerInvalid
from mcla.verify.verifier import verify_bundle

HEAD = "c" * 40


@pytest.fixture
def signed(client: FlaskClient, gift: Any, ada: Any) -> dict[str, Any]:
    """A signed answer, covered."""
    answer = client.post("/api/v1/checks", json=question(ada, artifacts=[sent()], head=HEAD, signed=True))
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_a_signed_answer_names_head_files_policy_and_what_held(signed: dict[str, Any], services: Any) -> None:
    found = verify_answer(json.dumps(signed).encode(), services.trust)
    assert (found.head, found.origin, found.answer.verdict) == (HEAD, services.settings.origin, "covered")
    assert found.properties == (CHANGE_COVERED, PEOPLE_COVERED, FILES_COVERED)
    statement = json.loads(base64.b64decode(signed["envelope"]["dsseEnvelope"]["payload"]))
    assert statement["predicateType"] == PREDICATE_TYPE
    assert statement["subject"][0] == {"name": "head", "digest": {"gitCommit": HEAD}}
    assert statement["subject"][1]["digest"]["sha256"] == sent()["sha256"]
    assert set(statement["predicate"]) == {"verifier", "timeCreated", "properties", "mclaCheck"}


CHANGES: list[Callable[[dict[str, Any]], Any]] = [
    lambda told: told.update(verdict="covered", project="other"),
    lambda told: told["subjects"][0].update(label="Somebody else"),
    lambda told: told["artifacts"].clear(),
    lambda told: told["envelope"]["dsseEnvelope"].update(payload=base64.b64encode(b"{}").decode()),
    lambda told: told["envelope"]["verificationMaterial"].pop("timestampVerificationData"),
    lambda told: told.update(envelope=None),
    lambda told: told.pop("envelope"),
]


def test_an_answer_that_was_changed_is_refused(signed: dict[str, Any], services: Any) -> None:
    for change in CHANGES:
        told = json.loads(json.dumps(signed))
        change(told)
        with pytest.raises(MclaError):
            verify_answer(json.dumps(told).encode(), services.trust)


def test_a_contributors_proof_is_no_answer_and_an_answer_no_contribution(
    signed: dict[str, Any], services: Any, gift: Any
) -> None:
    with pytest.raises(SignedAnswerInvalid, match="certificate for answers to checks"):
        verify_answer(json.dumps({**signed, "envelope": gift.given.bundle}).encode(), services.trust)
    assert not verify_bundle(json.dumps(signed["envelope"]).encode(), services.trust).verified


def test_a_no_is_signed_without_the_property(client: FlaskClient, services: Any, gift: Any, ada: Any) -> None:
    asked = question(ada, artifacts=[sent(b"none")], head=HEAD, signed=True)
    with counted(services.db) as statements:
        told = client.post("/api/v1/checks", json=asked).get_json()
    assert [each for each in statements if each.split()[0] not in ("SELECT", "BEGIN")] == []
    found = verify_answer(json.dumps(told).encode(), services.trust)
    assert (found.answer.verdict, found.properties) == ("not-covered", (PEOPLE_COVERED,))


def test_signing_needs_the_head(client: FlaskClient, ada: Any) -> None:
    answer = client.post("/api/v1/checks", json=question(ada, signed=True))
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/head")


def test_the_command_line_tells_what_was_signed_and_exits_by_it(
    signed: dict[str, Any], services: Any, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    answer, trust = tmp_path / "answer.json", tmp_path / "trusted_root.json"
    answer.write_text(json.dumps(signed))
    trust.write_bytes(services.trust.to_json())
    good = CliRunner().invoke(cli, ["verify", str(answer), "--trust", str(trust)])
    assert good.exit_code == 0, good.output
    assert f"signed this answer about commit {HEAD[:12]} of {PROJECT}" in good.stdout
    for more, code in ((["--head", HEAD], 0), (["--head", "d" * 40], 1), (["--require-in-force"], 2)):
        assert CliRunner().invoke(cli, ["verify", str(answer), "--trust", str(trust), *more]).exit_code == code
    assert CliRunner().invoke(cli, ["verify", str(trust), "--trust", str(trust), "--head", HEAD]).exit_code == 2
    answer.write_text(json.dumps(signed | {"code": "other"}))
    bad = CliRunner().invoke(cli, ["verify", str(answer), "--trust", str(trust), "--json"])
    assert (bad.exit_code, json.loads(bad.stdout)["verdict"]) == (1, "not-verified")


def test_an_answer_about_an_earlier_time_says_so_and_is_none_about_the_commit_as_it_is(
    client: FlaskClient, services: Any, gift: Any, ada: Any, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    then = format_time(services.clock.now() - timedelta(days=1))
    told = client.post("/api/v1/checks", json=question(ada, as_of=then, head=HEAD, signed=True)).get_json()
    answer, trust = tmp_path / "answer.json", tmp_path / "trusted_root.json"
    answer.write_text(json.dumps(told))
    trust.write_bytes(services.trust.to_json())
    said = CliRunner().invoke(cli, ["verify", str(answer), "--trust", str(trust), "--head", HEAD, "--json"])
    assert (said.exit_code, json.loads(said.stdout)["reasons"][0]["code"]) == (1, "signed-answer-elsewhere")
    assert (
        f"It says how it was at {then}."
        in CliRunner().invoke(cli, ["verify", str(answer), "--trust", str(trust)]).stdout
    )
