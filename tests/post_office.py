# SPDX-License-Identifier: Apache-2.0
"""A real mail server on loopback: takes mail, or refuses it as a test says, and keeps what it took."""

import datetime
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from running import free_port

from app.platform.settings import Settings


@dataclass
class PostOffice:
    """What the server took, and what it answers: a reply for each recipient that it refuses, one for every content."""

    port: int
    took: list[EmailMessage] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    content: str = ""
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def to(self, address: str) -> list[EmailMessage]:
        return [each for each in self.took if each["To"] == address]

    async def handle_RCPT(self, *asked: Any) -> str:  # noqa: N802 - the server's name for it
        envelope, address = asked[2], asked[3]
        self.heard.append(address)
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.content:
            return self.content
        message = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
        self.took.append(message)  # type: ignore[arg-type]
        return "250 taken"

    def check(self, *asked: Any) -> AuthResult:
        login = asked[4]
        assert isinstance(login, LoginPassword)
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"correct horse", handled=False)


def text_of(message: EmailMessage) -> str:
    """What a message says, in lines as Python has them."""
    return str(message.get_content()).replace("\r\n", "\n")


@contextmanager
def post_office(port: int | None = None, **options: Any) -> Iterator[PostOffice]:
    """The server on a free port until the block ends; `options` are those of its SMTP class."""
    office = PostOffice(port or free_port())
    if options.get("auth_required"):
        options["authenticator"] = office.check
    server = Controller(office, hostname="127.0.0.1", port=office.port, **options)
    server.start()
    try:
        yield office
    finally:
        server.stop()


def mailing(settings: Settings, office: PostOffice) -> Settings:
    """The settings of a service that hands its mail in there."""
    more = {"smtp_url": f"smtp://127.0.0.1:{office.port}", "mail_from": "MCLA <mcla@example.org>"}
    return settings.model_copy(update=more)


def server_certificate(folder: Path, name: str) -> ssl.SSLContext:
    """A context of a server called `name`; its certificate, which signs itself, lies in `folder`/server.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, held = folder / "server.pem", folder / "server.key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    held.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, held)
    return context
