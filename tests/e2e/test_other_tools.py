# SPDX-License-Identifier: Apache-2.0
"""A file that was signed with another tool is given on the pages: found, dropped, asked about, signed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from looking import check_looks
from playwright.sync_api import expect
from running import id_token
from stock_bundles import sha256, sign_file
from windows import Window, choose, sign_contribution


def test_what_was_signed_with_another_tool_is_given_by_dropping_the_file(
    window: Callable[..., Window], signed: Any, tmp_path: Path
) -> None:
    ada, data = window(storage_state=signed.state), b"print('signed before')\n"
    origin, file = ada.service.origin, tmp_path / "before.py"
    index = sign_file(origin, id_token(ada.service), data)
    file.write_bytes(data)
    page = ada.go("/signatures")
    check_looks(page)
    page.get_by_role("checkbox", name=f"Log entry {index}").check()
    page.get_by_role("button", name="Give to a project").click()
    expect(page.get_by_role("heading", name="Signed before with another tool")).to_be_visible()
    check_looks(page)
    choose(page, file)
    expect(page.locator("#files")).to_have_value(f"{sha256(data).hex()} {len(data)} before.py")
    page.get_by_label("For which project?").select_option("safe-eval")
    page.get_by_role("radio", name="Code").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("dl.answers").first).to_contain_text(f"log entry {index}")
    given = sign_contribution(page)
    expect(page.locator("main")).to_contain_text(f"With another tool: log entry {index}")
    told = httpx2.get(f"{origin}/api/v1/artifacts/sha256:{sha256(data).hex()}", trust_env=False).json()
    assert (told["verdict"], told["contributions"][0]["id"]) == ("verified", given)
    assert page.goto(f"{origin}/signatures") is not None
    expect(page.get_by_role("heading", name="Signed with another tool")).to_have_count(0)
