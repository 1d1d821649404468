# SPDX-License-Identifier: Apache-2.0
"""What is done with an answer before it is told: whether it is whole, narrowed to the question, several as one.

Nothing here makes a word better than what the service said, but by leaving out what was not asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mcla.checks.answer import WORST_LAST, Answer, ArtifactAnswer, Said, SubjectAnswer, weighed, worst
from mcla.checks.change import Change
from mcla.checks.deciding import agents_alone
from mcla.checks.telling import NO_RESPONSIBLE_HUMAN, not_all_covered
from mcla.cli.failure import Undecided

UNUSABLE = Said(
    "unknown",
    "path-unusable",
    "The file's name cannot be sent: it is not UTF-8, or it has characters that are read in several ways.",
    "Rename the file: plain UTF-8, no control characters, no backslash.",
)
ALL_COVERED = Said("covered", "covered", "Everything that was asked about is covered.")
OF_THE_WHOLE = frozenset({"policy-unusable", "policy-too-large"})
"""Codes of what is said of a change as one, whatever its parts."""


class AnswerNotWhole(Undecided):
    """The service answered less, or more, than it was asked."""

    code = "check-answer-not-whole"
    hint = "Ask again; if it stays so, tell the operator of the service."


def check_whole(answer: Answer, change: Change) -> None:
    """The answer has to be about everything that was sent; raises `AnswerNotWhole`."""
    if answer.verdict != "covered" and answer.said.code in OF_THE_WHOLE:
        return
    sent = {each.path: each.sha256 for each in change.artifacts}
    told = {each.path: each.sha256 for each in answer.artifacts}
    if not told.items() <= sent.items() or len(told) + answer.files_free != len(sent):
        raise AnswerNotWhole(f"expected an answer about {len(sent):,} files, got one about {len(told):,}")
    if answer.commits != len(change.commits) or not any("opener" in each.roles for each in answer.subjects):
        raise AnswerNotWhole(f"expected an answer about the opener and {len(change.commits):,} commits, got another")


def without_files(answer: Answer) -> Answer:
    """The answer where nobody asks about files: those that were sent were sent to find that out."""
    return said_anew(replace(answer, artifacts=(), signs=(), files_free=answer.files_free + len(answer.artifacts)))


def without_people(answer: Answer) -> Answer:
    """The answer to who asked about files alone."""
    return said_anew(replace(answer, subjects=()))


def with_unusable(answer: Answer, paths: Iterable[str]) -> Answer:
    """The answer with the files whose names could not be sent: nobody can tell about them."""
    added = tuple(ArtifactAnswer(UNUSABLE, path, None, None) for path in paths)
    return said_anew(replace(answer, artifacts=(*answer.artifacts, *added))) if added else answer


def joined(answers: Sequence[Answer]) -> Answer:
    """Several answers as one, as bad as the worst; who takes part in several changes is told once for each word."""
    subjects: dict[tuple[object, ...], SubjectAnswer] = {}
    for answer in answers:
        for each in answer.subjects:
            key = (each.account or each.label, each.said.word, each.said.code, each.required)
            subjects[key] = _together(subjects[key], each) if key in subjects else each
    first, artifacts = answers[0], {each.path: each for answer in answers for each in answer.artifacts}
    return replace(
        first,
        said=max((answer.said for answer in answers), key=lambda said: WORST_LAST.index(said.word)),
        subjects=tuple(subjects.values()),
        artifacts=tuple(artifacts.values()),
        commits=sum(answer.commits for answer in answers),
        merges_skipped=sum(answer.merges_skipped for answer in answers),
        files_free=sum(answer.files_free for answer in answers),
        signs=tuple({(each.code, each.contribution): each for answer in answers for each in answer.signs}.values()),
    )


def _together(one: SubjectAnswer, other: SubjectAnswer) -> SubjectAnswer:
    roles = (*one.roles, *(each for each in other.roles if each not in one.roles))
    return replace(one, roles=roles, commits_total=one.commits_total + other.commits_total)


def said_anew(answer: Answer) -> Answer:
    """The answer whose whole follows from its parts, unless it was said of the whole."""
    if answer.said.code in OF_THE_WHOLE:
        return answer
    words = weighed(answer.subjects, answer.artifacts)
    word = worst(words) if words else "covered"
    if word != "not-covered" and agents_alone(answer.subjects):
        return replace(answer, said=NO_RESPONSIBLE_HUMAN)
    if word == "covered":
        return replace(answer, said=ALL_COVERED)
    return replace(answer, said=not_all_covered(word, answer.subjects, answer.artifacts))
