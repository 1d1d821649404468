# SPDX-License-Identifier: Apache-2.0
"""One statement of each kind that is made for a company."""

from dataclasses import replace

from interop.private_sigstore import FILES, acceptance, contribution, manifest_of

from mcla.statements.company import AffiliationRef, CompanyRef
from mcla.statements.parts import AcceptanceRef, ManifestRef
from mcla.statements.statement import CHANGE_NAME, CompanyChange, manifest_subjects

EXAMPLE = CompanyRef("Example GmbH", "DE", "HRB 1234 B", "by-register", "ef" * 32)
OF_COMPANY = replace(acceptance(manifest_of({"agreement.md": b"text"})), capacity="company", company=EXAMPLE)
FOR_COMPANY = replace(
    contribution(FILES), capacity="company", company=AffiliationRef(AcceptanceRef("ab" * 32, 7), None)
)
_DOCUMENT = manifest_of({CHANGE_NAME: b"{}"})
CHANGE = CompanyChange(
    subjects=manifest_subjects(_DOCUMENT),
    salt=OF_COMPANY.salt,
    service=OF_COMPANY.service,
    foundation=OF_COMPANY.foundation,
    signer=OF_COMPANY.signer,
    identity_commitment=OF_COMPANY.identity_commitment,
    key_holder="cli",
    agreement=OF_COMPANY.agreement,
    consent=OF_COMPANY.consent,
    created_at=OF_COMPANY.created_at,
    capacity="company",
    manifest=ManifestRef.of(_DOCUMENT),
    acceptance=AcceptanceRef("ab" * 32, 7),
)
