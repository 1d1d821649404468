# SPDX-License-Identifier: Apache-2.0
"""Stock sigstore-python, unpatched and offline, verifies our bundles and refuses each tampered one, as we do.

Also the public conformance vectors: each gives a typed answer here, and what must fail is never verified.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cosigning import cosigner
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from interop.private_sigstore import ORIGIN, SIGNER, Parts, PrivateSigstore, contribution, manifest_of
from needs import shared
from sigstore.errors import Error, VerificationError
from sigstore.models import Bundle as StockBundle
from sigstore.models import ClientTrustConfig
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from mcla.artifacts.digest import sha256_hex
from mcla.envelope.bundle import parse_bundle
from mcla.envelope.encoding import P256_ORDER
from mcla.errors import MclaError
from mcla.log.note import parse_note
from mcla.verify.trust import TrustedRoot, client_trust_config
from mcla.verify.verdict import Verdict
from mcla.verify.verifier import verify_bundle

WEIGHTS = b"weights"
FILES = manifest_of({"model.safetensors": WEIGHTS, "docs/card.md": b"card"})
PAYLOAD = contribution(FILES).to_bytes()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def impostor(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("impostor"))


@pytest.fixture(scope="module")
def folder(service: PrivateSigstore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the artifact, its bundle and the client trust config, as a stranger would hold them."""
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    (folder / "trust.json").write_bytes(client_trust_config(service.trust, service.origin))
    (folder / "bundle.json").write_bytes(service.sign(PAYLOAD).bytes())
    return folder


def stock(folder: Path, target: str, bundle: str = "bundle.json", identity: str = SIGNER) -> tuple[int, str]:
    """Run the stock command; returns its exit code and what it said."""
    command = [
        Path(sys.executable).with_name("sigstore"),
        "--trust-config",
        "trust.json",
        "verify",
        "identity",
        "--offline",
    ]
    options = ["--bundle", bundle, "--cert-identity", identity, "--cert-oidc-issuer", ORIGIN, target]
    done = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True, check=False, timeout=100)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("target", ["model.safetensors", f"sha256:{sha256_hex(WEIGHTS)}", f"sha256:{FILES.root}"])
def test_the_stock_command_verifies_a_file_its_digest_and_the_manifest_root(folder: Path, target: str) -> None:
    code, said = stock(folder, target)
    assert code == 0, said
    assert "OK" in said


def test_the_stock_command_refuses_another_file_and_another_signer(folder: Path) -> None:
    (folder / "other.bin").write_bytes(WEIGHTS + b".")
    assert stock(folder, "other.bin")[0] != 0
    assert stock(folder, "model.safetensors", identity=SIGNER + "x")[0] != 0


def _exchange(**change: Callable[[Parts], Any]) -> Callable[[PrivateSigstore, PrivateSigstore], bytes]:
    def make(service: PrivateSigstore, _: PrivateSigstore) -> bytes:
        parts = service.sign(PAYLOAD)
        return parts.bytes(**{name: value(parts) for name, value in change.items()})

    return make


def _flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def _twin(parts: Parts) -> bytes:
    r, s = decode_dss_signature(parts.signature)
    return encode_dss_signature(r, P256_ORDER - s)


def _foreign_certificate(service: PrivateSigstore, impostor: PrivateSigstore) -> bytes:
    parts = service.sign(PAYLOAD)
    return parts.bytes(certificate=impostor.sign(PAYLOAD).certificate)


def _foreign_stamp(service: PrivateSigstore, impostor: PrivateSigstore) -> bytes:
    parts = service.sign(PAYLOAD)
    parts.timestamp = impostor.sign(PAYLOAD).timestamp
    return parts.bytes()


def _foreign_log(service: PrivateSigstore, impostor: PrivateSigstore) -> bytes:
    return impostor.log(service.sign(PAYLOAD)).bytes()


TAMPERED: dict[str, Callable[[PrivateSigstore, PrivateSigstore], bytes]] = {
    "payload": _exchange(payload=lambda p: p.payload.replace(b"weights", b"adapter")),
    "signature": _exchange(signature=lambda p: _flip(p.signature)),
    "signature's twin": _exchange(signature=_twin),
    "proof": _exchange(proof=lambda p: [_flip(p.proof[0]), *p.proof[1:]]),
    "log index": _exchange(log_index=lambda p: p.log_index - 1),
    "body": _exchange(body=lambda p: p.body.replace(b"hashedRekordV002", b"hashedRekordV003")),
    "root": _exchange(root=lambda p: _flip(p.root)),
    "checkpoint's root": _exchange(
        checkpoint=lambda p: p.checkpoint.replace(base64.b64encode(p.root).decode(), "A" * 43 + "=")
    ),
    "checkpoint's signature": _exchange(checkpoint=lambda p: p.checkpoint[:-9] + "AAAAAA==\n"),
    "certificate": _exchange(certificate=lambda p: _flip(p.certificate)),
    "certificate of an impostor": _foreign_certificate,
    "timestamp": _exchange(timestamp=lambda p: _flip(p.timestamp)),
    "timestamp over other bytes": lambda service, _: service.sign(PAYLOAD, stamped=b"other").bytes(),
    "timestamp of an impostor": _foreign_stamp,
    "log of an impostor": _foreign_log,
    "all of an impostor": lambda _, impostor: impostor.sign(PAYLOAD).bytes(),
}


