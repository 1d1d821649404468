# SPDX-License-Identifier: Apache-2.0
"""Files for people, as Markdown: what stands where comes first, what somebody declared can be no markup."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mcla.exports import safe_harbour, training_content
from mcla.exports.ai_act import DISCLAIMER
from mcla.exports.evidence import Evidence, Item, counts
from mcla.exports.release import Release
from mcla.exports.safe_harbour_duties import Vouched

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~!&])")


def harbour_text(release: Release, vouched: Sequence[Vouched] = ()) -> str:
    """The file of evidence for the exemption, with what others have `vouched` for."""
    items = safe_harbour.items_of(release, vouched)
    lines = [
        f"# Evidence for the AI Act's open-source exemption: {_plain(release.name)} {_plain(release.version)}",
        "",
        f"{_counted(counts(items))}. {DISCLAIMER}",
    ]
    for number, item in enumerate(items, 1):
        lines += ["", f"## {number}. {item.asks}", "", f"**{item.standing}** · {item.source}", "", *_of_item(item)]
    return "\n".join(lines)


def _of_item(item: Item) -> Iterator[str]:
    yield from (f"- {_with_root(each)}" for each in item.evidence)
    yield from (f"- against: {_with_root(each)}" for each in item.against)
    yield from (f"- missing: {_plain(each)}" for each in item.missing)


def content_text(release: Release) -> str:
    """The fields of the training-content template."""
    fields = training_content.fields_of(release)
    lines = [
        f"# Public summary of training content, draft: {_plain(release.name)} {_plain(release.version)}",
        "",
        f"{_counted(training_content.counts(fields))}. {training_content.DISCLAIMER}",
        "",
        f"Template: {training_content.SOURCE}.",
    ]
    section = ""
    for field in fields:
        if field.ask.section != section:
            section = field.ask.section
            lines += ["", f"## {section} {training_content.SECTIONS[section]}", ""]
        lines += _of_field(field)
    return "\n".join(lines)


def _of_field(field: training_content.Field) -> Iterator[str]:
    yield f"- **{field.ask.words}**: {field.state}"
    yield from (f"  - {_with_root(each)}" for each in field.declared)
    yield from (f"  - missing of: {_plain(each)}" for each in field.missing)


def _with_root(told: Evidence) -> str:
    where = f" (sha256:{told.root[:16]}…)" if told.root else ""
    return _plain(told.sentence) + where


def _counted(several: Mapping[Any, int]) -> str:
    return ", ".join(f"{number} {word}" for word, number in several.items())


def _plain(text: str) -> str:
    """Words of others on one line, none of them markup."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
