# SPDX-License-Identifier: Apache-2.0
"""What pages weigh and what their headers forbid: budgets hold, foreign code does not run, the demo says so."""

import gzip
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from windows import Window

KB = 1000


@pytest.mark.parametrize("path", ["/", "/verify", "/sign/mcla-individual", "/agreements/mcla-individual/1.0.0"])
def test_a_first_visit_stays_within_sixty_kilobytes_and_six_requests(window: Callable[..., Window], path: str) -> None:
    visitor = window()
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
    assert weight("/static/mcla.css", "/static/reading.css") <= 10 * KB
    assert weight(*(f"/static/js/{name}" for name in scripts)) <= 12 * KB
    assert weight("/static/icons.svg") <= 3 * KB
    assert weight("/js/hash-worker.js", "/static/vendor/hash-wasm-sha256-4.13.0.js") <= 8.5 * KB
    assert weight("/js/tensor-reader.js", "/static/js/tensor-root.js") <= 4 * KB  # for safetensors files only


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


def test_a_window_of_these_tests_notices_what_scrolls_sideways(window: Callable[..., Window]) -> None:
    visitor = window()
    wide = "<!doctype html><p style='width: 3000px'>too wide</p>"
    visitor.page.route("**/wide", lambda route: route.fulfill(body=wide, content_type="text/html"))
    visitor.go("/wide")
    assert [each for each in visitor.complaints if "scrolls sideways" in each]
    visitor.complaints.clear()
