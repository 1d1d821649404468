# SPDX-License-Identifier: Apache-2.0
"""The tensor root that a signer states: for weights only, signed, told to anybody, found by the database."""

import json
from typing import Any

import pytest
from signing_walk import bearer, file, finish
from sqlalchemy import inspect, select

from app.contributions.models import Contribution
from app.signing.errors import TensorsUnfit
from app.signing.schemas import SIGNING_EXAMPLES
from mcla.artifacts.digest import sha256_hex
from mcla.statements.parts import TensorsRef
from mcla.verify.verifier import verify_bundle

ANSWERS: Any = SIGNING_EXAMPLES["contribution"]["value"]["declarations"]  # type: ignore[index]
ROOT = sha256_hex(b"a tensor root")
CLAIM = TensorsRef(ROOT, 2, 7)


def draft(services: Any, actor: Any, kind: str = "weights", tensors: TensorsRef | None = CLAIM) -> Any:
    answers = ANSWERS if kind in ("weights", "adapter") else {}
    return services.signing.draft_contribution(actor, "tiny-llm", kind, (file(),), answers, "cli", tensors)


def test_a_tensor_root_is_signed_told_and_stored_where_it_can_be_looked_up(services, ada, given, client):
    done = finish(services, ada, draft(services, ada))
    told = client.get(f"/api/v1/contributions/{done.id}").get_json()
    assert told["tensors"] == CLAIM.to_dict() | {"root": f"sha256:{ROOT}"}
    verdict = verify_bundle(json.dumps(done.bundle).encode(), services.trust)
    assert verdict.statement is not None
    assert verdict.statement["tensors"] == CLAIM.to_dict()
    assert ROOT in client.get(f"/contributions/{done.id}").get_data(as_text=True)
    assert client.get(f"/api/v1/contributions/{given.id}").get_json()["tensors"] is None
    with services.db.read() as session:
        assert session.scalars(select(Contribution.id).where(Contribution.tensor_root == ROOT)).all() == [done.id]
    indexes = inspect(services.db.engine).get_indexes("contribution")
    assert ["tensor_root"] in [index["column_names"] for index in indexes]


@pytest.mark.parametrize(
    ("kind", "tensors"), [("code", CLAIM), ("weights", TensorsRef(ROOT, 1, 8))], ids=["code", "more-than-files"]
)
def test_tensors_that_these_files_cannot_hold_are_refused(services, ada, given, kind, tensors):
    with pytest.raises(TensorsUnfit, match="expected"):
        draft(services, ada, kind, tensors)


def test_a_claim_of_another_shape_is_refused_by_the_api(services, ada, client):
    shapes: list[Any] = [
        {}, [], "x", {"root": ROOT}, {"root": ROOT.upper(), "count": 1, "bytes": 1},
        {"root": ROOT, "count": 0, "bytes": 1}, {"root": ROOT, "count": 1, "bytes": -1},
        {"root": ROOT, "count": 1, "bytes": 1, "names": []}, {"root": ROOT, "count": True, "bytes": 1},
    ]  # fmt: skip
    headers = bearer(services, ada)
    for tensors in shapes:
        body = SIGNING_EXAMPLES["contribution"]["value"] | {"tensors": tensors}  # type: ignore[operator]
        answer = client.post("/api/v1/signings", json=body, headers=headers)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "request-invalid"), tensors
