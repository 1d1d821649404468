# SPDX-License-Identifier: Apache-2.0
"""The service's keys and authority certificates: one file each, mode 0600, created once by `mcla-server init`.

Kinds are kept apart because they prove different things: `ca` certifies signers, `ct` signs certificate
timestamps, `log` signs checkpoints, `tsa` signs RFC 3161 timestamps, `document` seals records.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from mcla.errors import MclaError

YEARS = timedelta(days=365)
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336


class KeyUnusable(MclaError):
    """A key file is missing, unreadable or open to others."""

    code = "key-unusable"
    status = 500
    hint = "Run `mcla-server doctor`; a lost key is replaced by `mcla-server init` in a fresh data directory only."


@dataclass(frozen=True, slots=True)
class Authority:
    """A P-256 key with its certificate chain, leaf or intermediate first, root last."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """Every key of one service."""

    ca: Authority
    ct: ec.EllipticCurvePrivateKey
    log: ed25519.Ed25519PrivateKey
    tsa: Authority
    document: Authority


def create_keys(home: Path, host: str, now: datetime) -> None:
    """Make the keys and certificates that are missing under `home/keys`; existing files are never touched."""
    folder = home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / "log.key.pem").exists():
        _store_key(folder / "log.key.pem", ed25519.Ed25519PrivateKey.generate())
    if not (folder / "ct.key.pem").exists():
        _store_key(folder / "ct.key.pem", ec.generate_private_key(ec.SECP256R1()))
    for kind in ("ca", "tsa", "document"):
        if not (folder / f"{kind}.crt.pem").exists():
            _create_authority(folder, kind, host, now)


def load_keys(home: Path) -> ServiceKeys:
    """Read the keys; raises `KeyUnusable` naming the file at fault."""
    folder = home / "keys"
    log = _load_key(folder / "log.key.pem")
    if not isinstance(log, ed25519.Ed25519PrivateKey):
        raise KeyUnusable("log.key.pem does not hold an Ed25519 key")
    return ServiceKeys(
        ca=_load_authority(folder, "ca"),
        ct=_load_p256(folder / "ct.key.pem"),
        log=log,
        tsa=_load_authority(folder, "tsa"),
        document=_load_authority(folder, "document"),
    )


def _create_authority(folder: Path, kind: str, host: str, now: datetime) -> None:
    for leftover in (f"{kind}-root.key.pem", f"{kind}.key.pem"):  # of an init that was killed: never certified
        (folder / leftover).unlink(missing_ok=True)
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    start = now - timedelta(minutes=5)
    root_name = _name(host, f"{_TITLES[kind]} root")
    root = _sign(
        root_name,
        root_name,
        root_key.public_key(),
        root_key,
        start,
        20 * YEARS,
        _ca_extensions(1 if kind == "ca" else 0),
    )
    extensions = _ca_extensions(0) if kind == "ca" else _leaf_extensions(kind)
    certificate = _sign(
        _name(host, _TITLES[kind]), root_name, key.public_key(), root_key, start, 10 * YEARS, extensions
    )
    _store_key(folder / f"{kind}-root.key.pem", root_key)
    _store_key(folder / f"{kind}.key.pem", key)
    chain = certificate.public_bytes(serialization.Encoding.PEM) + root.public_bytes(serialization.Encoding.PEM)
    _store(folder / f"{kind}.crt.pem", chain)  # last: its presence says that the authority is complete


_TITLES = {"ca": "signer certificates", "tsa": "timestamps", "document": "records"}
_Extensions = list[tuple[x509.ExtensionType, bool]]


def _name(host: str, title: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, host), x509.NameAttribute(NameOID.COMMON_NAME, f"MCLA {title}")]
    )


def _usage(**true: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
    return x509.KeyUsage(**{name: true.get(name, False) for name in names})


def _ca_extensions(path_length: int) -> _Extensions:
    return [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_usage(key_cert_sign=True, crl_sign=True), True),
    ]


def _leaf_extensions(kind: str) -> _Extensions:
    common: _Extensions = [(x509.BasicConstraints(ca=False, path_length=None), True)]
    if kind == "tsa":
        return [
            *common,
            (_usage(digital_signature=True), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
        ]
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, DOCUMENT_SIGNING])
    return [*common, (_usage(digital_signature=True, content_commitment=True), True), (usages, False)]


def _sign(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    start: datetime,
    life: timedelta,
    extensions: _Extensions,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _store_key(path: Path, key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> None:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    _store(path, key.private_bytes(encoding, form, serialization.NoEncryption()))


def _store(path: Path, data: bytes) -> None:
    # O_EXCL: a key that exists is never overwritten, not even by two inits at once.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _load_key(path: Path) -> object:
    try:
        if path.stat().st_mode & 0o077:
            raise KeyUnusable(
                f"{path.name} can be read by others", hint=f"Run: chmod 600 {path.name} (in the keys folder)."
            )
        return serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise KeyUnusable(f"{path.name} cannot be read: {error}") from error


def _load_p256(path: Path) -> ec.EllipticCurvePrivateKey:
    key = _load_key(path)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyUnusable(f"{path.name} does not hold a P-256 key")
    return key


def _load_authority(folder: Path, kind: str) -> Authority:
    key = _load_p256(folder / f"{kind}.key.pem")
    try:
        chain = x509.load_pem_x509_certificates((folder / f"{kind}.crt.pem").read_bytes())
    except (OSError, ValueError) as error:
        raise KeyUnusable(f"{kind}.crt.pem cannot be read: {error}") from error
    if chain[0].public_key() != key.public_key():
        raise KeyUnusable(f"{kind}.crt.pem does not certify the key in {kind}.key.pem")
    return Authority(key=key, chain=tuple(chain))
