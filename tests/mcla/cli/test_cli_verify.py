# SPDX-License-Identifier: Apache-2.0
"""`mcla verify` on real files with real proofs, and on every way in which a proof can fail to prove."""

import socket
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cli_proofs import beside, flip, verdict_of
from click.testing import CliRunner
from misbehaving import Misbehaving
from needs import needs

from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.artifacts.scan import scan
from mcla.cli.main import cli
from mcla.statements.oms import oms_statement


@pytest.fixture
def mcla(mcla_inside: Any) -> Any:
    """Most cases here need no process of their own."""
    return mcla_inside


def test_a_real_model_with_its_bundle_is_verified(mcla: Any, proven: Path, trust: Path, notary: Any) -> None:
    ran = mcla("verify", proven, "--trust", trust)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Verified: ")
    assert notary.signer in ran.out
    assert "Independent of the service: " in ran.out


def test_the_installed_command_says_the_same_in_a_process_of_its_own(mcla: Any, proven: Path, trust: Path) -> None:
    apart = mcla("verify", proven, "--trust", trust, before=("env",))
    assert apart == mcla("verify", proven, "--trust", trust)


def test_the_answer_fits_a_screen(mcla: Any, proven: Path, trust: Path) -> None:
    assert len(mcla("verify", proven, "--trust", trust).out.splitlines()) <= 24


def test_json_holds_verdict_reasons_and_every_step(mcla: Any, proven: Path, trust: Path) -> None:
    document = verdict_of(mcla("verify", proven, "--trust", trust, "--json"))
    outcomes = {step["name"]: step["outcome"] for step in document["steps"]}
    assert document["verdict"] == "verified"
    assert {outcomes.pop(name) for name in ("identity", "issuer", "witnesses", "passkey")} == {"not-checked"}
    assert set(outcomes.values()) == {"yes"}
    assert document["independent"]["witnesses"] == 0
    assert document["statement"]["project"] == "tiny-llm"


def test_a_policy_is_asked_for_witnesses_and_an_unreadable_one_is_never_taken_for_yes(
    mcla: Any, proven: Path, trust: Path, notary: Any
) -> None:
    from cosigning import cosigner

    from mcla.log.vkey import VerifierKey

    log, place = VerifierKey.of_log(notary.host, notary.keys.log.public_key()).line, proven.with_name("policy")
    asked = ("verify", proven, "--trust", trust, "--policy", place)
    place.write_text(f"log {log}\nquorum none\n")
    assert mcla(*asked).code == 0
    place.write_text(f"log {log}\nwitness w {cosigner(1).vkey.line}\nquorum w\n")
    ran = mcla(*asked)
    assert ran.code == 1
    assert "expected the quorum 'w' of the policy's 1 witnesses, got 'none'" in ran.out
    place.write_text("quorum w\n")
    unusable = mcla(*asked, "--json")
    assert (unusable.code, verdict_of(unusable)["verdict"]) == (3, "unknown")


def test_one_changed_byte_is_refused_and_the_reason_names_expected_and_got(
    mcla: Any, proven: Path, trust: Path
) -> None:
    before = scan([proven]).files[0].sha256
    flip(proven)
    after = scan([proven]).files[0].sha256
    ran = mcla("verify", proven, "--trust", trust, "--json")
    message = verdict_of(ran)["reasons"][0]["message"]
    assert ran.code == 1
    assert "expected" in message
    assert before in message
    assert f"got sha256:{after}" in message
    told = mcla("verify", proven, "--trust", trust).out
    assert told.startswith("Not verified: ")
    assert "Independent of the service" not in told


def test_a_folder_is_verified_whole(mcla: Any, folder: Path, trust: Path, notary: Any) -> None:
    beside(folder).write_bytes(notary.bundle(scan([folder])))
    assert mcla("verify", folder, "--trust", trust).code == 0
    assert mcla("verify", f"{folder}/", "--trust", trust).code == 0


def test_a_clone_is_verified_by_what_was_signed_over_another_clone_of_the_commit(
    mcla: Any, tmp_path: Path, trust: Path, notary: Any
) -> None:
    first, second, tree = (tmp_path / name for name in ("first", "second", "tree"))
    first.mkdir()
    (first / "train.py").write_text("print(1)\n")
    git(first, "init", "-q")
    git(first, "add", ".")
    git(first, "commit", "-q", "-m", "code")
    git(tmp_path, "clone", "-q", str(first), str(second))
    git(first, "worktree", "add", "-q", str(tree))
    proof = beside(first)
    proof.write_bytes(notary.bundle(scan([first])))
    for clone in (first, second, tree):
        ran = mcla("verify", clone, "--bundle", proof, "--trust", trust)
        assert (ran.code, ran.err) == (0, "The repository of a Git checkout (.git) is not among the files.\n")
    assert mcla("verify", second, "--with-git", "--bundle", proof, "--trust", trust).code == 1
    assert ".git/HEAD" in mcla("hash", second, "--with-git").out
    (second / "more.py").write_text("print(2)\n")
    assert mcla("verify", second, "--bundle", proof, "--trust", trust).code == 1


