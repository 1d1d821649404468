# SPDX-License-Identifier: Apache-2.0
"""Authorities of somebody else on loopback: certomancer's OCSP, revocation lists and RFC 3161 timestamps over HTTP.

They certify the document key of a service; they can be switched off, and the certificate can be revoked.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.serving import WSGIRequestHandler, make_server

NAMES = ("root", "interm", "interm-ocsp", "sealer", "tsa")
LIFE = {"valid-from": "2026-01-01T00:00:00+0000", "valid-to": "2040-01-01T00:00:00+0000"}


@dataclass
class Outside:
    """The authorities at `url`; `away` lets every answer be an error."""

    url: str
    folder: Path
    arch: Any = None
    away: bool = False
    asked: list[str] = field(default_factory=list)

    @property
    def tsa_url(self) -> str:
        return f"{self.url}/outside/tsa/tsa"

    @property
    def tsa_chain(self) -> Path:
        return self._chain("tsa", "root")

    @property
    def document_chain(self) -> Path:
        """The certificate of the key `sealer.key.pem`, its issuer and the root."""
        return self.chain_of("sealer")

    def chain_of(self, name: str) -> Path:
        """The certificate of one of the `sealers`, its issuer and the root."""
        return self._chain(name, "interm", "root")

    def _chain(self, *names: str) -> Path:
        path = self.folder / f"{names[0]}.pem"
        found = (self.arch.get_cert(CertLabel(name)).dump() for name in names)
        made = (x509.load_der_x509_certificate(one).public_bytes(serialization.Encoding.PEM) for one in found)
        path.write_bytes(b"".join(made))
        return path


@contextmanager
def outside_authorities(
    folder: Path, *, revoked: bool = False, sealers: Mapping[str, bytes] | None = None
) -> Iterator[Outside]:
    """The authorities, while the block runs; they also certify the public keys (PEM) in `sealers`, by name."""
    for name, public in (sealers or {}).items():
        (folder / f"{name}.pub.pem").write_bytes(public)
    for name in NAMES:
        (folder / f"{name}.key.pem").write_bytes(_new_key())
    server = make_server("127.0.0.1", 0, lambda env, start: _answer(outside, app, env, start), request_handler=_Quiet)
    outside = Outside(f"http://127.0.0.1:{server.server_port}", folder)
    described = yaml.safe_dump(_config(outside.url, revoked, tuple(sealers or ())))
    config = CertomancerConfig.from_yaml(described, str(folder))
    label = ArchLabel("outside")
    outside.arch = config.get_pki_arch(label)
    app = Animator(AnimatorArchStore({label: outside.arch}), with_web_ui=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield outside
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, *_args: Any) -> None:
        return


def _answer(outside: Outside, app: Any, environ: Any, start: Any) -> Any:
    outside.asked.append(environ["PATH_INFO"])
    if outside.away:
        start("503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"away"]
    return app(environ, start)


def _new_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _config(url: str, revoked: bool, more: tuple[str, ...]) -> dict[str, Any]:
    ocsp = {"id": "authority_information_access", "smart-value": {"schema": "aia-urls",
            "params": {"ocsp-responder-names": ["interm"]}}}  # fmt: skip
    nocheck = {"id": "ocsp_no_check"}
    sealers = {name: _cert(name, "interm", "digital_signature", "non_repudiation") for name in ("sealer", *more)}
    for sealer in sealers.values():
        sealer["extensions"] += [ocsp, _purpose("email_protection"), _list("interm")]
    if revoked:
        sealers["sealer"]["revocation"] = {"revoked-since": "2026-02-01T00:00:00+0000", "reason": "key_compromise"}
    tsa = _cert("tsa", "root", "digital_signature")
    tsa["extensions"] += [_purpose("time_stamping", critical=True), _list("root")]
    responder = _cert("interm-ocsp", "interm", "digital_signature")
    responder["extensions"] += [_purpose("ocsp_signing"), nocheck]
    interm = _authority("interm", "root")
    interm["extensions"].append(_list("root"))
    services = {
        "ocsp": {"interm": {"for-issuer": "interm", "responder-cert": "interm-ocsp", "signing-key": "interm-ocsp"}},
        "crl-repo": {
            name: {"for-issuer": name, "signing-key": name, "simulated-update-schedule": "P90D"}
            for name in ("root", "interm")
        },
        "time-stamping": {"tsa": {"signing-key": "tsa", "signing-cert": "tsa"}},
    }
    certs = {"root": _authority("root", "root"), "interm": interm, "interm-ocsp": responder} | sealers
    keys = {name: {"path": f"{name}.key.pem"} for name in NAMES}
    keys |= {name: {"path": f"{name}.pub.pem", "public-only": True} for name in more}
    return {
        "external-url-prefix": url,
        "keysets": {"keys": {"path-prefix": ".", "keys": keys}},
        "pki-architectures": {
            "outside": {
                "keyset": "keys",
                "entity-defaults": {"organization-name": "Outside"},
                "entities": {name: {"common-name": f"Outside {name}"} for name in (*NAMES, *more)},
                "certs": certs | {"tsa": tsa},
                "services": services,
            }
        },
    }


def _cert(name: str, issuer: str, *usages: str) -> dict[str, Any]:
    usage = {"id": "key_usage", "critical": True, "smart-value": {"schema": "key-usage", "params": list(usages)}}
    named = {"subject": name, "subject-key": name, "issuer": issuer, "authority-key": issuer}
    return named | {"validity": LIFE, "extensions": [usage]}


def _authority(name: str, issuer: str) -> dict[str, Any]:
    made = _cert(name, issuer, "digital_signature", "key_cert_sign", "crl_sign")
    made["extensions"].append({"id": "basic_constraints", "critical": True, "value": {"ca": True}})
    return made


def _purpose(name: str, *, critical: bool = False) -> dict[str, Any]:
    return {"id": "extended_key_usage", "critical": critical, "value": [name]}


def _list(name: str) -> dict[str, Any]:
    params = {"crl-repo-names": [name]}
    return {"id": "crl_distribution_points", "smart-value": {"schema": "crl-dist-url", "params": params}}


def real_now() -> datetime:
    """The authorities answer as of now, whatever a test's clock says."""
    return datetime.now(UTC).replace(microsecond=0)
