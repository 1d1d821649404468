# SPDX-License-Identifier: Apache-2.0
"""Verifying bundles offline: in process and as a cold command, against stock sigstore-python on the same bundles.

In process each bundle is another one, by another signer's key, so that nothing remembered of a bundle can help; what is
compared is CPU time at its best. The second line says how far the verifier is from its limit: the signature checks
alone, by the same library. docs/adr says why the first budget lies below that limit.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from interop.private_sigstore import ORIGIN, SIGNER, PrivateSigstore, contribution, manifest_of
from sigstore.models import Bundle as StockBundle
from sigstore.models import ClientTrustConfig
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from benchmarks.ratio import Report, best_in_turns, in_turns, quick
from mcla.artifacts.digest import sha256_hex
from mcla.envelope.bundle import parse_bundle
from mcla.verify.trust import TrustedRoot, client_trust_config
from mcla.verify.verifier import verify_artifact

WEIGHTS = b"weights"
BUNDLES, CALLS = 600, 5


def main() -> None:
    seconds, starts = (10, 5) if quick() else (40, 15)
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        service = PrivateSigstore.create(folder / "home")
        payload = contribution(manifest_of({"model.safetensors": WEIGHTS})).to_bytes()
        bundles = [service.sign(payload).bytes() for _ in range(BUNDLES)]
        (folder / "model.safetensors").write_bytes(WEIGHTS)
        (folder / "bundle.json").write_bytes(bundles[0])
        (folder / "trusted_root.json").write_bytes(service.trust.to_json())
        (folder / "trust_config.json").write_bytes(client_trust_config(service.trust, service.origin))

        works = (our_call(bundles, service.trust), stock_call(bundles, folder), bare_checks())
        ours, stock, bare = (cost.cpu for cost in best_in_turns(seconds, *(times(CALLS, work) for work in works)))
        print(f"# CPU ms each: ours {told(ours)}, sigstore-python {told(stock)}, five signature checks {told(bare)}")
        report.at_least("verify_in_process_vs_sigstore_python", stock / ours, 5)
        report.at_most("verify_in_process_vs_its_signature_checks", ours / bare, 3)
        ours, stock = in_turns(starts, lambda: run(folder, our_command()), lambda: run(folder, stock_command()))
        report.at_most("verify_cold_start_vs_sigstore_command", ours / stock, 0.6)
    report.end()


def told(seconds: float) -> str:
    return f"{seconds / CALLS * 1000:.3f}"


def our_call(bundles: list[bytes], trust: TrustedRoot) -> Callable[[], None]:
    digest, each = sha256_hex(WEIGHTS), cycle(bundles)

    def call() -> None:
        verdict = verify_artifact(digest, parse_bundle(next(each)), trust, identity=SIGNER, issuer=ORIGIN)
        assert verdict.verified, verdict.reasons

    return call


def stock_call(bundles: list[bytes], folder: Path) -> Callable[[], None]:
    config = ClientTrustConfig.from_json((folder / "trust_config.json").read_text())
    verifier = Verifier(trusted_root=config.trusted_root)
    policy, each = Identity(identity=SIGNER, issuer=ORIGIN), cycle(bundles)

    def call() -> None:
        _, payload = verifier.verify_dsse(StockBundle.from_json(next(each)), policy)
        assert any(subject["digest"]["sha256"] == sha256_hex(WEIGHTS) for subject in json.loads(payload)["subject"])

    return call


def bare_checks() -> Callable[[], None]:
    """The five signature checks that a bundle asks of everybody: certificate, statement, SCT, timestamp, checkpoint."""
    key, log_key, message = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate(), bytes(500)
    algorithm, public, log_public = ec.ECDSA(hashes.SHA256()), key.public_key(), log_key.public_key()
    signature, head = key.sign(message, algorithm), log_key.sign(message)

    def call() -> None:
        for _ in range(4):
            public.verify(signature, message, algorithm)
        log_public.verify(head, message)

    return call


def times(count: int, call: Callable[[], None]) -> Callable[[], None]:
    return lambda: [call() for _ in range(count)] and None


def our_command() -> list[str]:
    return ["mcla", "verify", "model.safetensors", "--bundle", "bundle.json", "--trust", "trusted_root.json"]


def stock_command() -> list[str]:
    options = ["--bundle", "bundle.json", "--cert-identity", SIGNER, "--cert-oidc-issuer", ORIGIN]
    return [
        "sigstore",
        "--trust-config",
        "trust_config.json",
        "verify",
        "identity",
        "--offline",
        *options,
        "model.safetensors",
    ]


def run(folder: Path, command: list[str]) -> None:
    program = Path(sys.executable).with_name(command[0])
    subprocess.run([program, *command[1:]], cwd=folder, check=True, capture_output=True)


if __name__ == "__main__":
    main()
