# SPDX-License-Identifier: Apache-2.0
"""Stock signers of others, unpatched, sign against the real service, and what they made verifies offline."""

import base64
import hashlib
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from installed import npm_package, python_package
from interop.stock import Question, javascript
from needs import needs
from scripted_op import SUBJECT, ScriptedOp
from scripted_op import serving as serving_op
from serving import serving
from signing_walk import accept

from app.factory import create_app
from app.identity.ports import VerifiedClaims
from app.platform.clock import SystemClock
from app.platform.db import Database
from app.platform.security import limiter
from app.platform.settings import ProviderSettings, Settings
from app.wiring import Services, build_services
from mcla.artifacts.scan import scan
from mcla.envelope.bundle import parse_bundle
from mcla.log.cosignature import is_signed_by
from mcla.log.note import parse_note
from mcla.log.vkey import VerifierKey
from mcla.verify.verifier import verify_artifact

HERE = Path(__file__).parent
NUMBERS = itertools.count()
JANE = VerifiedClaims("scripted", SUBJECT, "Jane Roe", "jroe")


@dataclass(frozen=True)
class Place:
    """A running service, its identity provider, and a folder with its trust config and a model."""

    services: Services
    op: ScriptedOp
    folder: Path

    @property
    def origin(self) -> str:
        return self.services.settings.origin

    @property
    def stock_uri(self) -> str:
        """What a certificate for Jane's stock client names."""
        actor = self.services.identity.actor_of_session(self.services.identity.start_session(JANE))
        assert actor is not None
        signed = self.services.signing.signatures(actor)[0]
        bundle = self.services.signing.signature_bundle(signed.id)
        payload = base64.b64decode(bundle["dsseEnvelope"]["payload"])
        return str(json.loads(payload)["predicate"]["signer"]) + "/stock"

    def token(self, **claims: Any) -> str:
        """An ID token of the provider, as a stock client gets it: for the audience `sigstore`."""
        return str(self.op.id_token("", "", {"aud": "sigstore", "jti": str(next(NUMBERS)), **claims}))

    def run(self, module: str, *args: str) -> tuple[int, str]:
        command = [sys.executable, "-m", module, *args]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=100, check=False)
        return done.returncode, done.stdout + done.stderr


class _Later:
    """A WSGI application that is known only when its address is."""

    app: Any = None

    def __call__(self, environ: Any, start: Any) -> Any:
        return self.app(environ, start)


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, key_folder: Path, filled_sqlite: Any, seeding: Any
) -> Iterator[Place]:
    folder, later, op = tmp_path_factory.mktemp("stock"), _Later(), ScriptedOp(SystemClock())
    (folder / "keys").symlink_to(key_folder)
    (folder / "mcla.sqlite").write_bytes(filled_sqlite(seeding))
    with serving(later) as origin, serving_op(op) as issuer:
        op.issuer = issuer
        entry = ProviderSettings(name="scripted", kind="oidc", issuer=issuer, client_id="mcla", sigstore=True)
        settings = Settings(home=folder, origin=origin, providers=(entry,))
        db = Database(settings.database)
        services = build_services(settings, db, SystemClock())
        services.log.recover()
        later.app = create_app(services)
        limiter.reset()
        _write(folder, origin)
        yield Place(services, op, folder)
        db.dispose()


def _write(folder: Path, origin: str) -> None:
    for name in ("client_trust_config.json", "trusted_root.json"):
        with urlopen(f"{origin}/.well-known/mcla/{name}") as answer:  # noqa: S310 - our own loopback address
            (folder / name).write_bytes(answer.read())
    (folder / "model").mkdir()
    (folder / "model" / "weights.bin").write_bytes(b"weights")
    (folder / "model" / "card.md").write_bytes(b"card")


@pytest.fixture(scope="module")
def agreed(place: Place) -> str:
    """Jane has signed the agreement; gives the name in her stock certificates."""
    actor = place.services.identity.actor_of_session(place.services.identity.start_session(JANE))
    assert actor is not None
    accept(place.services, actor)
    return place.stock_uri


