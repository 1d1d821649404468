# SPDX-License-Identifier: Apache-2.0
"""The decision on people and on the whole. The names are the cases in which existing checks are known to be wrong."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mcla.checks.answer import Answer, Basis, KindAnswer, PolicyUsed, SubjectAnswer, read_answer
from mcla.checks.change import Account, Author, Change, ChangedFile, Commit
from mcla.checks.deciding import decide
from mcla.checks.facts import Exemption, Facts, Owner
from mcla.checks.people import ByAccount, ByAddress, Forge, people_of
from mcla.checks.policy import DEFAULT, Policy, parse_policy
from mcla.statements.canonical import canonical_json
from mcla.verify.standing import AsOf

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
FORGES = (Forge("github", "github", "github.com"),)
BASIS = Basis("individual", "mcla-individual", "1.0.0", "c" * 64, 7, NOW)
SIGNED = KindAnswer("covered", "covered", "Signed.", BASIS)
NOT_SIGNED = KindAnswer("unknown", "account-unknown", "Nobody.")
ADA, BO, BOT, AGENT = (ByAccount("github", each) for each in ("7", "8", "49699333", "198982749"))
OPENER = Account("github", "7", "ada")
MAIL = ByAddress("cy@example.org")


def facts(policy: Policy | None = DEFAULT, **known: Any) -> Facts:
    told = {"accounts": {ADA: {"code": SIGNED}, BO: {"code": NOT_SIGNED}}} | known
    used = PolicyUsed("default" if policy is DEFAULT else "repository")
    return Facts("aurora", AsOf(9, NOW), policy, used, sign_urls={"code": "https://x/sign/mcla-individual"}, **told)


def people(**keys: str) -> Policy:
    return parse_policy("version = 1\n[people]\n" + "\n".join(f"{key} = {value}" for key, value in keys.items()))


def answer(*authors: Author, opener: Account | None = OPENER, known: Facts | None = None, **parts: Any) -> Answer:
    """The answer on a change with a commit by each author; it reads back as what it is."""
    commits = tuple(Commit(f"{number:040x}", each, **parts) for number, each in enumerate(authors))
    change = Change("aurora", opener, commits)
    made = decide(change, people_of(change, FORGES), known or facts())
    assert read_answer(made.to_dict()).to_dict() == made.to_dict()
    return made


def of(subject: ByAccount, login: str | None = None) -> Author:
    return Author(subject.provider, subject.subject, login)


def last(*authors: Author, **parts: Any) -> tuple[str, str]:
    """Word and code of the last subject."""
    said = answer(*authors, **parts).subjects[-1].said
    return said.word, said.code


def test_everybody_signed_is_covered_and_says_what_it_rests_on() -> None:
    made = answer(of(ADA, "ada"))
    assert (made.verdict, made.said.code) == ("covered", "covered")
    assert made.said.reason == "Everything is covered: 1 person."
    assert made.subjects[0].said.reason == "Signed mcla-individual 1.0.0 (log entry 7)."
    assert made.subjects[0].kinds["code"].basis == BASIS


def test_who_never_signed_in_is_known_not_to_be_covered_and_gets_the_page_to_sign() -> None:
    made = answer(of(BO, "bo"))
    assert (made.verdict, made.said.code) == ("not-covered", "not-signed")
    assert made.said.reason == "1 of 2 people is not covered: bo."
    assert made.said.next == (
        "Ask bo to sign at https://x/sign/mcla-individual; then ask again, no new commit is needed."
    )
    assert [each.sign_url for each in made.subjects] == [None, "https://x/sign/mcla-individual"]


def test_opener_not_author_who_did_not_sign_makes_a_no() -> None:
    assert answer(of(ADA), opener=Account("github", "8", "bo")).verdict == "not-covered"


def test_commits_attributed_to_a_signer_do_not_cover_an_opener_whom_nobody_named() -> None:
    made = answer(of(ADA), opener=None)
    assert (made.verdict, made.said.code) == ("unknown", "opener-missing")


def test_renamed_login_stays_covered_and_reregistered_login_inherits_nothing() -> None:
    assert last(of(ADA, "ada-new")) == ("covered", "covered")
    assert last(Author("github", "99", "ada"), known=facts(accounts={ADA: {"code": SIGNED}})) == (
        "unknown",
        "lookup-failed",
    )


def test_author_without_account_whose_committer_signed_is_not_covered() -> None:
    made = answer(Author(name="Cy", email="cy@example.org"), committer=of(ADA))
    assert (made.verdict, made.subjects[1].said.code) == ("unknown", "address-needs-token")


def test_author_without_account_and_committer_web_flow_is_unknown_with_a_way_out_that_exists() -> None:
    made = answer(Author(name="Cy"), committer=Author("github", "19864447", "web-flow", web=True))
    assert [each.label for each in made.subjects] == ["ada", "Cy"]
    assert (made.verdict, made.said.code) == ("unknown", "unidentified")
    assert "web-flow" not in str(made.said.next)


def test_author_name_of_an_exempt_bot_in_free_text_exempts_nobody() -> None:
    known = facts(exempt={BOT: Exemption("bot", "Updates dependencies.", NOW)})
    assert last(Author(name="dependabot[bot]"), known=known) == ("unknown", "unidentified")
    assert last(Author(login="dependabot[bot]", provider="github"), known=known) == ("unknown", "login-only")
    assert last(of(BOT, "anything"), known=known) == ("covered", "exempt-bot")


BY_BOTS_ADDRESS = {ByAddress("bot@example.org"): Exemption("bot", "CI.", NOW)}
BY_BOT = BY_BOTS_ADDRESS | {BOT: Exemption("bot", "CI.", NOW)}
TYPED = Author(name="Bot", email="Bot@example.org")


def test_exemptions_are_exact_so_that_no_look_alike_is_exempt() -> None:
    bot = Account(*BOT.key)
    assert last(TYPED, opener=bot, known=facts(exempt=BY_BOT)) == ("covered", "exempt-bot")
    for other in ("xbot@example.org", "bot@example.org.evil.example", "bot@evil-example.org", "bot+x@example.org"):
        found = last(Author(email=other), opener=bot, known=facts(exempt=BY_BOT))
        assert found == ("unknown", "address-needs-token")
    assert last(replace(of(BO), email="bot@example.org"), known=facts(exempt=BY_BOT)) == ("not-covered", "not-signed")


@pytest.mark.parametrize("opener", [OPENER, Account("github", "8"), Account("github", "99"), None])
def test_an_exempt_address_that_anybody_can_type_makes_no_author_pass(opener: Account | None) -> None:
    made = answer(TYPED, of(ADA), opener=opener, known=facts(exempt=BY_BOT))
    assert made.verdict != "covered"
    typed = next(each for each in made.subjects if each.label == "Bot")
    assert (typed.said.word, typed.said.code) == ("unknown", "exempt-address-alone")
    assert "exempt that account by its number" in str(typed.said.next)


def test_an_exempt_address_counts_where_nobody_had_to_be_named_at_all() -> None:
    known = facts(exempt=BY_BOTS_ADDRESS)
    assert last(of(ADA), coauthors=(TYPED,), known=known) == ("covered", "exempt-bot")
    assert last(of(ADA), committer=TYPED, known=known) == ("covered", "exempt-bot")
    both = answer(of(ADA), TYPED, coauthors=(TYPED,), known=known)
    assert [each.said.code for each in both.subjects] == ["covered", "exempt-address-alone"]


def test_agents_neither_sign_nor_block_and_a_person_has_to_answer_for_them() -> None:
    exempt = {AGENT: Exemption("agent", "Writes code.", NOW), BOT: Exemption("bot", "CI.", NOW)}
    known = facts(exempt=exempt)
    assert answer(of(AGENT), known=known).verdict == "covered"
    for opener in (AGENT, BOT):
        alone = answer(of(AGENT), opener=Account(*opener.key), known=known)
        assert (alone.verdict, alone.said.code) == ("not-covered", "no-responsible-human")
    assert answer(of(BOT), opener=Account(*BOT.key), known=known).verdict == "covered"


def test_a_failed_lookup_is_unknown_and_never_not_covered() -> None:
    made = answer(of(ADA), known=facts(accounts={}))
    assert (made.verdict, made.said.code) == ("unknown", "lookup-failed")


def test_a_known_no_outweighs_a_failed_lookup() -> None:
    made = answer(of(BO), Author(name="x"), known=facts(accounts={BO: {"code": NOT_SIGNED}}))
    assert (made.verdict, made.said.reason) == ("not-covered", "1 of 3 people is not covered: 8.")


@pytest.mark.parametrize("code", ["acceptance-ended", "agreement-outdated", "company-entry-over"])
def test_revoked_outdated_and_removed_from_a_list_each_have_words_of_their_own(code: str) -> None:
    known = facts(accounts={ADA: {"code": KindAnswer("not-covered", code, "It is over.")}})
    made = answer(of(ADA), known=known)
    assert (made.verdict, made.said.code) == ("not-covered", code)
    assert "https://x/sign/mcla-individual" in str(made.said.next)


def test_several_kinds_are_as_good_as_the_worst_of_them() -> None:
    kinds = {"code": SIGNED, "recipe": KindAnswer("not-covered", "agreement-not-signed", "No.")}
    made = answer(of(ADA), known=facts(people(kinds='["code", "recipe"]'), accounts={ADA: kinds}))
    assert made.subjects[0].said.reason == "Has not signed an agreement that covers recipe."
    assert {kind: each.word for kind, each in made.subjects[0].kinds.items()} == {
        "code": "covered",
        "recipe": "not-covered",
    }


OWNER = Owner("person-c", ByAccount("github", "3"))
SAME = Owner("person-a", ByAccount("lab", "70"))
BY_ADDRESS = {
    "accounts": {
        ADA: {"code": SIGNED},
        BO: {"code": NOT_SIGNED},
        OWNER.account: {"code": SIGNED},
        SAME.account: {"code": SIGNED},
    },
    "persons": {ADA: "person-a", BO: "person-b"},
}


@pytest.mark.parametrize(
    ("mode", "owners", "said"),
    [
        ("opener", None, ("unknown", "address-needs-token")),
        ("verified", None, ("unknown", "address-needs-token")),
        ("never", (SAME,), ("unknown", "address-not-accepted")),
        ("opener", (), ("unknown", "address-unknown")),
        ("opener", (OWNER, SAME), ("unknown", "address-ambiguous")),
        ("opener", (OWNER,), ("unknown", "address-alone")),
        ("opener", (SAME,), ("covered", "covered")),
        ("verified", (OWNER,), ("covered", "covered")),
    ],
)
def test_a_commit_address_alone_covers_nobody_but_as_the_policy_says(mode: str, owners: Any, said: Any) -> None:
    addresses = None if owners is None else {MAIL.email: owners}
    known = facts(people(addresses=f'"{mode}"'), addresses=addresses, **BY_ADDRESS)
    made = answer(Author(name="Cy", email="Cy@Example.org"), known=known)
    assert (made.subjects[-1].said.word, made.subjects[-1].said.code) == said
    how = "account" if owners == (SAME,) else "verified-email"
    assert made.subjects[-1].identified_by == (how if said[0] == "covered" else "nothing")
    assert "cy@example" not in str(made.to_dict()).lower()


def test_the_opener_and_author_by_a_verified_address_are_one_person() -> None:
    owners = {MAIL.email: (SAME,)}
    known = facts(people(addresses='"opener"'), addresses=owners, **BY_ADDRESS)
    made = answer(of(ADA), Author(email="cy@example.org"), coauthors=(Author(email="CY@example.org"),), known=known)
    assert [(each.roles, each.commits_total) for each in made.subjects] == [(("opener", "author", "co-author"), 2)]
    assert (made.said.reason, made.subjects[0].account) == ("Everything is covered: 1 person.", Account("github", "7"))
    uneven = BY_ADDRESS["accounts"] | {SAME.account: {"code": NOT_SIGNED}}
    known = facts(people(addresses='"opener"'), addresses=owners, **(BY_ADDRESS | {"accounts": uneven}))
    apart = answer(Author(email="cy@example.org"), known=known)
    assert [each.said.code for each in apart.subjects] == ["covered", "not-signed"]


def test_a_stranger_who_commits_with_a_signers_address_is_not_covered_by_it() -> None:
    known = facts(people(addresses='"verified"'), addresses={MAIL.email: (OWNER,)}, **BY_ADDRESS)
    made = answer(Author(email="cy@example.org"), opener=Account("github", "8"), known=known)
    assert [each.said.code for each in made.subjects] == ["not-signed", "address-alone"]
    nobody = answer(Author(email="cy@example.org"), opener=None, known=known)
    assert [each.said.code for each in nobody.subjects] == ["opener-missing", "address-alone"]


def test_a_mistyped_trailer_is_unknown_and_blocks_only_where_co_authors_are_required() -> None:
    trailer = (Author(name="Bo", email="bo@exmaple.org"),)
    made = answer(of(ADA), coauthors=trailer, known=facts(addresses={}, **BY_ADDRESS))
    assert (made.verdict, made.said.code) == ("unknown", "address-unknown")
    told = answer(of(ADA), coauthors=trailer, known=facts(people(coauthors='"reported"'), addresses={}, **BY_ADDRESS))
    assert (told.verdict, [each.required for each in told.subjects]) == ("covered", [True, False])
    assert told.said.reason == "Everything is covered: 2 people. 1 co-author is reported only."


def test_a_co_author_who_is_also_an_author_is_required_whatever_the_policy_says() -> None:
    made = answer(of(BO), coauthors=(of(BO),), known=facts(people(coauthors='"reported"')))
    assert made.verdict == "not-covered"


def test_a_thousand_commits_and_an_author_on_the_first_alone_are_all_read() -> None:
    made = answer(of(BO, "bo"), *[of(ADA)] * 1000)
    assert made.subjects[1].said.word == "not-covered"
    assert (made.subjects[0].commits_total, len(made.subjects[0].commits)) == (1000, 5)


def test_merge_commits_are_skipped_and_counted() -> None:
    made = answer(of(BO), merge=True)
    assert (made.verdict, made.merges_skipped, made.commits) == ("covered", 1, 1)


def test_without_a_readable_policy_the_whole_is_unknown() -> None:
    made = answer(of(ADA), known=facts(None))
    assert (made.verdict, made.said.code) == ("unknown", "policy-unusable")


def test_many_paths_by_a_stranger_for_many_files_are_not_tried() -> None:
    rules = "".join(f"[[artifacts]]\npaths = ['{n}']\nkind = 'data'\n" for n in range(150))
    files = tuple(ChangedFile(f"f{n}", "a" * 64, 1) for n in range(30_000))
    change = Change("aurora", OPENER, (), files)
    made = decide(change, people_of(change, FORGES), facts(parse_policy("version = 1\n" + rules)))
    assert (made.verdict, made.said.code) == ("unknown", "policy-too-large")


def test_the_same_question_gets_the_same_bytes() -> None:
    authors = [of(BO), Author(email="x@y.org"), of(ADA)]
    assert canonical_json(answer(*authors).to_dict()) == canonical_json(answer(*authors).to_dict())


def test_a_long_list_of_people_is_told_by_the_first_three() -> None:
    made = answer(*[Author(name=f"N{n}") for n in range(5)])
    assert made.said.reason == "5 of 6 people are not known to be covered: N0, N1, N2 and 2 more."


def test_no_subject_is_without_a_step_unless_it_is_covered() -> None:
    made = answer(of(ADA), of(BO), Author(name="x"), Author(email="a@b.org"), Author("hub", "1"))
    bad: list[SubjectAnswer] = [each for each in made.subjects if each.said.word != "covered" and not each.said.next]
    assert bad == []
