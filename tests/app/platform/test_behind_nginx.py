# SPDX-License-Identifier: Apache-2.0
"""Stock nginx in front of either server, set up as the operator's page says.

What two readers would end at different places must not reach the service as one request more than nginx saw
(request smuggling, RFC 9112 section 11.2).
"""

import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest
from needs import needs
from raw_http import CHUNKED, JSON, SECOND, SMUGGLING, probe, statuses
from running import ROOT, Running, free_port, running_service, stop, wait_for

BODY = b'{"digests": ["sha256:%b"]}' % (b"ab" * 32)
AS_DOCUMENTED = re.compile(r"^```nginx\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# nginx itself takes a bare LF for the end of a chunk; it passes what follows on as a request of its own, and counts it.
LENIENT = {"bare LF in a chunk"}


@dataclass(frozen=True)
class Proxied:
    """The proxy's address as a service's, the service behind it, and the requests that the proxy passed on."""

    front: Running
    behind: Running
    passed: Path

    def smuggled_to_service(self) -> int:
        """How many requests for no page of ours the service has answered, by its own count."""
        told = httpx2.get(f"{self.behind.origin}/metrics", trust_env=False).text
        found = re.search(r'^mcla_http_responses_total\{route="none",status="404"\} (\d+)', told, re.MULTILINE)
        return int(found[1]) if found else 0

    def passed_by_nginx(self) -> int:
        return self.passed.read_text().count("/smuggled")

    def counts(self) -> tuple[int, int]:
        """What either has counted; others ask the same service."""
        return self.smuggled_to_service(), self.passed_by_nginx()

    def since(self, before: tuple[int, int]) -> tuple[int, int]:
        """What either has counted since; nginx writes its line after its answer."""
        end = time.monotonic() + 5
        while True:
            service, nginx = (now - then for now, then in zip(self.counts(), before, strict=True))
            if service == nginx or time.monotonic() > end:
                return service, nginx
            time.sleep(0.05)


def configuration(folder: Path, listen: str, backend: str) -> str:
    """nginx's documented block with this test's addresses, without TLS, and everything it writes in `folder`."""
    found = AS_DOCUMENTED.search((ROOT / "docs" / "operator.md").read_text(encoding="utf-8"))
    assert found is not None
    block = re.sub(r"^ +ssl_certificate.*\n", "", found[1], flags=re.MULTILINE)
    assert "listen 443 ssl;" in block
    block = block.replace("listen 443 ssl;", f"listen {listen};").replace("127.0.0.1:8000", backend)
    written = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{name}_temp_path {folder}/{name};\n" for name in written)
    log = f"log_format asked '$request $upstream_status'; access_log {folder}/passed.log asked;\n"
    http = f"{places}{log}{block}"
    own = f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
    return f"{own}events {{}}\nhttp {{\n{http}}}\n"


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Our own server in one process, whose count is the count of all."""
    with running_service(tmp_path_factory.mktemp("single")) as service:
        yield service


@pytest.fixture(scope="module", params=["single", "gunicorn"])
def proxied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    nginx, folder = needs("nginx"), tmp_path_factory.mktemp("nginx")
    behind: Running = request.getfixturevalue(request.param)
    listen = f"127.0.0.1:{free_port()}"
    (folder / "nginx.conf").write_text(configuration(folder, listen, behind.origin.removeprefix("http://")))
    with (folder / "said").open("wb") as said:
        told = [nginx, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
        server = subprocess.Popen(told, stdout=said, stderr=said)
        try:
            wait_for(f"http://{listen}/readyz", server, folder / "said")
            yield Proxied(replace(behind, origin=f"http://{listen}"), behind, folder / "passed.log")
        finally:
            stop(server)


def test_honest_requests_pass_also_in_chunks_and_above_a_mebibyte(proxied: Proxied) -> None:
    before = proxied.counts()
    plain = JSON + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    chunked = JSON + CHUNKED + b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    assert statuses(probe(proxied.front, plain + SECOND)) == [200, 404]
    assert statuses(probe(proxied.front, chunked + SECOND)) == [200, 404]
    assert proxied.since(before) == (2, 2)  # both count what comes, also later
    two_mebibytes = httpx2.post(f"{proxied.front.origin}/api/v1/bundles/verify", json="x" * 2**21, trust_env=False)
    assert two_mebibytes.headers["Content-Type"] == "application/problem+json"  # our answer, not nginx's


@pytest.mark.parametrize("name", list(SMUGGLING))
def test_no_request_reaches_the_service_that_nginx_did_not_see(proxied: Proxied, name: str) -> None:
    before = proxied.counts()
    answered = statuses(probe(proxied.front, SMUGGLING[name]))
    service, nginx = proxied.since(before)
    assert service == nginx
    if name not in LENIENT:
        assert answered in ([400], [501])
        assert service == 0
