# SPDX-License-Identifier: Apache-2.0
"""`--policy FILE` where licences are asked about: a project's `.mcla.toml`, and its stance on debated points."""

from pathlib import Path
from typing import TYPE_CHECKING

from mcla.cli.failure import Exit
from mcla.cli.finding import Refused
from mcla.cli.target import read_file

if TYPE_CHECKING:
    from mcla.checks.policy import Policy
    from mcla.licences.question import Policy as Stance


def stance_in(place: Path) -> "Stance":
    """What the policy at `place` says to debated points; raises `Refused` for one that cannot be used."""
    return policy_in(place).stance


def policy_in(place: Path) -> "Policy":
    """The policy at `place`; raises `Refused` for one that cannot be used."""
    from mcla.checks.git.question import PolicyUnreadable, policy_text
    from mcla.checks.policy import PolicyInvalid, parse_policy

    try:
        return parse_policy(policy_text(read_file(place, "policy")))
    except (PolicyUnreadable, PolicyInvalid) as error:
        raise Refused(error, Exit.USAGE) from None
