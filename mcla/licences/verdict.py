# SPDX-License-Identifier: Apache-2.0
"""What a question about licences is answered with: one of four verdicts, the rules that led to it and what is missing.

A finding is what one rule says of one base, or of the whole. The answer is their worst verdict, so that adding a
finding can make an answer stricter and never milder. A sentence is made when somebody reads it.
"""

from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

from mcla.licences.question import Policy
from mcla.licences.sentences import SENTENCES
from mcla.wording import Worded

NOTICE = "Screening, not legal advice."


class Verdict(IntEnum):
    """In order, the mildest first: the worst wins."""

    ALLOWED = 0
    NEEDS_NOTICE = 1
    NEEDS_REVIEW = 2
    DENIED = 3

    @property
    def word(self) -> str:
        """As JSON says it: `allowed`, `needs-notice`, `needs-review` or `denied`."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Finding:
    """What the rule `rule` says, of the base at `base` or of the whole.

    `code` names its sentence in `SENTENCES`, `parts` fill it; `missing` are the duties that would still have to be met.
    """

    rule: str
    verdict: Verdict
    code: str
    parts: dict[str, Any]
    base: int | None = None
    missing: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        return Worded(SENTENCES[self.code], **self.parts)

    def to_dict(self) -> dict[str, Any]:
        told = {"rule": self.rule, "verdict": self.verdict.word, "code": self.code, "base": self.base}
        return told | {"missing": list(self.missing), "sentence": str(self.sentence)}


@dataclass(frozen=True, slots=True)
class Answer:
    """The worst of `findings`, with the digest and day of the facts that it rests on; `policy` is on debated points."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    digest: str
    as_of: str
    policy: Policy

    @property
    def deciding(self) -> tuple[Finding, ...]:
        """The findings that made the verdict."""
        return tuple(finding for finding in self.findings if finding.verdict == self.verdict)

    @property
    def rules(self) -> tuple[str, ...]:
        """Each rule once, in the order in which they were applied."""
        return tuple(dict.fromkeys(finding.rule for finding in self.findings))

    @property
    def missing(self) -> tuple[str, ...]:
        """Each duty that is not shown to be met, as `duty:licence` or `name_prefix:PREFIX`, in alphabetical order."""
        return tuple(sorted({duty for finding in self.findings for duty in finding.missing}))

    def to_dict(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict.word,
            "rules": list(self.rules),
            "missing": list(self.missing),
            "reasons": [finding.to_dict() for finding in self.findings],
            "policy": asdict(self.policy),
            "data": {"digest": f"sha256:{self.digest}", "as_of": self.as_of},
            "notice": NOTICE,
        }
