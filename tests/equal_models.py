# SPDX-License-Identifier: Apache-2.0
"""Models as their contents alone, for tests: tensors by what is in them, given with or without their list."""

import hashlib
from collections.abc import Mapping
from typing import Any

from record_kinds import ANSWERS
from signing_walk import Holder, certify

from app.identity.ports import Actor
from mcla.artifacts.manifest import ManifestEntry
from mcla.artifacts.tensors import Tensor, TensorSet
from mcla.statements.parts import TensorsRef


def model(**contents: int) -> TensorSet:
    """Tensors of these sizes, each with a content of its own name."""
    tensors = (
        Tensor(f"layer.{name}", "U8", (size,), size, hashlib.sha256(name.encode()).hexdigest())
        for name, size in contents.items()
    )
    return TensorSet.of([("model", tensors)])


def entries(name: str, tensors: TensorSet, **others: bytes) -> list[ManifestEntry]:
    """The files of a model: its weights, and others with their contents."""
    weights = hashlib.sha256(f"{name}{tensors.root}".encode()).hexdigest()
    extra = [ManifestEntry(path, hashlib.sha256(data).hexdigest(), len(data)) for path, data in others.items()]
    return [ManifestEntry(f"{name}.safetensors", weights, tensors.total_bytes + 100), *extra]


def give(
    services: Any,
    actor: Actor,
    files: list[ManifestEntry],
    tensors: TensorSet,
    outbound: str,
    *bases: Mapping[str, str],
    listed: bool = True,
) -> str:
    """Give a model; returns the contribution's id."""
    answers: dict[str, Any] = ANSWERS | {"title": files[0].path, "bases": list(bases), "outbound": outbound}
    if not bases:
        answers = {name: each for name, each in answers.items() if name not in ("bases", "base_compute")}
        answers["relation"] = "scratch"
    ref = TensorsRef(tensors.root, len(tensors.tensors), tensors.total_bytes)
    signing = services.signing.draft_contribution(actor, "tiny-llm", "weights", tuple(files), answers, "browser", ref)
    holder = Holder()
    certify(services, actor, signing, holder)
    done = services.signing.complete(actor, signing.id, holder.signature(signing.statement), consent=True)
    if listed:
        services.tensor_lists.keep(actor, done.id, tensors)
    return str(done.id)


def base_of(files: list[ManifestEntry], licence: str) -> dict[str, str]:
    """A row that names the first of these files as a base."""
    return {"name": "a model given here", "sha256": files[0].sha256, "relation": "fine-tune", "licence": licence}
