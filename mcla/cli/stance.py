# SPDX-License-Identifier: Apache-2.0
"""`--policy FILE` where licences are asked about: the stance on debated points in a project's `.mcla.toml`."""

from pathlib import Path
from typing import TYPE_CHECKING

from mcla.cli.failure import Exit
from mcla.cli.finding import Refused
from mcla.cli.target import read_file

if TYPE_CHECKING:
    from mcla.licences.question import Policy


def stance_in(place: Path) -> "Policy":
    """What the policy at `place` says; raises `Refused` for one that cannot be used."""
    from mcla.checks.git.question import PolicyUnreadable, policy_text
    from mcla.checks.policy import PolicyInvalid, parse_policy

    try:
        return parse_policy(policy_text(read_file(place, "policy"))).stance
    except (PolicyUnreadable, PolicyInvalid) as error:
        raise Refused(error, Exit.USAGE) from None