@pytest.mark.parametrize("part", list(TAMPERED))
def test_a_bundle_with_one_part_tampered_is_refused_by_both(
    service: PrivateSigstore, impostor: PrivateSigstore, folder: Path, part: str
) -> None:
    data = TAMPERED[part](service, impostor)
    verdict = verify_bundle(data, service.trust, identity=SIGNER, issuer=ORIGIN)
    assert verdict.verdict == "not-verified"
    with pytest.raises((VerificationError, Error, ValueError)):
        _stock_verify(data, folder)


@pytest.mark.parametrize("part", ["payload", "signature", "proof", "checkpoint's root", "certificate", "timestamp"])
def test_the_stock_command_refuses_a_tampered_bundle(
    service: PrivateSigstore, impostor: PrivateSigstore, folder: Path, part: str
) -> None:
    name = f"{part.replace(' ', '-')}.json"
    (folder / name).write_bytes(TAMPERED[part](service, impostor))
    code, said = stock(folder, "model.safetensors", name)
    assert code != 0, said


def test_the_stock_library_gives_back_the_exact_statement(service: PrivateSigstore, folder: Path) -> None:
    kind, payload = _stock_verify(service.sign(PAYLOAD).bytes(), folder)
    assert (kind, payload) == ("application/vnd.in-toto+json", PAYLOAD)


@pytest.mark.parametrize("holder", ["browser", "cli", "service"])
def test_every_holder_of_the_key_makes_a_bundle_that_both_verify(
    service: PrivateSigstore, folder: Path, holder: str
) -> None:
    data = service.sign(contribution(FILES, key_holder=holder).to_bytes()).bytes()
    assert verify_bundle(data, service.trust).verified
    _stock_verify(data, folder)


def test_lines_of_witnesses_of_both_algorithms_disturb_nobody(service: PrivateSigstore, folder: Path) -> None:
    parts = service.sign(PAYLOAD)
    text = parse_note(parts.checkpoint).text
    lines = "".join(cosigner(n, post_quantum=n > 1).sign(text, 1_795_000_000).line for n in (1, 2, 3))
    data = parts.bytes(checkpoint=parts.checkpoint + lines)
    assert verify_bundle(data, service.trust).verified
    assert _stock_verify(data, folder)[1] == PAYLOAD


def _stock_verify(data: bytes, folder: Path) -> tuple[str, bytes]:
    root = ClientTrustConfig.from_json((folder / "trust.json").read_text()).trusted_root
    policy = Identity(identity=SIGNER, issuer=ORIGIN)
    return Verifier(trusted_root=root).verify_dsse(StockBundle.from_json(data), policy)


def _vectors() -> list[Path]:
    folder = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "sigstore-bundles"
    return sorted(path.parent for path in folder.glob("*/bundle.sigstore.json"))


def _verdict(case: Path) -> Verdict | MclaError:
    root = case / "trusted_root.json"
    if not root.exists():
        root = case.parent / "rekor2-dsse-happy-path" / "trusted_root.json"
    try:
        trust = TrustedRoot.from_json(root.read_bytes())
    except MclaError as error:
        return error
    return verify_bundle((case / "bundle.sigstore.json").read_bytes(), trust)


@pytest.mark.parametrize("name", [case.name for case in _vectors()])
def test_every_public_vector_gives_a_typed_answer_and_none_that_must_fail_is_verified(name: str) -> None:
    answer = _verdict(shared("vectors", "sigstore-bundles", name))
    if isinstance(answer, MclaError):
        assert answer.hint
    elif answer.verified:
        # None of them carries an MCLA statement: what is sound and of our shape is a signature over a file.
        assert not name.endswith("_fail")
        assert answer.statement is not None
        assert answer.statement["type"] == "file-signature"
    else:
        assert answer.verdict == "not-verified"
        assert all(reason.hint and reason.message for reason in answer.reasons)


def test_the_whole_proof_of_a_public_bundle_of_our_shape_holds_but_for_its_statement() -> None:
    answer = _verdict(shared("vectors", "sigstore-bundles", "rekor2-dsse-happy-path"))
    assert isinstance(answer, Verdict)
    outcomes = {step.name: step.outcome for step in answer.steps}
    assert outcomes.pop("statement") == "no"
    assert outcomes.pop("signer") == "not-checked"
    for asked in ("identity", "issuer", "artifact", "witnesses", "passkey"):
        assert outcomes.pop(asked) == "not-checked"
    assert set(outcomes.values()) == {"yes"}


@pytest.mark.parametrize("name", ["rekor2-dsse-invalid-sig_fail", "rekor2-dsse-mismatch-sig_fail"])
def test_a_public_bundle_of_our_shape_that_must_fail_fails_for_its_own_reason(name: str) -> None:
    answer = _verdict(shared("vectors", "sigstore-bundles", name))
    assert isinstance(answer, Verdict)
    steps = ("signature", "log-entry", "timestamp")
    assert "no" in {answer.step(step).outcome for step in steps}, answer.to_dict()


def test_parts_of_a_public_bundle_moved_into_another_do_not_hold() -> None:
    """The public proof with another public bundle's log entry: both sound alone, together not."""
    good = shared("vectors", "sigstore-bundles", "rekor2-dsse-happy-path")
    other = json.loads((good.parent / "rekor2-happy-path" / "bundle.sigstore.json").read_bytes())
    value = json.loads((good / "bundle.sigstore.json").read_bytes())
    value["verificationMaterial"]["tlogEntries"] = other["verificationMaterial"]["tlogEntries"]
    trust = TrustedRoot.from_json((good / "trusted_root.json").read_bytes())
    assert parse_bundle(json.dumps(value).encode())
    assert verify_bundle(json.dumps(value).encode(), trust).step("log-entry").outcome == "no"