def test_for_a_list_of_model_signing_the_repository_of_a_checkout_counts_as_every_file_does(
    mcla: Any, folder: Path, trust: Path, notary: Any
) -> None:
    listed = SimpleNamespace(to_bytes=lambda: oms_statement(scan([folder]), "tiny-llm"))
    beside(folder).write_bytes(notary.bundle(None, listed))
    assert mcla("verify", folder, "--trust", trust).code == 0
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    ran = mcla("verify", folder, "--trust", trust)
    assert (ran.code, ran.err) == (1, "")
    assert ".git/HEAD" in ran.out


def git(folder: Path, *args: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run([needs("git"), "-C", str(folder), *who, *args], check=True, capture_output=True)


def test_the_current_folder_finds_its_bundle_by_its_real_name(
    mcla: Any, folder: Path, trust: Path, notary: Any
) -> None:
    beside(folder).write_bytes(notary.bundle(scan([folder])))
    here = type(mcla)(folder)
    assert here("verify", ".", "--trust", trust).code == 0


@pytest.mark.parametrize("change", ["added", "removed", "renamed", "changed"])
def test_a_folder_with_any_difference_is_refused_by_name(
    mcla: Any, folder: Path, trust: Path, notary: Any, change: str
) -> None:
    beside(folder).write_bytes(notary.bundle(scan([folder])))
    match change:
        case "added":
            (folder / "extra.py").write_text("import os\n")
        case "removed":
            (folder / "empty.bin").unlink()
        case "renamed":
            (folder / "README.md").rename(folder / "READ.md")
        case "changed":
            flip(folder / "model.safetensors")
    named = {"added": "extra.py", "removed": "empty.bin", "renamed": "READ.md", "changed": "model.safetensors"}[change]
    ran = mcla("verify", folder, "--trust", trust)
    assert ran.code == 1
    assert named in ran.out


def test_one_file_of_a_signed_folder_is_verified_by_the_folders_bundle(
    mcla: Any, folder: Path, trust: Path, notary: Any
) -> None:
    beside(folder).write_bytes(notary.bundle(scan([folder])))
    assert mcla("verify", folder / "README.md", "--bundle", beside(folder), "--trust", trust).code == 0


def test_a_digest_is_verified_without_the_file(mcla: Any, proven: Path, trust: Path) -> None:
    digest = scan([proven]).files[0].sha256
    assert mcla("verify", f"sha256:{digest}", "--bundle", beside(proven), "--trust", trust).code == 0
    assert mcla("verify", f"sha256:{'0' * 64}", "--bundle", beside(proven), "--trust", trust).code == 1


@pytest.mark.parametrize(
    "text", ["sha256:", "sha256:abc", f"sha256:{'A' * 64}", f"sha256:{'0' * 65}", f"sha256:{'０' * 64}"]
)
def test_a_digest_that_is_none_is_wrong_usage(mcla: Any, proven: Path, trust: Path, text: str) -> None:
    ran = mcla("verify", text, "--bundle", beside(proven), "--trust", trust)
    assert (ran.code, ran.out) == (2, "")
    assert "expected" in ran.err


def test_an_lfs_pointer_is_verified_as_the_file_it_stands_for(mcla: Any, proven: Path, trust: Path) -> None:
    entry = scan([proven]).files[0]
    proven.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{entry.sha256}\nsize {entry.size}\n")
    ran = mcla("verify", proven, "--trust", trust)
    assert ran.code == 0
    assert "not read" in ran.err


def test_a_bundle_alone_is_verified_and_says_that_no_file_was_compared(mcla: Any, proven: Path, trust: Path) -> None:
    ran = mcla("verify", beside(proven), "--trust", trust)
    assert ran.code == 0
    assert "no file was compared" in ran.out


def test_a_bundle_that_poses_as_an_artifact_with_a_bundle_of_its_own_is_compared(
    mcla: Any, proven: Path, trust: Path
) -> None:
    pose = proven.with_name("weights.json")
    pose.write_bytes(beside(proven).read_bytes())
    beside(pose).write_bytes(beside(proven).read_bytes())
    assert mcla("verify", pose, "--trust", trust).code == 1


def many(count: int, own: Path) -> Manifest:
    entries = [ManifestEntry(f"shard-{n:05}.bin", f"{n:064x}", n) for n in range(count - 1)]
    return Manifest.of([*entries, *scan([own]).files])


def test_one_of_ten_thousand_files_is_verified_through_the_manifest_beside_the_bundle(
    mcla: Any, weights: Path, trust: Path, notary: Any
) -> None:
    manifest = many(10_000, weights)
    beside(weights).write_bytes(notary.bundle(manifest))
    listed = weights.with_name(f"{weights.name}.manifest.json")
    ran = mcla("verify", weights, "--trust", trust, "--json")
    assert (ran.code, verdict_of(ran)["reasons"][0]["code"]) == (3, "manifest-needed")
    listed.write_bytes(manifest.to_bytes())
    assert mcla("verify", weights, "--trust", trust).code == 0
    elsewhere = listed.rename(listed.with_name("list.json"))
    assert mcla("verify", weights, "--trust", trust, "--manifest", elsewhere).code == 0


def test_a_manifest_of_something_else_is_refused(mcla: Any, weights: Path, trust: Path, notary: Any) -> None:
    beside(weights).write_bytes(notary.bundle(many(600, weights)))
    other = weights.with_name("other.manifest.json")
    other.write_bytes(many(601, weights).to_bytes())
    ran = mcla("verify", weights, "--trust", trust, "--manifest", other)
    assert ran.code == 1
    assert "expected a manifest with the root" in ran.out


FOUND = b'{"contributions": [{"id": "c1"}]}'


@pytest.mark.parametrize(
    ("answers", "code"),
    [([FOUND, None, b"{}"], "answer-invalid"), ([FOUND, None, b"{"], "answer-invalid"),
     ([FOUND, None, b'{"files":[{"path":"../a"}],"schema":"mcla.manifest/1"}'], "answer-invalid"),
     ([b"[]"], "answer-invalid"), ([b"<html>"], "answer-invalid"), ([b'{"contributions": 5}'], "answer-invalid"),
     ([FOUND, 410], "service-refused"), ([FOUND, None, 403], "service-refused"), ([404], "service-refused")],
)  # fmt: skip
def test_whatever_a_service_sends_in_place_of_a_proof_leaves_the_answer_unknown(
    mcla: Any, bad: Misbehaving, proven: Path, trust: Path, answers: list[bytes | int | None], code: str
) -> None:
    """None stands for the bundle itself, a number for a refusal."""
    bundle = beside(proven).read_bytes()
    beside(proven).unlink()
    bad.will(404)  # the list of what was ended
    for answer in answers:
        bad.will(answer if isinstance(answer, int) else 200, answer if isinstance(answer, bytes) else bundle)
    ran = mcla("verify", proven, "--trust", trust, "--service", bad.origin, "--json")
    assert (ran.code, verdict_of(ran)["verdict"], verdict_of(ran)["reasons"][0]["code"]) == (3, "unknown", code)


@pytest.mark.parametrize("text", ["{}", "{", '{"files":[{"path":"../a"}],"schema":"mcla.manifest/1"}'])
def test_a_manifest_that_is_none_leaves_the_answer_unknown(mcla: Any, proven: Path, trust: Path, text: str) -> None:
    broken = proven.with_name("broken.json")
    broken.write_text(text)
    ran = mcla("verify", proven, "--trust", trust, "--manifest", broken, "--json")
    assert (ran.code, verdict_of(ran)["reasons"][0]["code"]) == (3, "manifest-unusable")


def test_verify_makes_no_network_call(proven: Path, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    ran = CliRunner().invoke(cli, ["verify", str(proven), "--trust", str(trust)])
    assert ran.exit_code == 0, ran.output


def test_verify_works_where_there_is_no_network_at_all(mcla: Any, proven: Path, trust: Path) -> None:
    from needs import needs, needs_root

    needs_root()
    ran = mcla("verify", proven, "--trust", trust, before=(needs("unshare"), "-n"))
    assert ran.code == 0


def test_nothing_is_written_by_verifying(mcla: Any, proven: Path, trust: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in proven.parent.rglob("*")}
    mcla("verify", proven, "--trust", trust)
    assert {path: path.stat().st_mtime_ns for path in proven.parent.rglob("*")} == before
    assert list(mcla.cwd.iterdir()) == []
