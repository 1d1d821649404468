# SPDX-License-Identifier: Apache-2.0
"""The whole way of a contributor in a real browser: sign in, read, sign, give weights, keep the proof, verify it."""

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from running import Running
from windows import GIVEN, SIGNED, Window, answer_questions, choose, saved, sign_contribution

from mcla.artifacts.manifest import parse_manifest
from mcla.artifacts.scan import scan
from mcla.statements.statement import parse_statement
from mcla.verify.trust import TrustedRoot
from mcla.verify.verifier import verify_artifact, verify_bundle


def fetched(service: Running, path: str) -> bytes:
    with urllib.request.urlopen(f"{service.origin}{path}", timeout=30) as answer:  # noqa: S310  # our own loopback address
        return bytes(answer.read())


def trust_of(service: Running) -> TrustedRoot:
    return TrustedRoot.from_json(fetched(service, "/.well-known/mcla/trusted_root.json"))


def wait_for_pdf(page: Page) -> Locator:
    """Look again, as the page says, until the PDF is there."""
    link = page.get_by_role("link", name="PDF record")
    for _ in range(60):
        if link.count():
            return link
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("no PDF record within a minute")


def test_with_javascript_five_presses_sign_and_the_key_is_the_browsers(
    window: Callable[..., Window], service: Running, tmp_path: Path, weights: Path, folder: Path
) -> None:
    ada = window(viewport={"width": 1280, "height": 900})
    page = ada.go("/sign/mcla-individual")
    page.get_by_role("button", name="Sign in with").click()  # 1
    page.get_by_role("button", name="Ada Li").click()  # 2
    expect(page.locator(".lead")).to_contain_text("Example Foundation asks Ada Li")
    page.get_by_role("button", name="I do", exact=True).click()  # 3
    expect(page.locator(".who")).to_contain_text("Ada Li")
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    page.get_by_role("checkbox").check()  # 4
    page.get_by_role("button", name="Sign and record").click()  # 5
    page.wait_for_url(SIGNED)
    expect(page.get_by_role("heading", name="Signed")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Proof").click()
    accepted = verify_bundle(saved(download.value, tmp_path).read_bytes(), trust_of(service))
    assert accepted.verified
    assert accepted.statement is not None
    assert accepted.statement["key_holder"] == "browser"

    page.get_by_role("link", name="Give files").first.click()
    choose(page, weights)
    expect(page.locator("#measured")).to_contain_text("silero_vad_16k.safetensors")
    expect(page.get_by_role("radio", name="Model weights")).to_be_checked()
    page.get_by_label("For which project?").select_option("open-voice")
    page.get_by_role("button", name="Continue").click()
    answer_questions(page)
    contribution = sign_contribution(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="Proof").click()
    bundle = saved(download.value, tmp_path).read_bytes()
    manifest = scan([weights])
    trust = trust_of(service)
    assert verify_artifact(manifest, bundle, trust).verified
    changed = tmp_path / weights.name
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    refused = verify_artifact(scan([changed]), bundle, trust)
    assert refused.verdict == "not-verified"
    assert refused.reasons[0].code == "artifact-not-in-bundle"

    wait_for_pdf(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF record").click()
    assert saved(download.value, tmp_path).read_bytes().startswith(b"%PDF-")

    digest = manifest.files[0].sha256
    told = json.loads(fetched(service, f"/api/v1/artifacts/sha256:{digest}"))
    assert [told["verdict"], told["contributions"][0]["id"]] == ["verified", contribution]
    page.goto(f"{service.origin}/verify")
    choose(page, weights)
    page.wait_for_url(f"**/verify?digest=sha256:{digest}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Covered: silero_vad_16k.safetensors")
    expect(page.locator(f"a[href='/contributions/{contribution}']")).to_be_visible()
    choose(page, changed)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Unknown")

    gives_a_folder(page, service, folder)


def gives_a_folder(page: Page, service: Running, folder: Path) -> None:
    """A mixed folder is measured to the very root of `mcla hash`, signed, and found again file by file."""
    page.goto(f"{service.origin}/contributions/new?project=tiny-llm")
    choose(page, folder, "folder")
    expect(page.locator("#measured")).to_contain_text("5 files")
    expect(page.locator("#measured")).to_contain_text("Git LFS pointer")
    page.get_by_role("radio", name="Model weights").check()
    page.get_by_role("button", name="Continue").click()
    answer_questions(page)
    expect(page.locator("main")).to_contain_text(scan([folder]).root)
    contribution = sign_contribution(page)
    assert parse_manifest(fetched(service, f"/api/v1/contributions/{contribution}/manifest")) == scan([folder])
    page.goto(f"{service.origin}/verify")
    choose(page, folder, "folder")
    expect(page.locator("#many")).to_contain_text("5 of 5 files are covered")
    page.goto(f"{service.origin}/signatures")
    expect(page.locator("main")).to_contain_text("5 files of weights to Tiny LLM")


def test_without_javascript_the_service_holds_the_key_and_says_so(
    window: Callable[..., Window], service: Running, tmp_path: Path, folder: Path
) -> None:
    bela = window(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = bela.sign_in("Bela Novak", "/sign/mcla-individual")
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
    with page.expect_download() as download:
        page.get_by_role("link", name="Proof").click()
    proof = saved(download.value, tmp_path)
    verdict = verify_artifact(manifest, proof.read_bytes(), trust_of(service))
    assert verdict.verified
    assert verdict.statement is not None
    assert verdict.statement["key_holder"] == "service"

    page = bela.go("/verify")
    page.get_by_label("SHA-256").fill("\n".join(f"{entry.sha256}  {entry.path}" for entry in manifest.files))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("5 of 5 are covered")
    page = bela.go("/verify")
    page.get_by_label("Proof file").set_input_files(str(proof))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The proof holds")
    forged = tmp_path / "forged.sigstore.json"
    forged.write_bytes(proof.read_bytes().replace(b'"logIndex"', b'"logindex"', 1))
    page.get_by_label("Proof file").set_input_files(str(forged))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Not verified")


def test_the_keyboard_alone_signs(window: Callable[..., Window], service: Running) -> None:
    chris = window(viewport={"width": 1280, "height": 900})
    page = chris.go("/sign/mcla-individual")
    press_tab_to(page, "Skip to the content")
    for words in ("Sign in with the demo provider", "Chris Doe", "I do"):
        press_tab_to(page, words)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    page.wait_for_url("**/review/**")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type === 'checkbox'"):
            break
    page.keyboard.press("Space")
    press_tab_to(page, "Sign and record")
    page.keyboard.press("Enter")
    page.wait_for_url(SIGNED)


def press_tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on what says `words`; whatever has the focus must be visible, not under the bar."""
    for _ in range(200):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.innerText || ''")
        if words.lower() == focused.strip().lower():
            return
    raise AssertionError(f"Tab never came to {words!r}")


def test_the_exact_statement_on_the_page_is_what_was_signed(window: Callable[..., Window], service: Running) -> None:
    ada = window()
    page = ada.sign_agreement("Ada Li")
    page.goto(f"{service.origin}/contributions/new?project=safe-eval")
    page.locator("#pasting summary").click()
    page.get_by_label("List of files").fill(f"{'0a' * 32} 7 <b>&amp;\u00e9.txt")
    page.get_by_role("radio", name="Code").check()
    page.get_by_role("button", name="Continue").click()
    shown = page.locator("#statement").text_content() or ""
    statement = parse_statement(shown.encode())
    assert [subject.name for subject in statement.subjects] == ["mcla:manifest", "<b>&amp;\u00e9.txt"]
    contribution = sign_contribution(page)
    bundle = json.loads(fetched(service, f"/api/v1/contributions/{contribution}/bundle"))
    assert verify_bundle(json.dumps(bundle).encode(), trust_of(service)).verified


def test_a_statement_that_was_changed_on_the_page_is_not_signed(
    window: Callable[..., Window], service: Running
) -> None:
    ada = window()
    page = ada.sign_agreement("Ada Li")
    page.goto(f"{service.origin}/contributions/new?project=safe-eval")
    page.locator("#pasting summary").click()
    page.get_by_label("List of files").fill(f"{'0b' * 32} 7 a.txt")
    page.get_by_role("radio", name="Code").check()
    page.get_by_role("button", name="Continue").click()
    page.evaluate(
        "s => { s.textContent = s.textContent.replace('a.txt', 'b.txt'); }", page.locator("#statement").element_handle()
    )
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign and record").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was signed")
    assert not [each for each in ada.requests if each.url.endswith(("/certificate", "/signature"))]


def test_a_lost_answer_is_asked_for_again_and_nothing_is_signed_twice(
    window: Callable[..., Window], service: Running
) -> None:
    ada = window()
    page = ada.sign_agreement("Ada Li")
    page.goto(f"{service.origin}/contributions/new?project=safe-eval")
    page.locator("#pasting summary").click()
    page.get_by_label("List of files").fill(f"{'0c' * 32} 7 a.txt")
    page.get_by_role("radio", name="Code").check()
    page.get_by_role("button", name="Continue").click()
    lost = []

    def lose(route: object) -> None:
        if not lost:
            lost.append(route.fetch().status)  # type: ignore[attr-defined]  # it arrives and is done; only the answer is lost
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/signature", lose)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign and record").click()
    expect(page.get_by_role("alert")).to_contain_text("We do not know yet")
    ada.complaints.clear()
    page.get_by_role("button", name="Sign and record").click()
    page.wait_for_url(GIVEN)
    assert lost == [201]
    known = json.loads(fetched(service, f"/api/v1/artifacts/sha256:{'0c' * 32}"))
    assert len(known["contributions"]) == 1
