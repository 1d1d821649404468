# SPDX-License-Identifier: Apache-2.0
"""Keys in AWS KMS, on moto's server over loopback HTTP: P-256 for every kind but the log's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from conftest import NOW
from interop.private_sigstore import HOST, ORIGIN, PAYLOAD, SIGNER, PrivateSigstore
from interop.stock import stock_verify
from tokens import kms_server

from app.platform.keys import KeyUnusable, create_keys, load_keys
from app.platform.keys.errors import RotationRefused
from app.platform.keys.rotate import rotate
from app.platform.settings import KeyPlaces, Settings
from app.records.selftest import self_test
from app.signing.trust import trusted_root
from mcla.verify.verifier import verify_bundle

KMS_KINDS = ("ca", "ct", "tsa", "document")


@pytest.fixture(scope="module")
def kms() -> Iterator[Any]:
    """An administrator's client of the server that this module's keys live in."""
    with kms_server():
        yield boto3.client("kms")


def made(kms: Any, spec: str = "ECC_NIST_P256") -> str:
    return str(kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"])


def test_a_service_with_its_keys_in_kms_makes_proofs_that_the_stock_client_takes(kms: Any, tmp_path: Path) -> None:
    places = KeyPlaces(**{kind: f"awskms:alias/mcla-{kind}" for kind in KMS_KINDS})
    create_keys(tmp_path, HOST, NOW, places)
    keys, settings = load_keys(tmp_path), Settings(home=tmp_path, origin=ORIGIN, keys=places)
    in_files = ["feed.key.pem", "log.key.pem", "pqlog.key.pem"]
    assert sorted(path.name for path in (tmp_path / "keys").glob("*.pem")) == in_files
    trust = trusted_root(keys, settings)
    data = PrivateSigstore(keys).sign(PAYLOAD).bytes()
    assert verify_bundle(data, trust, identity=SIGNER, issuer=ORIGIN).verified
    assert stock_verify(data, trust) == PAYLOAD
    self_test(keys, trust, NOW)


def test_an_alias_is_followed_to_a_key_and_leads_to_the_next_after_a_rotation(kms: Any, tmp_path: Path) -> None:
    first = made(kms)
    kms.create_alias(AliasName="alias/followed", TargetKeyId=first)
    settings = Settings(home=tmp_path, origin=ORIGIN, keys=KeyPlaces(ca="awskms:alias/followed"))
    create_keys(tmp_path, HOST, NOW, settings.keys)
    assert load_keys(tmp_path).of("ca")[0].place == f"awskms:{first}"
    second = rotate(settings, "ca", NOW).new.place
    assert second == "awskms:" + kms.describe_key(KeyId="alias/followed")["KeyMetadata"]["Arn"] != f"awskms:{first}"
    third = made(kms)
    kms.update_alias(AliasName="alias/followed", TargetKeyId=third)
    assert rotate(settings, "ca", NOW).new.place == f"awskms:{third}"


def test_a_key_named_by_its_id_is_taken_once(kms: Any, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, origin=ORIGIN, keys=KeyPlaces(ct=f"awskms:{made(kms)}"))
    create_keys(tmp_path, HOST, NOW, settings.keys)
    with pytest.raises(RotationRefused, match="in use already") as refused:
        rotate(settings, "ct", NOW)
    assert "alias" in str(refused.value.hint)
    other = settings.model_copy(update={"keys": KeyPlaces(ct=f"awskms:{made(kms)}")})
    assert rotate(other, "ct", NOW).new.place == other.keys.ct


def test_keys_that_cannot_sign_are_refused(kms: Any, tmp_path: Path) -> None:
    disabled = made(kms)
    kms.disable_key(KeyId=disabled.rpartition("/")[2])
    for number, (name, error, why) in enumerate(
        [
            (made(kms, "RSA_2048"), KeyUnusable, "no key for signing with P-256"),
            (made(kms, "ECC_NIST_P384"), KeyUnusable, "no key for signing with P-256"),
            (disabled, KeyUnusable, "in AWS KMS is Disabled"),
            ("00000000-0000-0000-0000-000000000000", RotationRefused, "is unknown"),
        ]
    ):
        with pytest.raises(error, match=why) as refused:
            create_keys(tmp_path / str(number), HOST, NOW, KeyPlaces(ca=f"awskms:{name}"))
        assert refused.value.hint


def test_a_kms_that_does_not_answer_is_named(kms: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_keys(tmp_path, HOST, NOW, KeyPlaces(ca="awskms:alias/silent"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")
    with pytest.raises(KeyUnusable, match="AWS KMS failed at reading") as refused:
        load_keys(tmp_path)
    assert "kms:Sign" in str(refused.value.hint)
