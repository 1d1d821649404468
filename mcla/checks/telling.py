# SPDX-License-Identifier: Apache-2.0
"""What an answer says: one sentence of what is, one of what to do next, for a maintainer with ten seconds.

Codes are a contract with scripts; the words may change.
"""

from collections.abc import Sequence
from dataclasses import replace

from mcla.checks.answer import ArtifactAnswer, KindAnswer, Said, SubjectAnswer, Word
from mcla.checks.change import Unread
from mcla.checks.facts import Exemption, Given
from mcla.statements.parts import Kind

SHOWN = 3

NO_RESPONSIBLE_HUMAN = Said(
    "not-covered",
    "no-responsible-human",
    "Only agents made this change, and agents sign nothing.",
    "Let a person who has signed open it, or take part as author: somebody has to answer for it.",
)
POLICY_UNUSABLE = Said(
    "unknown",
    "policy-unusable",
    "The repository's .mcla.toml cannot be read, so nothing can be checked by it.",
    "Correct .mcla.toml on the base branch (`policy.problem` says where), or keep a copy on the service.",
)
POLICY_TOO_LARGE = Said(
    "unknown",
    "policy-too-large",
    "The repository's .mcla.toml has too many paths for so many changed files at once.",
    "Use fewer paths, check the files in several parts, or let the foundation keep the policy on the service.",
)
ADDRESS_NEEDS_TOKEN = Said(
    "unknown",
    "address-needs-token",
    "The commit names an e-mail address and no account. An address is looked up only for callers with a token.",
    "Let the author link the address with an account at the forge; or give the job a token with checks:read. Staff can "
    "exempt a co-author that is a bot or an agent.",
)
ADDRESS_UNKNOWN = Said(
    "unknown",
    "address-unknown",
    "The commit names an address that nobody who signed in here has verified, and no account. It may be mistyped.",
    "Correct the commit or its trailer, or let the author link the address with an account at the forge. Staff can "
    "exempt a co-author that is a bot or an agent.",
)
ADDRESS_AMBIGUOUS = Said(
    "unknown",
    "address-ambiguous",
    "Two people have verified the address that the commit names, so it does not tell who is meant.",
    "Let the author link the address with an account at the forge, so that commits name the account.",
)
ADDRESS_ALONE = Said(
    "unknown",
    "address-alone",
    "The commit names an address alone, and anybody can write that; the opener's own account does not vouch for it.",
    "Let its owner link the address with an account at the forge, or open the change.",
)
ADDRESS_NOT_ACCEPTED = Said(
    "unknown",
    "address-not-accepted",
    "The commit names an address and no account, and the policy accepts accounts alone.",
    "Let the author link the address with an account at the forge, so that commits name the account.",
)
EXEMPT_ADDRESS_ALONE = Said(
    "unknown",
    "exempt-address-alone",
    "The commit names an exempt address as its author, and anybody can type that; no exempt account opened the change.",
    "Let the bot commit with its account at the forge, and staff exempt that account by its number; or let it open the "
    "change with an exempt account.",
)
SAME_TENSORS = Said(
    "not-covered",
    "same-tensors",
    "Not these bytes were given but the same tensors in another file, and the policy does not accept that.",
    'Give this file too, or let the policy say same_tensors = "accept".',
)
SIZE_CONTRADICTS = Said(
    "unknown",
    "size-contradicts",
    "A contribution lists this digest with another size, so one of the two sizes is wrong.",
    "Compute digest and size again from the file or its LFS pointer.",
)
HIDDEN_UNFIT = Said(
    "not-covered",
    "contribution-unfit",
    "A contribution lists this file but does not cover it here. It is not public, so no more is told.",
    "Ask whoever gave the file; they see the reason.",
)

_UNIDENTIFIED = {
    "opener-missing": (
        "The check was not told who opened the change.",
        "Send the opener's account id; `mcla check` reads it from the event that started the job.",
    ),
    "login-only": (
        "The commit names a login without the account's id. Logins change hands, so a login proves nobody.",
        "Let the job send the account's numeric id, or the author use an address that holds it (ID+login@…).",
    ),
    "unidentified": (
        "The commit names no account and no address.",
        "Let the author set user.name and user.email and commit again; correct a mistyped trailer.",
    ),
    "identity-contradictory": (
        "The forge names one account and the commit's address holds the number of another.",
        "Let the author commit again with an address of the very account.",
    ),
    "provider-unknown": (
        "The account is at a provider that this service does not know.",
        "Name the provider as this service does, or ask its operator to add it.",
    ),
}
_UNREAD: dict[Unread, str] = {
    "symlink": "This is a link, which has no bytes of its own to be covered.",
    "submodule": "This is a commit of another repository, whose files are not checked here.",
    "unreadable": "The file's bytes and its LFS pointer could not be read, so its digest is not known.",
    "pointer-without-filter": "This is the text of a Git LFS pointer that .gitattributes does not hand to Git LFS: a "
    "checkout gets the text, not the file that it names.",
}


