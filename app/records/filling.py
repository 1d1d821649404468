# SPDX-License-Identifier: Apache-2.0
"""The renderer for runs of many records: lays out one of each shape, fills the others, counts what it could not fill.

What cannot be filled is rendered in full, so that no record waits for a template; a run is told how many those were and
why. Templates live as long as their renderer, in one process.
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field

from app.records.chunks import Chunked
from app.records.compiling import compile_template
from app.records.data import AttachedFile, RecordData, attached_files
from app.records.errors import GlyphMissing
from app.records.faces import CannotFill, set_for
from app.records.render import render
from app.records.template import Template

SHAPES, LAYOUTS = 64, 8
"""How many shapes are remembered, and how many templates of one shape, which differ by the lines that values take."""


@dataclass(slots=True)
class Counts:
    """Records filled, templates compiled for them, and records rendered in full, by the reason."""

    filled: int = 0
    compiled: int = 0
    in_full: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        said = f"{self.filled:,} filled from {self.compiled:,} templates, {self.in_full.total():,} rendered in full"
        reasons = ", ".join(f"{number:,} for {reason}" for reason, number in self.in_full.most_common())
        return f"{said} ({reasons})" if reasons else said


class FillingRenderer:
    """Fills templates that it compiles as records of new shapes come."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._templates: OrderedDict[str, list[Template]] = OrderedDict()
        self._tries: Counter[str] = Counter()
        self._reason = ""

    def render(self, data: RecordData) -> bytes:
        """The unsealed PDF; raises as `app.records.render.render` does."""
        files, chunked = attached_files(data), Chunked.of(data)
        try:
            pdf = self._filled(data, chunked, files)
        except CannotFill as error:
            self._reason = str(error)
            self.counts.in_full[self._reason] += 1
            return render(data)
        self.counts.filled += 1
        return pdf

    def take_reason(self) -> str:
        """Why a record was rendered in full since this was asked last; empty if none was."""
        reason, self._reason = self._reason, ""
        return reason

    def _filled(self, data: RecordData, chunked: Chunked, files: tuple[AttachedFile, ...]) -> bytes:
        shape = f"{chunked.shape(data, files)} {set_for(chunked.values.values())}"
        known, failure = self._known(shape), "a shape that has no template"
        for template in known:
            try:
                return template.fill(data, chunked, files)
            except CannotFill as error:
                failure = str(error)
        if self._tries[shape] >= LAYOUTS:
            raise CannotFill(failure)
        self._tries[shape] += 1
        try:
            template = compile_template(data, chunked, files)
        except GlyphMissing:
            raise CannotFill("a character that no bundled font draws") from None
        pdf = template.fill(data, chunked, files)
        known.append(template)
        self.counts.compiled += 1
        return pdf

    def _known(self, shape: str) -> list[Template]:
        """The templates of a shape, the one used last at the end of all."""
        known = self._templates.setdefault(shape, [])
        self._templates.move_to_end(shape)
        if len(self._templates) > SHAPES:
            gone, _ = self._templates.popitem(last=False)
            del self._tries[gone]
        return known
