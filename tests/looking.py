# SPDX-License-Identifier: Apache-2.0
"""Looking at a page as everybody meets it: all rules of axe, wide and narrow, light and dark, and nothing sideways."""

import json
from collections.abc import Mapping
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page
from windows import NARROW, WIDE, assert_fits

Rules = Mapping[str, Any]
EVERY: Rules = {}
COLOURS: Rules = {"runOnly": ["color-contrast"]}
SHAPES: Rules = {"rules": {"color-contrast": {"enabled": False}}}
LOOKS = ((WIDE, "light", EVERY), (WIDE, "dark", COLOURS), (NARROW, "light", SHAPES))
FULLY = tuple((size, scheme, EVERY) for size in (WIDE, NARROW) for scheme in ("light", "dark"))
AXE = AXE_FILE_PATH.read_text(encoding="utf-8")
# Violations alone: describing everything that passes costs many times the checks themselves.
RUN = """async ([context, options]) => {
  const { violations, passes } = await axe.run(context, options);
  const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]);
  return { rules: passes.length, found };
}"""


MORE_OF_THE_SAME = ("section[id]:nth-of-type(n+9)", ".toc ul:nth-of-type(n+4)", ".list > li:nth-child(n+9)")
"""What the lists of operations and errors hold beyond the first of each: axe would look at hundreds of one kind."""


def assert_accessible(page: Page, *, rules: Rules = EVERY, read_once: bool = False) -> None:
    """axe finds nothing. With `read_once` the agreement's text is left out: its own page is looked at with it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    left_out = [each for each in (*MORE_OF_THE_SAME, *([".legal"] if read_once else [])) if page.locator(each).count()]
    context = {"exclude": left_out} if left_out else {"include": ["html"]}
    told = page.evaluate(RUN, [context, {"resultTypes": ["violations"], **rules}])
    assert told["rules"] >= (1 if rules == COLOURS else 10), f"{page.url}: axe looked at next to nothing: {told}"
    assert not told["found"], f"{page.url} at {page.viewport_size}: {json.dumps(told['found'], ensure_ascii=False)}"


def check_looks(page: Page, *, read_once: bool = False, fully: bool = False) -> None:
    """Every rule at each width, but contrast, half of the work, once in each scheme: no width changes a colour.

    `fully`: every rule in all four.
    """
    for size, scheme, rules in FULLY if fully else LOOKS:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert_accessible(page, rules=rules, read_once=read_once)
        assert_fits(page)
