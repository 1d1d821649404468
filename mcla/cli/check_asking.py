# SPDX-License-Identifier: Apache-2.0
"""Asks about one change: first about the files that the repository's policy chooses.

Where the service goes by another policy of its own, which has the last word, it is asked again about every changed
file: what stands in the repository cannot hide one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mcla.artifacts.listing import Listed
from mcla.artifacts.paths import PathInvalid, check_path
from mcla.checks.answer import Answer
from mcla.checks.change import Change, ChangedFile, policy_digest
from mcla.checks.git.contents import Held, contents
from mcla.checks.git.files import TreeFile
from mcla.checks.git.licences import licence_files
from mcla.checks.git.program import Repository
from mcla.cli.check_answers import check_whole, with_unusable, without_files, without_people
from mcla.cli.check_formats.report import Notice, shown
from mcla.cli.check_looking import Looked, Only

Send = Callable[[Change], Answer]


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom to ask (`send`), about which project and moment, about what alone, and what is known of bytes elsewhere."""

    send: Send
    project: str
    only: Only | None = None
    as_of: datetime | None = None
    listing: Sequence[Listed] = ()
    on_bytes: Callable[[int], None] = lambda _: None
    signed: bool = False
    """Whether the answer is to be signed, about the change's head."""

    def ask(self, looked: Looked, repository: Repository) -> "Asked":
        """The answer about one change, which has commits or files."""
        first = looked.ruled
        if not first and not looked.commits:
            first = looked.files  # to hear whether the service has a policy that asks about them
        asked = self._once(looked, first, repository)
        if len(first) < len(looked.files) and _has_another(asked.answer, looked.policy):
            asked = self._once(looked, looked.files, repository)
        return asked

    def _once(self, looked: Looked, files: Sequence[TreeFile], repository: Repository) -> "Asked":
        sendable = filter(_is_sendable, files)
        held = contents(repository, looked.range.head, sendable, self.listing, self.on_bytes)
        change = Change(
            project=self.project,
            opener=looked.opener,
            commits=looked.commits,
            artifacts=tuple(map(_sendable, held)),
            policy=looked.policy,
            as_of=self.as_of,
            head=looked.range.head if self.signed else None,
            signed=self.signed,
            licence_files=licence_files(repository, looked.range.head, list(filter(_is_sendable, files))),
        )
        answer = self.send(change)
        check_whole(answer, change)
        if answer.policy.source == "default":
            return Asked(self._narrowed(without_files(answer)), ())
        bad = [each.path for each in files if not _is_sendable(each)]
        asked_about = {each.path for each in answer.artifacts}
        notices = _notices([each for each in held if each.file.path in asked_about], looked)
        return Asked(self._narrowed(with_unusable(answer, bad)), notices)

    def _narrowed(self, answer: Answer) -> Answer:
        return without_people(answer) if self.only == "artifacts" else answer


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer about one change, and what was noticed of its files."""

    answer: Answer
    notices: tuple[Notice, ...]


def _has_another(answer: Answer, text: str | None) -> bool:
    """Whether the service went by a policy of its own that is not the repository's."""
    return answer.policy.source == "server" and answer.policy.sha256 != (text and policy_digest(text))


def _is_sendable(file: TreeFile) -> bool:
    try:
        check_path(file.path)
    except PathInvalid:
        return False
    return True


def _sendable(held: Held) -> ChangedFile:
    """The file as it is asked about, without a former name that cannot be sent."""
    changed = held.changed()
    if changed.previous is None or _is_sendable(TreeFile(changed.previous, "file", "")):
        return changed
    return replace(changed, previous=None)


def _notices(held: Sequence[Held], looked: Looked) -> tuple[Notice, ...]:
    notices = [
        Notice(
            "near-pointer",
            f"{shown(each.file.path)} looks like a Git LFS pointer and is none in the form that counts, so it is not "
            "known what it stands for.",
            "Let git-lfs write the pointer: git lfs migrate import, or commit the file again with git-lfs installed.",
        )
        for each in held
        if each.content is not None and each.content.near_pointer
    ]
    lacking = sum(each.content is None and each.file.kind == "file" for each in held)
    if lacking:
        what = "One file's bytes are" if lacking == 1 else f"The bytes of {lacking:,} files are"
        step = f"Fetch them:  git diff {looked.range.start[:12]} {looked.range.head[:12]} > /dev/null"
        notices.append(Notice("bytes-missing", f"{what} not in this clone, which is a partial one.", step))
    return tuple(notices)
