# SPDX-License-Identifier: Apache-2.0
"""What a check says of files under a sign of a lost licence, or under a licence that the rules do not let pass."""

from collections.abc import Sequence

from mcla.checks.answer import Said

SIGNS_UNSEEN = Said(
    "unknown",
    "licence-signals-unseen",
    "The file was given, but whether a licence was lost on the way could not be looked at.",
    "Ask about fewer files at once, or about what is public by now.",
)


def signs(contribution: str, sentences: Sequence[str]) -> Said:
    """Of a file that was given, with signs that a licence was lost on the way."""
    more = f" And {len(sentences) - 1} more." if len(sentences) > 1 else ""
    return Said(
        "unknown",
        "licence-signals",
        f"The file was given, and a person should look at its licence first. {sentences[0]}{more}",
        f"Ask its giver: a sign is no accusation. If it is explained, add {contribution} to accepted under [licences] "
        "in the policy.",
    )


def rules_deny(contribution: str, sentence: str) -> Said:
    """Of a file that was given under a licence that cannot hold, where the policy requires the rules to be kept."""
    return Said("not-covered", "licence-denied", f"The file was given. {sentence}", _mend(contribution))


def rules_review(contribution: str, sentence: str) -> Said:
    """Of a file that was given under a licence that a person has to look at first."""
    return Said("unknown", "licence-review", f"The file was given. {sentence}", _mend(contribution))


def _mend(contribution: str) -> str:
    return (
        "Let its giver give it again with the licence and the bases put right; or if a person has looked and it may "
        f"stay, add {contribution} to accepted under [licences] in the policy. What a project says to debated points "
        "for all files stands under [licences.stance]."
    )
