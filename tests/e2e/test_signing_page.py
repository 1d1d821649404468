# SPDX-License-Identifier: Apache-2.0
"""The page that signs: what is shown is signed, a lost answer costs nothing, slow steps are told, DER is exact."""

import json
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from fetching import fetched, trust_of
from playwright.sync_api import Route, expect
from running import Running
from windows import GIVEN, Window, paste, sign_contribution

from mcla.statements.statement import parse_statement
from mcla.verify.verifier import verify_artifact, verify_bundle

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (SEC 2)
NUMBERS = (
    *(1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000),  # short numbers, with and without the top bit
    *(1 << 247, (1 << 247) - 1, 1 << 248, (1 << 248) - 1, 0x80 << 240),  # one zero byte in front, or two
    *((1 << 255) - 1, 1 << 255, ORDER - 1),  # full length, with and without a sign byte
)
TO_DER = """async ([address, pairs]) => {
  const { toDer } = await import(address);
  const bytes = (hex) => new Uint8Array(hex.match(/../g).map((pair) => parseInt(pair, 16)));
  const hex = (made) => Array.from(made, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return pairs.map((pair) => hex(toDer(bytes(pair).buffer)));
}"""


def test_signatures_become_der_exactly_for_short_and_zero_led_numbers(window: Callable[..., Window]) -> None:
    page = window().go("/verify")
    pairs = [(r, s) for r in NUMBERS for s in NUMBERS]
    made = page.evaluate(TO_DER, ["/static/js/sign.js", [f"{r:064x}{s:064x}" for r, s in pairs]])
    wrong = [pair for pair, der in zip(pairs, made, strict=True) if encode_dss_signature(*pair).hex() != der]
    assert not wrong
    assert len(made) == len(NUMBERS) ** 2


def test_the_exact_statement_on_the_page_is_what_was_signed(ada: Window, service: Running) -> None:
    page = paste(ada, "safe-eval", "Code", f"{'0a' * 32} 7 <b>&amp;\u00e9.txt")
    shown = page.locator("#statement").text_content() or ""
    statement = parse_statement(shown.encode())
    assert [subject.name for subject in statement.subjects] == ["mcla:manifest", "<b>&amp;\u00e9.txt"]
    contribution = sign_contribution(page)
    listed = fetched(service, f"/api/v1/contributions/{contribution}/oms")
    assert verify_artifact("0a" * 32, listed, trust_of(service)).verified
    bundle = json.loads(fetched(service, f"/api/v1/contributions/{contribution}/bundle"))
    assert verify_bundle(json.dumps(bundle).encode(), trust_of(service)).verified


def test_the_list_of_more_files_than_a_statement_names_is_signed_too(ada: Window, service: Running) -> None:
    lines = "\n".join(f"{n:064x} {n} part-{n:04d}.txt" for n in range(1, 514))
    contribution = sign_contribution(paste(ada, "safe-eval", "Code", lines))
    listed = fetched(service, f"/api/v1/contributions/{contribution}/oms")
    assert verify_artifact(f"{513:064x}", listed, trust_of(service)).verified


def test_a_statement_that_was_changed_on_the_page_is_not_signed(ada: Window) -> None:
    page = paste(ada, "safe-eval", "Code", f"{'0b' * 32} 7 a.txt")
    page.evaluate(
        "s => { s.textContent = s.textContent.replace('a.txt', 'b.txt'); }", page.locator("#statement").element_handle()
    )
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign and record").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was signed")
    expect(page.locator("#step")).to_be_empty()
    expect(page.locator("#bar")).to_be_hidden()
    assert not [each for each in ada.requests if each.url.endswith(("/certificate", "/signature"))]


def test_a_slow_service_is_not_silent(ada: Window) -> None:
    page = paste(ada, "safe-eval", "Code", f"{'1c' * 32} 7 a.txt")
    held: list[Route] = []
    page.route("**/api/v1/signings/**", lambda route: held.append(route))
    expect(page.locator("#step")).to_be_empty()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign and record").click()
    for number, words in (
        (1, "checking the statement"),
        (2, "getting a certificate"),
        (4, "recording in the public log"),
    ):
        step = page.get_by_role("status").filter(has_text=f"Step {number} of 4: {words}")
        expect(step).to_be_visible()
        expect(page.locator("#bar")).to_have_attribute("value", str(number))
        expect(page.get_by_role("button", name="Signing…")).to_be_disabled()
        held.pop().continue_()
    page.wait_for_url(GIVEN)
    assert not held


def test_a_lost_answer_is_asked_for_again_and_nothing_is_signed_twice(ada: Window, service: Running) -> None:
    page = paste(ada, "safe-eval", "Code", f"{'0c' * 32} 7 a.txt")
    lost: list[int] = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().status)  # it arrives and is done; only the answer is lost
            route.abort()
        else:
            route.continue_()

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
