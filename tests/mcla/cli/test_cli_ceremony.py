# SPDX-License-Identifier: Apache-2.0
"""The signature itself, when service or line do something else than they should."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lying import Liar, restated

from mcla.artifacts.scan import scan
from mcla.cli.ceremony import Asked, Draft, StatementUnexpected, open_draft, sign_draft
from mcla.cli.failure import ServiceRefused, Unreachable
from mcla.cli.service import AnswerInvalid, Service
from mcla.verify.trust import TrustedRoot
from mcla.verify.verifier import verify_artifact


def another_root(statement: dict[str, Any]) -> None:
    statement["predicate"]["manifest"]["root"] = statement["subject"][0]["digest"]["sha256"] = "0" * 64


LIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "another project": restated(lambda s: s["predicate"].update(project="safe-eval")),
    "another kind": restated(lambda s: s["predicate"].update(kind="data")),
    "another key holder": restated(lambda s: s["predicate"].update(keyHolder="service")),
    "another service": restated(
        lambda s: s["predicate"].update(service="https://x.example", signer="https://x.example/signers/a")
    ),
    "another signer": restated(lambda s: s["predicate"].update(signer=s["predicate"]["signer"] + "x")),
    "another root": restated(another_root),
    "another file": restated(lambda s: s["subject"][1]["digest"].update(sha256="0" * 64)),
    "another size": restated(lambda s: s["predicate"]["manifest"].update(bytes=1)),
    "a declaration more": restated(lambda s: s["predicate"]["declarations"].update(waiver="all rights")),
    "other consent words": lambda a: a["consent"].update(text="I give everything."),
    "another digest": lambda a: a.update(statement_sha256="0" * 64),
    "another payload type": lambda a: a.update(payload_type="text/plain"),
    "no canonical text": lambda a: a.update(statement=a["statement"] + " "),
    "no statement": lambda a: a.update(statement="{}"),
    "nothing": lambda a: a.clear(),
    "a path for an id": lambda a: a.update(id="../../oauth/token?"),
}


@pytest.mark.parametrize("name", list(LIES))
def test_a_statement_that_is_not_what_was_asked_is_never_signed(ada: Service, note: Path, name: str) -> None:
    with Liar(ada.origin, ada.token) as liar:
        liar.lie = LIES[name]
        with pytest.raises(StatementUnexpected):
            open_draft(liar, Asked("tiny-llm", "code", scan([note]), {}))


def accepting(statement: dict[str, Any]) -> None:
    """Turn a contribution into a well-formed acceptance of its agreement."""
    predicate = statement["predicate"]
    for name in ("project", "kind", "schedule", "manifest", "acceptance", "declarations", "tensors"):
        del predicate[name]
    statement["predicateType"] = "https://w3id.org/mcla/acceptance/v1"
    statement["subject"] = [{"name": "mcla:manifest", "digest": {"sha256": predicate["agreement"]["digest"]}}]


def test_an_acceptance_in_place_of_a_contribution_is_never_signed(ada: Service, note: Path) -> None:
    with Liar(ada.origin, ada.token) as liar:
        liar.lie = restated(accepting)
        with pytest.raises(StatementUnexpected, match="not a contribution"):
            open_draft(liar, Asked("tiny-llm", "code", scan([note]), {}))


class Forgetful(Service):
    """The real service over a line that loses the answer to the first `lost` requests for the last step."""

    lost = 2

    def _once(self, method: str, path: str, content: dict[str, Any], most: int | None = None) -> bytes:
        answer = super()._once(method, path, content, most)
        if path.endswith("/signature") and self.lost:
            self.lost -= 1
            raise Unreachable("The line broke.")
        return answer


def drafted(there: Service, note: Path) -> Draft:
    return open_draft(there, Asked("tiny-llm", "code", scan([note]), {}))


def test_a_lost_answer_to_the_last_step_is_asked_for_again_and_recorded_once(ada: Service, note: Path) -> None:
    with Forgetful(ada.origin, ada.token, sleep=lambda _: None) as forgetful:
        done = sign_draft(forgetful, drafted(forgetful, note))
    digest = hashlib.sha256(note.read_bytes()).hexdigest()
    known = ada.get(f"/api/v1/artifacts/sha256:{digest}")["contributions"]
    assert [each["id"] for each in known] == [done["id"]]
    # The list of the files that the same key signed, made on this side.
    trust = TrustedRoot.from_json(ada.get_bytes("/.well-known/mcla/trusted_root.json"))
    listed = ada.get_bytes(f"/api/v1/contributions/{done['id']}/oms")
    assert verify_artifact(scan([note]), listed, trust).verified


def test_a_line_that_stays_broken_ends_as_unreachable(ada: Service, note: Path) -> None:
    with Forgetful(ada.origin, ada.token, sleep=lambda _: None) as forgetful:
        forgetful.lost = 99
        with pytest.raises(Unreachable):
            sign_draft(forgetful, drafted(forgetful, note))


class Switching(Service):
    """The real service, whose last answer brings another bundle than that of this signing."""

    other: dict[str, Any]

    def post(self, path: str, body: Any, *, again: bool = False) -> dict[str, Any]:
        answer = super().post(path, body, again=again)
        return answer | {"bundle": self.other} if path.endswith("/signature") else answer


@pytest.mark.parametrize(
    "other", [{}, None, [], {"dsseEnvelope": {"payload": "e30=", "signatures": [{"sig": "AA=="}]}}]
)
def test_the_bundle_of_something_else_is_noticed(ada: Service, note: Path, other: Any) -> None:
    with Switching(ada.origin, ada.token) as switching:
        switching.other = other
        with pytest.raises(AnswerInvalid):
            sign_draft(switching, drafted(switching, note))


def test_one_draft_gets_one_certificate_only(ada: Service, note: Path) -> None:
    draft = drafted(ada, note)
    sign_draft(ada, draft)
    with pytest.raises(ServiceRefused) as refusal:
        sign_draft(ada, draft)
    assert refusal.value.problem_code == "already-certified"
