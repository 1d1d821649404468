# SPDX-License-Identifier: Apache-2.0
"""A change named by the address of its page: asked for at the right API, with its head, base and opener."""

import pytest
from forge_site import Site
from scripted_forges import TOKEN

from mcla.checks.change import Account
from mcla.forges.address import AddressInvalid, _named, job_at
from mcla.forges.asking import ask
from mcla.forges.errors import ForgeRefused

PATHS = {
    "github": "/example/tiny/pull/7",
    "gitea": "/example/tiny/pulls/7/",
    "gitlab": "/example/tiny/-/merge_requests/7",
}


@pytest.mark.parametrize("forge", PATHS)
def test_head_base_and_opener_come_from_the_forge(site: Site, forge: str) -> None:
    site.fill(2)
    job = job_at(site.address + PATHS[forge], {"MCLA_FORGE_TOKEN": TOKEN}, "our-forge")
    assert (job.forge, job.number, job.head, job.base) == (forge, 7, site.forge.head, site.forge.base)
    assert job.opener.account == Account("our-forge", "1001", "ada")
    assert len(site.forge.asked) == 1
    assert len(ask(job, {}).people) == 2


@pytest.mark.parametrize(
    ("address", "api"),
    [
        ("https://github.com/o/r/pull/7", "https://api.github.com"),
        ("https://git.example.org/o/r/pull/7", "https://git.example.org/api/v3"),
        ("https://codeberg.example/o/r/pulls/7", "https://codeberg.example/api/v1"),
        ("https://gitlab.com/a/b/c/-/merge_requests/7", "https://gitlab.com/api/v4"),
        ("https://gitlab.com/a/b/merge_requests/7", "https://gitlab.com/api/v4"),
    ],
)
def test_the_path_tells_the_forge_and_the_host_its_api(address: str, api: str) -> None:
    assert _named(address, None).api == api


@pytest.mark.parametrize(
    "address",
    [
        "",
        "7",
        "https://github.com/o/r/pull/0",
        "https://github.com/o/r/issues/7",
        "https://github.com/o/r/pull/7?x=1",
        "https://github.com/o/pull/7",
        "https://[/o/r/pull/7",
        "/o/r/pull/7",
    ],
)
def test_an_address_of_something_else_is_refused(address: str) -> None:
    with pytest.raises(AddressInvalid):
        job_at(address, {})


@pytest.mark.parametrize("forge", PATHS)
def test_a_change_that_may_not_be_seen_is_unknown(site: Site, forge: str) -> None:
    site.forge.public = False
    with pytest.raises(ForgeRefused):
        job_at(site.address + PATHS[forge], {})


def test_a_token_never_goes_over_plain_http() -> None:
    with pytest.raises(ForgeRefused, match="no https"):
        job_at("http://github.example.org/o/r/pull/7", {"MCLA_FORGE_TOKEN": TOKEN})
