# SPDX-License-Identifier: Apache-2.0
"""`mcla tensors`: the digests of a model's tensors, a root that outlives resharding, and how much two models share."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.cli.counts import count_tensors
from mcla.cli.failure import WrongUsage
from mcla.cli.options import no_cache
from mcla.cli.output import Output, current, plain, speaks
from mcla.cli.progress import size_text

if TYPE_CHECKING:
    from mcla.artifacts.compare import Comparison
    from mcla.artifacts.scan import Measured
    from mcla.artifacts.tensors import TensorSet

SHOWN = 12


@click.command("tensors")
@click.argument(
    "paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, readable=False, path_type=Path)
)
@click.option("--compare", "comparing", is_flag=True, help="Say how much of the first model is in the second.")
@no_cache
@speaks
def command(paths: tuple[Path, ...], comparing: bool, no_cache: bool) -> None:
    """Print the digests of tensors and the root over all of them.

    FILE is a safetensors file, or a folder of shards. The root stays the same when metadata is edited or the tensors
    are spread over other files. With --compare, give two: mcla tensors --compare OLD NEW.
    """
    output = current()
    if not comparing:
        files, tensors = _read(paths, output, cache=not no_cache)
        _show(files, tensors, output)
        return
    if len(paths) != 2:
        why = f"expected two, each a file or a folder of shards, got {len(paths)}"
        raise WrongUsage("There is nothing to compare.", why=why, hint="mcla tensors --compare OLD NEW")
    from mcla.artifacts.compare import compare

    (_, old), (_, new) = (_read([path], output, cache=not no_cache) for path in paths)
    _show_comparison(compare(old, new), output)


def _read(paths: Sequence[Path], output: Output, *, cache: bool) -> "tuple[list[Measured], TensorSet]":
    """The safetensors files below `paths`; what is named itself counts as one whatever it is called."""
    from mcla.artifacts.safetensors import is_safetensors
    from mcla.cli.hashing import found_files, measured, tensor_set

    named = {path.name for path in paths if not path.is_dir()}
    found = [item for item in found_files(paths, output) if is_safetensors(item.path) or item.path in named]
    files = measured(found, output, cache=cache, tensors=lambda _: True)
    return files, tensor_set(files)


def _show(files: "Sequence[Measured]", tensors: "TensorSet", output: Output) -> None:
    if output.json:
        output.document(
            _summary(tensors)
            | {"tensors": [one.to_dict() for one in tensors.tensors]}
            | {"files": [file.entry.to_dict() for file in sorted(files, key=lambda file: file.path.encode())]}
        )
        return
    lines = [f"{one.sha256}  {one.dtype:<8} {_shape(one.shape)}  {plain(one.name, keep='')}" for one in tensors.tensors]
    total = f"{count_tensors(len(tensors.tensors))}, {size_text(tensors.total_bytes)}"
    output.data("\n".join([*lines, f"{tensors.root}  root of {total}"]))


def _show_comparison(found: "Comparison", output: Output) -> None:
    if output.json:
        output.document(_comparison(found))
        return
    of_all = f"{len(found.kept):,} of {count_tensors(len(found.new.tensors))}"
    share = f"{found.per_mille_of_bytes / 10:g} % of bytes"
    output.data(click.style(f"{of_all}, {share}", bold=True) + " are the same")
    rows = [
        ("same", [one.name for one in found.same], "name and content"),
        ("renamed", [f"{each.before} -> {each.tensor.name}" for each in found.renamed], "same content, another name"),
        ("changed", [one.name for one in found.changed], "same name, other content"),
        ("missing", [one.name for one in found.missing], "only in the first"),
        ("new", [one.name for one in found.added], "only in the second"),
    ]
    for word, names, meaning in rows:
        output.data(f"  {word:<8} {len(names):>7,}  {meaning}")
        for name in names[:SHOWN] if word != "same" else []:
            output.data(f"                    {plain(name, keep='')}")
        if word != "same" and len(names) > SHOWN:
            output.data(f"                    and {len(names) - SHOWN:,} more: --json lists them all")


def _comparison(found: "Comparison") -> dict[str, Any]:
    return {
        "old": _summary(found.old),
        "new": _summary(found.new),
        "kept": {
            "count": len(found.kept),
            "bytes": found.kept_bytes,
            "percent_of_bytes": found.per_mille_of_bytes / 10,
        },
        "same": _names(found.same),
        "renamed": [{"from": each.before, "to": each.tensor.name} for each in found.renamed],
        "changed": _names(found.changed),
        "missing": _names(found.missing),
        "added": _names(found.added),
    }


def _summary(tensors: "TensorSet") -> dict[str, Any]:
    return {"root": tensors.root, "count": len(tensors.tensors), "bytes": tensors.total_bytes}


def _names(tensors: Iterable[Any]) -> list[str]:
    return [one.name for one in tensors]


def _shape(shape: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, shape))}]"
