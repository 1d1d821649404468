# SPDX-License-Identifier: Apache-2.0
"""JSON of the licences that are known. Field names are a contract; those of a record are the data file's."""

from dataclasses import asdict
from typing import Any

from pydantic import Field

from app.platform.bodies import Answer
from mcla.licences.records import Licence
from mcla.licences.registry import Registry
from mcla.licences.verdict import NOTICE
from mcla.licences.vocabulary import CommercialUse, Confidence, Covered, Family


class LicenceDataOut(Answer):
    """Which facts an answer rests on."""

    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$", description="Over the facts and the rules.")
    as_of: str = Field(description="The day they were last read.")


class LicenceLineOut(Answer):
    """One licence in the list."""

    id: str = Field(description="SPDX's id where it has one, else LicenseRef-….")
    name: str
    family: Family
    covers: list[Covered]
    commercial_use: CommercialUse
    spdx: str | None
    hub_tag: str | None
    text_date: str | None
    confidence: Confidence


class LicencesOut(Answer):
    """Every licence that is known."""

    licences: list[LicenceLineOut]
    restrictions: dict[str, str] = Field(description="What the keys of use restrictions mean.")
    data: LicenceDataOut
    notice: str


class LicenceOut(Answer):
    """One licence. A field that `unknown` names is not known, whatever value stands in it."""

    licence: Licence
    data: LicenceDataOut
    notice: str


def data_out(known: Registry) -> dict[str, str]:
    return {"digest": f"sha256:{known.digest}", "as_of": known.as_of}


def licences_out(known: Registry) -> dict[str, Any]:
    lines = [_line(each) for each in known]
    return {"licences": lines, "restrictions": known.restrictions, "data": data_out(known), "notice": NOTICE}


def licence_out(licence: Licence, known: Registry) -> dict[str, Any]:
    return {"licence": asdict(licence), "data": data_out(known), "notice": NOTICE}


def _line(licence: Licence) -> dict[str, Any]:
    same = ("id", "name", "family", "covers", "spdx", "text_date", "confidence")
    line = {name: getattr(licence, name) for name in same}
    commercial = licence.commercial_use if licence.knows("commercial_use") else "unknown"
    return line | {"commercial_use": commercial, "hub_tag": licence.hf_tag}
