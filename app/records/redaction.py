# SPDX-License-Identifier: Apache-2.0
"""A copy of a record for others than its signer: the same facts and proof, without the personal fields it withholds.

The values are gone from the copy's data before a page is made of it, so that no page can show one by mistake; the
digests stay, and with them the root that the record itself has (`mcla.records.fields`). Pure.
"""

from collections.abc import Collection
from dataclasses import replace

from app.records.data import RecordData
from app.records.parts import (
    Act,
    CircumstanceDetail,
    CompanyDetail,
    PageDetail,
    RedactedCopy,
    ReplacedDetail,
    SignerDetail,
)
from mcla.records.fields import Personal

WITHHELD = "withheld in this copy"
_PERSON = {"name", "login", "subject", "email"}


def redacted(data: RecordData, show: Collection[str], original_sha256: str) -> RecordData:
    """The data of a copy that shows `show` of the personal fields; `original_sha256` is that of the sealed record.

    Raises `FieldsInvalid` for what is no field that can be shown.
    """
    personal = data.personal.telling(show)
    return replace(
        data,
        signer=_signer(data.signer, personal),
        act=_act(data.act, personal),
        copy=RedactedCopy(personal, original_sha256),
        replaces=data.replaces and _replaced(data.replaces, personal),
    )


def _signer(signer: SignerDetail, personal: Personal) -> SignerDetail:
    return replace(
        signer,
        name=_kept(personal, "name", signer.name),
        login=_kept(personal, "login", signer.login),
        subject=_kept(personal, "subject", signer.subject),
        email=signer.email if "email" in personal.fields else WITHHELD,
        company=signer.company and _company(signer.company, personal),
        secret=b"",
    )


def _replaced(old: ReplacedDetail, personal: Personal) -> ReplacedDetail | None:
    """What was put right belongs to the name, and goes with it; the reason may tell anything of the person."""
    if "name" not in personal.fields:
        return None
    told = personal.fields.keys() >= _PERSON
    return replace(old, reason=old.reason if told else WITHHELD)


def _company(company: CompanyDetail, personal: Personal) -> CompanyDetail:
    return replace(company, title=company.title and _kept(personal, "title", company.title))


def _act(act: Act, personal: Personal) -> Act:
    seen = act.circumstance or CircumstanceDetail(None, "", "")
    kept = CircumstanceDetail(
        seen.signed_in_at if "signedInAt" in personal.fields else None,
        _kept(personal, "address", seen.address),
        _kept(personal, "userAgent", seen.agent),
        _kept(personal, "session", seen.session),
        _kept(personal, "zoneOffset", seen.zone),
        seen.page and _page(seen.page, personal),
    )
    return replace(act, circumstance=kept)


def _page(page: PageDetail, personal: Personal) -> PageDetail:
    """Its words name the signer, so no copy carries them; their digest can be told."""
    language, sha256 = _kept(personal, "pageLanguage", page.language), _kept(personal, "pageText", page.sha256)
    return replace(page, language=language, sha256=sha256, text="")


def _kept(personal: Personal, name: str, value: str) -> str:
    return value if name in personal.fields else WITHHELD
