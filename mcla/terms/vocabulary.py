# SPDX-License-Identifier: Apache-2.0
"""The vocabulary `mcla.terms/1`: what an agreement version means, in words a program can compare.

One dataclass per table of `terms.toml`; the annotation of an attribute is the list of values it allows.
In this file the foundation is called the steward, the usual word in contributor agreements.
"""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from mcla.terms.kinds import PROMISE_KINDS, Kind
from mcla.terms.strict import Between, Pattern

SCHEMA = "mcla.terms/1"

Days = Annotated[int, Between(0, 3650)]
Months = Annotated[int, Between(0, 1200)]
Sha256 = Annotated[str, Pattern(r"[0-9a-f]{64}", "64 lower-case hexadecimal digits (a SHA-256)")]
Version = Annotated[
    str,
    Pattern(r"(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})", "a version such as 1.0.0"),
]
Language = Annotated[str, Pattern(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language tag such as en")]
Licence = Annotated[str, Pattern(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,79}", "a licence identifier such as Apache-2.0")]
Name = Annotated[str, Pattern(r"[a-z0-9][a-z0-9.-]{0,79}", "a lower-case name such as project-licence")]

Asked = Literal["off", "flat", "checked", "knowledge"]
Stance = Literal["follow-base", "own-terms", "review"]
Mixing = Literal["allow", "review", "deny"]


@dataclass(frozen=True)
class Incorporated:
    """Another document that counts as part of the version, pinned by digest."""

    name: Name
    sha256: Sha256


@dataclass(frozen=True)
class Identity:
    """`[agreement]`: which text these terms describe."""

    id: Literal["MCLA-I", "MCLA-C", "MCLA-G"]
    version: Version
    language: Language
    text_sha256: Sha256
    incorporated: tuple[Incorporated, ...]


@dataclass(frozen=True)
class Scope:
    """`[scope]`: what a signature reaches."""

    kinds: tuple[Kind, ...]
    coverage: Literal["from-signing", "past-and-future", "listed-only"]
    attach: Literal["on-submission", "on-merge"]
    projects: Literal["one", "listed", "all-of-steward"]
    affiliates: Literal["not-covered", "covered"]


@dataclass(frozen=True)
class Patent:
    """`[grant.patent]`."""

    scope: Literal["none", "contribution", "contribution-and-combination"]
    retaliation: tuple[Literal["patent", "copyright", "any-ip"], ...]


@dataclass(frozen=True)
class DataRights:
    """`[grant.data_rights]`: each use of data stands on its own."""

    allowed: tuple[
        Literal[
            "access",
            "label",
            "represent",
            "benchmark",
            "train",
            "publish-model",
            "sell-model",
            "sell-output",
            "redistribute",
        ],
        ...,
    ]


@dataclass(frozen=True)
class Grant:
    """`[grant]`: every right that may exist in a contribution."""

    to: tuple[Literal["steward", "downstream"], ...]
    term: Literal["perpetual", "years"]
    sublicensable: bool
    transferable: bool
    copyright: Literal["licence", "assignment", "none"]
    database: Literal["licence", "waiver", "none"]
    neighbouring: Literal["licence", "waiver", "none"]
    trade_secret: Literal["release", "none"]
    fallback: Literal["none", "contract", "covenant", "contract-and-covenant"]
    moral: Literal["waived", "not-asserted", "untouched"]
    patent: Patent
    data_rights: DataRights


@dataclass(frozen=True)
class Outbound:
    """`[outbound]`: what the steward promises about the licences it passes on."""

    promise: Literal["current-only", "listed", "open-only", "any"]
    licences: tuple[Licence, ...]
    change: Literal["none", "notice", "contributor-vote", "steward-decides"]


@dataclass(frozen=True)
class Representations:
    """`[representations]`: each promise with its standard; a key that is left out is `off`."""

    authority: Asked = "off"
    origin: Asked = "off"
    employer: Asked = "off"
    sources: Asked = "off"
    collection: Asked = "off"
    optouts: Asked = "off"
    personal_data: Asked = "off"
    consent: Asked = "off"
    minors: Asked = "off"
    screening: Asked = "off"
    upstream_terms: Asked = "off"
    base_chain: Asked = "off"
    delta_data: Asked = "off"
    delta_compute: Asked = "off"
    confidential: Asked = "off"
    contamination: Asked = "off"
    integrity: Asked = "off"
    memorisation: Asked = "off"
    export: Asked = "off"
    ai_assisted: Asked = "off"
    safeguards: Asked = "off"


@dataclass(frozen=True)
class Derivatives:
    """`[derivatives]`: whether a work made from a base follows the base's licence."""

    fine_tune: Stance
    adapter: Stance
    quantised: Stance
    merge: Stance
    distilled: Stance


@dataclass(frozen=True)
class FlowDown:
    """`[flow_down]`: limits that come from upstream and go downstream."""

    use_restrictions: Literal["none", "as-base", "project-policy"]
    policy_feed: Literal["none", "advisory", "binding-downstream"]
    nc_data: Mixing
    sa_data: Mixing


@dataclass(frozen=True)
class Safety:
    """`[safety]`."""

    embargo_days: Days
    good_faith_no_claim: bool
    hazard_max: Literal["none", "dual-use", "controlled"]


@dataclass(frozen=True)
class Withdrawal:
    """`[withdrawal]`."""

    convenience_days: Days
    after_merge: Literal["none", "for-cause"]
    unlearning: Literal["none", "next-training", "best-effort", "within-days"]


@dataclass(frozen=True)
class Takedown:
    """`[takedown]`."""

    first_answer_days: Days


@dataclass(frozen=True)
class Liability:
    """`[liability]`."""

    warranty: Literal["none", "none-beyond-representations"]
    contributor_cap: Literal["uncapped", "amount", "intent-only"]
    indemnity: Literal["none", "contributor", "mutual"]


@dataclass(frozen=True)
class Law:
    """`[law]`."""

    governing: Literal["steward-seat", "signer-residence", "named-in-text"]
    venue: Literal["steward-seat", "signer-residence", "named-in-text"]


@dataclass(frozen=True)
class Signing:
    """`[signature]`."""

    level: Literal["typed", "verified-account", "advanced", "qualified"]
    counter_signature: bool
    counter_signature_days: Days | None = None
    """How long the offer stands; only where the steward signs too."""


@dataclass(frozen=True)
class Company:
    """`[company]`: how a legal entity gives, in MCLA-C only."""

    managers: Annotated[int, Between(1, 100)]
    """How many it has at least."""
    second_release: tuple[Kind, ...]
    """The kinds that a second person of the company confirms before they count."""
    own_signature: Literal["not-needed", "needed"]
    """Whether its people sign an individual agreement as well."""


@dataclass(frozen=True)
class Privacy:
    """`[privacy]`: what anybody can see, and for how long evidence is kept."""

    public_fields: tuple[
        Literal["name", "account", "email", "company", "signer-id", "date", "version", "files", "answers"], ...
    ]
    retention: Literal["distribution-plus-limitation", "distribution", "years"]
    expiry_months: Months


@dataclass(frozen=True)
class Terms:
    """The whole of `terms.toml`."""

    schema: Literal["mcla.terms/1"]
    agreement: Identity
    scope: Scope
    grant: Grant
    outbound: Outbound
    representations: Representations
    derivatives: Derivatives
    flow_down: FlowDown
    safety: Safety
    withdrawal: Withdrawal
    takedown: Takedown
    liability: Liability
    law: Law
    signature: Signing
    privacy: Privacy
    company: Company | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain tables and lists, ready for JSON; every representation is written out, `off` included.

        A table or key that only some agreements have is left out where the file has none.
        """
        return _plain(asdict(self))  # type: ignore[no-any-return]

    def promises(self, kind: Kind | None = None) -> dict[str, Asked]:
        """Promise key -> standard for every promise that is asked, of `kind` alone if it is given."""
        asked: dict[str, Asked] = {key: value for key, value in asdict(self.representations).items() if value != "off"}
        return {key: value for key, value in asked.items() if kind is None or kind in PROMISE_KINDS[key]}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
