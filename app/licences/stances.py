# SPDX-License-Identifier: Apache-2.0
"""What projects say to debated points of licences, by the policies that the service keeps of them.

A project whose policy stands in its repository alone has said nothing here: a person reviews. So it is with a policy
that an older version of this service kept and that cannot be read any more.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType

from app.platform.db import Reader
from app.projects.policies import KeptPolicy, newest_of
from mcla.checks.policy import Licences, PolicyInvalid, parse_policy
from mcla.licences.claimed import REVIEW
from mcla.licences.question import Policy
from mcla.wording import Worded

POINTS: Mapping[str, Worded] = MappingProxyType(
    {
        "nc_data": Worded("Data for non-commercial use reached the weights by training"),
        "sa_data": Worded("Share-alike data reached the weights by training"),
        "adapter_only": Worded("An adapter without base weights goes out under terms of its own"),
        "unknown": Worded("The terms of a base are not known"),
        "removed_safeguards": Worded("Safeguards were removed, and the licence of the base is silent on it"),
        "provider_outputs": Worded(
            "Outputs of a provider that bars competing models, in a model that is said not to compete"
        ),
    }
)
SAYS: Mapping[str, Worded] = MappingProxyType(
    {"allow": Worded("Allowed"), "review": Worded("A person looks"), "deny": Worded("Denied")}
)


@dataclass(frozen=True, slots=True)
class Stance:
    """What a project says, since which version of its policy; `kept` is None where the service keeps none."""

    project: str
    policy: Policy = REVIEW
    kept: KeptPolicy | None = None
    licences: Licences | None = None
    """What it asks of signs of a lost licence; None: it has said nothing."""

    @property
    def said(self) -> dict[str, str]:
        """The points to which it says something else than review."""
        return {point: word for point, word in asdict(self.policy).items() if word != "review"}

    def weighs(self, contribution: str) -> bool:
        """Whether signs on a contribution are for a person, and none has looked at them."""
        asks = self.licences
        return asks is not None and asks.signals == "review" and contribution not in asks.accepted


def stances(reader: Reader, project_ids: Collection[str], at: datetime) -> dict[str, Stance]:
    """The stance of each of these projects, by its id, at a time. One statement."""
    found = newest_of(reader, project_ids, at).items()
    return {each: _stance(slug, kept) for each, (slug, kept) in found}


def _stance(project: str, kept: KeptPolicy | None) -> Stance:
    try:
        read = parse_policy(kept.text) if kept and kept.text is not None else None
    except PolicyInvalid:
        read = None
    return Stance(project, read.stance, kept, read.licences) if read else Stance(project, REVIEW, kept)
