# SPDX-License-Identifier: Apache-2.0
"""Every page, as everybody meets it: axe finds nothing, 320 pixels are enough, budgets hold, headers guard."""

import gzip
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from running import Running
from windows import Window, answer_questions, sign_contribution

UNKNOWN = "ab" * 32
OPEN = (
    "/",
    "/agreements",
    "/agreements/mcla-individual/1.0.0",
    "/sign/mcla-individual",
    "/sign/mcla-individual/decline",
    "/verify",
    f"/verify?digest={UNKNOWN}",
    "/verify?digest=nonsense",
    f"/artifacts/sha256:{UNKNOWN}",
    "/docs/api",
    "/problems",
    "/problems/signing-unknown",
    "/privacy",
    "/login",
    "/no-such-page",
)
OWN = (
    "/sign/mcla-individual",
    "/sign/mcla-individual/declare",
    "/contributions/new",
    "/contributions/new?project=tiny-llm&kind=weights",
    "/signatures",
    "/account",
)
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
LOOKS = [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light")]
KB = 1000


@pytest.fixture(scope="module")
def ada(browser: Browser, service: Running) -> Iterator[Window]:
    """A signed-in person with one agreement and one contribution."""
    window = Window(browser.new_context(viewport=WIDE), service)
    page = window.sign_agreement("Ada Li")
    page.goto(f"{service.origin}/contributions/new?project=tiny-llm&kind=code")
    page.locator("#pasting summary").click()
    page.get_by_label("List of files").fill(f"{'0f' * 32} 1234567 scripts/train.py")
    page.get_by_role("button", name="Continue").click()
    sign_contribution(page)
    yield window
    window.context.close()
    assert not window.complaints
    assert not window.strangers


def assert_accessible(page: Page, *, colours_only: bool = False) -> None:
    options = {"runOnly": ["color-contrast"]} if colours_only else {}
    found = Axe().run(page, options=options).response["violations"]
    told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
    assert not told, f"{page.url}: {told}"


def assert_fits(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{page.url} scrolls sideways: {width} pixels"  # type: ignore[index]


def check_looks(page: Page) -> None:
    """All rules wide and narrow; dark changes colours only, so there only they are looked at."""
    for size, scheme in LOOKS:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert_accessible(page, colours_only=scheme == "dark")
        assert_fits(page)


@pytest.mark.parametrize("path", OPEN)
def test_a_page_for_everybody_is_accessible_at_every_width_and_in_both_schemes(
    window: Callable[..., Window], path: str
) -> None:
    check_looks(window(viewport=WIDE).go(path))


@pytest.mark.parametrize("path", OWN)
def test_a_page_of_ones_own_is_accessible_at_every_width_and_in_both_schemes(ada: Window, path: str) -> None:
    check_looks(ada.go(path))


def test_the_way_of_a_contribution_is_accessible_at_every_step(ada: Window) -> None:
    page = ada.go("/contributions/new?project=tiny-llm&kind=weights")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    check_looks(page)
    page.get_by_label("List of files").fill("\n".join(f"{n:064x} {n} shard-{n:05d}.safetensors" for n in range(1, 31)))
    page.get_by_role("button", name="Continue").click()
    check_looks(page)
    page.get_by_role("button", name="Continue to review").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    check_looks(page)
    answer_questions(page)
    page.locator("summary", has_text="The exact statement").click()
    check_looks(page)
    contribution = sign_contribution(page)
    check_looks(page)
    ada.go(f"/verify?digest={1:064x}")
    page.locator("summary", has_text="Every step").click()
    check_looks(page)
    ada.go(f"/artifacts/sha256:{1:064x}")
    check_looks(page)
    ada.go("/signatures")
    check_looks(page)
    page.context.clear_cookies()
    ada.go(f"/contributions/{contribution}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("30 files of model weights for Tiny LLM")
    check_looks(page)


@pytest.mark.parametrize("path", ["/", "/sign/mcla-individual", "/verify", "/login"])
def test_colours_forced_by_the_system_leave_everything_usable(window: Callable[..., Window], path: str) -> None:
    page = window(viewport=WIDE, forced_colors="active").go(path)
    assert_accessible(page)


@pytest.mark.parametrize("path", ["/", "/verify", "/sign/mcla-individual", "/agreements/mcla-individual/1.0.0"])
def test_a_first_visit_stays_within_sixty_kilobytes_and_six_requests(window: Callable[..., Window], path: str) -> None:
    visitor = window(viewport=WIDE)
    sizes: dict[str, int] = {}
    visitor.page.on("response", lambda each: sizes.__setitem__(each.url, len(gzip.compress(each.body(), 9))))
    visitor.go(path)
    visitor.page.wait_for_load_state("networkidle")
    assert len(visitor.requests) <= 6, sorted(sizes)
    assert sum(sizes.values()) <= 60 * KB, sizes


def test_style_scripts_icons_and_worker_stay_within_their_budgets(window: Callable[..., Window]) -> None:
    get = window().page.request.get
    origin = window().service.origin

    def weight(*paths: str) -> int:
        return len(gzip.compress(b"".join(get(f"{origin}{path}").body() for path in paths), 9))

    scripts = ("sign.js", "drop.js", "measure.js", "verify.js", "page.js")
    assert weight("/static/mcla.css") <= 10 * KB
    assert weight(*(f"/static/js/{name}" for name in scripts)) <= 12 * KB
    assert weight("/static/icons.svg") <= 3 * KB
    assert weight("/js/hash-worker.js", "/static/vendor/hash-wasm-sha256-4.13.0.js") <= 8.5 * KB


def test_pages_forbid_foreign_and_inline_code_and_only_the_worker_may_compile(window: Callable[..., Window]) -> None:
    visitor = window()
    get, origin = visitor.page.request.get, visitor.service.origin
    page, worker = get(f"{origin}/verify").headers, get(f"{origin}/js/hash-worker.js").headers
    assert "default-src 'none'" in page["content-security-policy"]
    assert "unsafe" not in page["content-security-policy"]
    assert "frame-ancestors 'none'" in page["content-security-policy"]
    assert "connect-src" not in worker["content-security-policy"]
    assert "'wasm-unsafe-eval'" in worker["content-security-policy"]
    assert page["x-content-type-options"] == "nosniff"
    assert page["cache-control"] == "no-store"
    assert "immutable" in get(f"{origin}/static/mcla.css?v=1").headers["cache-control"]


def test_an_inline_script_would_not_run(window: Callable[..., Window]) -> None:
    visitor = window()
    page = visitor.go("/")
    code = "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s);"
    page.evaluate(f"() => {{ {code} }}")
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in each for each in visitor.complaints)
    visitor.complaints.clear()


def test_every_page_says_demo_and_carries_the_foundations_name_first(window: Callable[..., Window]) -> None:
    page = window().go("/no-such-page")
    expect(page.locator(".demo")).to_contain_text("Demo:")
    expect(page.locator("header a").first).to_have_text("Example Foundation")
