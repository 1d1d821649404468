# SPDX-License-Identifier: Apache-2.0
"""What a provider owes for an open model too, and what a file says besides: who answers, whose rights, whose seals."""

from collections.abc import Sequence
from typing import TypeAlias

from mcla.exports.ai_act import ACT, opt_outs, says, training_content
from mcla.exports.certification import SENTENCES, Certification, Standing
from mcla.exports.evidence import Evidence, Item, of
from mcla.exports.release import Release, known_licence
from mcla.exports.training_content import fields_of
from mcla.wording import Worded

Vouched: TypeAlias = tuple[Certification, Standing]


def provider(release: Release) -> Item:
    del release  # no declaration names who places a model on the market
    missing = (
        Worded("name and contact of the provider"),
        Worded("the authorised representative, if it is outside the EU"),
    )
    return Item("provider", Worded("Who places the model on the market?"), f"{ACT}, Art. 53(1), 54", missing=missing)


def copyright_policy(release: Release) -> Item:
    seen, untold = opt_outs(release.given)
    missing = (Worded("the policy itself"), *untold)
    asks = Worded("Is there a policy to respect copyright and reservations of rights?")
    return Item("copyright-policy", asks, f"{ACT}, Art. 53(1)(c)", tuple(map(Evidence, seen)), (), missing)


def training_summary(release: Release) -> Item:
    evidence, missing = training_content(release.given)
    fields = fields_of(release)
    filled = sum(bool(each.declared) for each in fields)
    of_all = Worded("%(filled)s of %(all)s fields of the template hold a declaration", filled=filled, all=len(fields))
    told = [Evidence(of_all)] if evidence else []
    missing = (Worded("the summary itself, by the official template"), *missing)
    asks = Worded("Is there a public summary of what it was trained on?")
    return Item("training-summary", asks, f"{ACT}, Art. 53(1)(d)", (*told, *map(Evidence, evidence)), (), missing)


def rights(release: Release) -> Item:
    evidence = [
        of(each, Worded(
            "given under %(agreement)s %(version)s, sha256:%(digest)s: %(standing)s",
            agreement=each.statement.agreement.slug, version=each.statement.agreement.version,
            digest=each.statement.agreement.digest, standing=each.standing,
        ))
        for each in release.given
    ]  # fmt: skip
    unlisted = [each for each in release.given if each.manifest is None and each.statement.manifest.files > 1]
    missing = [says(each, Worded("the list of its files, beside the proof")) for each in unlisted]
    missing += [] if evidence else [Worded("a signed contribution")]
    asks = Worded("Who gave each part, and may it be passed on?")
    return Item("rights", asks, Worded("the signed contributions"), tuple(evidence), (), tuple(missing))


def code_of_practice(release: Release) -> Item:
    del release  # it is the provider's, and no part of any contribution
    missing = (Worded("whether the provider has signed a code of practice, and which parts"),)
    asks = Worded("Does the provider rely on a code of practice?")
    return Item("code-of-practice", asks, f"{ACT}, Art. 53(4), 56", missing=missing)


def certification(release: Release, vouched: Sequence[Vouched] = ()) -> Item:
    """What others vouch for: only a certification that holds, and that is about something in the release."""
    about = [(each, standing) for each, standing in vouched if is_about(release, each)]
    evidence = [_vouches(release, each) for each, standing in about if standing == "holds"]
    missing = [SENTENCES[standing] for _, standing in about if standing != "holds"]
    missing += [Worded("it is about nothing in this release")] if len(about) < len(vouched) else []
    missing += [] if evidence else [_NONE_ATTACHED]
    asks = Worded("Has anybody certified something?")
    source = Worded("none asks for it: the Act knows no certified licence")
    return Item("certification", asks, source, tuple(evidence), (), tuple(missing))


_NONE_ATTACHED = Worded("no record of a certification with its issuer and signature is attached, so none is claimed")


def is_about(release: Release, certification: Certification) -> bool:
    """Whether it is about a licence that a part goes out under, or about a file or a manifest of the release."""
    licences = {found.id for each in release.given if each.outbound and (found := known_licence(each.outbound))}
    return certification.about.licence in licences or _part_of(release, certification) is not None


def _part_of(release: Release, certification: Certification) -> str | None:
    """The root of the contribution that holds what it is about."""
    digest = certification.about.artifact_sha256
    for each in release.given:
        if digest and (digest == each.statement.root or any(digest == sha256 for _, sha256, _ in each.files())):
            return each.statement.root
    return None


def _vouches(release: Release, each: Certification) -> Evidence:
    about, expires = each.about.licence or f"sha256:{each.about.artifact_sha256}", each.expires.date()
    sentence = Worded(
        "%(issuer)s certifies %(about)s under %(scheme)s, until %(expires)s: %(statement)s",
        issuer=each.issuer, about=about, scheme=each.scheme, expires=expires, statement=each.statement,
    )  # fmt: skip
    return Evidence(sentence, _part_of(release, each))
