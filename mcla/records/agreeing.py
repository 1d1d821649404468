# SPDX-License-Identifier: Apache-2.0
"""What `record.json` says must be what was signed: the statement in the attached bundle, opened and measured again.

The bundle itself is verified by `mcla.verify`; here everything that the record tells beyond it is compared with it: the
exact documents with the digests that were signed, the person with the identity commitment, the files with the root.
"""

import base64
import hashlib
from typing import Any

from mcla.artifacts.manifest import Manifest, ManifestEntry, parse_manifest
from mcla.envelope.bundle import Bundle, parse_bundle
from mcla.envelope.certificate import read_leaf
from mcla.envelope.sct import certified_at
from mcla.envelope.timestamp import read_timestamp
from mcla.errors import MclaError
from mcla.log.merkle import leaf_hash
from mcla.records.contents import Contents
from mcla.records.errors import SealInvalid
from mcla.records.fields import SECRET, Personal, read_personal
from mcla.records.names import BUNDLE_JSON, COUNTER_JSON, MANIFEST_JSON, SHOWN_TXT, Step
from mcla.records.text import folded
from mcla.statements.commitment import Person, commit_title, opens
from mcla.statements.company import CompanyRef
from mcla.statements.parts import format_time
from mcla.statements.statement import Acceptance, Contribution, parse_statement


def check_agreeing(contents: Contents) -> str:
    """Says what was compared; raises `SealInvalid` (`agreeing`) naming the first difference."""
    try:
        bundle = parse_bundle(contents.attachments[BUNDLE_JSON])
        statement = parse_statement(bundle.envelope.payload)
        if not isinstance(statement, Acceptance | Contribution):
            raise SealInvalid("agreeing", f"a statement of type {statement.TYPE} has no record of its own")
        _check_statement(contents.record, bundle, statement)
        _check_documents(contents, statement)
        _check_course(contents.record["events"], bundle, statement)
        personal = _check_person(contents.record, statement)
        _check_shown(contents, personal, statement)
        _check_company(contents.record["signer"].get("company"), statement)
        _check_counter(contents)
        if isinstance(statement, Contribution):
            _check_contribution(contents, statement)
    except SealInvalid:
        raise
    except (MclaError, LookupError, TypeError, ValueError) as error:
        raise SealInvalid("agreeing", f"record.json does not fit its attachments: {error}") from error
    return _said(personal)


def _said(personal: Personal) -> str:
    withheld = f"; this is a redacted copy, which withholds {', '.join(personal.withheld)}" if personal.withheld else ""
    return f"record.json says what was signed{withheld}"


def _check_statement(record: dict[str, Any], bundle: Bundle, statement: Acceptance | Contribution) -> None:
    kind = "acceptance" if isinstance(statement, Acceptance) else "contribution"
    _same("type", kind, record["type"])
    _same("statement", hashlib.sha256(bundle.envelope.payload).hexdigest(), record["act"]["statement"])
    _same("service", statement.service, record["service"])
    _same("foundation", statement.foundation, record["foundation"]["slug"])
    _same("key holder", statement.key_holder, record["act"]["keyHolder"])
    _same("time of signing", _time(bundle), record["act"]["signedAt"])
    consent = record["act"]["consent"]
    _same("button", statement.consent.button, consent["button"])
    _same("consent", statement.consent.sha256, hashlib.sha256(consent["text"].encode()).hexdigest())
    _same("consent's digest", statement.consent.sha256, consent["sha256"])
    entry, log = bundle.entry, record["log"]
    _same("log", entry.checkpoint.split("\n", 1)[0], log["origin"])
    _same("log entry", (entry.log_index, leaf_hash(entry.body).hex()), (log["index"], log["leaf"]))
    _same("tree", (entry.tree_size, entry.root.hex()), (log["treeSize"], log["root"]))
    _same("inclusion proof", [one.hex() for one in entry.proof], log["proof"])


def _check_course(events: list[dict[str, Any]], bundle: Bundle, statement: Acceptance | Contribution) -> None:
    """The steps are there, each once and in their order; of three the bundle says itself when they were."""
    told = {Step(one["event"]): one["at"] for one in events}
    known = [step.value for step in Step if step in told or step is not Step.SHOWN]
    certified = certified_at(read_leaf(bundle.certificate).certificate)
    _same("course of events", known, [one["event"] for one in events])
    _same("time of the statement", format_time(statement.created_at), told[Step.MADE])
    _same(
        "time of the certificate",
        format_time(certified),
        told[Step.CERTIFIED],
    )
    _same("time of the signature", _time(bundle), told[Step.SIGNED])


def _check_shown(contents: Contents, personal: Personal, statement: Acceptance | Contribution) -> None:
    """The attached words of the page are those whose digest is told, and hold what the signer agreed to.

    A redacted copy carries none, and what the page said stands in no other place.
    """
    text = contents.attachments.get(SHOWN_TXT)
    if personal.withheld:
        return _same("text of the page, which no copy has,", None, text)
    _same("text of the page", personal.fields["pageText"].value, hashlib.sha256(text).hexdigest() if text else None)
    if text is not None:
        page, consent = folded(text.decode()), contents.record["act"]["consent"]
        for words in (*consent["text"].split("\n"), statement.consent.button):
            if folded(words) not in page:
                raise SealInvalid("agreeing", f"the page that was shown does not say: {words[:60]}")
    return None


