# SPDX-License-Identifier: Apache-2.0
"""Every way in which a proof can fail to prove, or something needed for an answer can be missing."""

import json
from pathlib import Path
from typing import Any

import pytest
from cli_proofs import beside, verdict_of

from mcla.artifacts.scan import scan


@pytest.fixture
def mcla(mcla_inside: Any) -> Any:
    """Most cases here need no process of their own."""
    return mcla_inside


def test_no_bundle_is_unknown_and_says_where_it_was_looked_for(mcla: Any, weights: Path, trust: Path) -> None:
    ran = mcla("verify", weights, "--trust", trust, "--json")
    document = verdict_of(ran)
    assert (ran.code, document["verdict"], document["reasons"][0]["code"]) == (3, "unknown", "bundle-missing")
    assert str(beside(weights)) in document["reasons"][0]["message"]


def test_a_pdf_without_seal_is_told_that_it_is_no_record(mcla: Any, trust: Path) -> None:
    record = mcla.cwd / "record.pdf"
    record.write_bytes(b"%PDF-2.0\n")
    ran = mcla("verify", record, "--trust", trust)
    assert ran.code == 3
    assert "carries no seal, so it is no record" in ran.err


def test_no_trust_file_is_unknown_and_says_how_to_get_one(mcla: Any, proven: Path) -> None:
    ran = mcla("verify", proven)
    assert (ran.code, ran.out) == (3, "")
    assert "curl -fo trusted_root.json" in ran.err
    assert "/.well-known/mcla/trusted_root.json" in ran.err


def test_a_trust_file_that_merely_lies_in_the_folder_is_not_believed(mcla: Any, proven: Path, trust: Path) -> None:
    (mcla.cwd / "trusted_root.json").write_bytes(trust.read_bytes())
    assert mcla("verify", proven).code == 3


def test_the_trust_file_kept_in_the_users_configuration_is_used(mcla: Any, proven: Path, trust: Path) -> None:
    place = mcla.cwd / "config" / "mcla" / "trusted_root.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(trust.read_bytes())
    assert mcla("verify", proven).code == 0


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"mediaType": "x"}', "\xff", '{"a":' * 5000])
def test_a_trust_file_that_is_none_is_unknown(mcla: Any, proven: Path, trust: Path, text: str) -> None:
    trust.write_bytes(text.encode("latin-1"))
    ran = mcla("verify", proven, "--trust", trust, "--json")
    assert ran.code == 3
    assert verdict_of(ran)["reasons"][0]["code"] == "trust-unusable"


def test_the_trust_file_of_another_service_with_the_same_names_is_not_enough(
    mcla: Any, proven: Path, trust: Path, stranger: Any
) -> None:
    trust.write_bytes(stranger.trust())
    ran = mcla("verify", proven, "--trust", trust, "--json")
    document = verdict_of(ran)
    assert (ran.code, document["verdict"]) == (1, "not-verified")


def test_the_bundle_of_another_service_is_refused(mcla: Any, proven: Path, trust: Path, stranger: Any) -> None:
    beside(proven).write_bytes(stranger.bundle(scan([proven])))
    assert mcla("verify", proven, "--trust", trust).code == 1


def test_the_bundle_of_another_file_is_refused(mcla: Any, proven: Path, folder: Path, trust: Path, notary: Any) -> None:
    beside(proven).write_bytes(notary.bundle(scan([folder / "README.md"])))
    ran = mcla("verify", proven, "--trust", trust)
    assert ran.code == 1
    assert "README.md" in ran.out


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_bundle_is_refused(mcla: Any, proven: Path, trust: Path, share: float) -> None:
    data = beside(proven).read_bytes()
    beside(proven).write_bytes(data[: int(len(data) * share)])
    ran = mcla("verify", proven, "--trust", trust, "--json")
    assert (ran.code, verdict_of(ran)["verdict"]) == (1, "not-verified")


@pytest.mark.parametrize(
    "part", ["payload", "sig", "rawBytes", "signedTimestamp", "canonicalizedBody", "rootHash", "envelope"]
)
def test_a_bundle_changed_in_any_part_is_refused(mcla: Any, proven: Path, trust: Path, notary: Any, part: str) -> None:
    mine, other = json.loads(beside(proven).read_bytes()), json.loads(notary.bundle(scan([trust])))
    beside(proven).write_text(json.dumps(swap(mine, other, part)))
    ran = mcla("verify", proven, "--trust", trust)
    assert ran.code == 1
    assert "expected" in ran.out


def swap(mine: Any, other: Any, part: str) -> Any:
    """`mine` with the member `part` taken from `other`, wherever it stands."""
    if isinstance(mine, dict):
        return {name: other[name] if name == part else swap(value, other[name], part) for name, value in mine.items()}
    if isinstance(mine, list):
        return [swap(one, two, part) for one, two in zip(mine, other, strict=False)]
    return mine


def test_the_signer_asked_for_is_accepted_to_the_letter_only(mcla: Any, proven: Path, trust: Path, notary: Any) -> None:
    def code(identity: str, issuer: str) -> int:
        return int(mcla("verify", proven, "--trust", trust, "--identity", identity, "--issuer", issuer).code)

    assert code(notary.signer, notary.origin) == 0
    assert code(notary.signer, f"{notary.origin}/") == 1
    for wrong in (
        notary.signer[:-1],
        f"{notary.signer}a",
        notary.signer.upper(),
        ".*",
        notary.signer.replace("a", "\u0430"),
    ):
        assert code(wrong, notary.origin) == 1


@pytest.mark.parametrize("option", ["--identity", "--issuer"])
def test_half_an_identity_is_wrong_usage(mcla: Any, proven: Path, trust: Path, option: str) -> None:
    assert mcla("verify", proven, "--trust", trust, option, "https://x").code == 2


@pytest.mark.parametrize("args", [(), ("nowhere.bin",), ("a", "b"), ("nowhere.bin", "--json"), ("x\n\x1b[2J",)])
def test_a_target_that_cannot_be_meant_is_wrong_usage(mcla: Any, args: tuple[str, ...]) -> None:
    ran = mcla("verify", *args)
    assert ran.code == 2
    assert "\x1b" not in ran.err


@pytest.mark.parametrize("option", ["--bundle", "--trust", "--manifest", "--earlier"])
def test_a_named_file_that_is_missing_is_wrong_usage(mcla: Any, proven: Path, option: str) -> None:
    assert mcla("verify", proven, option, "nowhere.json").code == 2


@pytest.mark.parametrize("which", ["target", "bundle", "trust"])
def test_a_file_that_may_not_be_read_is_unknown(
    mcla: Any, proven: Path, trust: Path, powerless: Any, which: str
) -> None:
    {"target": proven, "bundle": beside(proven), "trust": trust}[which].chmod(0)
    ran = mcla("verify", proven, "--trust", trust, "--json", before=powerless)
    assert (ran.code, verdict_of(ran)["verdict"]) == (3, "unknown")


def test_an_empty_folder_is_not_verified(mcla: Any, tmp_path: Path, proven: Path, trust: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = mcla("verify", tmp_path / "empty", "--bundle", beside(proven), "--trust", trust)
    assert ran.code == 1
