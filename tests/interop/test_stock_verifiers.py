# SPDX-License-Identifier: Apache-2.0
"""Stock verifiers of others, unpatched and offline, accept what we make, and each refuses each fault of one table.

Clients that read no statement in a `hashedrekord` entry get the twin: the same envelope in an entry of kind `dsse`.
"""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from installed import npm_package, python_package
from interop.mutations import MUTATIONS, Notaries
from interop.private_sigstore import ORIGIN, SIGNER, PrivateSigstore, contribution, manifest_of
from interop.stock import Answers, ask_javascript, ask_python
from model_signing._cli import main as model_signing

from mcla.envelope.entry import DSSE, HASHEDREKORD, EntryKind
from mcla.statements.oms import oms_statement
from mcla.verify.trust import client_trust_config
from mcla.verify.verifier import verify_bundle

HERE = Path(__file__).parent
FILES = {"model.safetensors": b"weights", "a/x.txt": b"in a", "a-b/x.txt": b"in a-b", "empty.txt": b""}
STATEMENT = contribution(manifest_of(FILES)).to_bytes()
OMS = oms_statement(manifest_of(FILES), "tiny-llm")
Ask = Callable[[Path, list[Path]], Answers]


def _model_signing(folder: Path, bundles: list[Path]) -> Answers:
    answers: Answers = {}
    for bundle in bundles:
        options = ["--signature", str(bundle), "--trust_config", str(folder / "trust.json")]
        options += ["--identity", SIGNER, "--identity_provider", ORIGIN]
        done = CliRunner().invoke(model_signing, ["verify", "sigstore", str(folder / "model"), *options])
        answers[bundle.name] = None if done.exit_code == 0 else done.output
    return answers


@dataclass(frozen=True)
class Client:
    """A stock verifier: which form of entry it reads, what it is shown, and whose words it speaks."""

    kind: EntryKind
    payload: bytes
    language: str
    ask: Callable[[], Ask]


def _sigstore(version: str) -> Callable[[], Ask]:
    return lambda: lambda folder, bundles: ask_python(python_package("sigstore", version), folder, bundles)


def _verify(version: str) -> Callable[[], Ask]:
    return lambda: lambda folder, bundles: ask_javascript(npm_package("@sigstore/verify", version), folder, bundles)


CLIENTS: dict[str, Client] = {
    "sigstore-python, newest": Client(
        HASHEDREKORD, STATEMENT, "python", lambda: lambda *asked: ask_python(Path(sys.executable), *asked)
    ),
    "sigstore-python 4.3.0": Client(HASHEDREKORD, STATEMENT, "python", _sigstore("4.3.0")),
    "@sigstore/verify 4.1.3": Client(HASHEDREKORD, STATEMENT, "javascript", _verify("4.1.3")),
    "@sigstore/verify 4.1.0": Client(HASHEDREKORD, STATEMENT, "javascript", _verify("4.1.0")),
    "model_signing": Client(HASHEDREKORD, OMS, "python", lambda: _model_signing),
    "sigstore-python 4.2.0, twin": Client(DSSE, STATEMENT, "python", _sigstore("4.2.0")),
    "sigstore-python, newest, twin": Client(
        DSSE, STATEMENT, "python", lambda: lambda *asked: ask_python(Path(sys.executable), *asked)
    ),
    "@sigstore/verify 3.1.1, twin": Client(DSSE, STATEMENT, "javascript", _verify("3.1.1")),
    "@sigstore/verify 4.1.3, twin": Client(DSSE, STATEMENT, "javascript", _verify("4.1.3")),
}
NEED_THE_TWIN = ["sigstore-python 4.2.0, twin", "@sigstore/verify 3.1.1, twin"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def impostor(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("impostor"))


@pytest.fixture(scope="module")
def folder(service: PrivateSigstore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a stranger holds: the trust files and the model."""
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "trust.json").write_bytes(client_trust_config(service.trust, service.origin))
    (folder / "root.json").write_bytes(service.trust.to_json())
    for name, content in FILES.items():
        (folder / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "model" / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def asked(
    service: PrivateSigstore, impostor: PrivateSigstore, folder: Path, request: pytest.FixtureRequest
) -> Callable[[str], Answers]:
    """What a client says of the good bundle ("good") and of every mutation; each client is run once."""
    known: dict[str, Answers] = {}

    def ask(name: str) -> Answers:
        if name not in known:
            client = CLIENTS[name]
            all_ = Notaries(service, impostor, client.kind)
            place = folder / re.sub(r"\W", "-", name)
            place.mkdir()
            (place / "good").write_bytes(all_.good(client.payload))
            for fault, mutation in MUTATIONS.items():
                (place / fault).write_bytes(mutation.make(all_, client.payload))
            known[name] = client.ask()(folder, sorted(place.iterdir()))
        return known[name]

    return ask


@pytest.mark.parametrize("name", list(CLIENTS))
def test_the_stock_client_accepts_what_we_make(asked: Callable[[str], Answers], name: str) -> None:
    assert asked(name)["good"] is None


@pytest.mark.parametrize("fault", list(MUTATIONS))
@pytest.mark.parametrize("name", list(CLIENTS))
def test_the_stock_client_refuses_the_one_fault_and_says_so(
    asked: Callable[[str], Answers], name: str, fault: str
) -> None:
    said = asked(name)[fault]
    assert said is not None
    assert re.search(getattr(MUTATIONS[fault], CLIENTS[name].language), said, re.DOTALL | re.IGNORECASE), said


@pytest.mark.parametrize("fault", list(MUTATIONS))
@pytest.mark.parametrize("kind", [HASHEDREKORD, DSSE], ids=["our form", "twin"])
@pytest.mark.parametrize("payload", [STATEMENT, OMS], ids=["contribution", "OMS"])
def test_our_verifier_refuses_the_one_fault_in_the_step_of_that_name(
    service: PrivateSigstore, impostor: PrivateSigstore, kind: EntryKind, payload: bytes, fault: str
) -> None:
    all_ = Notaries(service, impostor, kind)
    assert verify_bundle(all_.good(payload), service.trust, identity=SIGNER, issuer=ORIGIN).verified
    verdict = verify_bundle(MUTATIONS[fault].make(all_, payload), service.trust, identity=SIGNER, issuer=ORIGIN)
    assert verdict.verdict == "not-verified"
    refused = [step.name for step in verdict.steps if step.outcome == "no"]
    assert refused[0] == MUTATIONS[fault].step, verdict.to_dict()


@pytest.mark.parametrize("name", NEED_THE_TWIN)
def test_a_client_that_needs_the_twin_does_not_read_our_form(
    service: PrivateSigstore, impostor: PrivateSigstore, folder: Path, name: str
) -> None:
    place = folder / f"{name.replace('/', '-')} ours"
    place.write_bytes(Notaries(service, impostor, HASHEDREKORD).good(STATEMENT))
    assert CLIENTS[name].ask()(folder, [place])[place.name] is not None
