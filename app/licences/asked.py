# SPDX-License-Identifier: Apache-2.0
"""A question about licences as it is sent to the service: what `mcla licences check` takes, and a project by name.

A project that is named answers debated points itself, by the policy kept here; an asker's own stance beside it would
be two answers to one question.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mcla.licences.asking import QuestionInvalid, read_question
from mcla.licences.question import Question


@dataclass(frozen=True, slots=True)
class LicencesAsked:
    """The question, and the project whose stance settles debated points; None: the question's own."""

    question: Question
    project: str | None = None


def read_asked(value: object) -> LicencesAsked:
    """The question in parsed JSON; raises `QuestionInvalid` or one of its kinds."""
    if not isinstance(value, Mapping):
        return LicencesAsked(read_question(value))
    question = read_question({name: each for name, each in value.items() if name != "project"})
    project = value.get("project")
    if project is not None and not isinstance(project, str):
        raise QuestionInvalid("expected the slug of a project, got something else", "/project")
    if project is not None and value.get("policy") is not None:
        raise QuestionInvalid("expected a project, which has a stance, or a policy of one's own, got both", "/policy")
    return LicencesAsked(question, project)
