# SPDX-License-Identifier: Apache-2.0
"""Verdicts on OMS lists: whose they are and which files, and never that files were given under an agreement."""

from pathlib import Path

import pytest
from interop.private_sigstore import ORIGIN, SIGNER, PrivateSigstore, manifest_of, refused

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest
from mcla.envelope.bundle import parse_bundle
from mcla.statements.oms import oms_statement, parse_oms
from mcla.verify.verifier import verify_artifact, verify_bundle

CONTENTS = {"config.json": b"{}", "weights/model.safetensors": b"weights"}
FILES = manifest_of(CONTENTS)
LIST = oms_statement(FILES, "tiny-llm")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def bundle(service: PrivateSigstore) -> bytes:
    return service.sign(LIST).bytes()


def folder(**changed: bytes | None) -> Manifest:
    """The folder with files added, changed, or taken out (None)."""
    return manifest_of({path: data for path, data in (CONTENTS | changed).items() if data is not None})


@pytest.mark.parametrize("target", [FILES, sha256_hex(b"{}"), f"sha256:{sha256_hex(b'weights')}", None])
def test_a_list_proves_who_signed_the_files_and_says_that_it_is_no_contribution(
    service: PrivateSigstore, bundle: bytes, target: Manifest | str | None
) -> None:
    if target is None:
        verdict = verify_bundle(bundle, service.trust, identity=SIGNER, issuer=ORIGIN)
    else:
        verdict = verify_artifact(target, bundle, service.trust, identity=SIGNER, issuer=ORIGIN)
    assert verdict.verified, verdict.to_dict()
    assert [reason.code for reason in verdict.reasons] == ["signed-oms", "oms-is-no-contribution"]
    assert verdict.statement is not None
    assert verdict.statement["type"] == "oms"
    assert verdict.statement["signer"] == SIGNER
    assert not {"agreement", "project", "kind", "key_holder"} & set(verdict.statement)


@pytest.mark.parametrize(
    ("files", "code", "named"),
    [
        (folder(**{"config.json": b"[]"}), "artifact-not-in-bundle", "changed: config.json"),
        (folder(**{"config.json": None, "x": b"x"}), "artifact-not-in-bundle", "missing: config.json"),
        (folder(**{".git/hooks/post-checkout": b"#!"}), "oms-files-not-signed", "not signed: .git/hooks/post-checkout"),
        (folder(README=b"hello"), "oms-files-not-signed", "not signed: README"),
        (manifest_of({"renamed.json": b"{}", "weights/model.safetensors": b"weights"}), "artifact-not-in-bundle", ""),
    ],
    ids=["a changed file", "a missing file", "a planted hook", "an extra file", "another name for the same bytes"],
)
def test_a_folder_must_hold_exactly_the_signed_files(
    service: PrivateSigstore, bundle: bytes, files: Manifest, code: str, named: str
) -> None:
    verdict = verify_artifact(files, bundle, service.trust)
    refused(verdict, "artifact", code)
    assert named in verdict.reasons[0].message


def test_the_bundle_itself_may_lie_in_the_folder(service: PrivateSigstore, bundle: bytes) -> None:
    assert verify_artifact(folder(**{"model.sig": bundle}), bundle, service.trust).verified
    refused(
        verify_artifact(folder(**{"model.sig": bundle + b" "}), bundle, service.trust),
        "artifact",
        "oms-files-not-signed",
    )


def test_paths_that_the_signer_left_out_are_named_and_do_not_count(service: PrivateSigstore) -> None:
    ignoring = LIST.replace(b'"ignore_paths":[]', b'"ignore_paths":[".git",".github"]')
    assert parse_oms(ignoring).ignored == (".git", ".github")
    sound = service.sign(ignoring).bytes()
    verdict = verify_artifact(FILES, sound, service.trust)
    assert ".git, .github" in next(r.message for r in verdict.reasons if r.code == "oms-ignores-paths")
    planted = folder(**{".git/hooks/post-checkout": b"#!"})
    refused(verify_artifact(planted, sound, service.trust), "artifact", "oms-files-not-signed")


def test_the_root_of_a_list_is_no_name_for_its_files(service: PrivateSigstore, bundle: bytes) -> None:
    verdict = verify_artifact(parse_oms(LIST).root, bundle, service.trust)
    refused(verdict, "artifact", "artifact-not-in-bundle")
    assert "binds no names" in verdict.reasons[0].message


def test_two_folders_of_one_root_are_told_apart(service: PrivateSigstore, bundle: bytes) -> None:
    """The same digests in the same order under other names: one root in the form of OMS."""
    other = manifest_of({"a.json": b"{}", "b.bin": b"weights"})
    assert parse_oms(oms_statement(other, "tiny-llm")).root == parse_oms(LIST).root
    refused(verify_artifact(other, bundle, service.trust), "artifact", "artifact-not-in-bundle")


def test_another_signer_and_a_parsed_bundle_are_judged_alike(service: PrivateSigstore, bundle: bytes) -> None:
    refused(verify_bundle(bundle, service.trust, identity=SIGNER + "x", issuer=ORIGIN), "identity", "identity-mismatch")
    assert verify_artifact(FILES, parse_bundle(bundle), service.trust).verified


def test_a_statement_of_ours_that_speaks_of_oms_stays_ours(service: PrivateSigstore) -> None:
    from interop.private_sigstore import contribution

    ours = contribution(FILES, declarations={"note": "https://model_signing/signature/v1.0"}).to_bytes()
    verdict = verify_bundle(service.sign(ours).bytes(), service.trust)
    assert verdict.verified
    assert verdict.statement is not None
    assert verdict.statement["type"] == "contribution"


def test_the_command_line_says_so_too(service: PrivateSigstore, bundle: bytes, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from mcla.cli.main import cli

    (tmp_path / "model" / "weights").mkdir(parents=True)
    for path, data in CONTENTS.items():
        (tmp_path / "model" / path).write_bytes(data)
    (tmp_path / "model" / "model.sig").write_bytes(bundle)
    (tmp_path / "root.json").write_bytes(service.trust.to_json())
    asked = ["verify", str(tmp_path / "model"), "--bundle", str(tmp_path / "model" / "model.sig")]
    done = CliRunner().invoke(cli, [*asked, "--trust", str(tmp_path / "root.json")])
    assert done.exit_code == 0, done.output
    assert "signed a list of 2 files" in done.output
    assert "names no agreement" in done.output
