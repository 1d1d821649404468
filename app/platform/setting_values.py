# SPDX-License-Identifier: Apache-2.0
"""What single settings are made of: an identity provider, a certifier, the places of keys, the way to a token."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from mcla.errors import MclaError
from mcla.feed.keys import FeedKey


class ProviderSettings(BaseModel):
    """One identity provider, as registered there with the redirect URI `<origin>/login/<name>/callback`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    kind: Literal["oidc", "github", "gitlab", "huggingface"]
    issuer: str = ""
    client_id: str
    client_secret: SecretStr = SecretStr("")
    label: str = ""
    sigstore: bool = False

    @model_validator(mode="after")
    def _issuer_is_needed(self) -> "ProviderSettings":
        if self.kind == "oidc" and not self.issuer:
            raise ValueError(f"provider {self.name!r} of kind oidc needs an issuer")
        return self


class CertifierSettings(BaseModel):
    """Somebody whose certifications are believed: the name that stands in them, and the public key (base64 of DER)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200)
    key: str

    @field_validator("key")
    @classmethod
    def _key_is_ed25519(cls, value: str) -> str:
        try:
            FeedKey.from_base64(value)
        except MclaError as error:
            raise ValueError(error.message) from error
        return value


class KeyPlaces(BaseModel):
    """Where each kind of key lives: `file`, `pkcs11:token=T;object=L` or `awskms:<alias/NAME, key id or ARN>`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ca: str = "file"
    ct: str = "file"
    log: str = "file"
    pqlog: str = "file"
    tsa: str = "file"
    document: str = "file"
    feed: str = "file"
    document_chain: Path | None = None
    """PEM file with the certificate of the next document key by an outside authority: it first, the root last."""
    document_algorithm: Literal["P-256", "RSA-3072"] = "P-256"
    """What the next document key is; some readers of PDF files know no elliptic curves."""

    def of(self, kind: str) -> str:
        wish: str = getattr(self, kind)
        return wish

    @field_validator("ca", "ct", "log", "pqlog", "tsa", "document", "feed")
    @classmethod
    def _home_is_known(cls, value: str) -> str:
        if value != "file" and not value.startswith(("pkcs11:", "awskms:")):
            raise ValueError(f"expected file, pkcs11:token=T;object=L or awskms:alias/NAME, got {value!r}")
        if value.startswith("pkcs11:"):
            parse_pkcs11_uri(value)
        return value

    @field_validator("pqlog")
    @classmethod
    def _second_log_key_is_a_file(cls, value: str) -> str:
        if value != "file":
            raise ValueError(
                "the log's second key is ML-DSA-44, which this service uses neither PKCS#11 tokens nor AWS KMS for: "
                "keep it in a file"
            )
        return value

    @field_validator("log", "feed")
    @classmethod
    def _key_is_ed25519(cls, value: str) -> str:
        if value.startswith("awskms:"):
            raise ValueError(
                "the keys of log and feed are Ed25519, and this service uses AWS KMS for P-256 and RSA keys only: "
                "keep them in files or in a PKCS#11 token that can do EdDSA"
            )
        return value


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """How to reach PKCS#11 tokens: the library's path and the user PIN, both empty where there are none."""

    module: str = ""
    pin: str = field(default="", repr=False)


def parse_pkcs11_uri(uri: str) -> tuple[str, str]:
    """The token's and the object's label in a `pkcs11:` URI (RFC 7512); raises ValueError.

    Only these two attributes are read, so that a URI cannot say something that is then passed over.
    """
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    if query:
        raise ValueError(
            "a pkcs11: URI may not carry what stands after '?': set MCLA_PKCS11_MODULE and MCLA_PKCS11_PIN_FILE"
        )
    parts = [part.partition("=") for part in path.split(";")]
    found = {name: unquote(value, errors="strict") for name, _, value in parts}
    if sorted(name for name, _, _ in parts) != ["object", "token"] or not all(found.values()):
        raise ValueError(f"expected pkcs11:token=LABEL;object=LABEL, got {uri!r}")
    return found["token"], found["object"]
