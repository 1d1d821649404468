# SPDX-License-Identifier: Apache-2.0
"""What signs of a lost licence, and the rules about licences, do to an answer: told, or weighed as the policy says.

A sign is no accusation, so no policy makes it a no; what the rules deny is a no where the policy requires them to be
kept. What nobody could look at is no yes where either is weighed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mcla.checks import telling_licences as telling
from mcla.checks.answer import MAX_SHOWN_PATHS, Answer, ArtifactAnswer, Said, Sign
from mcla.checks.deciding import whole_of
from mcla.checks.policy import Licences
from mcla.checks.telling import of_then
from mcla.licences.claimed import Judged
from mcla.licences.licence_file import LicenceFile
from mcla.licences.licence_files import signs_of_files
from mcla.licences.signals import Signal


def cited(answer: Answer) -> tuple[str, ...]:
    """The contributions that the answer names for its files, each once."""
    return tuple(dict.fromkeys(each.contribution for each in answer.artifacts if each.contribution))


def with_signs(
    answer: Answer,
    policy: Licences,
    found: Mapping[str, Judged],
    *,
    then: bool,
    files: Sequence[LicenceFile] = (),
) -> Answer:
    """The answer with what is seen on the contributions that it cites; of one that `found` lacks nothing could be seen.

    `then`: it is about a time that was asked about. `files` are licence files around, as the asker read them.
    """
    found = _with_files(answer, found, files) if files else found
    signs = tuple(
        _sign(answer, each, signal, weighs=weighs and each not in policy.accepted)
        for each in cited(answer)
        for signal, weighs in _told(found.get(each), policy)
    )
    told = replace(answer, signs=signs)
    if policy.signals != "review" and policy.rules not in ("review", "require"):
        return told
    artifacts = tuple(_weighed(each, policy, found, then=then) for each in answer.artifacts)
    if artifacts == answer.artifacts:
        return told
    said = whole_of(answer.subjects, artifacts)
    return replace(told, artifacts=artifacts, said=of_then(said) if then else said)


def _with_files(answer: Answer, found: Mapping[str, Judged], files: Sequence[LicenceFile]) -> dict[str, Judged]:
    """What was found, with the signs in the licence files that speak for the paths of each contribution."""
    paths: dict[str, list[str]] = {}
    for each in answer.artifacts:
        paths.setdefault(each.contribution or "", []).append(each.path)
    return {
        name: replace(
            each, signals=(*each.signals, *signs_of_files(paths.get(name, ()), each.declared, each.bases, files))
        )
        for name, each in found.items()
    }


def _told(judged: Judged | None, policy: Licences) -> Iterator[tuple[Signal, bool]]:
    """Each sign, and what the rules say that is more than a duty; with whether the policy weighs it."""
    if judged is None:
        return
    yield from ((signal, policy.signals == "review") for signal in judged.signals)
    if (ruled := _ruled(judged, policy)) is not None:
        yield ruled, policy.rules in ("review", "require")


def _ruled(judged: Judged, policy: Licences) -> Signal | None:
    """What the rules say that is more than a duty, where the policy asks them."""
    return judged.ruled if policy.asks_rules else None


def _sign(answer: Answer, contribution: str, signal: Signal, *, weighs: bool) -> Sign:
    paths = [each.path for each in answer.artifacts if each.contribution == contribution]
    shown = tuple(paths[:MAX_SHOWN_PATHS])
    return Sign(signal.code, str(signal.sentence), signal.evidence, contribution, shown, len(paths), weighs)


def _weighed(file: ArtifactAnswer, policy: Licences, found: Mapping[str, Judged], *, then: bool) -> ArtifactAnswer:
    contribution = file.contribution
    if file.said.word != "covered" or contribution is None or contribution in policy.accepted:
        return file
    said = _said(contribution, found.get(contribution), policy)
    return replace(file, said=of_then(said) if then else said) if said else file


def _said(contribution: str, judged: Judged | None, policy: Licences) -> Said | None:
    """What is said of a covered file instead; a no by the rules comes before a question."""
    if judged is None:
        return telling.SIGNS_UNSEEN
    ruled = _ruled(judged, policy) if policy.rules in ("review", "require") else None
    if ruled and ruled.code == "rules-deny" and policy.rules == "require":
        return telling.rules_deny(contribution, str(ruled.sentence))
    if judged.signals and policy.signals == "review":
        return telling.signs(contribution, [str(each.sentence) for each in judged.signals])
    return telling.rules_review(contribution, str(ruled.sentence)) if ruled else None