def of_then(said: Said) -> Said:
    """What is said about a time that was asked about: doing the next step changes no answer about it."""
    if said.next is None:
        return said
    return replace(said, next=f"{said.next} It counts from then on: ask without as_of, which says how it is now.")


def unidentified(code: str) -> Said:
    """Of somebody who cannot be told."""
    reason, step = _UNIDENTIFIED[code]
    return Said("unknown", code, reason, step)


def exempt(exemption: Exemption) -> Said:
    """Of a bot or an agent."""
    what, until = exemption.what, exemption.until.date().isoformat()
    return Said("covered", f"exempt-{what}", f"Exempt as {_a(what)} until {until}: {exemption.reason}")


def of_kind(answer: KindAnswer, kind: Kind) -> KindAnswer:
    """The answer on one kind as a check gives it: with nobody of this account, it is known that nobody signed."""
    if answer.code in ("account-unknown", "agreement-not-signed"):
        return KindAnswer("not-covered", "not-signed", f"No agreement that covers {kind} was signed.")
    return answer


def of_person(label: str, kind: Kind, answer: KindAnswer, url: str | None) -> Said:
    """Of an account, from the answer on the kind that says worst."""
    if answer.word == "covered":
        return Said("covered", answer.code, _signed(answer))
    where = f" at {url}" if url else ""
    reason, step = _MISSING.get(answer.code, (answer.sentence, "Ask {label} to sign{where}."))
    return Said(answer.word, answer.code, reason.format(kind=kind), step.format(label=label, where=where))


_MISSING = {
    "not-signed": (
        "Has not signed an agreement that covers {kind}.",
        "Ask {label} to sign{where}; then ask again, no new commit is needed.",
    ),
    "claimed": (
        "Has an old signature on record from another system, and that covers nothing here.",
        "Ask {label} to sign in with this very account and to sign the current version{where}.",
    ),
    "acceptance-ended": (
        "Had signed, and has ended it since: it covers nothing new.",
        "Ask {label} whether to sign again{where}.",
    ),
    "agreement-outdated": (
        "Signed an older version; the current one asks for a new signature for {kind}.",
        "Ask {label} to sign the current version{where}.",
    ),
    "company-entry-over": (
        "Was covered by a company, and its list does not cover this account any more.",
        "Ask {label} to have the company's manager renew the entry, or to sign for themselves{where}.",
    ),
}


def _signed(answer: KindAnswer) -> str:
    basis = answer.basis
    if basis is None:
        return answer.sentence
    by = "Covered by a company under" if basis.path == "company" else "Signed"
    return f"{by} {basis.slug} {basis.version} (log entry {basis.log_index})."


def unread(why: Unread) -> Said:
    """Of what has no digest; a pointer that stands for nothing is known not to be the file that it names."""
    if why == "pointer-without-filter":
        step = "Let Git LFS have it (git lfs track PATH, and commit .gitattributes), or commit the file itself."
        return Said("not-covered", why, _UNREAD[why], step)
    step = 'Check out what it stands for, or exclude the path by a rule with kind = "none" before this one.'
    return Said("unknown", why, _UNREAD[why], step)


def spelt_otherwise(said: Said) -> Said:
    """What is said of a file, where its path is the rule's but for letter case or Unicode form."""
    why = "Its path differs from the rule's in letter case or Unicode form alone, and some systems make no difference."
    return replace(said, reason=f"{said.reason} {why}")


def not_given(project: str, kind: Kind | None, url: str | None) -> Said:
    """Of a file that no contribution to the project lists."""
    reason = f"Nobody has given this file to {project}" + (f" as {kind}." if kind else ".")
    step = f"Its owner gives it with `mcla sign FILE --project {project} --kind {kind or 'KIND'}`"
    return Said("not-covered", "not-given", reason, step + (f" or at {url}." if url else "."))


def given(found: Given) -> Said:
    """Of a file that is covered."""
    if not found.open:
        return Said("covered", "covered", "Covered by a contribution that is not public.")
    basis = found.basis
    rests = f"{basis.slug} {basis.version} (log entry {basis.log_index})"
    if found.found == "same-tensors":
        return Said("covered", "same-tensors", f"The same tensors were given as {found.kind} in other bytes: {rests}.")
    what = "Given" if found.found == "file" else "Given with a folder"
    return Said("covered", "covered", f"{what} as {found.kind} under {rests}.")


def other_kind(got: str, wanted: str) -> Said:
    step = f"Give it as {wanted}, or correct the rule's kind in the policy."
    return Said("not-covered", "other-kind", f"It was given as {got}; the policy asks for {wanted} here.", step)


