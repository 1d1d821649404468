# SPDX-License-Identifier: Apache-2.0
"""Running heads and feet: no part of what is read aloud (PDF/UA-1, 7.8), and drawn once for all pages that share them.

The renderer marks what stands in the margins of a page like text, and leaves its elements outside the structure tree.
Here it becomes a pagination artifact, and what is the same on several pages becomes a form that each of them draws: the
pages of the agreement are then the same bytes in every record, although the record's id stands on each.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.records.slim import bytes_of, freed, object_of, pages_of, parent_tree

_ARTIFACT = (b"/Artifact", b"<</Type/Pagination>>", b"BDC")


@dataclass(frozen=True, slots=True)
class _Unit:
    """One line of text among the operations of a page: from its marked content's begin to behind its end."""

    start: int
    end: int
    drawn: tuple[bytes, ...]


def set_apart(pdf: Any) -> None:
    """Make artifacts and forms of what stands in the margins; before the tree is made smaller."""
    pages = pages_of(pdf)
    contents = [object_of(pdf, page["Contents"]) for page in pages]
    for content in contents:
        content.stream = [bytes_of(operation) for operation in content.stream]
    listed = set(_document(pdf)["K"])
    units = [
        list(_in_margins(pdf, nums, one.stream, listed)) for nums, one in zip(parent_tree(pdf), contents, strict=False)
    ]
    times = Counter(unit.drawn for found in units for unit in found)
    forms: dict[tuple[bytes, ...], bytes] = {}
    for page, content, found in zip(pages, contents, units, strict=True):
        shared = [unit for unit in found if times[unit.drawn] > 1]
        key = tuple(operation for unit in shared for operation in (b"q", *unit.drawn, b"Q"))
        if key and key not in forms:
            forms[key] = _form(pdf, page, key, len(forms))
        content.stream = _set(content.stream, found, shared, forms.get(key))


def _document(pdf: Any) -> Any:
    """The element that everything is in which is read."""
    return object_of(pdf, object_of(pdf, pdf.catalog["StructTreeRoot"])["K"][0])


def _in_margins(pdf: Any, nums: Any, operations: Sequence[bytes], listed: Collection[bytes]) -> Iterator[_Unit]:
    """The lines of a page whose elements are in no tree; these are taken away, and with them their places in `nums`."""
    above: set[int] = set()
    for start, operation in enumerate(operations):
        if operation.startswith(b"<</MCID "):
            number = int(operation[8:-2])
            line = _line(pdf, nums[number])
            if line[-1].reference not in listed:
                above |= {element.number for element in line}
                nums[number] = b"null"
                end = operations.index(b"EMC", start) + 1
                yield _Unit(start - 1, end, tuple(operations[start + 2 : end - 1]))
    for each in above:
        pdf.objects[each] = freed()
    while nums and nums[-1] == b"null":
        nums.pop()


def _line(pdf: Any, reference: Any) -> list[Any]:
    """The element that a line's content belongs to, and all that it is in, but for the document."""
    line = [object_of(pdf, reference)]
    while (parent := object_of(pdf, line[-1]["P"]))["S"] != "/Document":
        line.append(parent)
    return line


def _form(pdf: Any, page: Any, drawn: Sequence[bytes], number: int) -> bytes:
    """A form that draws these operations where it is told to; returns the operation that tells."""
    import pydyf

    resources = object_of(pdf, page["Resources"])
    own = pydyf.Dictionary({name: resources[name] for name in ("Font", "ExtGState", "ColorSpace")})
    box = pydyf.Array([-10_000, -10_000, 10_000, 10_000])
    form = pydyf.Stream(list(drawn), {"Type": "/XObject", "Subtype": "/Form", "BBox": box, "Resources": own})
    pdf.add_object(form)
    resources["XObject"][f"Run{number}"] = form.reference
    return b"/Run%d Do" % number


def _set(
    operations: Sequence[bytes], units: Sequence[_Unit], shared: Sequence[_Unit], form: bytes | None
) -> list[bytes]:
    """The operations of a page with its units as artifacts, the shared ones in its form."""
    out: list[bytes] = []
    place = 0
    for unit in units:
        out += operations[place : unit.start]
        if unit not in shared:
            out += (*_ARTIFACT, *unit.drawn, b"EMC")
        elif unit is shared[0] and form:
            out += (*_ARTIFACT, form, b"EMC")
        place = unit.end
    return _without_empty(out + list(operations[place:]))


def _without_empty(operations: Sequence[bytes]) -> list[bytes]:
    """Without graphics states that are saved and restored for nothing."""
    out: list[bytes] = []
    for operation in operations:
        if operation == b"Q" and out and out[-1] == b"q":
            out.pop()
        else:
            out.append(operation)
    return out
