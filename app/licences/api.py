# SPDX-License-Identifier: Apache-2.0
"""Licences over the API: the list and single records. The data change with a release only, so answers carry ETags."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from app.contributions.schemas.digests import DigestPath
from app.licences.asked import LicencesAsked
from app.licences.schemas.harbour import SafeHarbourOut, harbour_out
from app.licences.schemas.known import LicenceOut, LicencesOut, licence_out, licences_out
from app.licences.schemas.lineage import LineageOut, lineage_out
from app.licences.schemas.question import EXAMPLE, LicenceAnswerOut, LicenceQuestionIn
from app.licences.schemas.use import USE_EXAMPLE, UseAnswerOut, UseQuestionIn
from app.licences.service import Asked
from app.platform.bodies import UNCHANGED, problems
from app.platform.security import Access, access, limiter
from app.platform.tagged import tagged_json
from app.wiring import services
from mcla.licences.registry import registry
from mcla.tiers.facts import read_use

bp = APIBlueprint("licences_api", __name__, url_prefix="/api/v1", tag="Licences")


@bp.get("/licences")
@bp.output(LicencesOut)
@bp.doc(
    operation_id="listLicences",
    summary="The licences that are known, a line each",
    description="Screening, not legal advice: own words and digests, no texts.",
    responses={304: UNCHANGED, **problems()},
)
@access(Access.PUBLIC)
def list_licences() -> Response:
    return tagged_json(licences_out(registry()))


@bp.get("/licences/<name>")
@bp.output(LicenceOut)
@bp.doc(
    operation_id="getLicence",
    summary="One licence as facts",
    description="By its id, or by another name, hub tags among them. A name that stands for several texts is refused "
    "with 409: only the words of the text tell which one it is.",
    responses={304: UNCHANGED, **problems(404, 409)},
)
@access(Access.PUBLIC)
def get_licence(name: str) -> Response:
    return tagged_json(licence_out(registry().get(name), registry()))


@bp.get("/licences/<name>/safe-harbour")
@bp.output(SafeHarbourOut)
@bp.doc(
    operation_id="getSafeHarbour",
    summary="What a licence does for the open-source exemption of the EU's AI Act",
    description="Conditions and duties, each met, lost or open, with its source. A screening, no certification: only "
    "what `certifications` has with `certified` true was certified, by the issuer that it names.",
    responses={304: UNCHANGED, **problems(404, 409)},
)
@access(Access.PUBLIC)
def get_safe_harbour(name: str) -> Response:
    licence = registry().get(name)
    return tagged_json(harbour_out(licence, services().certifications.of_licence(licence.id)))


@bp.post("/licences/check")
@limiter.limit("120/minute")
@bp.input(LicenceQuestionIn, location="json", example=EXAMPLE)
@bp.output(LicenceAnswerOut)
@bp.doc(
    operation_id="checkLicences",
    summary="May an artifact with these bases go out under these terms",
    description="The worst finding wins: `allowed`, `needs-notice`, `needs-review`, `denied`. What is not given is not "
    "known, and nothing is allowed by default. `mcla licences check` answers the same without a service. With "
    "`project` its policy kept here settles debated points, else `policy` does.",
    responses=problems(400, 404, 413, 415, 422, 429),
)
@access(Access.PUBLIC)
def check_licences(json_data: LicencesAsked) -> dict[str, Any]:
    return dict(services().licences.check(json_data))


@bp.post("/licences/evaluate")
@limiter.limit("120/minute")
@bp.input(UseQuestionIn, location="json", example=USE_EXAMPLE)
@bp.output(UseAnswerOut)
@bp.doc(
    operation_id="evaluateUse",
    summary="What a licence, or terms in tiers, say about an intended use",
    description="`effect` is the strictest that may come out of what is known, `at_best` the mildest; `unknown` are "
    "the facts that would settle it. What is not given is not known, and never permits.",
    responses=problems(400, 404, 409, 413, 415, 422, 429),
)
@access(Access.PUBLIC)
def evaluate_use(json_data: UseQuestionIn) -> dict[str, Any]:
    asked = Asked(**json_data.model_dump(exclude={"use"}))
    return services().licences.evaluate(read_use(json_data.use), asked).to_dict()


@bp.get("/artifacts/<digest>/lineage")
@bp.input(DigestPath, location="path")
@bp.output(LineageOut)
@bp.doc(
    operation_id="getLineage",
    summary="What an artifact rests on and what was made from it, as public contributions claim it",
    description="Both ways, at any distance up to a limit (`whole` says whether it was met). Contradictions, circles "
    "and bases that nobody gave are told as they are. Nothing under an embargo makes a claim here.",
    responses=problems(400),
)
@access(Access.PUBLIC)
def get_lineage(digest: str, path_data: DigestPath) -> dict[str, Any]:
    del path_data  # documents the pattern; the service says in words what is wrong
    return lineage_out(services().licences.lineage(digest))
