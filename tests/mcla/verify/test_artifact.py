# SPDX-License-Identifier: Apache-2.0
"""Does the bundle speak of this file? Yes only by digest, no with what was expected, unknown without the manifest."""

import importlib.util
from pathlib import Path

import pytest
from interop.private_sigstore import PrivateSigstore, acceptance, contribution, manifest_of

from mcla.artifacts.digest import DigestInvalid, sha256_hex
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.artifacts.scan import scan
from mcla.verify.verdict import Verdict
from mcla.verify.verifier import verify_artifact, verify_bundle


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("keys"))


def signed(service: PrivateSigstore, manifest: Manifest) -> bytes:
    return service.sign(contribution(manifest).to_bytes()).bytes()


def code(verdict: Verdict) -> str:
    return verdict.reasons[0].code


FILES = manifest_of({"model.bin": b"weights", "docs/card.md": b"card", "x": b"x"})


def test_a_file_a_folder_and_their_digests_are_found(service: PrivateSigstore) -> None:
    bundle = signed(service, FILES)
    file = sha256_hex(b"weights")
    for target in (file, f"sha256:{file}", FILES, FILES.root, manifest_of({"renamed.bin": b"weights"})):
        verdict = verify_artifact(target, bundle, service.trust)
        assert verdict.verified, verdict.to_dict()
        assert verdict.step("artifact").outcome == "yes"
    assert verify_artifact(file, bundle, service.trust).step("artifact").detail == "model.bin"


def test_a_file_with_one_byte_changed_is_not_verified_and_both_digests_are_named(service: PrivateSigstore) -> None:
    verdict = verify_artifact(sha256_hex(b"weightz"), signed(service, FILES), service.trust)
    assert verdict.verdict == "not-verified"
    assert code(verdict) == "artifact-not-in-bundle"
    assert sha256_hex(b"weightz") in verdict.reasons[0].message
    assert "mcla hash" in verdict.reasons[0].hint
    assert [step.name for step in verdict.steps if step.outcome == "no"] == ["artifact"]


def test_a_folder_that_differs_is_told_apart_file_by_file(service: PrivateSigstore) -> None:
    bundle = signed(service, FILES)
    changed = manifest_of({"model.bin": b"other", "docs/card.md": b"card", "planted": b"!"})
    verdict = verify_artifact(changed, bundle, service.trust)
    assert code(verdict) == "artifact-not-in-bundle"
    for part in ("changed: model.bin", "missing: x", "not signed: planted"):
        assert part in verdict.reasons[0].message
    renamed = manifest_of({"model2.bin": b"weights", "docs/card.md": b"card", "x": b"x"})
    assert verify_artifact(renamed, bundle, service.trust).verdict == "not-verified"


def many(count: int, changed: int = -1) -> Manifest:
    return Manifest.of(
        ManifestEntry(f"f{number:05}", sha256_hex(str(number).encode()), 2 if number == changed else 1)
        for number in range(count)
    )


def test_a_file_of_more_than_512_is_found_through_its_manifest_only(service: PrivateSigstore) -> None:
    files = many(600)
    bundle, file = signed(service, files), sha256_hex(b"77")
    assert verify_artifact(files, bundle, service.trust).verified
    assert verify_artifact(files.root, bundle, service.trust).verified
    without = verify_artifact(file, bundle, service.trust)
    assert (without.verdict, code(without)) == ("unknown", "manifest-needed")
    with_it = verify_artifact(file, bundle, service.trust, files)
    assert with_it.verified
    assert with_it.step("artifact").detail == "f00077"
    other = verify_artifact(sha256_hex(b"no"), bundle, service.trust, files)
    assert (other.verdict, code(other)) == ("not-verified", "artifact-not-in-bundle")


def test_a_manifest_that_is_not_the_signed_one_counts_for_nothing(service: PrivateSigstore) -> None:
    bundle, file = signed(service, many(600)), sha256_hex(b"77")
    for wrong in (many(601), many(599), many(600, changed=5), FILES):
        verdict = verify_artifact(file, bundle, service.trust, wrong)
        assert (verdict.verdict, code(verdict)) == ("not-verified", "manifest-mismatch")
    assert verify_artifact(many(600, changed=5), bundle, service.trust).verdict == "not-verified"


def test_unknown_never_hides_a_fault(service: PrivateSigstore) -> None:
    parts = service.sign(contribution(many(600)).to_bytes())
    verdict = verify_artifact(sha256_hex(b"77"), parts.bytes(root=bytes(32)), service.trust)
    assert verdict.verdict == "not-verified"


def test_an_artifact_of_a_bundle_that_does_not_hold_is_not_verified(service: PrivateSigstore) -> None:
    parts = service.sign(contribution(FILES).to_bytes())
    verdict = verify_artifact(FILES, parts.bytes(signature=b"x"), service.trust)
    assert verdict.verdict == "not-verified"
    assert verdict.step("artifact").outcome == "yes"
    assert verify_artifact(FILES, b"{}", service.trust).step("artifact").outcome == "not-checked"


@pytest.mark.parametrize(
    "target", ["", "sha256:", "x", sha256_hex(b"")[:-1], sha256_hex(b"").upper(), "sha512:" + "0" * 128]
)
def test_a_target_that_is_no_digest_is_not_verified(service: PrivateSigstore, target: str) -> None:
    verdict = verify_artifact(target, signed(service, FILES), service.trust)
    assert (verdict.verdict, code(verdict)) == ("not-verified", DigestInvalid.code)


def test_the_documents_of_an_agreement_are_artifacts_of_its_acceptance(service: PrivateSigstore) -> None:
    documents = manifest_of({"agreement.md": b"text", "terms.toml": b"terms"})
    bundle = service.sign(acceptance(documents).to_bytes()).bytes()
    assert verify_artifact(documents, bundle, service.trust).verified
    assert verify_artifact(sha256_hex(b"text"), bundle, service.trust).verified
    assert verify_artifact(sha256_hex(b"other text"), bundle, service.trust).verdict == "not-verified"


def test_real_weights_are_verified_and_refused_after_one_flipped_bit(service: PrivateSigstore, tmp_path: Path) -> None:
    spec = importlib.util.find_spec("silero_vad")
    assert spec is not None
    assert spec.submodule_search_locations
    weights = Path(spec.submodule_search_locations[0]) / "data" / "silero_vad_16k.safetensors"
    bundle = signed(service, scan([weights]))
    assert verify_artifact(scan([weights]), bundle, service.trust).verified
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / weights.name).write_bytes(data)
    assert verify_artifact(scan([tmp_path / weights.name]), bundle, service.trust).verdict == "not-verified"
    (tmp_path / weights.name).write_bytes(b"")
    assert verify_artifact(scan([tmp_path]), bundle, service.trust).verdict == "not-verified"


def test_a_manifest_alone_is_checked_against_the_statement(service: PrivateSigstore) -> None:
    bundle = signed(service, FILES)
    assert verify_artifact(FILES, bundle, service.trust, FILES).verified
    assert verify_bundle(bundle, service.trust).step("artifact").outcome == "not-checked"
