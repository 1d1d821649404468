# SPDX-License-Identifier: Apache-2.0
"""Across a rotation of every key, one trust file: ours and stock sigstore-python take what was signed before and after.

What a retired key signs after its end is refused here for every kind. sigstore-python reads the end of timestamp keys
only (4.5.1: `get_fulcio_certs`, `ct_keyring` and `rekor_keyring` allow what has ended), so there the two differ.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from installed import npm_package
from interop.private_sigstore import NOW, ORIGIN, PAYLOAD, SIGNER, PrivateSigstore
from interop.stock import ask_javascript, stock_verify
from sigstore.errors import Error, VerificationError

from app.platform.keys import ServiceKeys, load_keys
from app.platform.keys.rotate import OVERLAP, rotate
from app.platform.keys.values import KINDS
from app.platform.settings import Settings
from app.signing.trust import trusted_root
from mcla.verify.trust import TrustedRoot
from mcla.verify.verifier import verify_bundle

LATER = NOW + OVERLAP + timedelta(hours=1)


@dataclass(frozen=True)
class Eras:
    """A service before and after every key was replaced at NOW, and its trust file after that."""

    before: ServiceKeys
    after: ServiceKeys
    trust: TrustedRoot
    first: bytes
    """A bundle from before the rotation."""


@pytest.fixture(scope="module")
def eras(tmp_path_factory: pytest.TempPathFactory) -> Eras:
    home = tmp_path_factory.mktemp("keys")
    service = PrivateSigstore.create(home)
    first = service.sign(PAYLOAD).bytes()
    settings = Settings(home=home, origin=ORIGIN)
    for kind in KINDS:
        rotate(settings, kind, NOW)
    after = load_keys(home)
    return Eras(service.keys, after, TrustedRoot.from_json(trusted_root(after, settings).to_json()), first)


def by(keys: ServiceKeys, at: object = NOW) -> bytes:
    return PrivateSigstore(keys).sign(PAYLOAD, certified_at=at, stamped_at=at).bytes()  # type: ignore[arg-type]


def test_one_trust_file_verifies_both_eras_here_and_in_the_stock_client(eras: Eras) -> None:
    for data in (eras.first, by(eras.before), by(eras.after), by(eras.after, LATER)):
        verdict = verify_bundle(data, eras.trust, identity=SIGNER, issuer=ORIGIN)
        assert verdict.verified, verdict.to_dict()
        assert stock_verify(data, eras.trust) == PAYLOAD


def test_the_stock_javascript_client_takes_both_eras_too(eras: Eras, tmp_path: Path) -> None:
    (tmp_path / "root.json").write_bytes(eras.trust.to_json())
    bundles = {"before.json": eras.first, "after.json": by(eras.after), "late.json": by(RETIRED["tsa"][0](eras), LATER)}
    for name, data in bundles.items():
        (tmp_path / name).write_bytes(data)
    answers = ask_javascript(npm_package("@sigstore/verify", "4.1.3"), tmp_path, [tmp_path / name for name in bundles])
    assert (answers["before.json"], answers["after.json"]) == (None, None)
    assert answers["late.json"] is not None


def test_what_was_under_way_when_the_keys_changed_ends_well(eras: Eras) -> None:
    mixed = replace(eras.after, ca=eras.before.ca, ct=eras.before.ct)  # certified before, stamped and logged after
    data = PrivateSigstore(mixed).sign(PAYLOAD, certified_at=NOW, stamped_at=NOW + timedelta(minutes=10)).bytes()
    assert verify_bundle(data, eras.trust).verified
    assert stock_verify(data, eras.trust) == PAYLOAD


RETIRED: dict[str, tuple[Callable[[Eras], ServiceKeys], str]] = {
    "ca": (lambda eras: replace(eras.after, ca=eras.before.ca), "certificate-chain"),
    "ct": (lambda eras: replace(eras.after, ct=eras.before.ct), "certificate-transparency"),
    "tsa": (lambda eras: replace(eras.after, tsa=eras.before.tsa), "timestamp"),
    "log": (lambda eras: replace(eras.after, log=eras.before.log), "log"),
}


@pytest.mark.parametrize("kind", list(RETIRED))
def test_a_retired_key_that_goes_on_signing_is_refused(eras: Eras, kind: str) -> None:
    mix, step = RETIRED[kind]
    verdict = verify_bundle(by(mix(eras), LATER), eras.trust)
    assert verdict.verdict == "not-verified"
    assert verdict.step(step).outcome == "no", verdict.to_dict()
    assert verify_bundle(by(mix(eras), NOW + OVERLAP), eras.trust).verified  # its last moment


def test_the_stock_client_refuses_a_retired_timestamp_key_and_reads_no_other_end(eras: Eras) -> None:
    with pytest.raises(VerificationError):
        stock_verify(by(RETIRED["tsa"][0](eras), LATER), eras.trust)
    for kind in ("ca", "ct", "log"):
        assert stock_verify(by(RETIRED[kind][0](eras), LATER), eras.trust) == PAYLOAD


def test_the_trust_file_from_before_does_not_know_the_new_keys(eras: Eras) -> None:
    old = PrivateSigstore(eras.before).trust
    assert verify_bundle(eras.first, old).verified
    assert not verify_bundle(by(eras.after), old).verified
    with pytest.raises((VerificationError, Error)):
        stock_verify(by(eras.after), old)


def test_the_trust_file_names_each_key_with_its_life(eras: Eras) -> None:
    told = eras.trust.to_dict()
    lives = [item["publicKey"]["validFor"] for item in told["tlogs"]]
    assert [life.get("end") for life in lives] == ["2026-11-22T12:15:00Z", None]
    assert lives[0]["start"] == lives[1]["start"]  # a new head covers entries of every age
    assert {item["baseUrl"] for item in told["tlogs"]} == {ORIGIN}
    assert len({item["logId"]["keyId"] for item in told["tlogs"]}) == 2
    # Behind the authorities stand the sealers of records, whose key was replaced with the others.
    for name, kinds in (("certificateAuthorities", 2), ("timestampAuthorities", 1)):
        assert [item["validFor"].get("end") for item in told[name]] == ["2026-11-22T12:15:00Z", None] * kinds
    assert [item["publicKey"]["validFor"].get("end") for item in told["ctlogs"]] == ["2026-11-22T12:15:00Z", None]
