# SPDX-License-Identifier: Apache-2.0
"""A proof file that a page is given is no larger than what the API takes: reading one costs more than sending it."""

import io

import pytest

from app.contributions.schemas.bundle import BundleIn


@pytest.mark.parametrize("extra", [1, 8 * 1024 * 1024])
def test_a_proof_beyond_the_limit_is_refused_unread_and_says_where_to_check_it(client, monkeypatch, extra):
    def refuse(*_args, **_more):
        raise AssertionError("the proof was parsed")

    monkeypatch.setattr("app.contributions.service.verify_bundle", refuse)
    proof = io.BytesIO(b"[" + b"1," * ((BundleIn.max_bytes + extra) // 2))
    answer = client.post("/verify", data={"bundle": (proof, "proof.json")})
    assert answer.status_code == 413
    assert "mcla verify" in answer.text


def test_a_proof_at_the_limit_is_read(client):
    proof = io.BytesIO(b" " * (BundleIn.max_bytes - 2) + b"{}")
    answer = client.post("/verify", data={"bundle": (proof, "proof.json")})
    assert answer.status_code == 200
    assert "Not verified." in answer.text
