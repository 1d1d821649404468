# SPDX-License-Identifier: Apache-2.0
"""Asks stock verifiers, unpatched and offline: sigstore-python in this process, any version of both clients outside."""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from interop.private_sigstore import ORIGIN, SIGNER
from needs import needs
from sigstore.models import Bundle, ClientTrustConfig
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity
from terminal import readable

from mcla.verify.trust import TrustedRoot, client_trust_config

HERE = Path(__file__).parent
SECONDS = 60
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
    with javascript(package) as ask:
        return {one.name: ask(Question(one.read_bytes(), folder / "root.json")) for one in bundles}


@dataclass(frozen=True, slots=True)
class Question:
    """Is this bundle by `identity`, under this trust file? `artifact` is what a message signature is over.

    With `pattern` the identity is given to a client that takes patterns as it stands, and not as the exact name.
    """

    bundle: bytes
    trust: Path
    artifact: bytes | None = None
    identity: str = SIGNER
    issuer: str = ORIGIN
    pattern: bool = False

    @property
    def line(self) -> bytes:
        artifact = None if self.artifact is None else base64.b64encode(self.artifact).decode()
        asked = {"trust": str(self.trust), "identity": self.identity, "issuer": self.issuer, "artifact": artifact}
        bundle = base64.b64encode(self.bundle).decode()
        return json.dumps(asked | {"bundle": bundle, "pattern": self.pattern}).encode() + b"\n"


@contextmanager
def javascript(package: Path) -> Iterator[Callable[[Question], str | None]]:
    """One process with the @sigstore/verify in that folder: answers with None, or with why it refuses."""
    command = [needs("node"), str(HERE / "sigstore_verify.mjs"), str(package)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        asking, answering = process.stdin, process.stdout
        assert asking is not None
        assert answering is not None

        def ask(question: Question) -> str | None:
            asking.write(question.line)
            asking.flush()
            assert readable(answering.fileno(), SECONDS), "the verifier does not answer"
            answer: str | None = json.loads(answering.readline())
            return answer

        try:
            yield ask
        finally:
            process.kill()


def _answers(command: list[str]) -> Answers:
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    answers: Answers = json.loads(done.stdout.splitlines()[-1])
    return answers
