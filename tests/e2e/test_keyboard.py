# SPDX-License-Identifier: Apache-2.0
"""The whole way with the keyboard alone: sign, give a pasted list, keep the proof, verify; no pointer is ever used.

At each stop of the Tab key the focus must be marked and must not lie under something else (WCAG 2.4.7, 2.4.11).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fetching import trust_of
from playwright.sync_api import Page, expect
from windows import GIVEN, SIGNED, Window, saved

from mcla.artifacts.scan import scan
from mcla.verify.verifier import verify_artifact

STOPS = 250
FOCUSED = """() => {
  const at = document.activeElement, boxes = [...at.getClientRects()], own = at.labels?.[0] ?? at;
  const seen = boxes.some((box) => {  // a link that wraps has a box in each line
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return top && (own.contains(top) || at.contains(top));
  });
  const tall = boxes.some((box) => box.height > innerHeight / 2);
  return {words: (at.innerText || '').trim(), tag: at.localName, type: at.type || '', id: at.id,
          name: at.name || '', value: at.value || '', checked: Boolean(at.checked),
          number: Boolean(at.inputMode), free: !at.classList.contains('mono'),
          seen: seen || tall, marked: getComputedStyle(at).outlineStyle === 'solid' || at.matches(':focus-visible')};
}"""


def stops(page: Page) -> Any:
    """Press Tab again and again; what has the focus each time."""
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at["tag"] != "body":  # the browser's own bar comes between the end of the page and its start
            assert at["marked"], f"the focus is not marked: {at}"
            assert at["seen"], f"the focus is hidden: {at}"
        yield at
    raise AssertionError(f"Tab never came there in {STOPS} stops at {page.url}")


def tab_to(page: Page, words: str = "", **wanted: str) -> dict[str, Any]:
    """Tab on until the focus is on what says `words` (or begins with them before a bracket) or is `wanted`."""
    for at in stops(page):
        said = at["words"].partition(" (")[0].lower()
        if (words and said == words.lower()) or (wanted and all(at[key] == value for key, value in wanted.items())):
            return dict(at)
    raise AssertionError


def enter(page: Page, words: str) -> None:
    """Go to a link or button and press Enter, which opens another page."""
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def answer_by_keyboard(page: Page) -> None:
    """Every question in turn: the first choice, a true sentence, no digest or address, every promise; then on."""
    for at in stops(page):
        if at["type"] in ("radio", "checkbox") and not at["checked"]:
            page.keyboard.press("Space")
        elif at["tag"] == "select" and not at["value"]:
            page.keyboard.press("ArrowDown")
        elif (at["tag"] == "textarea" or at["type"] == "text") and at["free"] and not at["value"]:
            page.keyboard.type("9" if at["number"] else "none")
        elif at["words"] == "Continue to review":
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return


def tick_and_sign(page: Page) -> None:
    tab_to(page, type="checkbox")
    page.keyboard.press("Space")
    tab_to(page, "Sign and record")
    page.keyboard.press("Enter")


def choose_kind(page: Page, value: str) -> None:
    """The arrows go through one group of choices."""
    tab_to(page, name="kind")
    page.keyboard.press("Space")
    for _ in range(10):
        if page.evaluate(FOCUSED)["value"] == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrows never came to {value}")


def test_the_keyboard_alone_signs_gives_keeps_and_verifies(
    window: Callable[..., Window], newcomers: Any, tmp_path: Path, weights: Path
) -> None:
    service, name = newcomers.take()
    chris = window(service, reduced_motion="reduce")  # the focus is looked at as soon as it has moved
    chris.page.on("filechooser", lambda _: None)  # caught from now on: a key is faster than asking to catch it
    page = chris.go("/sign/mcla-individual")
    tab_to(page, "Skip to the content")
    for words in ("Sign in with Demo ID", name, "I do"):
        enter(page, words)
    tick_and_sign(page)
    page.wait_for_url(SIGNED)

    given = weights.with_name("silero_vad_16k_op15.onnx")
    manifest = scan([given])
    enter(page, "Give files")
    tab_to(page, "Paste a list, or use the command line")
    page.keyboard.press("Enter")
    tab_to(page, id="files")
    page.keyboard.type(f"{manifest.files[0].sha256} {manifest.files[0].size} {given.name}")
    tab_to(page, id="f-project")
    page.keyboard.type("Open")
    expect(page.get_by_label("For which project?")).to_have_value("open-voice")
    choose_kind(page, "weights")
    enter(page, "Continue")
    answer_by_keyboard(page)
    expect(page.get_by_role("heading", name="Review and sign")).to_be_visible()
    tick_and_sign(page)
    page.wait_for_url(GIVEN)
    contribution = page.url.rpartition("/")[2]

    tab_to(page, "Proof")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert verify_artifact(manifest, saved(download.value, tmp_path).read_bytes(), trust_of(service)).verified
    enter(page, "Verify")
    expect(page.get_by_role("button", name="Choose files")).to_be_visible()
    tab_to(page, "Choose files")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(str(given))  # the dialog of the system, not of the page
    page.wait_for_url("**/verify?digest=*")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Covered: {given.name}")
    enter(page, "Model weights for open-voice")
    assert page.url == f"{service.origin}/contributions/{contribution}"
