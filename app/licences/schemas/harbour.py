# SPDX-License-Identifier: Apache-2.0
"""JSON of what a licence does for the exemption of the AI Act, and of what is certified of it."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from app.licences.certifications import Attached
from app.licences.schemas.known import LicenceDataOut, data_out
from app.platform.bodies import Answer
from mcla.exports.certification import Standing, told
from mcla.exports.exemption import of as exemption_of
from mcla.licences.records import Licence
from mcla.licences.registry import registry
from mcla.licences.verdict import NOTICE


class PointOut(Answer):
    """A condition of the exemption, or a duty."""

    key: str
    name: str
    state: Literal["met", "lost", "open"]
    why: str
    source: str


class CertifiedAboutOut(Answer):
    """What a certification is about: a licence and the digest of its words, or an artifact."""

    licence: str | None = None
    words_sha256: str | None = None
    artifact: str | None = None


class CertificationOut(Answer):
    """A statement that its issuer signed. `certified` is true only for one that holds; its content is the issuer's."""

    certified: bool
    standing: Standing
    sentence: str
    issuer: str
    scheme: str
    statement: str
    about: CertifiedAboutOut
    issued: str
    expires: str
    url: str | None
    key: str
    digest: str


class SafeHarbourOut(Answer):
    """What a licence does for the open-source exemption of the AI Act, and what is certified of it."""

    licence: str
    exemption: Literal["met", "lost", "open"]
    sentence: str
    conditions: list[PointOut] = Field(description="Of the exemption; what no licence answers stays open.")
    duties: list[PointOut] = Field(description="`met`: not due, the licence keeps the exemption. `open`: due, or so.")
    certifications: list[CertificationOut] = Field(description="Attached ones, those that no longer hold among them.")
    data: LicenceDataOut
    notice: str


def harbour_out(licence: Licence, attached: Sequence[Attached]) -> dict[str, Any]:
    known = exemption_of(licence).to_dict()
    view = {name: known[name] for name in ("licence", "exemption", "sentence", "conditions", "duties")}
    certifications = [told(each.certification, each.standing) for each in attached]
    return view | {"certifications": certifications, "data": data_out(registry()), "notice": NOTICE}
