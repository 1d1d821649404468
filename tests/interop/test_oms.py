# SPDX-License-Identifier: Apache-2.0
"""OMS as others publish it: the public vectors, the JSON schemas, and the reference implementation on real folders."""

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from interop.private_sigstore import ORIGIN, SIGNER, PrivateSigstore
from model_signing._cli import main as model_signing
from model_signing.hashing import Config
from needs import shared
from referencing import Registry, Resource

from mcla.artifacts.gitblob import blob_id
from mcla.artifacts.lfs import pointer_blob_id, pointer_text
from mcla.artifacts.manifest import Manifest
from mcla.artifacts.scan import scan
from mcla.cli.listing import listed
from mcla.cli.output import Output
from mcla.envelope.bundle import parse_bundle
from mcla.errors import MclaError
from mcla.statements.oms import OmsInvalid, oms_statement, parse_oms
from mcla.verify.trust import client_trust_config

WEIGHTS = b"weights" * 1000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder whose files the reference implementation orders otherwise than the specification."""
    for path, data in {"a/x": b"1", "a-b/x": b"2", "empty": b"", "model.safetensors": WEIGHTS}.items():
        (tmp_path / "model" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "model" / path).write_bytes(data)
    return tmp_path / "model"


@cache
def schema(name: str) -> Any:
    from jsonschema import Draft202012Validator  # a CPU second, which every worker would pay that collects this

    folder = shared("vectors", "oms", "schemas", "v1.0")
    read = {path.name: json.loads(path.read_bytes()) for path in folder.iterdir()}
    registry: Any = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in read.values())
    return Draft202012Validator(read[f"{name}.schema.json"], registry=registry)


def payload_of(bundle: dict[str, Any]) -> bytes:
    return base64.b64decode(bundle["dsseEnvelope"]["payload"])


def stock(folder: Path, bundle: bytes, service: PrivateSigstore, tmp_path: Path, *more: str) -> tuple[int, str]:
    (tmp_path / "model.sig").write_bytes(bundle)
    (tmp_path / "trust.json").write_bytes(client_trust_config(service.trust, service.origin))
    options = ["--signature", str(tmp_path / "model.sig"), "--trust_config", str(tmp_path / "trust.json"), *more]
    options += ["--identity", SIGNER, "--identity_provider", ORIGIN]
    done = CliRunner().invoke(model_signing, ["verify", "sigstore", str(folder), *options])
    return done.exit_code, done.output


def test_what_we_write_is_valid_against_the_published_schemas(service: PrivateSigstore, model: Path) -> None:
    bundle = service.sign(oms_statement(scan([model]), "tiny-llm")).bundle()
    schema("bundle").validate(bundle)
    schema("statement").validate(json.loads(payload_of(bundle)))


def test_the_reference_implementation_verifies_the_real_folder(
    service: PrivateSigstore, model: Path, tmp_path: Path
) -> None:
    bundle = service.sign(oms_statement(scan([model]), "tiny-llm")).bytes()
    assert stock(model, bundle, service, tmp_path) == (0, "Verification succeeded\n")
    (model / "extra").write_bytes(b"x")
    code, said = stock(model, bundle, service, tmp_path)
    assert code == 1
    assert "Extra files" in said


def test_a_list_made_from_pointers_alone_verifies_on_the_real_files(
    service: PrivateSigstore, model: Path, tmp_path: Path
) -> None:
    real = scan([model])
    sha256 = next(file.sha256 for file in real.files if file.path == "model.safetensors")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {len(WEIGHTS)}\n"
    (model / "model.safetensors").write_text(pointer)
    bundle = service.sign(oms_statement(scan([model]), "tiny-llm")).bytes()
    (model / "model.safetensors").write_bytes(WEIGHTS)
    assert stock(model, bundle, service, tmp_path)[0] == 0


def test_a_list_made_from_a_hub_listing_verifies_on_the_real_files(
    service: PrivateSigstore, model: Path, tmp_path: Path
) -> None:
    """As a hub saves it: the weights by their SHA-256, the small files by their Git id, and those lie beside it."""
    weights, *small = sorted(scan([model]).files, key=lambda file: file.path != "model.safetensors")
    held = (weights.sha256, weights.size)
    lfs = {"oid": weights.sha256, "size": weights.size, "pointerSize": len(pointer_text(*held))}
    pointed = {"type": "file", "oid": pointer_blob_id(*held), "size": weights.size, "path": weights.path, "lfs": lfs}
    saved: list[dict[str, Any]] = [pointed]
    for file in small:
        blob = blob_id((model / file.path).read_bytes())
        saved.append({"type": "file", "oid": blob, "size": file.size, "path": file.path})
    (tmp_path / "tree.json").write_text(json.dumps(saved))
    (model / "model.safetensors").unlink()
    measured = listed(tmp_path / "tree.json", [model], Output())
    bundle = service.sign(oms_statement(Manifest.of(each.entry for each in measured), "tiny-llm")).bytes()
    (model / "model.safetensors").write_bytes(WEIGHTS)
    assert stock(model, bundle, service, tmp_path)[0] == 0
    (model / "model.safetensors").write_bytes(WEIGHTS + b"x")
    assert stock(model, bundle, service, tmp_path)[0] == 1


def test_git_files_that_were_given_need_the_flag_that_reads_them(
    service: PrivateSigstore, model: Path, tmp_path: Path
) -> None:
    (model / ".gitattributes").write_bytes(b"*.safetensors filter=lfs\n")
    bundle = service.sign(oms_statement(scan([model]), "tiny-llm")).bytes()
    code, said = stock(model, bundle, service, tmp_path)
    assert code == 1
    assert "Missing files" in said
    assert stock(model, bundle, service, tmp_path, "--no-ignore-git-paths")[0] == 0


def test_our_reading_agrees_with_the_reference_on_a_real_folder(model: Path) -> None:
    stated = parse_oms(oms_statement(scan([model]), "tiny-llm"))
    theirs = {one.identifier: one.digest.digest_hex for one in Config().hash(model).resource_descriptors()}
    assert {file.path: file.sha256 for file in stated.files} == theirs


@pytest.mark.parametrize("name", ["key", "certificate", "sigstore"])
def test_the_public_valid_lists_are_read_and_only_proofs_of_identity_and_time_count(name: str) -> None:
    """No bundle of these is by a service of ours; two of them prove neither who signed nor when."""
    data = shared("vectors", "oms", "v1.0", "valid", f"{name}.bundle.json").read_bytes()
    assert next(file.path for file in parse_oms(payload_of(json.loads(data))).files) == "signme-1"
    with pytest.raises(MclaError) as refused:
        parse_bundle(data)
    assert refused.value.code == ("bundle-invalid" if name == "sigstore" else "bundle-untimed")


@pytest.mark.parametrize("name", ["empty", "missing-envelope", "missing-tlog-entries", "missing-verification-material"])
def test_the_public_invalid_bundles_are_refused_with_an_error_of_ours(name: str) -> None:
    data = shared("vectors", "oms", "v1.0", "invalid", f"{name}.bundle.json").read_bytes()
    with pytest.raises(MclaError) as refused:
        parse_bundle(data)
    assert refused.value.hint


def test_the_public_list_with_another_predicate_is_no_oms_list() -> None:
    data = shared("vectors", "oms", "v1.0", "invalid-payload", "wrong-predicate.bundle.json").read_bytes()
    with pytest.raises(OmsInvalid):
        parse_oms(payload_of(json.loads(data)))


@pytest.mark.parametrize("member", ["predicate", "serialization"])
def test_a_member_that_the_schema_refuses_we_refuse_though_the_reference_passes_it_over(
    model: Path, member: str
) -> None:
    value = json.loads(oms_statement(scan([model]), "tiny-llm"))
    (value["predicate"] if member == "predicate" else value["predicate"]["serialization"])["extra"] = 1
    assert not schema("statement").is_valid(value)
    with pytest.raises(OmsInvalid):
        parse_oms(json.dumps(value).encode())
