# SPDX-License-Identifier: Apache-2.0
"""After a material change: staff previews and publishes in the console, a signer reads what changed and signs again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from looking import check_looks
from playwright.sync_api import Page, expect
from running import Running, make_staff, running_service
from version_folders import MATERIAL, newer_version
from windows import SIGNED, Window

BELA = "224737"


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[Running]:
    """A service of this test's own: what is published in it would change every other test."""
    with running_service(tmp_path / "service") as running:
        yield running


def publishes(staff: Window, folder: Path, look: Callable[[Page], None] = check_looks) -> None:
    page = staff.sign_in("Bela Novak", "/console")
    page.get_by_role(
        "link", name="Prepare a new version of Model Contributor License Agreement for individuals"
    ).click()
    page.get_by_label("The documents of the version").set_input_files(
        [str(p) for p in folder.rglob("*") if p.is_file()]
    )
    page.get_by_role("button", name="Show what it changes").click()
    expect(page.locator("main")).to_contain_text("The strongest change is material")
    expect(page.locator("dl.answers div", has_text="Sign again").first).to_contain_text("1")
    look(page)
    page.get_by_label("Type 1.1.0 to publish it").fill("1.1.0")
    page.get_by_role("button", name="Publish 1.1.0").click()
    page.wait_for_url("**/agreements/mcla-individual/1.1.0")
    page.get_by_role("link", name="since 1.0.0").click()
    look(page)


def signs_again(signer: Window, look: Callable[[Page], None] = check_looks) -> None:
    page = signer.go("/signatures")
    expect(page.locator("main")).to_contain_text("To be signed again before you give anything new")
    page.get_by_role("link", name="see what changed in 1.1.0").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What changed since you signed")
    expect(page.locator("del")).to_contain_text(["free of charge,"])
    expect(page.locator("main")).not_to_contain_text("Parties and purpose")
    look(page)
    page.get_by_role("button", name="I do", exact=True).click()
    expect(page.locator("main")).to_contain_text("1.1.0")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign and record").click()
    page.wait_for_url(SIGNED)
    page = signer.go("/signatures")
    expect(page.locator("main")).not_to_contain_text("To be signed again")
    told = page.get_by_role("button", name="I have seen this")
    for _ in range(60):  # a job tells, and may have to wait for those before it
        if told.is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    told.click()
    expect(page.locator("main")).not_to_contain_text("has version 1.1.0")


def test_a_material_change_is_previewed_published_and_signed_again(
    window: Callable[..., Window], own_service: Running, tmp_path: Path
) -> None:
    ada, bela = window(own_service), window(own_service)
    ada.sign_agreement("Ada Li")
    make_staff(own_service, BELA)
    publishes(bela, newer_version(tmp_path, "1.1.0", MATERIAL))
    signs_again(ada)
