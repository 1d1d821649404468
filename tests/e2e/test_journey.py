# SPDX-License-Identifier: Apache-2.0
"""The whole way of a contributor in a real browser: sign in, read, sign, give weights, keep the proof, verify it.

With JavaScript it is walked on the narrowest phone, as the other journeys are on a laptop. No step may scroll sideways:
each window looks at every page as it is loaded, and the test after what changes on the page itself.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fetching import fetched, trust_of
from playwright.sync_api import Page, expect
from running import Running
from windows import (
    NARROW,
    SIGNED,
    Window,
    answer_questions,
    assert_fits,
    choose,
    saved,
    sign_contribution,
    wait_for_pdf,
)

from mcla.artifacts.manifest import parse_manifest
from mcla.artifacts.scan import scan
from mcla.verify.verifier import verify_artifact, verify_bundle


def test_with_javascript_five_presses_sign_and_the_key_is_the_browsers(
    window: Callable[..., Window],
    newcomers: Any,
    do_jobs: Callable[[Running], None],
    tmp_path: Path,
    weights: Path,
    folder: Path,
) -> None:
    service, name = newcomers.take()
    do_jobs(service)
    walker = window(service, viewport=NARROW)
    page = walker.page
    signs_the_agreement(walker, name)
    proof = downloaded(page, "Proof", tmp_path)
    expect(page.locator(".command")).to_contain_text(f"mcla verify {proof.name} ")
    accepted = verify_bundle(proof.read_bytes(), trust_of(service))
    assert accepted.verified
    assert accepted.statement is not None
    assert accepted.statement["key_holder"] == "browser"

    given = weights.with_name("silero_vad_16k.safetensors")
    contribution, bundle = gives_weights(page, given, tmp_path)
    assert verify_artifact(scan([given]), bundle, trust_of(service)).verified
    changed = tmp_path / given.name
    content = bytearray(given.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    refused = verify_artifact(scan([changed]), bundle, trust_of(service))
    assert refused.verdict == "not-verified"
    assert refused.reasons[0].code == "artifact-not-in-bundle"
    wait_for_pdf(page)
    assert downloaded(page, "PDF record", tmp_path).read_bytes().startswith(b"%PDF-")

    finds_them_again(page, service, contribution, given, changed)
    gives_a_folder(page, service, folder)


def signs_the_agreement(walker: Window, name: str) -> None:
    page = walker.go("/sign/mcla-individual")
    page.get_by_role("button", name="Sign in with").click()  # 1
    assert_fits(page)
    page.get_by_role("button", name=name).click()  # 2
    expect(page.locator(".lead")).to_contain_text(f"Example Foundation asks {name}")
    page.get_by_role("button", name="I do", exact=True).click()  # 3
    expect(page.locator(".who")).to_contain_text(name)
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    page.get_by_role("checkbox").check()  # 4
    page.get_by_role("button", name="Sign and record").click()  # 5
    page.wait_for_url(SIGNED)
    expect(page.get_by_role("heading", name="Signed")).to_be_visible()


def downloaded(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return saved(download.value, folder)


def gives_weights(page: Page, given: Path, tmp_path: Path) -> tuple[str, bytes]:
    """From the page of the signature to the contribution's id and proof."""
    page.get_by_role("link", name="Give files").first.click()
    choose(page, given)
    expect(page.locator("#measured")).to_contain_text(given.name)
    expect(page.get_by_role("radio", name="Model weights")).to_be_checked()
    assert_fits(page)
    page.get_by_label("For which project?").select_option("open-voice")
    page.get_by_role("button", name="Continue").click()
    answer_questions(page)
    contribution = sign_contribution(page)
    proof = downloaded(page, "Proof", tmp_path)
    expect(page.locator(".command")).to_contain_text(f"mcla verify {given.name} --bundle {proof.name} ")
    return contribution, proof.read_bytes()


