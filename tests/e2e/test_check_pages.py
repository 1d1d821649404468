# SPDX-License-Identifier: Apache-2.0
"""What checks go by, in a real browser: a policy with a fault is put right, and a bot is exempt and ended."""

from collections.abc import Callable

from looking import check_looks
from playwright.sync_api import expect
from running import Running, make_staff
from windows import Window

POLICY = """version = 1

[people]
kinds = ["code", "recipe"]

[[artifacts]]
paths = ["weights/ci/**"]
kind = "none"

[[artifacts]]
paths = ["weights/**", "*.safetensors"]
kind = "weights"
from_size = "1 MiB"
agreements = ["mcla-individual", "mcla-corporate"]
schedule = "W"
key_holders = ["browser", "cli", "passkey"]
"""


def test_staff_keeps_a_policy_and_exempts_a_bot(service: Running, window: Callable[..., Window]) -> None:
    make_staff(service, "350377")
    page = window().sign_in("Chris Doe", "/console/checks")
    page.get_by_role("link", name="Open Voice").click()
    page.get_by_label("Keep a policy here").fill(POLICY.replace('"weights"', '"wheights"'))
    page.get_by_role("button", name="Let it count").click()
    expect(page.get_by_role("alert")).to_contain_text('artifacts[1].kind: got "wheights"')
    page.get_by_label("Keep a policy here").fill(POLICY)
    page.get_by_role("button", name="Let it count").click()
    expect(page.get_by_role("table", name="Files")).to_contain_text("With schedule W.")
    page.get_by_label("Its number").fill("49699333")
    page.get_by_label("Why").fill("Updates versions")
    page.get_by_label("Until").fill("2027-11-01")
    page.get_by_role("button", name="Exempt it").click()
    expect(page.locator("main")).to_contain_text("Updates versions")
    check_looks(page)
    page.locator("summary", has_text="End this exemption").click()
    page.get_by_role("button", name="End this exemption").click()
    expect(page.locator("main")).to_contain_text("ended")
    page.locator("summary", has_text="Go back").click()
    page.get_by_role("button", name="Keep none here").click()
    expect(page.locator("main")).to_contain_text("No policy is kept here")
