# SPDX-License-Identifier: Apache-2.0
"""The personal fields of a record, each salted and hashed by itself, so that a copy without some still verifies.

`record.json` holds the digest of every field, and salt and value of those that it tells. A withheld one can be told
later, to whom it concerns, by its salt and value alone. A digest is SHA-256 over the RFC 8785 JSON of `[salt, name,
value]`, as the disclosures of SD-JWT are; without 128 random bits nobody finds a name or an address by trying.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mcla.errors import MclaError
from mcla.statements.canonical import canonical_json

ALGORITHM = "SHA-256 over RFC 8785 JSON of [salt, name, value]"
SECRET = "secret"  # noqa: S105 - the name of a field
"""The field that opens the identity commitment and all salts: withheld as soon as anything is."""
WORDS = {
    "name": "name",
    "login": "account name",
    "subject": "account number",
    "email": "e-mail",
    "title": "title for the company",
    "signedInAt": "time of the sign-in",
    "address": "IP address",
    "userAgent": "browser or program",
    "zoneOffset": "time zone",
    "session": "sign-in",
    "pageText": "text of the page",
    "pageLanguage": "language of the page",
    SECRET: "secret that opens the commitment to the person",
}
"""Every field in words: of the person, as the provider told it; of the signatory; of the request; of the page that was
signed on; and the secret. `pageText` is the SHA-256 of the page's words, which only the record itself carries."""
NAMES = tuple(WORDS)


class FieldsInvalid(MclaError):
    """The personal fields of a record do not fit their digests."""

    code = "record-fields-invalid"
    status = 422
    hint = "Ask the foundation for the record, or the redacted copy, again."


@dataclass(frozen=True, slots=True)
class Told:
    """A field that is told: `salt` is base64 of 16 bytes, `value` what it says, None for nothing."""

    salt: str
    value: str | None

    def digest(self, name: str) -> str:
        """SHA-256 as 64 hex digits."""
        return hashlib.sha256(canonical_json([self.salt, name, self.value])).hexdigest()


@dataclass(frozen=True, slots=True)
class Personal:
    """The digests of all personal fields (64 hex each), and those that are told."""

    digests: Mapping[str, str]
    fields: Mapping[str, Told]

    @classmethod
    def of(cls, values: Mapping[str, str | None], secret: bytes, record_id: str) -> "Personal":
        """All `values` told. The salts follow from the 32-byte `secret`, so that the same record has the same ones."""
        fields = {name: Told(_salt(secret, record_id, name), values.get(name)) for name in NAMES}
        return cls({name: field.digest(name) for name, field in fields.items()}, fields)

    @property
    def root(self) -> str:
        """What a record and every redacted copy of it have in common: SHA-256 over the RFC 8785 JSON of the digests."""
        return hashlib.sha256(canonical_json(dict(self.digests))).hexdigest()

    @property
    def withheld(self) -> tuple[str, ...]:
        return tuple(name for name in NAMES if name not in self.fields)

    def telling(self, names: Collection[str]) -> "Personal":
        """With no more than `names` told; raises `FieldsInvalid` for one that is no field, or that is the secret."""
        unknown = sorted(set(names) - (set(NAMES) - {SECRET}))
        if unknown:
            allowed = ", ".join(name for name in NAMES if name != SECRET)
            raise FieldsInvalid(f"expected fields to show among {allowed}, got {unknown[0][:40]!r}")
        return Personal(self.digests, {name: field for name, field in self.fields.items() if name in names})

    def to_dict(self) -> dict[str, Any]:
        told = {name: {"salt": field.salt, "value": field.value} for name, field in self.fields.items()}
        return {"algorithm": ALGORITHM, "root": self.root, "digests": dict(self.digests), "fields": told}


def read_personal(value: object) -> Personal:
    """The personal part of a `record.json`; raises `FieldsInvalid` unless every field that is told fits its digest."""
    try:
        return _read(value)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FieldsInvalid(f"the personal fields cannot be read: {type(error).__name__}") from error


def _read(value: Any) -> Personal:
    fields = {name: Told(told["salt"], told["value"]) for name, told in value["fields"].items()}
    found = Personal(value["digests"], fields)
    if value != found.to_dict() or tuple(sorted(found.digests)) != tuple(sorted(NAMES)):
        raise FieldsInvalid("the personal fields are not in the form of this schema")
    for name, field in fields.items():
        if not hmac.compare_digest(found.digests[name], field.digest(name)):
            raise FieldsInvalid(f"the {name} that is told does not fit its digest")
    if found.withheld and SECRET in fields:
        raise FieldsInvalid("a copy that withholds a field must withhold the secret, which opens all of them")
    return found


def _salt(secret: bytes, record_id: str, name: str) -> str:
    bound = canonical_json(["mcla record field", record_id, name])
    return base64.b64encode(hmac.digest(secret, bound, "sha256")[:16]).decode()
