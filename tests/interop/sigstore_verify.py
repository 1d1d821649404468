# SPDX-License-Identifier: Apache-2.0
"""Run by a Python that has some version of sigstore-python: verifies bundles offline, one JSON line of answers.

Arguments: client trust config, identity, issuer, bundles. Answers map each file name to null or to why it is refused.
"""

import json
import socket
import sys
from pathlib import Path

from sigstore.models import Bundle, ClientTrustConfig
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity


def _no_network(*_: object) -> None:
    raise AssertionError("a verifier asked for the network")


def main(trust: str, identity: str, issuer: str, *bundles: str) -> None:
    socket.socket.connect = _no_network  # type: ignore[method-assign,assignment]
    root = ClientTrustConfig.from_json(Path(trust).read_text()).trusted_root
    verifier, policy = Verifier(trusted_root=root), Identity(identity=identity, issuer=issuer)
    answers: dict[str, str | None] = {}
    for bundle in bundles:
        try:
            verifier.verify_dsse(Bundle.from_json(Path(bundle).read_bytes()), policy)
            answers[Path(bundle).name] = None
        except Exception as error:  # noqa: BLE001 - the class differs from version to version
            answers[Path(bundle).name] = f"{type(error).__name__}: {error} {error.__cause__ or ''}"
    print(json.dumps(answers))


main(*sys.argv[1:])
