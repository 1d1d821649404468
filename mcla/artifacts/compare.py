# SPDX-License-Identifier: Apache-2.0
"""How much of one model is in another: tensors with the same content, under the same name or another one.

Only equal bits count. Where dtype, precision or layout changed, the lineage is lost to this comparison: it then says
"changed" or "new" and guesses nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mcla.artifacts.tensors import Tensor, TensorSet


@dataclass(frozen=True, slots=True)
class Renamed:
    """A tensor of the new set whose content the old one has under the name `before`."""

    before: str
    tensor: Tensor


@dataclass(frozen=True)
class Comparison:
    """Every tensor of `new` stands in exactly one of `same`, `renamed`, `changed`, `added`.

    `missing` are those of `old` whose name and content are both gone.
    """

    old: TensorSet
    new: TensorSet
    same: tuple[Tensor, ...]
    renamed: tuple[Renamed, ...]
    changed: tuple[Tensor, ...]
    added: tuple[Tensor, ...]
    missing: tuple[Tensor, ...]

    @property
    def kept(self) -> tuple[Tensor, ...]:
        """The tensors of the new set whose content the old one has, under whatever name."""
        return (*self.same, *(each.tensor for each in self.renamed))

    @property
    def kept_bytes(self) -> int:
        return sum(tensor.size for tensor in self.kept)

    @property
    def per_mille_of_bytes(self) -> int:
        """The share of the new set's bytes that is kept, rounded down: 1000 means every byte."""
        if len(self.kept) == len(self.new.tensors):
            return 1000
        return min(999, self.kept_bytes * 1000 // max(1, self.new.total_bytes))


def compare(old: TensorSet, new: TensorSet) -> Comparison:
    """What became of the tensors of `old` in `new`."""
    before, after = _by_name(old), _by_name(new)
    names = _names_by_content(old, after)
    same = [one for one in new.tensors if one.name in before and before[one.name].sha256 == one.sha256]
    kept = {one.name for one in same}
    rest = [one for one in new.tensors if one.name not in kept]
    renamed = [Renamed(names[one.sha256], one) for one in rest if one.sha256 in names]
    others = [one for one in rest if one.sha256 not in names]
    contents = {one.sha256 for one in new.tensors}
    return Comparison(
        old=old,
        new=new,
        same=tuple(same),
        renamed=tuple(renamed),
        changed=tuple(one for one in others if one.name in before),
        added=tuple(one for one in others if one.name not in before),
        missing=tuple(one for one in old.tensors if one.name not in after and one.sha256 not in contents),
    )


def _by_name(tensors: TensorSet) -> dict[str, Tensor]:
    return {one.name: one for one in tensors.tensors}


def _names_by_content(old: TensorSet, after: Iterable[str]) -> dict[str, str]:
    """One name for each content: of tied tensors the first whose name is gone, as that one was renamed."""
    return dict(reversed(list(_candidates(old, set(after)))))


def _candidates(old: TensorSet, after: set[str]) -> Iterator[tuple[str, str]]:
    for gone in (True, False):
        for one in old.tensors:
            if (one.name not in after) is gone:
                yield one.sha256, one.name