def finds_them_again(page: Page, service: Running, contribution: str, given: Path, changed: Path) -> None:
    """API and page tell the same story of the file, and nothing of one that differs in a byte."""
    digest = scan([given]).files[0].sha256
    told = json.loads(fetched(service, f"/api/v1/artifacts/sha256:{digest}"))
    assert [told["verdict"], told["contributions"][0]["id"]] == ["verified", contribution]
    page.goto(f"{service.origin}/verify")
    choose(page, given)
    page.wait_for_url(f"**/verify?digest=sha256:{digest}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Covered: {given.name}")
    expect(page.locator(f"a[href='/contributions/{contribution}']")).to_be_visible()
    choose(page, changed)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Unknown")


def gives_a_folder(page: Page, service: Running, folder: Path) -> None:
    """A mixed folder is measured to the very root of `mcla hash`, signed, and found again file by file."""
    page.goto(f"{service.origin}/contributions/new?project=tiny-llm")
    choose(page, folder, "folder")
    expect(page.locator("#measured")).to_contain_text("5 files")
    expect(page.locator("#measured")).to_contain_text("Git LFS pointer")
    assert_fits(page)
    page.get_by_role("radio", name="Model weights").check()
    page.get_by_role("button", name="Continue").click()
    answer_questions(page)
    expect(page.locator("main")).to_contain_text(scan([folder]).root)
    contribution = sign_contribution(page)
    assert parse_manifest(fetched(service, f"/api/v1/contributions/{contribution}/manifest")) == scan([folder])
    trust = trust_of(service)
    listed = fetched(service, f"/api/v1/contributions/{contribution}/oms")
    assert verify_artifact(scan([folder]), listed, trust).verified  # signed by the browser, over a list made there
    page.goto(f"{service.origin}/verify")
    choose(page, folder, "folder")
    expect(page.locator("#many")).to_contain_text("5 of 5 files are covered")
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    assert_fits(page)
    page.goto(f"{service.origin}/signatures")
    expect(page.locator("main")).to_contain_text("5 files of model weights to Tiny LLM")


def test_without_javascript_the_service_holds_the_key_and_says_so(
    window: Callable[..., Window], newcomers: Any, tmp_path: Path, folder: Path
) -> None:
    service, name = newcomers.take()
    bela = window(service, java_script_enabled=False)
    page = bela.sign_in(name, "/sign/mcla-individual")
    page.get_by_role("button", name="I do", exact=True).click()
    expect(page.locator("main")).to_contain_text("The service makes and holds the one-use key")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign and record").click()
    page.wait_for_url(SIGNED)

    page = bela.go("/contributions/new?project=tiny-llm")
    manifest = scan([folder])
    listed = {"root": manifest.root, "files": [entry.to_dict() for entry in manifest.files]}
    page.get_by_label("List of files").fill(json.dumps(listed))
    page.get_by_role("radio", name="Model weights").check()
    page.get_by_role("button", name="Continue").click()
    answer_questions(page)
    sign_contribution(page)
    proof = downloaded(page, "Proof", tmp_path)
    verdict = verify_artifact(manifest, proof.read_bytes(), trust_of(service))
    assert verdict.verified
    assert verdict.statement is not None
    assert verdict.statement["key_holder"] == "service"

    page = bela.go("/verify")
    page.get_by_label("SHA-256").fill("\n".join(f"{entry.sha256}  {entry.path}" for entry in manifest.files))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("5 of 5 are covered")
    page = bela.go("/verify")
    page.get_by_label("Proof or record").set_input_files(str(proof))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The proof holds")
    expect(page.locator("main")).to_contain_text(f"Signer {verdict.statement['signer']} contributed")
    forged = tmp_path / "forged.sigstore.json"
    forged.write_bytes(proof.read_bytes().replace(b'"logIndex"', b'"logindex"', 1))
    page.get_by_label("Proof or record").set_input_files(str(forged))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Not verified")
