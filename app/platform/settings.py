# SPDX-License-Identifier: Apache-2.0
"""Every setting of the service, with its meaning; `mcla-server config` prints this file's attribute docstrings.

Values come from `MCLA_*` environment variables, then from the TOML file named by `MCLA_CONFIG`, then from the
defaults. A name that is not a setting is an error that suggests the nearest one.
"""

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from email.headerregistry import Address
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from app.platform.listening import check_address
from app.platform.mail_server import Login, MailServer, parse_mail_server, parse_sender
from app.platform.setting_values import CertifierSettings, KeyPlaces, ProviderSettings, TokenSettings
from mcla.errors import MclaError

__all__ = [
    "CertifierSettings",
    "KeyPlaces",
    "ProviderSettings",
    "Settings",
    "SettingsInvalid",
    "TokenSettings",
    "is_loopback",
    "load_settings",
]

PREFIX = "MCLA_"
TEST_PREFIX = "MCLA_TEST_"
# Read by the command line or a job of CI, never by the service; one shell may well hold both. To the letter: some
# differ from a setting by an ending.
NOT_SETTINGS = frozenset(
    f"{PREFIX}{name}"
    for name in (
        *("CONFIG", "SERVICE", "PROJECT", "PROVIDER", "CHANGE", "COMMENT", "ONLY", "BUNDLES", "TRUST", "WITHDRAWALS"),
        *("TOKEN", "ID_TOKEN", "IDENTITY_TOKEN", "FORGE_TOKEN", "PYTHON", "SOURCE", "VERSION"),
    )
)


class SettingsInvalid(MclaError):
    """The configuration cannot be used; the message lists every fault at once."""

    code = "settings-invalid"
    status = 500
    hint = "Run `mcla-server config` to see every setting with its meaning and value."