def not_proven(sentence: str) -> Said:
    step = "Tell the operator of the service; `mcla verify` shows every step."
    return Said("not-covered", "contribution-unproven", f"The contribution's proof does not hold: {sentence}", step)


def standing(found: Given) -> Said | None:
    """What speaks against a contribution that is not in force."""
    match found.state:
        case "in-force":
            return None
        case "pending":
            step = "Ask the foundation to counter-sign the offer; until then nothing of it is used."
            return Said("unknown", "offer-pending", "It was offered, and the foundation has not answered yet.", step)
        case "unknown":
            step = "Ask again with a newer list of withdrawals."
            return Said("unknown", "contribution-unknown", found.sentence, step)
        case state:
            step = "Leave the file out, or ask its owner to give it again."
            return Said("not-covered", f"contribution-{state}", _ENDS[state], step)


_ENDS = {
    "ended": "It was given, and has been taken back since.",
    "declined": "It was offered, and the foundation declined.",
    "lapsed": "It was offered, and the foundation did not answer in time.",
}


def agreement(found: Given, wanted: Sequence[str]) -> Said | None:
    if not wanted or found.basis.slug in wanted:
        return None
    step = f"Give it under {_or(wanted)}, or add {found.basis.slug} to the rule."
    reason = f"Given under {found.basis.slug}; the policy asks for {_or(wanted)}."
    return Said("not-covered", "agreement-not-allowed", reason, step)


def schedule(found: Given, wanted: str | None) -> Said | None:
    if wanted in (None, found.schedule):
        return None
    got = f"schedule {found.schedule}" if found.schedule else "no schedule"
    step = f"Give it under an agreement whose schedule {wanted} asks about this kind."
    return Said("not-covered", "schedule-unmet", f"Given with {got}; the policy asks for schedule {wanted}.", step)


def outbound(found: Given, wanted: Sequence[str]) -> Said | None:
    """Every licence that the policy names has to be one that the agreement lets the project use."""
    terms, basis = found.outbound, f"{found.basis.slug} {found.basis.version}"
    missing = [each for each in wanted if each not in terms.licences and terms.promise != "any"]
    if not missing:
        return None
    if terms.promise == "unknown":
        reason = f"What {basis} lets the project use stands in its terms, which are not at hand."
        return Said("unknown", "outbound-unclear", reason, "Ask the service, which has them (--service URL).")
    if terms.promise == "open-only":
        reason = f"{basis} allows open licences; whether {_or(missing)} is one, this service cannot tell."
        return Said("unknown", "outbound-unclear", reason, "Name a licence that the agreement lists.")
    step = "Publish it under another licence, or ask for a contribution under an agreement that allows it."
    return Said("not-covered", "outbound-not-allowed", f"{basis} does not let the project use {_or(missing)}.", step)


def key_holder(found: Given, wanted: Sequence[str]) -> Said | None:
    if not wanted or found.key_holder in wanted:
        return None
    step = f"Ask its owner to sign again with the key held by {_or(wanted)}."
    reason = f"The key was held by {found.key_holder}; the policy asks for {_or(wanted)}."
    return Said("not-covered", "key-holder-not-allowed", reason, step)


def all_covered(subjects: Sequence[SubjectAnswer], artifacts: Sequence[ArtifactAnswer]) -> Said:
    """Of a whole that is covered."""
    counted = [_count(len(subjects), "person", "people"), _count(len(artifacts), "file", "files")]
    told = " and ".join(counted if artifacts else counted[:1])
    reported = sum(each.said.word != "covered" for each in subjects)
    more = f" {_count(reported, 'co-author is', 'co-authors are')} reported only." if reported else ""
    return Said("covered", "covered", f"Everything is covered: {told}.{more}")


def not_all_covered(word: Word, subjects: Sequence[SubjectAnswer], artifacts: Sequence[ArtifactAnswer]) -> Said:
    """Of a whole that is not: how many of what, who and which first, and the step if one is enough."""
    people = [each for each in subjects if each.required and each.said.word == word]
    files = [each for each in artifacts if each.said.word == word]
    said = [each.said for each in people] + [each.said for each in files]
    counts = [
        _count(1, one, many) if len(of) == 1 else f"{len(bad):,} of {_count(len(of), one, many)}"
        for bad, of, one, many in ((people, subjects, "person", "people"), (files, artifacts, "file", "files"))
        if bad
    ]
    names = [each.label for each in people] + [each.path for each in files]
    verb = "is" if len(said) == 1 else "are"
    state = "not covered" if word == "not-covered" else "not known to be covered"
    codes, steps = {each.code for each in said}, {each.next for each in said}
    return Said(
        word,
        codes.pop() if len(codes) == 1 else word,
        f"{' and '.join(counts)} {verb} {state}: {_few(names)}.",
        steps.pop() if len(steps) == 1 else "Do what stands beside each of them, then ask again.",
    )


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _or(names: Sequence[str]) -> str:
    return " or ".join(names)


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
