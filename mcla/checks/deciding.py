# SPDX-License-Identifier: Apache-2.0
"""The decision: a pure function of the change, the policy and what is known. No database, no clock, no network.

What cannot be told is `unknown` with the way out, never a guess; a yes needs something that says yes.
"""

from collections.abc import Sequence
from dataclasses import replace

from mcla.checks import telling
from mcla.checks.answer import Answer, ArtifactAnswer, Said, SubjectAnswer, weighed, worst
from mcla.checks.change import Change
from mcla.checks.deciding_files import decide_by_rules, decide_file
from mcla.checks.deciding_people import decide_people
from mcla.checks.facts import Facts
from mcla.checks.people import Person, merges_in
from mcla.checks.policy import DEFAULT, MAX_MATCHES, Policy


def decide(change: Change, people: Sequence[Person], facts: Facts) -> Answer:
    """The answer on a change and its people (`people_of`). The same give the same answer, to the byte."""
    policy = facts.policy
    if policy is None:
        return Answer(facts.project, telling.POLICY_UNUSABLE, facts.as_of, facts.used, commits=len(change.commits))
    if facts.used.source != "server" and policy.globs * len(change.artifacts) > MAX_MATCHES:
        return Answer(facts.project, telling.POLICY_TOO_LARGE, facts.as_of, facts.used, commits=len(change.commits))
    subjects = decide_people(people, policy, facts)
    artifacts = _files(change, policy, facts)
    made = Answer(
        project=facts.project,
        said=whole_of(subjects, artifacts),
        as_of=facts.as_of,
        policy=facts.used,
        subjects=subjects,
        artifacts=artifacts,
        commits=len(change.commits),
        merges_skipped=merges_in(change),
        files_free=len(change.artifacts) - len(artifacts),
    )
    return made if change.as_of is None else _of_then(made)


def _of_then(answer: Answer) -> Answer:
    """An answer about a time that was asked about: what its steps bring about, another one tells."""
    return replace(
        answer,
        said=telling.of_then(answer.said),
        subjects=tuple(replace(each, said=telling.of_then(each.said)) for each in answer.subjects),
        artifacts=tuple(replace(each, said=telling.of_then(each.said)) for each in answer.artifacts),
    )


def _files(change: Change, policy: Policy, facts: Facts) -> tuple[ArtifactAnswer, ...]:
    """The answers on the files that the policy asks about; without a policy, on every one."""
    if facts.used.source == "default" and policy == DEFAULT:
        return tuple(decide_file(each, None, None, facts) for each in change.artifacts)
    links = ("symlink", "submodule")
    found = ((each, policy.rules_of(each.path, link=each.unread in links)) for each in change.artifacts)
    asking = ((each, [one for one in ruled if one.rule.asks(each)]) for each, ruled in found)
    return tuple(decide_by_rules(each, ruled, facts) for each, ruled in asking if ruled)


def whole_of(subjects: Sequence[SubjectAnswer], artifacts: Sequence[ArtifactAnswer]) -> Said:
    """What is said of a change with these parts."""
    word = worst(weighed(subjects, artifacts))
    if word != "not-covered" and agents_alone(subjects):
        return telling.NO_RESPONSIBLE_HUMAN
    if word == "covered":
        return telling.all_covered(subjects, artifacts)
    return telling.not_all_covered(word, subjects, artifacts)


def agents_alone(subjects: Sequence[SubjectAnswer]) -> bool:
    """Whether an agent took part and everybody else is an agent or a bot."""
    codes = {each.said.code for each in subjects}
    return "exempt-agent" in codes and codes <= {"exempt-agent", "exempt-bot"}