class Settings(BaseModel):
    """The configuration of one service."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    home: Path = Path("var")
    """Data directory: keys, log tiles, records and, by default, the database."""

    database_url: str = ""
    """SQLAlchemy address of the database; empty means SQLite in the data directory. PostgreSQL: `postgresql://…`."""

    origin: str = "http://127.0.0.1:8000"
    """Public URL of the service: scheme, host and port, no path. Links, redirects and signer URIs start with it.

    Not set: `http://` and the value of `bind`, where that is on loopback.
    """

    bind: str = "127.0.0.1:8000"
    """IP address and port to listen on."""

    threads: int = Field(default=8, ge=1, le=256)
    """Threads that answer requests in one process."""

    workers: int = Field(default=1, ge=1, le=64)
    """Processes that answer requests. More than one needs PostgreSQL or patience: SQLite has one writer at a time."""

    jobs_in_process: bool = True
    """Run background jobs in a thread of each serving process; turn off where `mcla-server jobs run` does them."""

    job_days: int = Field(default=30, ge=1, le=3650)
    """Days that finished background jobs are kept in the database; those that failed for good stay until removed."""

    providers: tuple[ProviderSettings, ...] = ()
    """JSON list of identity providers.

    `{"name","kind":"oidc|github|gitlab|huggingface","issuer","client_id","client_secret"}`, each registered there with
    the redirect URI `<origin>/login/<name>/callback`. `"sigstore": true` also takes ID tokens that this provider made
    for the audience `sigstore`; whoever else is given such a token could then sign here in that person's name.
    """

    workload_issuers: tuple[str, ...] = ("https://token.actions.githubusercontent.com", "https://gitlab.com")
    """JSON list of the issuers whose ID tokens a project's CI may exchange, each exactly as it writes itself.

    By default GitHub Actions and GitLab.com. A project also needs a rule that trusts one (`mcla-server token trust`).
    """

    certifiers: tuple[CertifierSettings, ...] = ()
    """JSON list of those whose certifications of licences or artifacts are believed: `{"name","key"}`.

    `key` is the base64 of an Ed25519 public key (DER), got from its holder on another way than a certification. Without
    one nothing here is ever called certified.
    """

    keys: KeyPlaces = KeyPlaces()
    """JSON table that says where new keys are made or found: kind (`ca`, `ct`, `log`, `tsa`, `document`, `feed`), home.

    `document_chain` names a PEM file with the certificate of the document key by an outside authority, it first and the
    root last: the next document key must be the one that it certifies. `document_algorithm` says what that key
    is: `P-256` (the default), or `RSA-3072` for readers of PDF files that know no elliptic curves.
    A home is `file` (the default), `pkcs11:token=T;object=L` (RFC 7512; needs the extra `pkcs11`), or
    `awskms:alias/NAME`, a key id or an ARN (needs the extra `kms`; region and credentials are boto3's own, such as
    AWS_REGION). A change counts from the next `mcla-server keys rotate KIND`. The keys of log and feed are Ed25519,
    which AWS KMS is not used for; the log's second key (`pqlog`, ML-DSA-44) is always a file.
    """

    tsa_url: str = ""
    """Address of an outside timestamp authority (RFC 3161) for the seals of records; empty: the service's own.

    While it cannot be reached, records are sealed without a timestamp and sealed again later.
    """

    tsa_chain: Path | None = None
    """PEM file with that authority's certificates, its own first and the root last; published in the trust file."""

    seal_days: int = Field(default=30, ge=1, le=3650)
    """Days before the end of the document certificate from which on nothing is sealed any more."""

    self_test: bool = True
    """Seal and verify a probe as a process begins that makes records; what is wrong stands in the log as an error."""

    starter_feed: bool = True
    """Sign the entries that come with the software as the first compliance feed when a service first starts to serve.

    It says that nobody answers for them yet, and ends after 60 days unless somebody does (`mcla-server feed renew`).
    """

    record_age: int = Field(default=15, ge=1, le=1440)
    """Minutes after which a record that is not finished is an alarm (`doctor`, `/metrics`)."""

    pkcs11_module: str = ""
    """Path of the PKCS#11 library of the token, for keys in `pkcs11:` homes."""

    pkcs11_pin: SecretStr = SecretStr("")
    """User PIN of the token; better kept in a file, see `pkcs11_pin_file`."""

    pkcs11_pin_file: Path | None = None
    """File with the user PIN of the token."""

    demo: bool = False
    """Start the demo identity provider and publish demo data. Refused unless everything is bound to loopback."""

    demo_bind: str = "127.0.0.1:8001"
    """IP address and port of the demo identity provider; loopback only."""

    trusted_proxies: int = Field(default=0, ge=0, le=8)
    """Number of reverse proxies whose `X-Forwarded-*` headers are believed; 0 believes none."""

    session_hours: int = Field(default=12, ge=1, le=720)
    """Hours after sign-in at which a browser session ends."""

    witness_policy: Path | None = None
    """C2SP tlog-policy file with the log's witnesses, each with its address, and the quorum of them that is wanted.

    `witness NAME VKEY URL` a line each, then a group and `quorum`. Published at `/.well-known/mcla/policy`.
    """

    witness_wait: float = Field(default=2.0, ge=0.05, le=30)
    """Seconds that a signature may wait for witnesses; those that answer later are not in its proof."""

    without_quorum: Literal["publish", "refuse"] = "publish"
    """What happens when too few witnesses answer.

    `publish`: signatures go on, and every proof says which witnesses saw it. `refuse`: signing answers 503 and no new
    head of the log is shown until enough do.
    """

    rate_limit_storage: str = "memory://"
    """Where rate-limit counters live: `memory://` (each process for itself) or `redis://HOST:6379/0`, for all together.
    While Redis is away each process counts for itself."""

    webhook_loopback: bool = False
    """Let projects' webhooks go to this machine, over http too: for receivers that run beside the service."""

    smtp_url: str = ""
    """Mail server: `smtp+starttls://HOST:587`, `smtps://HOST:465`, or on loopback `smtp://HOST:25`; empty: no mails.

    The certificate is checked against the machine's authorities, or those in the file that SSL_CERT_FILE names.
    """

    smtp_user: str = ""
    """Name to sign in with at the mail server; empty: without signing in."""

    smtp_password_file: Path | None = None
    """File with the password for `smtp_user`."""

    mail_from: str = ""
    """Address that mails come from, such as `MCLA <mcla@example.org>`; needed where `smtp_url` is set."""

    @field_validator("smtp_url")
    @classmethod
    def _mail_is_encrypted(cls, value: str) -> str:
        if value:
            server = parse_mail_server(value)
            if server.security == "none" and not is_loopback(server.host):
                raise ValueError("mail to another machine is sent encrypted: write smtp+starttls:// or smtps://")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender_is_one_address(cls, value: str) -> str:
        if value:
            parse_sender(value)
        return value

    @model_validator(mode="after")
    def _stamper_is_whole(self) -> "Settings":
        if bool(self.tsa_url) != (self.tsa_chain is not None):
            raise ValueError("an outside timestamp authority needs both: set tsa_url and tsa_chain")
        return self

    @model_validator(mode="after")
    def _mail_is_whole(self) -> "Settings":
        if bool(self.smtp_url) != bool(self.mail_from):
            raise ValueError("mails need both: set smtp_url and mail_from, or neither")
        if bool(self.smtp_user) != (self.smtp_password_file is not None):
            raise ValueError("signing in at the mail server needs both: set smtp_user and smtp_password_file")
        return self

    @field_validator("bind", "demo_bind")
    @classmethod
    def _bind_is_whole(cls, value: str) -> str:
        return check_address(value)

    @model_validator(mode="before")
    @classmethod
    def _origin_is_where_it_listens(cls, values: dict[str, Any]) -> dict[str, Any]:
        bind = str(values.get("bind", ""))
        listens_here = "origin" not in values and is_loopback(bind.rpartition(":")[0])
        return values | {"origin": f"http://{bind}"} if listens_here else values

    @field_validator("origin")
    @classmethod
    def _origin_is_bare(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError("must be a URL such as https://mcla.example.org, without a path")
        if parts.username or parts.password or parts.fragment:
            raise ValueError("must not carry a user name, password or fragment")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _demo_is_loopback(self) -> "Settings":
        if not self.demo:
            return self
        for name, bind in (("bind", self.bind), ("demo_bind", self.demo_bind)):
            if not is_loopback(bind.rpartition(":")[0]):
                raise ValueError(f"demo needs {name} on loopback, not {bind!r}")
        if not is_loopback(urlsplit(self.origin).hostname or ""):
            raise ValueError(f"demo needs an origin on loopback, not {self.origin!r}")
        return self

    @model_validator(mode="after")
    def _one_pin(self) -> "Settings":
        if self.pkcs11_pin_file is not None and self.pkcs11_pin.get_secret_value():
            raise ValueError("the PIN is given twice: set either pkcs11_pin or pkcs11_pin_file")
        return self

    @property
    def token(self) -> TokenSettings:
        """How to reach PKCS#11 tokens; raises `SettingsInvalid` if the PIN's file cannot be read."""
        pin = self.pkcs11_pin.get_secret_value()
        if self.pkcs11_pin_file is not None:
            pin = _secret_in("MCLA_PKCS11_PIN_FILE", self.pkcs11_pin_file)
        return TokenSettings(self.pkcs11_module, pin)

    @property
    def mail_server(self) -> MailServer | None:
        """Where mails are handed in; None: this service sends none."""
        return parse_mail_server(self.smtp_url) if self.smtp_url else None

    @property
    def mail_login(self) -> Login | None:
        """The login at the mail server; raises `SettingsInvalid` if the password's file cannot be read."""
        if self.smtp_password_file is None:
            return None
        return Login(self.smtp_user, _secret_in("MCLA_SMTP_PASSWORD_FILE", self.smtp_password_file))

    @property
    def sender(self) -> Address | None:
        """Whom mails come from."""
        return parse_sender(self.mail_from) if self.mail_from else None

    @property
    def host(self) -> str:
        """The bare host name of the origin: the log's origin line (C2SP tlog-checkpoint)."""
        return urlsplit(self.origin).hostname or ""

    @property
    def secure(self) -> bool:
        """Whether cookies carry `Secure` and the `__Host-` prefix."""
        return self.origin.startswith("https://")

    @property
    def database(self) -> str:
        """The database's address with the default filled in."""
        return self.database_url or f"sqlite:///{(self.home / 'mcla.sqlite').resolve()}"


def _secret_in(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise SettingsInvalid(f"{name} cannot be read: {error}") from error


def is_loopback(host: str) -> bool:
    """Whether `host` is a loopback address or `localhost`; anything that needs a look-up is not."""
    bare = host.strip("[]")
    if bare == "localhost":
        return True
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return False


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises `SettingsInvalid` naming all faults at once."""
    environ = os.environ if environ is None else environ
    faults: list[str] = []
    values = _from_file(environ.get("MCLA_CONFIG", ""), faults) | _from_environ(environ)
    for name in sorted(set(values) - set(Settings.model_fields)):
        near = difflib.get_close_matches(name, Settings.model_fields, n=1)
        faults.append(
            f"{PREFIX}{name.upper()} is not a setting" + (f"; did you mean {PREFIX}{near[0].upper()}?" if near else "")
        )
        del values[name]
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        faults += [f"{PREFIX}{'.'.join(map(str, e['loc'])).upper() or 'settings'}: {e['msg']}" for e in error.errors()]
    if faults:
        raise SettingsInvalid("The configuration has faults: " + "; ".join(faults))
    return settings


def _from_file(path: str, faults: list[str]) -> dict[str, Any]:
    if not path:
        return {}
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        faults.append(f"MCLA_CONFIG names {path!r}, which cannot be read: {error}")
        return {}


def _from_environ(environ: Mapping[str, str]) -> dict[str, Any]:
    ours = [name for name in environ if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX)]
    names = [name for name in ours if name not in NOT_SETTINGS]
    return {name.removeprefix(PREFIX).lower(): _decode(name, environ[name]) for name in names}


def _decode(name: str, text: str) -> Any:
    if name not in ("MCLA_PROVIDERS", "MCLA_KEYS"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text  # pydantic then says what it should have been
