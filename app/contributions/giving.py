# SPDX-License-Identifier: Apache-2.0
"""The walk that gives files, between its pages: what was entered so far, as values that a form carries and shows again.

Nothing is asked twice: every step re-reads the whole form, and what it holds is kept as a draft (`.drafts`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from app.contributions.filelist import FileListInvalid, parse_file_list, write_file_list
from app.contributions.formtext import texts_of, values_of
from app.signing.values import Office
from mcla.artifacts.manifest import Manifest
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import TENSOR_KINDS, TensorsRef
from mcla.statements.statement import Contribution, read_tensors_ref
from mcla.statements.strict import parse_json
from mcla.terms import DeclarationsInvalid, Schedule, check_declarations
from mcla.terms.answers import is_empty
from mcla.terms.metadata import MetadataInvalid, propose, read_metadata
from mcla.terms.strict import unfit_character
from mcla.wording import Worded

PREFIX = "d-"


@dataclass(frozen=True, slots=True)
class Given:
    """What a person entered: `files` is the pasted or measured list, `answers` are form texts by question.

    `tensors` is what the page measured of safetensors files: JSON of a `TensorsRef`, or nothing. `earlier` are the
    signatures by other tools that the statement will name (`app.signing.earlier.write_earlier`).
    `proposed` names the file that an answer was read from, by question, and `confirmed` the questions where the person
    has said that it is right.
    """

    project: str = ""
    kind: str = ""
    files: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    tensors: str = ""
    earlier: str = ""
    proposed: Mapping[str, str] = field(default_factory=dict)
    confirmed: Sequence[str] = ()
    company: str = ""
    """The company that the person gives for, empty for self."""
    agreement: str = ""
    """The agreement for these files alone under which they are offered, empty for the one that was accepted."""
    title: str = ""
    power: str = ""
    """Of such an offer for a company: the title there of who makes it, and whence the power to sign comes."""

    @property
    def office(self) -> Office | None:
        """Title and power where they are asked for: a company offers files under an agreement for them alone."""
        return Office(self.title, self.power) if self.company and self.agreement else None


def from_form(form: MultiDict[str, str]) -> Given:
    """What a form of this walk carries."""
    answers = {name.removeprefix(PREFIX): " ".join(values) for name, values in form.lists() if name.startswith(PREFIX)}
    project, kind, files = (form.get(name, "") for name in ("project", "kind", "files"))
    proposed = {name.removeprefix("p-"): file[:80] for name, file in form.items() if name.startswith("p-") and file}
    confirmed = [name.removeprefix("c-") for name, said in form.items() if name.startswith("c-") and said == "yes"]
    tensors, earlier, company = (form.get(name, "") for name in ("tensors", "earlier", "company"))
    alone = [form.get(name, "") for name in ("agreement", "title", "power")]
    return Given(project, kind, files, answers, tensors, earlier, proposed, confirmed, company, *alone)


def from_statement(statement: Contribution, manifest: Manifest | None, earlier: str, company: str, title: str) -> Given:
    """What was entered for a statement that is not signed yet, to change it."""
    files = write_file_list(manifest) if manifest else ""
    answers, agreement = texts_of(statement.declarations), statement.agreement.slug if statement.offer else ""
    tensors = canonical_json(statement.tensors.to_dict()).decode() if statement.tensors else ""
    alone = {"agreement": agreement, "title": title, "power": statement.grantor.power if statement.grantor else ""}
    given = Given(statement.project, statement.kind, files, answers, tensors, earlier, company=company)
    return replace(given, **alone)  # type: ignore[arg-type]


def read_files(
    given: Given, kinds: Iterable[str], projects: Iterable[str]
) -> tuple[Manifest | None, list[dict[str, str]]]:
    """The manifest, and a fault for each thing of the first step that must be put right."""
    faults = []
    if given.project not in projects:
        faults.append({"pointer": "/project", "detail": "Choose the project that gets the files."})
    if given.kind not in kinds:
        faults.append({"pointer": "/kind", "detail": "Choose what the files are."})
    try:
        manifest = parse_file_list(given.files)
    except FileListInvalid as error:
        return None, [*({"pointer": "/files", "detail": fault} for fault in error.faults), *faults]
    return manifest, faults


def read_tensors(given: Given) -> TensorsRef | None:
    """What the page measured, for the kinds that name tensors; raises `JsonInvalid` or `StatementInvalid`."""
    if not given.tensors or given.kind not in TENSOR_KINDS:
        return None
    return read_tensors_ref(parse_json(given.tensors.encode(), max_depth=1, max_bytes=1024))


def with_proposals(given: Given, schedule: Schedule | None, name: str, content: bytes, today: date) -> Given:
    """What was entered, with what the file `name` proposes for open questions; raises `MetadataInvalid`.

    What a person has answered stays as it is.
    """
    taken = {key for key, value in values_of(given.answers, schedule).items() if not is_empty(value)}
    found = propose(read_metadata(content), schedule, today)
    fresh = {key: value for key, value in found.items() if key not in taken}
    if not fresh:
        raise MetadataInvalid(
            Worded("expected an answer to a question that is still open, got none in %(file)s", file=name or "the file")
        )
    confirmed = [key for key in given.confirmed if key not in fresh]
    proposed = {**given.proposed, **dict.fromkeys(fresh, name or "the file")}
    return replace(given, answers={**given.answers, **texts_of(fresh)}, proposed=proposed, confirmed=confirmed)


def printable_name(name: str | None) -> str:
    """A file's name as it was sent, fit to be shown: at most 80 characters and none that hides."""
    return "".join(each for each in name or "" if each.isprintable() and not unfit_character(each))[:80]


def unconfirmed(given: Given, schedule: Schedule | None, today: date) -> list[dict[str, str]]:
    """A fault for each answer that was read from a file and that nobody has said to be right.

    If there is one, the faults of the other answers are told as well, so that nobody comes back to this page twice.
    """
    said = declared(given, schedule)
    faults = [
        {
            "pointer": f"/{each.key}",
            "detail": Worded(
                "Confirm “%(label)s”, read from %(key)s, or clear it.", label=each.label, key=given.proposed[each.key]
            ),
        }
        for each in (schedule.fields if schedule else ())
        if each.key in given.proposed and each.key not in given.confirmed and not is_empty(said.get(each.key))
    ]
    if faults:
        try:
            check_declarations(schedule, said, today)
        except DeclarationsInvalid as error:
            faults += error.errors
    return faults


def declared(given: Given, schedule: Schedule | None) -> dict[str, Any]:
    """The answers for the questions of `schedule`; those to questions of another kind are left behind."""
    return values_of(given.answers, schedule)