def test_nobody_without_the_agreement_gets_a_certificate(place: Place) -> None:
    stranger = {"sub": "a stranger"}
    code, said = _javascript(place, place.token(**stranger), place.token(**stranger))
    assert code == 1
    assert f"{place.origin}/sign/mcla-individual" in said
    options = ["--identity-token", place.token(**stranger), "--bundle", "no.json", "model/weights.bin"]
    code, said = place.run("sigstore", "--trust-config", "client_trust_config.json", "sign", *options)
    assert code != 0, said
    assert f"403 Client Error: Sign the agreement first at {place.origin}/sign/mcla-individual" in said
    assert not (place.folder / "no.json").exists()


def test_the_sigstore_command_signs_a_file_and_verifies_it(place: Place, agreed: str) -> None:
    trusting = ["--trust-config", "client_trust_config.json"]
    options = ["--identity-token", place.token(), "--bundle", "file.json", "model/weights.bin"]
    code, said = place.run("sigstore", *trusting, "sign", *options)
    assert code == 0, said
    demanded = ["--cert-identity", agreed, "--cert-oidc-issuer", place.origin]
    code, said = place.run(
        "sigstore",
        *trusting,
        "verify",
        "identity",
        "--offline",
        "--bundle",
        "file.json",
        *demanded,
        "model/weights.bin",
    )
    assert code == 0, said
    _check_file(place, "file.json", agreed)
    code, said = _mcla_sign(place, "model/card.md", "file.json", "never.json", "tiny-llm")
    assert (code, "earlier-signature-differs" in said) == (1, True), said
    _give(place, "model/weights.bin", "file.json", "given.json")


def test_the_model_signing_command_signs_a_folder_and_our_verifier_reads_it(place: Place, agreed: str) -> None:
    options = ["--trust_config", "client_trust_config.json", "--signature", "model.sig"]
    code, said = place.run("model_signing", "sign", "sigstore", "model", "--identity_token", place.token(), *options)
    assert code == 0, said
    demanded = ["--identity", agreed, "--identity_provider", place.origin]
    code, said = place.run("model_signing", "verify", "sigstore", "model", *options, *demanded)
    assert code == 0, said
    model, bundle = scan([place.folder / "model"]), (place.folder / "model.sig").read_bytes()
    verdict = verify_artifact(model, bundle, place.services.trust, identity=agreed, issuer=place.origin)
    assert verdict.verified, verdict.to_dict()
    assert verdict.statement is not None
    assert verdict.statement["type"] == "oms"
    _give(place, "model", "model.sig", "given-model.json")


def test_the_list_that_the_service_gives_out_is_verified_by_the_stock_command(place: Place, agreed: str) -> None:
    token = ["--identity-token", place.token(aud="mcla"), "--yes", "-o", "own.json"]
    asked = ["--service", place.origin, "--project", "safe-eval", "--kind", "code"]
    code, said = place.run("mcla.cli", "sign", "model", *asked, *token)
    assert code == 0, said
    with urlopen(f"{place.origin}/api/v1/artifacts/sha256:{hashlib.sha256(b'card').hexdigest()}") as answer:  # noqa: S310
        found = [each for each in json.load(answer)["contributions"] if each["project"] == "safe-eval"]
    with urlopen(f"{place.origin}/api/v1/contributions/{found[0]['id']}/oms") as answer:  # noqa: S310
        (place.folder / "served.sig").write_bytes(answer.read())
    demanded = ["--identity", agreed.removesuffix("/stock"), "--identity_provider", place.origin]
    options = ["--trust_config", "client_trust_config.json", "--signature", "served.sig", *demanded]
    code, said = place.run("model_signing", "verify", "sigstore", "model", *options)
    assert (code, "Verification succeeded" in said) == (0, True), said
    (place.folder / "model" / "extra").write_bytes(b"x")
    try:
        code, said = place.run("model_signing", "verify", "sigstore", "model", *options)
    finally:
        (place.folder / "model" / "extra").unlink()
    assert (code, "Extra files" in said) == (1, True), said


def test_the_javascript_signer_signs_a_statement_and_a_file(place: Place, agreed: str) -> None:
    code, said = _javascript(place, place.token(), place.token())
    assert code == 0, said
    for name, bundle in zip(("dsse.json", "message.json"), json.loads(said), strict=True):
        (place.folder / name).write_text(json.dumps(bundle))
    kinds = {each["verificationMaterial"]["tlogEntries"][0]["kindVersion"]["kind"] for each in json.loads(said)}
    assert kinds == {"hashedrekord"}
    with javascript(npm_package("@sigstore/verify", "4.1.3")) as ask:
        assert ask(_question(place, "dsse.json", agreed)) is None
    _give(place, "model/weights.bin", "message.json", "given-message.json", project="open-voice")


