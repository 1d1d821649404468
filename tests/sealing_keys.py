# SPDX-License-Identifier: Apache-2.0
"""Document keys in every home and of both algorithms, certified by the service itself or by an outside authority."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from outside_authorities import Outside, outside_authorities
from tokens import SoftToken, kms_server

from app.platform.keys.homes import Homes
from app.platform.keys.ring import read_ring
from app.platform.keys.rotate import rotate
from app.platform.settings import KeyPlaces, Settings, TokenSettings
from app.records.models import Record
from app.wiring import Services


@dataclass(frozen=True)
class Sealing:
    """A document key: where it lives, what it is, and whether an outside authority certifies it (PAdES B-LT)."""

    home: str
    algorithm: Any
    outside: bool

    @property
    def name(self) -> str:
        return f"{self.home}-{self.algorithm.lower()}{'-outside' if self.outside else ''}"

    @property
    def level(self) -> str:
        return "B-LT" if self.outside else "B-T"

    def wish(self, token: SoftToken | None) -> str:
        """What MCLA_KEYS says of it."""
        if self.home == "token" and token is not None:
            return token.uri(self.name)
        return f"awskms:alias/{self.name}" if self.home == "kms" else "file"


@dataclass(frozen=True)
class Sealers:
    """The keys of a test run: `move` lets a service seal with one of them."""

    outside: Outside
    token: SoftToken | None

    def settings(self, home: Path) -> Settings:
        reach = {"pkcs11_module": self.token.module, "pkcs11_pin": self.token.pin} if self.token else {}
        tsa = {"tsa_url": self.outside.tsa_url, "tsa_chain": self.outside.tsa_chain}
        return Settings(home=home, demo=True, **tsa, **reach)

    def move(self, services: Services, sealing: Sealing) -> None:
        """Rotate the document key, as an operator who changes MCLA_KEYS does."""
        chain = self.outside.chain_of(sealing.name) if sealing.outside else None
        wish = sealing.wish(self.token)
        keys = KeyPlaces(document=wish, document_algorithm=sealing.algorithm, document_chain=chain)
        rotate(services.settings.model_copy(update={"keys": keys}), "document", services.clock.now())

    def reseal(self, services: Services, record_id: str, sealing: Sealing) -> tuple[str, bytes]:
        """A new record in the place of an older one, under the key of `sealing`: its id and file."""
        self.move(services, sealing)
        made = services.records.reissue(record_id, "The foundation seals with another key now.")
        services.worker.run_due()
        return made, stored(services, made)


@contextmanager
def sealing_keys(home: Path, folder: Path, token: SoftToken | None, *sealings: Sealing) -> Iterator[Sealers]:
    """The keys of `sealings` for the service in `home`, made, and certified where an outside authority should.

    Without a `token` none of them may live in one.
    """
    with ExitStack() as stack:
        if any(one.home == "kms" for one in sealings):
            stack.enter_context(kms_server())
        certified: dict[str, bytes] = {}
        taken = [one.place for one in read_ring(home / "keys")]
        for one in (one for one in sealings if one.outside):
            place, certified[one.name] = _public(home, token, one, taken)
            taken.append(place)
        yield Sealers(stack.enter_context(outside_authorities(folder, sealers=certified)), token)


def stored(services: Services, record_id: str) -> bytes:
    """The sealed file of a record, without its signer."""
    with services.db.read() as session:
        record = session.get_one(Record, record_id)
    return services.records.stored(record)


def _public(home: Path, token: SoftToken | None, sealing: Sealing, taken: list[str]) -> tuple[str, bytes]:
    """Place and public half (PEM) of a key that is made now; a rotation, in the same order, finds it."""
    homes = Homes(home / "keys", token.settings if token else TokenSettings())
    place = homes.find_or_make("document", sealing.algorithm, sealing.wish(token), taken)
    public = homes.open("document", place).public_key()
    return place, public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
