# SPDX-License-Identifier: Apache-2.0
"""One licence as facts, field by field as the data file has them.

A field that `unknown` names is not known, whatever value stands in it: rules ask `Licence.knows` first.
"""

from dataclasses import dataclass, fields

from mcla.licences import vocabulary as v


@dataclass(frozen=True, slots=True)
class Threshold:
    """A condition on a party: `metric` `op` `value`, in `currency` where it is money; `value` None: not known."""

    metric: v.Metric
    op: v.Operator
    value: int | None
    currency: str | None
    measured: v.Measured
    effect: v.Effect
    note: str | None = None


@dataclass(frozen=True, slots=True)
class FlowDown:
    """What goes along with a copy or a derivative. `attribution_display` and `name_prefix` are the words asked for."""

    use_restrictions: v.FlowDownOf
    licence_copy: bool
    notice_file: bool
    modified_notice: bool
    attribution_display: str | None
    name_prefix: str | None
    doc_retention: bool


@dataclass(frozen=True, slots=True)
class Derivatives:
    """Which terms a derivative may go out under, who owns it, and what the text counts as one."""

    outbound: v.Outbound
    owner: str
    finetune: v.Included
    adapter: v.Included
    quantised: v.Included
    merge: v.Included
    distilled_from_outputs: v.Included


@dataclass(frozen=True, slots=True)
class Licence:
    """One record. `restrictions` are keys of `Registry.restrictions`, `territory_excluded` codes of ISO 3166 or EU."""

    id: str
    name: str
    family: v.Family
    type: v.Type
    spdx: str | None
    scancode_key: str | None
    hf_tag: str | None
    hf_license_names: tuple[str, ...]
    aliases: tuple[str, ...]
    publisher: str | None
    text_date: str | None
    covers: tuple[v.Covered, ...]
    commercial_use: v.CommercialUse
    thresholds: tuple[Threshold, ...]
    territory_excluded: tuple[str, ...]
    territory_scope: v.TerritoryScope | None
    restrictions: tuple[str, ...]
    restrictions_source: v.RestrictionsSource
    restrictions_dynamic: bool
    flow_down: FlowDown
    derivatives: Derivatives
    share_alike: v.ShareAlike
    output_training: v.OutputTraining
    outputs_claimed_by_licensor: bool
    patent_grant: v.PatentGrant
    patent_retaliation: bool
    ip_suit_terminates: bool
    database_right: v.DatabaseRight
    sublicensable: bool
    revocable: bool
    licensor_may_change_terms: bool
    guardrail_removal_terminates: bool
    governing_law: str | None
    osi_approved: bool
    fsf_libre: bool
    ai_act_foss_exemption: v.Exemption
    sources: tuple[str, ...]
    confidence: v.Confidence
    unknown: tuple[str, ...]
    notes: str

    @staticmethod
    def field_names() -> frozenset[str]:
        """Every field as the data file names it; those of a part with a dot (`flow_down.notice_file`)."""
        inner = {f"flow_down.{each.name}" for each in fields(FlowDown)}
        inner |= {f"derivatives.{each.name}" for each in fields(Derivatives)}
        return frozenset({each.name for each in fields(Licence)} - {"flow_down", "derivatives"} | inner)

    def knows(self, field: str) -> bool:
        """Whether the value of `field`, as the data file names it (`derivatives.outbound`), may be relied on."""
        return not self.unknown or (field not in self.unknown and "all" not in self.unknown)

    def newer_than(self, day: str | None) -> bool:
        """Whether this text is surely later than `day`, as 2026-01-31: its own date may be a month or a year alone."""
        return bool(self.text_date and day and day < f"{self.text_date}-01-01"[:10])