def test_older_clients_read_the_twin_that_the_service_makes(place: Place, agreed: str) -> None:
    signer = agreed.removesuffix("/stock")
    actor = place.services.identity.actor_of_session(place.services.identity.start_session(JANE))
    assert actor is not None
    accepted = place.services.signing.signatures(actor)[0].id
    with urlopen(f"{place.origin}/api/v1/signatures/{accepted}/bundle?compat=dsse001") as answer:  # noqa: S310
        (place.folder / "twin.json").write_bytes(answer.read())
    with javascript(npm_package("@sigstore/verify", "3.1.1")) as ask:
        assert ask(_question(place, "twin.json", signer)) is None
    python = [str(python_package("sigstore", "4.2.0")), str(HERE / "sigstore_verify.py")]
    command = [*python, "client_trust_config.json", signer, place.origin, "twin.json"]
    done = subprocess.run(command, cwd=place.folder, capture_output=True, text=True, timeout=60, check=False)
    assert json.loads(done.stdout) == {"twin.json": None}, done.stderr


def _question(place: Place, bundle: str, signer: str) -> Question:
    data, trust = (place.folder / bundle).read_bytes(), place.folder / "trusted_root.json"
    return Question(data, trust, identity=signer, issuer=place.origin)


def _mcla_sign(place: Place, path: str, bundle: str, target: str, project: str) -> tuple[int, str]:
    token = ["--identity-token", place.token(aud="mcla"), "--yes", "-o", target]
    asked = ["--service", place.origin, "--project", project, "--kind", "code", "--from-bundle", bundle]
    return place.run("mcla.cli", "sign", path, *asked, *token)


def _give(place: Place, path: str, bundle: str, target: str, project: str = "tiny-llm") -> None:
    """From what a stock tool wrote to a contribution that everybody finds and that verifies here."""
    code, said = _mcla_sign(place, path, bundle, target, project)
    assert code == 0, said
    digest = hashlib.sha256(b"weights").hexdigest()
    with urlopen(f"{place.origin}/api/v1/artifacts/sha256:{digest}") as answer:  # noqa: S310
        told = json.load(answer)
    assert told["verdict"] == "verified"
    assert project in {each["project"] for each in told["contributions"]}
    asked = ["--bundle", target, "--trust", "trusted_root.json", "--earlier", bundle, "--json"]
    code, said = place.run("mcla.cli", "verify", path, *asked)
    verdict = json.loads(said)
    assert (code, verdict["verdict"]) == (0, "verified"), said
    assert verdict["statement"]["earlier"][0]["time"], "the stock client's own stamp"
    entry = json.loads((place.folder / bundle).read_bytes())["verificationMaterial"]["tlogEntries"][0]
    assert [str(each["logIndex"]) for each in verdict["statement"]["earlier"]] == [entry["logIndex"]]


def _check_file(place: Place, bundle: str, signer: str) -> None:
    """Our verifier says whose signature it is, and that the file was not contributed by it."""
    file, data = scan([place.folder / "model" / "weights.bin"]), (place.folder / bundle).read_bytes()
    verdict = verify_artifact(file, data, place.services.trust, identity=signer, issuer=place.origin)
    assert verdict.verified, verdict.to_dict()
    assert [reason.code for reason in verdict.reasons] == ["signed-file", "file-signature-is-no-contribution"]
    note = parse_note(parse_bundle(data).entry.checkpoint)
    second = VerifierKey.of_log_mldsa(place.services.settings.host, place.services.keys.pqlog.public_key())
    assert is_signed_by(note, second), "and the stock client read past that line"


def _javascript(place: Place, *tokens: str) -> tuple[int, str]:
    package = npm_package("@sigstore/sign", "5.1.0")
    command = [needs("node"), str(HERE / "sigstore_sign.mjs"), str(package), place.origin, place.origin, *tokens]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout if done.returncode == 0 else done.stderr
