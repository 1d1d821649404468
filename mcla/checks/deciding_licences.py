# SPDX-License-Identifier: Apache-2.0
"""What signs of a lost licence do to an answer: they are told, and where the policy says so a person looks first.

A sign is no accusation, so no policy makes it a no. What nobody could look at is no yes where signs are weighed.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from mcla.checks import telling
from mcla.checks.answer import MAX_SHOWN_PATHS, Answer, ArtifactAnswer, Sign
from mcla.checks.deciding import whole_of
from mcla.checks.policy import Licences
from mcla.licences.signals import Signal


def cited(answer: Answer) -> tuple[str, ...]:
    """The contributions that the answer names for its files, each once."""
    return tuple(dict.fromkeys(each.contribution for each in answer.artifacts if each.contribution))


def with_signs(answer: Answer, policy: Licences, found: Mapping[str, Collection[Signal]], *, then: bool) -> Answer:
    """The answer with the signs on the contributions that it cites; of one that `found` lacks nothing could be seen.

    `then`: it is about a time that was asked about.
    """
    signs = tuple(_sign(answer, each, signal, policy) for each in cited(answer) for signal in found.get(each, ()))
    told = replace(answer, signs=signs)
    if policy.signals != "review":
        return told
    artifacts = tuple(_weighed(each, policy, found, then=then) for each in answer.artifacts)
    if artifacts == answer.artifacts:
        return told
    said = whole_of(answer.subjects, artifacts)
    return replace(told, artifacts=artifacts, said=telling.of_then(said) if then else said)


def _sign(answer: Answer, contribution: str, signal: Signal, policy: Licences) -> Sign:
    paths = [each.path for each in answer.artifacts if each.contribution == contribution]
    weighs = policy.signals == "review" and contribution not in policy.accepted
    shown = tuple(paths[:MAX_SHOWN_PATHS])
    return Sign(signal.code, str(signal.sentence), signal.evidence, contribution, shown, len(paths), weighs)


def _weighed(
    file: ArtifactAnswer, policy: Licences, found: Mapping[str, Collection[Signal]], *, then: bool
) -> ArtifactAnswer:
    contribution = file.contribution
    if file.said.word != "covered" or contribution is None or contribution in policy.accepted:
        return file
    if contribution not in found:
        said = telling.SIGNS_UNSEEN
    elif found[contribution]:
        said = telling.signs(contribution, [str(each.sentence) for each in found[contribution]])
    else:
        return file
    return replace(file, said=telling.of_then(said) if then else said)
