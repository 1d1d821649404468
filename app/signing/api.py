# SPDX-License-Identifier: Apache-2.0
"""The signing API: draft, certify, sign, and the public files that let anybody verify without this service."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, request

from app.identity.actor import signed_in
from app.platform.bodies import UNCHANGED, problems
from app.platform.security import WRITES, Access, access, form_secret, limiter
from app.platform.tagged import conditional
from app.signing import schemas
from app.signing.earlier import Earlier
from app.signing.errors import OmsUnsigned
from app.signing.shown import read_state
from app.signing.values import Completed, Office, Seen, SigningInfo
from app.wiring import services
from mcla.artifacts.manifest import ManifestEntry
from mcla.envelope.bundle import MEDIA_TYPE as BUNDLE_TYPE
from mcla.envelope.dsse import PAYLOAD_TYPE
from mcla.envelope.encoding import decode_base64, encode_base64
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import TensorsRef
from mcla.verify.trust import client_trust_config

bp = APIBlueprint("signing_api", __name__, tag="Signing")
BEARER: list[str | dict[str, list[Any]]] = [{"bearer": []}, {"session": []}]
TRUST: Any = {"description": "The trust file", "content": {"application/json": {"schema": {"type": "object"}}}}
OMS_STATEMENT: Any = {
    "description": "An in-toto statement with the names and digests of the files, and nothing else.",
    "content": {PAYLOAD_TYPE: {"schema": {"type": "object"}}},
}
BUNDLE: Any = {
    "description": "A Sigstore bundle v0.3, as a file to keep; it holds no name, login or address.",
    "content": {BUNDLE_TYPE: {"schema": {"type": "object"}}},
}


@bp.post("/api/v1/signings")
@limiter.limit(WRITES)
@bp.input(schemas.SigningIn, location="json", examples=schemas.SIGNING_EXAMPLES)
@bp.output(schemas.SigningOut, status_code=201, description="The exact statement to be shown and signed")
@bp.doc(
    operation_id="createSigning",
    summary="Ask for a statement to sign",
    description="Stores the statement for 30 minutes and shows exactly what would be signed. Nothing is signed yet.",
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    security=BEARER,
)
@access(Access.SIGNED_IN)
def create_signing(json_data: schemas.SigningIn) -> dict[str, Any]:
    wanted, signing, actor = json_data.root, services().signing, signed_in()
    if isinstance(wanted, schemas.AcceptanceIn):
        company = services().companies.facts(**wanted.company.model_dump()) if wanted.company else None
        return told(signing.draft_acceptance(actor, wanted.agreement, wanted.version, wanted.key_holder, company))
    if isinstance(wanted, schemas.WithdrawalIn):
        return told(signing.draft_withdrawal(actor, wanted.ends, wanted.reason, wanted.stage, wanted.key_holder))
    services().projects.project(wanted.project)  # an unknown project is told before faults of the files are
    files = [ManifestEntry(file.path, file.sha256, file.size) for file in wanted.files]
    declared, holder = wanted.declarations, wanted.key_holder
    tensors = TensorsRef(**wanted.tensors.model_dump()) if wanted.tensors else None
    earlier = [_earlier(each) for each in wanted.earlier]
    office = Office(**wanted.office.model_dump()) if wanted.office else None
    ways = wanted.company, wanted.agreement, office
    return told(
        signing.draft_contribution(actor, wanted.project, wanted.kind, files, declared, holder, tensors, earlier, *ways)
    )


@bp.get("/api/v1/signings/<signing_id>")
@bp.output(schemas.SigningOut, description="The signing, with its outcome once it is complete")
@bp.doc(
    operation_id="getSigning",
    summary="One of your signings",
    responses=problems(401, 404),
    security=BEARER,
)
@access(Access.SIGNED_IN)
def get_signing(signing_id: str) -> dict[str, Any]:
    return told(services().signing.signing(signed_in(), signing_id))


@bp.post("/api/v1/signings/<signing_id>/certificate")
@limiter.limit(WRITES)
@bp.input(schemas.CertificateIn, location="json", example=schemas.CERTIFICATE_EXAMPLE)
@bp.output(schemas.CertificateOut, description="The one certificate of this signing; it lives ten minutes")
@bp.doc(
    operation_id="certifySigning",
    summary="Certify a one-use key",
    description="Proof of possession first; P-256 only; once for each signing; for exactly the statement shown.",
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    security=BEARER,
)
@access(Access.SIGNED_IN)
def certify_signing(signing_id: str, json_data: schemas.CertificateIn) -> dict[str, Any]:
    key = decode_base64(json_data.public_key, "public_key")
    proof = decode_base64(json_data.proof, "proof")
    made = services().signing.certify(signed_in(), signing_id, key, proof, json_data.statement_sha256)
    return {"certificates": [encode_base64(der) for der in made.certificates], "not_after": made.not_after}


@bp.post("/api/v1/signings/<signing_id>/signature")
@limiter.limit(WRITES)
@bp.input(schemas.SignatureIn, location="json", example=schemas.SIGNATURE_EXAMPLE)
@bp.output(
    schemas.CompletedOut, status_code=201, description="Signed, recorded in the log, and provable from the bundle"
)
@bp.doc(
    operation_id="completeSigning",
    summary="Sign and record",
    description="Answers when the signature is in the public log. The same request again gives the same answer.",
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    security=BEARER,
)
@access(Access.SIGNED_IN)
def complete_signing(signing_id: str, json_data: schemas.SignatureIn) -> dict[str, Any]:
    signature = decode_base64(json_data.signature, "signature")
    oms = decode_base64(json_data.oms_signature, "oms_signature") if json_data.oms_signature else None
    page = read_state(json_data.page, signing_id, form_secret()) if json_data.page else None
    seen = Seen(page, json_data.zone_offset)
    done = services().signing.complete(signed_in(), signing_id, signature, oms, seen, consent=json_data.consent)
    return outcome(done)


@bp.get("/api/v1/signings/<signing_id>/oms-statement")
@bp.doc(
    operation_id="getSigningOmsStatement",
    summary="The list of the files that the same key may sign as well (OpenSSF Model Signing)",
    responses={200: OMS_STATEMENT, **problems(401, 404)},
    security=BEARER,
)
@access(Access.SIGNED_IN)
def get_oms_statement(signing_id: str) -> Response:
    payload = services().signing.oms_statement(signed_in(), signing_id)
    if payload is None:
        raise OmsUnsigned("An acceptance has no list of files.")
    return current_app.response_class(payload, content_type=PAYLOAD_TYPE)


@bp.get("/api/v1/signatures/<signature_id>/bundle")
@limiter.limit(WRITES, exempt_when=lambda: "compat" not in request.args)
@bp.input(schemas.BundleQuery, location="query")
@bp.doc(
    operation_id="getSignatureBundle",
    summary="The public bundle of an accepted agreement",
    responses={200: BUNDLE, 304: UNCHANGED, **problems(404, 422, 429)},
)
@access(Access.PUBLIC)
def get_signature_bundle(signature_id: str, query_data: schemas.BundleQuery) -> Response:
    older = query_data.compat is not None
    bundle = services().signing.signature_bundle(signature_id, older=older)
    return bundle_file(signature_id, bundle, forever=not older)


@bp.get("/.well-known/mcla/trusted_root.json")
@bp.doc(
    operation_id="getTrustedRoot",
    summary="The keys that a verifier needs (Sigstore trusted_root.json v0.1)",
    description="Get it once over a channel you trust and pin its SHA-256; the rest can then be checked offline.",
    tags=["Trust"],
    responses={200: TRUST, 304: UNCHANGED, **problems()},
)
@access(Access.PUBLIC)
def get_trusted_root() -> Response:
    return _public_file(services().trust.to_json())


@bp.get("/.well-known/mcla/client_trust_config.json")
@bp.input(schemas.ProjectQuery, location="query")
@bp.doc(
    operation_id="getClientTrustConfig",
    summary="The same keys for `sigstore --trust-config`, and where stock clients may sign",
    tags=["Trust"],
    responses={200: TRUST, 304: UNCHANGED, **problems(404, 422)},
)
@access(Access.PUBLIC)
def get_client_trust_config(query_data: schemas.ProjectQuery) -> Response:
    found, certifier = services(), None
    if query_data.project is not None:
        certifier = f"{found.settings.origin}/api/projects/{found.projects.project(query_data.project).slug}"
    issuers = found.identity.tokens.sigstore_issuers()
    return _public_file(client_trust_config(found.trust, found.settings.origin, certifier, issuers))


def _earlier(named: schemas.EarlierIn) -> Earlier:
    return Earlier(named.log_index, decode_base64(named.statement, "statement") if named.statement else None)


def told(info: SigningInfo) -> dict[str, Any]:
    """The JSON of a signing; its owner is the only one who gets it."""
    return {
        "id": info.id,
        "type": info.type,
        "state": info.state,
        "key_holder": info.key_holder,
        "statement": info.statement.decode(),
        "statement_sha256": info.statement_sha256,
        "payload_type": PAYLOAD_TYPE,
        "consent": {"text": info.consent.text, "sha256": info.consent.sha256, "button": info.consent.button},
        "signer": {"uri": info.signer.uri, "name": info.signer.name, "account": info.signer.account},
        "expires_at": info.expires_at,
        "review_url": info.review_url,
        "ends": info.ends,
        "not_drawn": list(services().records.not_drawn(info)),
        "result": outcome(info.result) if info.result else None,
    }


def outcome(done: Completed) -> dict[str, Any]:
    """The JSON of a recorded signature."""
    return {
        "type": done.type,
        "id": done.id,
        "url": done.url,
        "bundle_url": done.bundle_url,
        "record_url": done.record_url,
        "log_index": done.log_index,
        "bundle": dict(done.bundle),
    }


def bundle_file(identifier: str, bundle: Any, *, forever: bool = True, name: str = "sigstore.json") -> Response:
    """A bundle as a download; `identifier` was found in the database, so it is fit for a file name.

    One that is not stored carries the proof against the newest head, so it is not the same for ever.
    """
    response = current_app.response_class(canonical_json(bundle), content_type=BUNDLE_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{identifier}.{name}"'
    response.headers["Cache-Control"] = f"public, max-age={31536000 if forever else 300}{', immutable' * forever}"
    return conditional(response)


def _public_file(content: bytes) -> Response:
    response = current_app.response_class(content, content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return conditional(response)
