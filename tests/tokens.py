# SPDX-License-Identifier: Apache-2.0
"""Real homes of keys for tests: a SoftHSM2 token of this run, and moto's AWS KMS as a server on loopback."""

import logging
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from needs import needs, skip_or_fail

from app.platform.settings import TokenSettings

LIBRARIES = ("/usr/lib/softhsm", "/usr/lib64", "/usr/lib64/pkcs11", "/usr/local/lib/softhsm", "/usr/lib/*/softhsm")
LABEL, PIN = "mcla test", "4711-4711"


@dataclass(frozen=True)
class SoftToken:
    """A fresh token: the path of its library, and how it is reached."""

    module: str
    label: str = LABEL
    pin: str = PIN

    @property
    def settings(self) -> TokenSettings:
        return TokenSettings(self.module, self.pin)

    def uri(self, name: str) -> str:
        return f"pkcs11:token={self.label.replace(' ', '%20')};object={name}"


@contextmanager
def soft_token(folder: Path) -> Iterator[SoftToken]:
    """A token in `folder`. A process reads its configuration once, so one folder serves a whole run."""
    tool, module = needs("softhsm2-util"), _library()
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        made = [tool, "--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "0815-0815"]
        subprocess.run(made, check=True, capture_output=True, timeout=60)
        yield SoftToken(module)


def _library() -> str:
    for pattern in LIBRARIES:
        for found in sorted(Path("/").glob(f"{pattern[1:]}/libsofthsm2.so")):
            return str(found)
    skip_or_fail("needs SoftHSM2's library (apt-get install softhsm2)")
    raise AssertionError


@contextmanager
def kms_server() -> Iterator[str]:
    """The address of a KMS that speaks AWS's protocol over HTTP; the environment leads boto3 there."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL_KMS", f"http://{host}:{port}")
            patch.setenv("AWS_REGION", "eu-central-1")
            patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
            patch.setenv("AWS_ACCESS_KEY_ID", "test")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
            yield f"http://{host}:{port}"
    finally:
        server.stop()
