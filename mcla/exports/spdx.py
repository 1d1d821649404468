# SPDX-License-Identifier: Apache-2.0
"""A release as SPDX 3.0.1 (JSON-LD, with the classes of its AI and Dataset profiles).

Nothing is filled in by guess: a licence that nobody declared is no assertion, no licence is ever concluded, and a
profile is claimed only where every element has what it asks for. Every id follows from the content, so that the same
release gives the same document but for its time. `releaseTime` is that of the signed statement: when its supplier gave
it. Which contribution says what stands in the statement, whose digest is that of the `evidence`.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from mcla import __version__
from mcla.artifacts.digest import sha256_hex
from mcla.exports.release import MODELS, Release
from mcla.exports.spdx_graph import CREATION, Names, Part, relationship
from mcla.exports.spdx_packages import elements_of
from mcla.statements.parts import format_time

CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
_ALL = ("releaseTime", "software_downloadLocation", "software_primaryPurpose")
_ASKED = {
    "ai_AIPackage": (*_ALL, "suppliedBy", "software_packageVersion"),
    "dataset_DatasetPackage": (*_ALL, "originatedBy", "builtTime"),
}
"""What the class asks for in the profile's text, beyond what its schema checks."""
_PROFILES = {"ai_AIPackage": "ai", "dataset_DatasetPackage": "dataset"}


def document(release: Release, now: datetime) -> Part:
    """The document as JSON values."""
    names = _names(release)
    maker = names.element("SoftwareAgent", "maker", "mcla", name=f"mcla {__version__}")
    elements = _unique([maker, *_release(release, names)])
    profiles, lacking = _profiles(elements)
    ids = [each["spdxId"] for each in elements]
    bom = names.element("software_Sbom", "bom", rootElement=[names.of("release")], element=ids)
    whole = {"rootElement": [bom["spdxId"]], "element": [*ids, bom["spdxId"]], "profileConformance": profiles}
    comment = {"comment": "Not claimed: " + "; ".join(lacking)} if lacking else {}
    made = names.element("SpdxDocument", "document", name=f"{release.name} {release.version}", **whole, **comment)
    creation = {
        "type": "CreationInfo",
        "@id": CREATION,
        "created": format_time(now),
        "createdBy": [maker["spdxId"]],
        "specVersion": "3.0.1",
    }
    return {"@context": CONTEXT, "@graph": [creation, made, bom, *elements]}


def _names(release: Release) -> Names:
    """The ids of this release: those of the same contributions under the same name and version."""
    statements = sorted(sha256_hex(each.statement.to_bytes()) for each in release.given)
    named = "\n".join([release.name, release.version, *statements])
    return Names(f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, named)}")


def _release(release: Release, names: Names) -> Iterable[Part]:
    purpose = "model" if any(each.statement.kind in MODELS for each in release.given) else "data"
    root = names.element(
        "software_Package",
        "release",
        name=release.name,
        software_packageVersion=release.version,
        software_primaryPurpose=purpose,
    )
    yield root
    packages = []
    for given in release.given:
        package, *others = elements_of(given, names)
        packages.append(package["spdxId"])
        yield from (package, *others)
    if packages:
        yield relationship(names, root["spdxId"], "contains", packages, complete="complete")


def _unique(elements: Iterable[Part]) -> list[Part]:
    """Each element once, by its id: one licence, base or signer may stand in many contributions."""
    return list({each["spdxId"]: each for each in elements}.values())


def _profiles(elements: Iterable[Part]) -> tuple[list[str], list[str]]:
    """The profiles that hold, and for each that does not hold why not."""
    lacking: dict[str, set[str]] = {}
    for each in elements:
        for name in _ASKED.get(each["type"], ()):
            if name not in each:
                lacking.setdefault(_PROFILES[each["type"]], set()).add(name.rpartition("_")[2])
    held = [profile for profile in _PROFILES.values() if profile not in lacking]
    told = [f"the {profile} profile, for want of {', '.join(sorted(names))}" for profile, names in lacking.items()]
    return ["core", "software", "simpleLicensing", *held], told
