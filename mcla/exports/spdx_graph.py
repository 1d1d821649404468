# SPDX-License-Identifier: Apache-2.0
"""Elements of SPDX 3.0.1 with ids that follow from what they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mcla.artifacts.digest import sha256_hex

Part = dict[str, Any]
CREATION = "_:creation"


@dataclass(frozen=True, slots=True)
class Names:
    """Gives ids below `prefix`: one for the same words, another for others."""

    prefix: str

    def of(self, kind: str, *words: str) -> str:
        """`urn:uuid:…#kind` or `urn:uuid:…#kind-digest`."""
        digest = sha256_hex("\n".join((kind, *words)).encode("utf-8", "surrogatepass"))[:24]
        return f"{self.prefix}#{kind}-{digest}" if words else f"{self.prefix}#{kind}"

    def element(self, type_: str, kind: str, *words: str, **members: Any) -> Part:
        """An element of the type, with those members that say something."""
        given = {name: each for name, each in members.items() if each not in (None, "", [], ())}
        return {"type": type_, "spdxId": self.of(kind, *words), "creationInfo": CREATION, **given}


def relationship(
    names: Names,
    start: str,
    kind: str,
    to: Sequence[str],
    comment: str = "",
    complete: Literal["complete", "incomplete", "noAssertion"] = "noAssertion",
) -> Part:
    """`start` stands in the relation `kind` to each of `to`."""
    words = (start, kind, comment, *to)
    told = {"from": start, "relationshipType": kind, "to": list(to), "completeness": complete, "comment": comment}
    return names.element("Relationship", "relationship", *words, **told)


def hashed(sha256: str) -> list[Part]:
    """`verifiedUsing` for bytes with this digest (64 hex)."""
    return [{"type": "Hash", "algorithm": "sha256", "hashValue": sha256}]


def identified(identifier: str, comment: str, at: Sequence[str] = ()) -> list[Part]:
    """`externalIdentifier` for a name that SPDX has no sort of."""
    told: Part = {"identifierLocator": list(at)} if at else {}
    sort = {"type": "ExternalIdentifier", "externalIdentifierType": "other"}
    return [{**sort, "identifier": identifier, "comment": comment, **told}]
