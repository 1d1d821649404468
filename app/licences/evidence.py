# SPDX-License-Identifier: Apache-2.0
"""The file of evidence for contributions that somebody names as a release: what they show for it, what is missing.

The service has no releases of its own. Only what is proven and in force is evidence, only who may see a contribution
gets what it says, and nothing is certified but what a certification that holds says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.contributions.service import ContributionService
from app.contributions.values import ContributionInfo, Kept
from app.identity.ports import Actor
from app.licences.certifications import CertificationService
from app.licences.errors import EvidenceUnasked, EvidenceUnfit
from mcla.artifacts.manifest import parse_manifest
from mcla.envelope.bundle import parse_bundle
from mcla.exports import safe_harbour
from mcla.exports.evidence import Item, Standing, counts
from mcla.exports.release import Given, Release
from mcla.exports.safe_harbour_duties import Vouched, is_about
from mcla.statements.canonical import canonical_json
from mcla.statements.statement import Contribution, parse_statement
from mcla.wording import Worded

MOST = 20
MOST_FILES = 20_000
MOST_LETTERS = 100


@dataclass(frozen=True, slots=True)
class NamedRelease:
    """What somebody calls a release: ids of contributions, and the name and version that the file gets."""

    contributions: tuple[str, ...]
    name: str = ""
    version: str = ""

    @classmethod
    def read(cls, contributions: str, name: str = "", version: str = "") -> "NamedRelease":
        """From ids with spaces between them; raises `EvidenceUnasked`."""
        ids = tuple(dict.fromkeys(contributions.split()))
        if not 1 <= len(ids) <= MOST:
            raise EvidenceUnasked(
                Worded("expected 1 to %(most)s contributions, got %(given)s", most=MOST, given=len(ids))
            )
        if max(len(name), len(version)) > MOST_LETTERS:
            raise EvidenceUnasked(Worded("expected at most %(most)s letters in name and version", most=MOST_LETTERS))
        return cls(ids, name.strip(), version.strip())


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """The file: its items in the order of the Act, and the contribution behind each root."""

    release: Release
    items: tuple[Item, ...]
    vouched: tuple[Vouched, ...]
    behind: Mapping[str, ContributionInfo]
    """By the root of its manifest (64 hex)."""

    @property
    def counts(self) -> dict[Standing, int]:
        return counts(self.items)

    def to_dict(self) -> dict[str, Any]:
        behind = [
            {"id": each.id, "url": each.url, "manifest": f"sha256:{root}", "bundle_url": each.bundle_url}
            for root, each in self.behind.items()
        ]
        return safe_harbour.told(self.release, self.vouched) | {"contributions": behind}


def evidence_of(
    named: NamedRelease, contributions: ContributionService, certifications: CertificationService, actor: Actor | None
) -> EvidenceFile:
    """The file for whoever asks.

    Raises `ContributionUnknown`, `ContributionHidden`, or `EvidenceUnfit` for what is not proven or not in force.
    """
    found = [contributions.contribution(each, actor) for each in named.contributions]
    for each in found:
        _check_fit(each)
    if sum(each.file_count for each in found) > MOST_FILES:
        raise EvidenceUnfit(Worded("Together they hold more than %(most)s files.", most=MOST_FILES))
    given = tuple(_given(each, contributions.kept(each.id, actor)) for each in found)
    release = Release(named.name or found[0].project, named.version or "0", given)
    vouched = tuple((each.certification, each.standing) for each in certifications.every())
    vouched = tuple(each for each in vouched if is_about(release, each[0]))
    behind = {each.manifest_root: each for each in found}
    return EvidenceFile(release, safe_harbour.items_of(release, vouched), vouched, behind)


def _check_fit(found: ContributionInfo) -> None:
    if found.verdict != "verified":
        raise EvidenceUnfit(Worded("The proof of %(id)s does not hold: %(why)s", id=found.id, why=_why(found)))
    if found.standing.state != "in-force":
        raise EvidenceUnfit(
            Worded("%(id)s is no evidence: %(standing)s", id=found.id, standing=found.standing.sentence)
        )


def _why(found: ContributionInfo) -> str:
    return found.reasons[0].message if found.reasons else ""


def _given(found: ContributionInfo, kept: Kept) -> Given:
    statement = parse_statement(parse_bundle(canonical_json(dict(kept.bundle))).envelope.payload)
    if not isinstance(statement, Contribution):
        raise EvidenceUnfit(Worded("The proof of %(id)s does not hold: %(why)s", id=found.id, why=_why(found)))
    return Given(statement, parse_manifest(kept.manifest), found.standing.sentence)


def asked_again(named: NamedRelease) -> Sequence[tuple[str, str]]:
    """The question as the parameters of an address."""
    told = (("contributions", " ".join(named.contributions)), ("name", named.name), ("release", named.version))
    return [(name, value) for name, value in told if value]
