# SPDX-License-Identifier: Apache-2.0
"""Keys in AWS KMS: P-256 or RSA-3072, signing whole messages of up to 4,096 bytes (the service hashes them itself).

A place is `awskms:<ARN>`. A wish that names an alias follows it to a key that is not used yet, or makes a new key and
points the alias at it; a wish that names a key takes that key once. Region and credentials are boto3's own.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from cryptography.hazmat.primitives.serialization import load_der_public_key

from app.platform.keys.errors import ExtraMissing, KeyUnusable, RotationRefused
from app.platform.keys.values import Algorithm, Kind, algorithm_of

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError as missing:
    raise ExtraMissing("kms", "a key in AWS KMS") from missing

T = TypeVar("T")
_PREFIX = "awskms:"
_SPECS: dict[Algorithm | None, tuple[str, str]] = {
    "P-256": ("ECC_NIST_P256", "ECDSA_SHA_256"),
    "RSA-3072": ("RSA_3072", "RSASSA_PKCS1_V1_5_SHA_256"),
}
"""Key spec and signing algorithm by what they are called here."""
_HINT = (
    "Check AWS_REGION, the credentials, and that they allow kms:DescribeKey, kms:GetPublicKey and kms:Sign; "
    "to make keys also kms:CreateKey, kms:CreateAlias and kms:UpdateAlias."
)


class KmsHome:
    """The home of keys in AWS KMS."""

    def __init__(self) -> None:
        config = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})
        self._kms = _asked(lambda: boto3.client("kms", config=config), "setting up")

    def find_or_make(self, kind: Kind, algorithm: Algorithm, wish: str, taken: Collection[str]) -> str:
        name = wish.removeprefix(_PREFIX)
        known = self._arn(name)
        if known is not None and _PREFIX + known not in taken:
            return _PREFIX + known
        if not name.startswith("alias/"):
            raise RotationRefused(
                f"{wish} names no key that could be taken: it is unknown, or in use already",
                hint="Make another key and name it in MCLA_KEYS, or name an alias such as awskms:alias/mcla-ca.",
            )
        made = self._make(kind, algorithm)
        point = self._kms.create_alias if known is None else self._kms.update_alias
        _asked(lambda: point(AliasName=name, TargetKeyId=made), f"pointing {name} at the new key")
        return _PREFIX + made

    def open(self, place: str) -> "_KmsKey":
        arn = place.removeprefix(_PREFIX)
        answer = _asked(lambda: self._kms.get_public_key(KeyId=arn), f"reading {place}")
        key = load_der_public_key(answer["PublicKey"])
        spec, algorithm = _SPECS.get(algorithm_of(key), ("", ""))
        if not spec or algorithm not in answer["SigningAlgorithms"]:
            specs = " or ".join(one for one, _ in _SPECS.values())
            raise KeyUnusable(f"{place} is no key for signing with P-256 or RSA-3072", hint=f"Its key spec is {specs}.")
        return _KmsKey(self._kms, arn, key, algorithm)

    def _arn(self, name: str) -> str | None:
        try:
            found = self._kms.describe_key(KeyId=name)["KeyMetadata"]
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "NotFoundException":
                return None
            raise _unusable(error, f"looking for {name}") from error
        except BotoCoreError as error:
            raise _unusable(error, f"looking for {name}") from error
        if found["KeyState"] != "Enabled":
            raise KeyUnusable(f"the key {name} in AWS KMS is {found['KeyState']}", hint="Enable it, or name another.")
        arn: str = found["Arn"]
        return arn

    def _make(self, kind: Kind, algorithm: Algorithm) -> str:
        spec, _ = _SPECS[algorithm]
        made = _asked(
            lambda: self._kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY", Description=f"MCLA {kind} key"),
            "making a key",
        )
        arn: str = made["KeyMetadata"]["Arn"]
        return arn


@dataclass(frozen=True, slots=True)
class _KmsKey:
    """A key in AWS KMS with the one algorithm that it is used with."""

    kms: Any
    arn: str
    public: Any
    algorithm: str

    def public_key(self) -> Any:
        return self.public

    def sign(self, data: bytes, /) -> bytes:
        answer = _asked(
            lambda: self.kms.sign(KeyId=self.arn, Message=data, MessageType="RAW", SigningAlgorithm=self.algorithm),
            f"signing with {self.arn}",
        )
        signature: bytes = answer["Signature"]
        return signature


def _asked(call: Callable[[], T], doing: str) -> T:
    try:
        return call()
    except (BotoCoreError, ClientError) as error:
        raise _unusable(error, doing) from error


def _unusable(error: Exception, doing: str) -> KeyUnusable:
    code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else type(error).__name__
    return KeyUnusable(f"AWS KMS failed at {doing}: {code}: {error}"[:500], hint=_HINT)
