# SPDX-License-Identifier: Apache-2.0
"""A release as CycloneDX ML-BOM (ECMA-424; 1.6 and 1.7): contributions as components, bases as their ancestors.

Licences are those that were declared, by SPDX id where there is one. What nobody declared is absent. The serial number
follows from the content, so that the same release gives the same document but for its time.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from mcla import __version__
from mcla.exports.release import DATA, MODELS, Given, Release, known_licence
from mcla.exports.spdx_licences import expression
from mcla.statements.parts import format_time

Spec = Literal["1.6", "1.7"]
Part = dict[str, Any]


def ml_bom(release: Release, now: datetime, spec: Spec = "1.6") -> Part:
    """The document as JSON values."""
    refs = [f"contribution-{number}" for number in range(1, len(release.given) + 1)]
    named = "\n".join([release.name, release.version, *(each.statement.root for each in release.given)])
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{spec}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": spec,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, named)}",
        "version": 1,
        "metadata": {
            "timestamp": format_time(now),
            "tools": {"components": [{"type": "application", "name": "mcla", "version": __version__}]},
            "component": {
                "type": "machine-learning-model",
                "bom-ref": "release",
                "name": release.name,
                "version": release.version,
            },
        },
        "components": [_component(each, ref) for each, ref in zip(release.given, refs, strict=True)],
        "dependencies": [{"ref": "release", "dependsOn": refs}, *({"ref": ref} for ref in refs)],
        "compositions": [{"aggregate": "incomplete", "assemblies": ["release"]}],
    }


def _component(given: Given, ref: str) -> Part:
    stated, files = given.statement, list(given.files())
    kind = "machine-learning-model" if stated.kind in MODELS else "data" if stated.kind in DATA else "file"
    component: Part = {"type": kind, "bom-ref": ref, "name": given.title, "version": stated.root[:16]}
    if len(files) == 1:
        component["hashes"] = [_hash(files[0][1])]
    else:
        component["components"] = [
            {"type": "file", "name": path, "hashes": [_hash(sha256)]} for path, sha256, _ in files
        ]
    component |= {"licenses": [_licence(given.outbound)]} if given.outbound else {}
    component |= _model_card(given) if kind == "machine-learning-model" else {}
    component |= _data(given) if kind == "data" else {}
    ancestors = [_ancestor(each) for each in given.rows("bases")]
    component |= {"pedigree": {"ancestors": ancestors}} if ancestors else {}
    proof = {"type": "attestation", "url": given.place, "comment": "Where the service tells of the signed contribution"}
    # A component without files of its own is refused by readers: an empty list says nothing.
    return {name: each for name, each in component.items() if each != []} | {
        "externalReferences": [proof],
        "properties": _properties(given),
    }


def _properties(given: Given) -> list[Part]:
    stated = given.statement
    told = {
        "mcla:kind": stated.kind,
        "mcla:project": stated.project,
        "mcla:signer": stated.signer,
        "mcla:agreement": f"{stated.agreement.slug} {stated.agreement.version}",
        "mcla:agreement:sha256": stated.agreement.digest,
        "mcla:manifest:root": stated.root,
        "mcla:standing": given.standing,
        **({"mcla:tensors:root": stated.tensors.root} if stated.tensors else {}),
        **{f"mcla:declared:{key}": text for key in ("relation", "personal_data", "opt_outs", "screened")
           if (text := given.text(key))},
    }  # fmt: skip
    return [{"name": name, "value": value} for name, value in told.items()]


def _model_card(given: Given) -> Part:
    parameters: Part = {}
    if architecture := given.text("architecture"):
        parameters["modelArchitecture"] = architecture
    if datasets := [_dataset(each) for each in given.rows("training_data")]:
        parameters["datasets"] = datasets
    return {"modelCard": {"modelParameters": parameters}} if parameters else {}


def _data(given: Given) -> Part:
    sources = [_dataset(each) for each in given.rows("sources")]
    return {"data": sources or [{"type": "dataset", "name": given.title}]}


def _dataset(row: Mapping[str, str]) -> Part:
    dataset: Part = {"type": "dataset", "name": row["name"]}
    if "url" in row:
        dataset["contents"] = {"url": row["url"]}
    if "owner" in row:
        dataset["governance"] = {"owners": [{"organization": {"name": row["owner"]}}]}
    if "licence" in row:
        dataset["description"] = f"Licence or other ground as declared: {row['licence']}"
    return dataset


def _ancestor(row: Mapping[str, str]) -> Part:
    kind = "data" if row.get("relation") in ("trained-on-data", "dataset-derived") else "machine-learning-model"
    ancestor: Part = {"type": kind, "name": row["name"]}
    ancestor |= {"version": row["revision"]} if "revision" in row else {}
    ancestor |= {"hashes": [_hash(row["sha256"])]} if "sha256" in row else {}
    ancestor |= {"licenses": [_licence(row["licence"])]} if "licence" in row else {}
    told = {f"mcla:{name}": row[name] for name in ("relation", "retrieved", "licence_sha256") if name in row}
    return ancestor | {"properties": [{"name": name, "value": value} for name, value in told.items()]}


def _licence(text: str) -> Part:
    found = known_licence(text)
    if found is None and (said := expression(text)) is not None:
        return {"expression": said, "acknowledgement": "declared"}
    named: Part = {"id": found.spdx} if found and found.spdx else {"name": found.id if found else text}
    return {"license": named | {"acknowledgement": "declared"}}


def _hash(sha256: str) -> Part:
    return {"alg": "SHA-256", "content": sha256}
