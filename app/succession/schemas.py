# SPDX-License-Identifier: Apache-2.0
"""A preview as JSON, for scripts that decide before something is published. Field names are a contract."""

from typing import Any

from app.succession.counting import Standing
from app.succession.service import Preview
from mcla.artifacts.digest import format_digest


def preview_out(found: Preview) -> dict[str, Any]:
    """What publishing would do; `replaces`, `class` and the counts are null for the first version of an agreement.

    `counted` says what one signer is. `if_declared` is null where a person's word would change nothing.
    """
    compared = found.comparison.to_dict() if found.comparison else {"class": None, "kinds": [], "changes": []}
    return {
        "agreement": found.read.slug,
        "version": found.read.version,
        "digest": format_digest(found.read.digest),
        "replaces": _version(found.replaces.version, found.replaces.digest) if found.replaces else None,
        **compared,
        "text": [
            {
                "title": part.title,
                "state": part.state,
                "paragraphs": [[{"kind": run.kind, "text": run.text} for run in runs] for runs in part.paragraphs],
            }
            for part in found.text
        ],
        "counted": found.counted,
        "by_rules": _standing(found.standing) if found.standing else None,
        "if_declared": _standing(found.declared) if found.declared and found.needs_word else None,
    }


def _version(version: str, digest: str) -> dict[str, str]:
    return {"version": version, "digest": format_digest(digest)}


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "signers": standing.signers,
        "covered": standing.covered,
        "again": standing.again,
        "by_kind": dict(standing.by_kind),
        "of_kinds": standing.of_kinds,
        "uncovered": standing.uncovered,
    }
