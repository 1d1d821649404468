# SPDX-License-Identifier: Apache-2.0
"""Asks stock verifiers, unpatched and offline: sigstore-python in this process, any version of both clients outside."""

import json
import subprocess
from pathlib import Path

from interop.private_sigstore import ORIGIN, SIGNER
from needs import needs
from sigstore.models import Bundle, ClientTrustConfig
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from mcla.verify.trust import TrustedRoot, client_trust_config

HERE = Path(__file__).parent
Answers = dict[str, str | None]


def stock_verify(data: bytes, trust: TrustedRoot) -> bytes:
    """The statement of a bundle that sigstore-python accepts under `trust`; raises its own errors."""
    root = ClientTrustConfig.from_json(client_trust_config(trust, ORIGIN).decode()).trusted_root
    policy = Identity(identity=SIGNER, issuer=ORIGIN)
    return Verifier(trusted_root=root).verify_dsse(Bundle.from_json(data), policy)[1]


def ask_python(python: Path, folder: Path, bundles: list[Path]) -> Answers:
    """What the sigstore-python of that environment says of each file: None, or why not. Trust is `trust.json`."""
    script = [str(python), str(HERE / "sigstore_verify.py"), str(folder / "trust.json"), SIGNER, ORIGIN]
    return _answers([*script, *map(str, bundles)])


def ask_javascript(package: Path, folder: Path, bundles: list[Path]) -> Answers:
    """The same of an @sigstore/verify. Trust is `root.json`."""
    script = [needs("node"), str(HERE / "sigstore_verify.mjs"), str(package), str(folder / "root.json"), SIGNER, ORIGIN]
    return _answers([*script, *map(str, bundles)])


def _answers(command: list[str]) -> Answers:
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    answers: Answers = json.loads(done.stdout.splitlines()[-1])
    return answers
