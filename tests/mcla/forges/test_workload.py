# SPDX-License-Identifier: Apache-2.0
"""The job's ID token: asked for the service alone, or taken from the variable that holds it."""

import pytest
from forge_site import Site
from scripted_forges import page, told

from mcla.forges.errors import ForgeError
from mcla.forges.workload import ADDRESS, PASS, VARIABLE, id_token

SERVICE = "https://mcla.example.org"


def test_a_job_without_the_permission_has_none() -> None:
    assert id_token({}, SERVICE) is None
    assert id_token({ADDRESS: "https://forge.example.org/token"}, SERVICE) is None
    assert id_token({VARIABLE: " a.b.c\n"}, SERVICE) == "a.b.c"


def test_it_is_made_for_the_service(site: Site) -> None:
    site.forge.faults = {1: lambda _: told({"count": 9, "value": "a.b.c"})}
    environ = {ADDRESS: f"{site.address}/idtoken?api-version=2.0", PASS: "for-the-runner"}
    assert id_token(environ, SERVICE) == "a.b.c"
    assert site.forge.asked == [("GET", "/idtoken?api-version=2.0&audience=https%3A%2F%2Fmcla.example.org")]
    assert site.forge.tokens == ["for-the-runner"]


@pytest.mark.parametrize("spoiled", [told({"value": ""}), told([]), page(), told({}, 403)])
def test_a_promise_that_is_not_kept_is_an_error(site: Site, spoiled: object) -> None:
    site.forge.faults = {1: lambda _: spoiled}
    with pytest.raises(ForgeError):
        id_token({ADDRESS: f"{site.address}/idtoken", PASS: "for-the-runner"}, SERVICE)