def _check_documents(contents: Contents, statement: Acceptance | Contribution) -> None:
    meant, told = statement.agreement, contents.record["agreement"]
    _same("agreement", (meant.slug, meant.version, meant.digest), (told["slug"], told["version"], told["digest"]))
    _same("agreement's text", meant.text, told["text"])
    documents = {one["path"]: one for one in told["documents"]}
    named = [ManifestEntry(path, one["sha256"], one["size"]) for path, one in documents.items()]
    _same("documents of the agreement", meant.digest, Manifest.of(named).root)
    _same("agreement's text", meant.text, documents["agreement.md"]["sha256"])
    _same("agreement's text", "agreement.md", documents["agreement.md"].get("attachment"))
    for one in documents.values():
        if "attachment" in one:
            got = hashlib.sha256(contents.attachments[one["attachment"]]).hexdigest()
            _same(f"document {one['path']}", one["sha256"], got)


def _check_person(record: dict[str, Any], statement: Acceptance | Contribution) -> Personal:
    """The name on the page is the one that was committed to when the statement was signed.

    Of a redacted copy only the digests can be compared, which the seal holds to: what is withheld opens nothing.
    """
    personal, opening, signer = read_personal(record["personal"]), record["identityOpening"], record["signer"]
    _same("signer", (statement.signer, statement.capacity), (signer["uri"], signer["capacity"]))
    salt = base64.b64encode(statement.salt).decode()
    _same("commitment", (statement.identity_commitment, salt), (opening["commitment"], opening["salt"]))
    _same("list of what is withheld", list(personal.withheld), record.get("redacted", {"withheld": []})["withheld"])
    if not personal.withheld:
        _check_opening(personal, signer["account"]["provider"], statement)
    return personal


def _check_opening(personal: Personal, provider: str, statement: Acceptance | Contribution) -> None:
    told = {name: field.value for name, field in personal.fields.items()}
    salt, secret = base64.b64encode(statement.salt).decode(), base64.b64decode(str(told[SECRET]))
    subject, name, login = (str(told[each]) for each in ("subject", "name", "login"))
    person = Person(provider, subject, name, login, told["email"])
    if not opens(statement.identity_commitment, secret, person, salt):
        raise SealInvalid("agreeing", "the person named is not the one that the signature commits to")
    named = _signed_for(statement)
    if named is not None:
        _same("title", named.title_commitment, commit_title(secret, str(told["title"]), salt))


def _check_company(told: dict[str, Any] | None, statement: Acceptance | Contribution) -> None:
    """The company that the statement names, or the confirmation by which it is found; and none where there is none."""
    given_for = statement.company if isinstance(statement, Contribution) else None
    named = _signed_for(statement)
    _same("company", named is not None or given_for is not None, told is not None)
    if told is not None:
        _same("affiliation", given_for.to_dict() if given_for else None, told["affiliation"])
        known = tuple(told[name] for name in ("name", "jurisdiction", "registration"))
        _same("company", (named.name, named.jurisdiction, named.registration) if named else known, known)
        _check_names(told)
        _same("power to sign", named.power if named else "", told["power"])


def _check_names(company: dict[str, Any]) -> None:
    """Each change begins with what the one before it left, and the name that was signed with is one of these."""
    names = [(company["name"], company["registration"])]
    for place, change in enumerate(company.get("changes", ())):
        was, new = ((one["name"], one["registration"]) for one in (change["was"], change))
        names = [was, new] if place == 0 else [*names, new]
        _same("former name of the company", names[-2], was)
    if (company["name"], company["registration"]) not in names:
        raise SealInvalid("agreeing", "the company in record.json is none of those that its changes name")


def _signed_for(statement: Acceptance | Contribution) -> CompanyRef | None:
    """The company that the statement itself names."""
    return statement.grantor if isinstance(statement, Contribution) else statement.company


def _check_counter(contents: Contents) -> None:
    """What is told of the foundation's counter-signature is what its own bundle says."""
    told = contents.record.get("counterSignature")
    if COUNTER_JSON not in contents.attachments:
        return _same("counter-signature", None, told)
    bundle = parse_bundle(contents.attachments[COUNTER_JSON])
    signed = hashlib.sha256(bundle.envelope.payload).hexdigest()
    by = parse_statement(bundle.envelope.payload).signer
    meant = {"signer": by, "signedAt": _time(bundle), "statement": signed, "logIndex": bundle.entry.log_index}
    return _same("counter-signature", meant, told)


def _time(bundle: Bundle) -> str:
    """That of the timestamp, to the second, as records tell it."""
    return format_time(read_timestamp(bundle.timestamp).time)


def _check_contribution(contents: Contents, statement: Contribution) -> None:
    told, meant = contents.record["contribution"], statement.manifest
    manifest = parse_manifest(contents.attachments[MANIFEST_JSON])
    _same("manifest", meant.root, manifest.root)
    _same("files", {"root": meant.root, "files": meant.files, "bytes": meant.bytes}, told["manifest"])
    _same("project", (statement.project, statement.kind), (told["project"]["slug"], told["kind"]))
    _same("schedule", statement.schedule, told["schedule"])
    _same("declarations", dict(statement.declarations), told["declarations"])
    _same("list of answers", sorted(statement.declarations), sorted(one["key"] for one in told["answers"]))
    rests_on, tensors = statement.acceptance, statement.tensors
    _same("acceptance", rests_on.to_dict() if rests_on else None, told["acceptance"])
    _same("tensors", tensors.to_dict() if tensors else None, told["tensors"])
    _same("earlier signatures", [each.to_dict() for each in statement.earlier], told["earlier"])


def _same(what: str, signed: object, told: object) -> None:
    if signed != told:
        raise SealInvalid("agreeing", f"the {what} in record.json is another than was signed")
