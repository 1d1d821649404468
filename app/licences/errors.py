# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with questions about licences and with certifications, beyond what `mcla` says itself."""

from mcla.errors import MclaError


class LicenceQuestionUnasked(MclaError):
    """A question about a use has to name one licence that is known, own terms as text, or a project."""

    code = "licence-question-unasked"
    status = 422
    hint = "Give `licence` with an id, `terms` with tiers in TOML, or `project` with its slug; and the facts in `use`."


class CertificationUnfit(MclaError):
    """A certification was not attached, because it does not hold now."""

    code = "certification-unfit"
    status = 422
    hint = "Ask its issuer. A key is pinned with MCLA_CERTIFIERS, after it was got on another way than the document."


class CertificationAttached(MclaError):
    """This certification is attached already."""

    code = "certification-attached"
    status = 409
    hint = "Nothing has to be done."


class CertificationUnknown(MclaError):
    """No certification with this digest is attached."""

    code = "certification-unknown"
    status = 404
    hint = "`mcla-server certifications list` shows what is attached."


class FamilyUnknown(MclaError):
    """No list names files of a family of this name."""

    code = "family-unknown"
    status = 404
    hint = "`mcla-server families list` shows those that are known."


class EvidenceUnasked(MclaError):
    """A file of evidence was asked for without a contribution, or for too many."""

    code = "evidence-unasked"
    status = 422
    hint = "Give the ids of 1 to 20 contributions with spaces between them; each stands on its contribution's page."


class EvidenceUnfit(MclaError):
    """A contribution is no evidence: its proof does not hold, or it is not in force."""

    code = "evidence-unfit"
    status = 409
    hint = "Leave it out. For many files, `mcla export --format safe-harbour` makes the same file from the proofs."
