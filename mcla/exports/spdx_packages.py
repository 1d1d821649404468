# SPDX-License-Identifier: Apache-2.0
"""One contribution as elements of SPDX: its package and files, what it rests on, its agreement, its statement."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from mcla.artifacts.digest import sha256_hex
from mcla.exports.release import DATA, MODELS, Given
from mcla.exports.spdx_graph import Names, Part, hashed, identified, relationship
from mcla.exports.spdx_licences import declared
from mcla.statements.parts import format_time

_PRESENCE = {"none": "no", "special": "yes"}
"""Answers on data about people that say something of sensitive data; every other leaves it open."""
_TYPES = {"text": "text", "tables": "structured", "image": "image", "audio": "audio", "video": "video",
          "code": "other", "other": "other"}  # fmt: skip
_PURPOSES = {"code": "source", "recipe": "configuration", "tokenizer": "model"}
_RELATIONS = {
    "trained-on-data": "trainedOn",
    "trained-on-outputs": "trainedOn",
    "distillation": "trainedOn",
    "eval-set": "testedOn",
    "tokenizer": "dependsOn",
    "code": "dependsOn",
    "recipe": "dependsOn",
}
"""How SPDX names a relation to a base; whatever is made from a base is its descendant."""
_SETS = ("trained-on-data", "dataset-derived", "eval-set")


def elements_of(given: Given, names: Names) -> Iterator[Part]:
    """The package first, then whatever belongs to it."""
    stated = given.statement
    package, signer = _package(given, names), _signer(given, names)
    start = package["spdxId"]
    yield from (package, signer)
    yield from declared(names, start, given.outbound)
    files = [_file(names, start, path, sha256) for path, sha256, _ in given.files()]
    yield from files
    if files:
        whole = len(files) == stated.manifest.files
        to = [each["spdxId"] for each in files]
        yield relationship(names, start, "contains", to, complete="complete" if whole else "incomplete")
    yield from _papers(given, names, start)
    for row in given.rows("bases"):
        yield from _base(names, start, row)
    for key, kind in (("training_data", "trainedOn"), ("sources", "descendantOf")):
        for row in given.rows(key):
            yield from _source(names, start, row, kind)
    for key in ("generators", "generated_by"):
        for row in given.rows(key):
            yield from _generator(names, start, row)


def _package(given: Given, names: Names) -> Part:
    stated = given.statement
    kind = stated.kind
    signer, moment = names.of("agent", stated.signer), format_time(stated.created_at)
    members: Part = {
        "name": given.title,
        "comment": f"{kind}, given for {stated.project}. {given.standing}",
        "software_packageVersion": stated.root[:16],
        "software_primaryPurpose": "model" if kind in MODELS else "data" if kind in DATA else _PURPOSES.get(kind),
        "software_downloadLocation": _address(given.text("published_at")),
        "suppliedBy": signer,
        "releaseTime": moment,
        "externalIdentifier": identified(f"sha256:{stated.root}", "root of its manifest", [given.place]),
    }
    type_ = "software_Package"
    if kind in DATA:
        type_, members = "dataset_DatasetPackage", members | _data(given) | {"originatedBy": [signer]}
    elif kind in MODELS:
        type_, members = "ai_AIPackage", members | _model(given)
    return names.element(type_, "contribution", sha256_hex(stated.to_bytes()), **members)


def _model(given: Given) -> Part:
    parts = {"made by": "relation", "recipe": "recipe", "computing": "compute", "opt-outs": "opt_outs",
             "screening": "screened"}  # fmt: skip
    training = [f"{words}: {told}" for words, key in parts.items() if (told := given.shown(key))]
    evaluation, changed = given.text("evaluation"), given.text("safeguards_changed")
    return {
        "description": given.shown("parameters"),
        "ai_typeOfModel": [given.text("architecture")] if given.text("architecture") else [],
        "ai_informationAboutTraining": "; ".join(training),
        "ai_metric": [{"type": "DictionaryEntry", "key": "evaluation", "value": evaluation}] if evaluation else [],
        "ai_limitation": changed if given.text("safeguards") == "weakened" else None,
        "ai_useSensitivePersonalInformation": _PRESENCE.get(given.text("personal_data") or "", "noAssertion"),
    }


def _data(given: Given) -> Part:
    told = given.statement.declarations.get("modality")
    modalities = [_TYPES.get(str(each), "other") for each in told] if isinstance(told, list | tuple) else []
    process = [text for key in ("collection", "crawler") if (text := given.text(key))]
    return {
        "dataset_datasetType": list(dict.fromkeys(modalities)) or ["noAssertion"],
        "dataset_datasetSize": given.statement.manifest.bytes,
        "dataset_dataCollectionProcess": "; ".join(process),
        "dataset_dataPreprocessing": [text] if (text := given.text("changes")) else [],
        "dataset_knownBias": [text] if (text := given.text("bias")) else [],
        "dataset_intendedUse": given.text("intended_use"),
        "dataset_hasSensitivePersonalInformation": _PRESENCE.get(given.text("personal_data") or "", "noAssertion"),
    }


def _signer(given: Given, names: Names) -> Part:
    """Who gave it: a person or a company behind an opaque address."""
    signer = given.statement.signer
    return names.element("Agent", "agent", signer, externalIdentifier=identified(signer, "signer", [signer]))


def _file(names: Names, package: str, path: str, sha256: str) -> Part:
    return names.element("software_File", "file", package, path, name=path, verifiedUsing=hashed(sha256))


def _papers(given: Given, names: Names, start: str) -> Iterator[Part]:
    """The agreement, by the digest of its text, and the signed statement, by that of its bytes."""
    stated, agreement = given.statement, given.statement.agreement
    paper = names.element(
        "software_File", "agreement", agreement.digest, agreement.text,
        name=f"{agreement.slug} {agreement.version}",
        software_primaryPurpose="documentation",
        verifiedUsing=hashed(agreement.text),
        externalIdentifier=identified(f"sha256:{agreement.digest}", "root over its documents"),
    )  # fmt: skip
    digest = sha256_hex(stated.to_bytes())
    statement = names.element(
        "software_File", "statement", digest,
        name="signed statement", software_primaryPurpose="evidence", verifiedUsing=hashed(digest),
    )  # fmt: skip
    yield from (paper, statement)
    yield relationship(names, start, "other", [paper["spdxId"]], "given under this agreement", "complete")
    yield relationship(names, start, "hasEvidence", [statement["spdxId"]])


def _base(names: Names, start: str, row: Mapping[str, str]) -> Iterator[Part]:
    relation = row.get("relation", "")
    type_ = "dataset_DatasetPackage" if relation in _SETS else "ai_AIPackage"
    if relation in ("code", "recipe"):
        type_ = "software_Package"
    words = ("relation", "retrieved", "licence_sha256")
    comment = "; ".join(f"{word}: {row[word]}" for word in words if row.get(word))
    yield from _other(names, start, row, type_, _RELATIONS.get(relation, "descendantOf"), comment)


def _source(names: Names, start: str, row: Mapping[str, str], kind: str) -> Iterator[Part]:
    words = ("retrieved", "licence_sha256")
    comment = "; ".join(f"{word}: {row[word]}" for word in words if row.get(word))
    yield from _other(names, start, row, "dataset_DatasetPackage", kind, comment)


def _generator(names: Names, start: str, row: Mapping[str, str]) -> Iterator[Part]:
    yield from _other(names, start, row, "ai_AIPackage", "descendantOf", "made by this model")


def _other(names: Names, start: str, row: Mapping[str, str], type_: str, kind: str, comment: str) -> Iterator[Part]:
    """Something of somebody else's that the contribution stands in a relation to, as declared."""
    owner = names.element("Agent", "owner", row["owner"], name=row["owner"]) if row.get("owner") else None
    words = (type_, *(f"{name}={row[name]}" for name in sorted(row) if name not in ("relation", "retrieved")))
    members = {
        "name": row.get("name", ""),
        "software_packageVersion": row.get("revision"),
        "software_primaryPurpose": {"dataset_DatasetPackage": "data", "ai_AIPackage": "model"}.get(type_),
        "software_homePage": _address(row.get("url")),
        "verifiedUsing": hashed(row["sha256"]) if row.get("sha256") else [],
        "originatedBy": [owner["spdxId"]] if owner else [],
        "dataset_datasetType": ["noAssertion"] if type_ == "dataset_DatasetPackage" else [],
    }
    other = names.element(type_, "other", *words, **members)
    yield from ([other, owner] if owner else [other])
    yield from declared(names, other["spdxId"], row.get("licence"))
    yield relationship(names, start, kind, [other["spdxId"]], comment)


def _address(text: str | None) -> str | None:
    """An address on the web, where the text is one; anything else says nothing of where to get something."""
    try:
        parts = urlsplit(text) if text and not any(map(str.isspace, text)) else None
    except ValueError:
        return None
    return text if parts and parts.scheme in ("http", "https") and parts.hostname else None
