# SPDX-License-Identifier: Apache-2.0
"""Encryption as the settings ask for it, or no mail: a real server with STARTTLS, without it, and with a wrong name."""

import smtplib
import ssl
from pathlib import Path

import pytest
from post_office import post_office, server_certificate

from app.mail.transport import connected, refusal, told
from app.platform.mail_server import Login, MailServer

LOGIN = Login("mcla", "correct horse")


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose server.pem this process takes for an authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    return tmp_path


def test_a_password_goes_over_starttls_only_to_the_server_that_was_meant(trusted: Path) -> None:
    context = server_certificate(trusted, "localhost")
    with post_office(tls_context=context, require_starttls=True, auth_required=True) as office:
        with connected(MailServer("localhost", office.port, "starttls"), LOGIN, "mcla.example.org") as post:
            assert post.noop()[0] == 250
        assert office.logins == [(b"mcla", b"correct horse")]
        bad = Login("mcla", "wrong")
        server = MailServer("localhost", office.port, "starttls")
        with pytest.raises(smtplib.SMTPAuthenticationError) as caught, connected(server, bad, "mcla.example.org"):
            pass
    assert told(caught.value) == "SMTPAuthenticationError, 535"


def test_a_server_with_the_certificate_of_another_name_gets_no_password(trusted: Path) -> None:
    context = server_certificate(trusted, "localhost")
    with post_office(tls_context=context, require_starttls=True, auth_required=True) as office:
        wrong = MailServer("127.0.0.1", office.port, "starttls")
        with pytest.raises(ssl.SSLCertVerificationError), connected(wrong, LOGIN, "mcla.example.org"):
            pass
        assert office.logins == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # which is what this server is for
def test_a_server_without_starttls_gets_neither_password_nor_mail() -> None:
    with post_office(auth_require_tls=False, auth_required=True) as office:
        server = MailServer("127.0.0.1", office.port, "starttls")
        with pytest.raises(smtplib.SMTPNotSupportedError), connected(server, LOGIN, "mcla.example.org"):
            pass
        assert office.logins == []


def test_a_server_that_does_not_speak_tls_is_no_server_for_smtps() -> None:
    with post_office() as office:
        server = MailServer("127.0.0.1", office.port, "tls")
        with pytest.raises(OSError, match=r"SSL|EOF|version"), connected(server, LOGIN, "mcla.example.org"):
            pass


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"a@b.example is nobody")}), True),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"later")}), False),
        (smtplib.SMTPDataError(554, b"a@b.example"), True),
        (smtplib.SMTPDataError(451, b"later"), False),
        (UnicodeEncodeError("ascii", "ä", 0, 1, "no"), True),
        (smtplib.SMTPServerDisconnected("gone"), None),
        (TimeoutError("slow"), None),
        (smtplib.SMTPSenderRefused(553, b"no", "mcla@example.org"), None),
    ],
)
def test_a_refusal_is_of_the_mail_or_of_the_server_and_repeats_no_address(error: Exception, final: bool | None) -> None:
    found = refusal(error)
    assert (found.final if found else None) is final
    assert "@" not in (found.failure if found else told(error))
