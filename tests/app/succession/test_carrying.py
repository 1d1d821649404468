# SPDX-License-Identifier: Apache-2.0
"""What a signature still carries after newer versions: by the rules, by a person's word, in days of grace, then."""

from datetime import timedelta

import pytest
from signing_walk import accept, certified, count, draft_contribution, finish, sign
from version_folders import MATERIAL, NOTICE, SCOPED

from app.contributions.models import Contribution
from app.platform.clock import FixedClock
from app.signing.errors import AgreementOutdated, AgreementReplaced, ClockUnsteady
from app.wiring import build_services

SAFETY = {"safety"}
DAY = timedelta(days=1)


def carried(services, version="1.0.0", at=None):
    lineage = services.agreements.lineage("mcla-individual")
    found = next(each for each in lineage.versions if each.version == version)
    return set(lineage.ends(found.id, at or services.clock.now()))


def test_a_material_change_ends_what_the_old_signature_carries_and_the_new_one_brings_it_back(services, ada, publish):
    accept(services, ada)
    publish("1.1.0", MATERIAL)
    with pytest.raises(AgreementOutdated, match=r"1\.1\.0 replaced version 1\.0\.0, which was signed") as refused:
        draft_contribution(services, ada)
    assert refused.value.extra["sign_url"].endswith("/sign/mcla-individual")
    assert "Read what changed" in refused.value.hint
    finish(services, ada, services.signing.draft_acceptance(ada, "mcla-individual", None, "cli"))
    assert finish(services, ada, draft_contribution(services, ada)).type == "contribution"


def test_a_notice_carries_everything_and_a_scoped_change_everything_else(services, ada, publish):
    accept(services, ada)
    publish("1.1.0", NOTICE)
    kinds = carried(services)
    assert kinds == set(services.agreements.version("mcla-individual", "1.0.0").kinds)
    publish("1.2.0", NOTICE, SCOPED)
    assert carried(services) == kinds - SAFETY
    assert draft_contribution(services, ada).type == "contribution"  # code
    with pytest.raises(AgreementOutdated, match="Before you give safety"):
        services.signing.covering(ada, "tiny-llm", "safety")


def test_equal_terms_with_other_words_carry_nothing_until_a_person_has_said_so(services, publish):
    publish("1.0.1")
    assert carried(services) == set()
    services.succession.declare("mcla-individual", "1.0.0", "1.0.1", "Only the word for a fee differs.")
    assert len(carried(services)) == 9


def test_a_chain_of_versions_carries_only_if_every_step_does_and_a_word_may_bridge_it(services, publish):
    publish("1.1.0", MATERIAL)
    publish("1.2.0", MATERIAL, NOTICE)
    assert (carried(services), len(carried(services, "1.1.0"))) == (set(), 9)
    declared = "Nobody had used the clause, and it ends with this version."
    services.succession.declare("mcla-individual", "1.0.0", "1.2.0", declared, although="material")
    assert len(carried(services)) == 9


def test_days_of_grace_end_on_time_and_only_for_what_is_new(services, ada, publish, clock):
    accept(services, ada)
    publish("1.1.0", SCOPED, grace_days=10)
    standing = services.succession.standing_of("mcla-individual", "1.0.0")
    assert (set(standing.in_grace), standing.until, standing.again) == (SAFETY, clock.now() + 10 * DAY, ())
    assert services.signing.covering(ada, "tiny-llm", "safety").version == "1.0.0"
    clock.at += 10 * DAY
    with pytest.raises(AgreementOutdated):
        services.signing.covering(ada, "tiny-llm", "safety")
    assert set(services.succession.standing_of("mcla-individual", "1.0.0").again) == SAFETY


def test_a_withdrawn_version_asks_nobody_any_more(services, publish):
    publish("1.1.0", MATERIAL)
    services.agreements.withdraw("mcla-individual", "1.1.0")
    assert len(carried(services)) == len(carried(services, "1.1.0")) == 9


def test_a_version_of_later_does_not_replace_one_that_was_withdrawn_before(services, publish, clock):
    services.agreements.withdraw("mcla-individual", "1.0.0")
    then = clock.now()
    clock.at += DAY
    publish("1.1.0", MATERIAL)
    assert len(carried(services, at=then)) == 9
    assert carried(services) == set()


def test_what_was_carried_is_answered_for_any_time(services, publish, clock):
    before = clock.now()
    clock.at += DAY
    publish("1.1.0", MATERIAL)
    clock.at += DAY
    services.succession.declare("mcla-individual", "1.0.0", "1.1.0", "Agreed with every signer.", although="material")
    found = [len(carried(services, at=at)) for at in (before, before + DAY, clock.now() - timedelta(1), clock.now())]
    assert found == [9, 0, 0, 9]


def test_a_contribution_that_stood_open_while_its_version_was_replaced_is_not_signed(services, ada, db, publish):
    accept(services, ada)
    signing, holder = certified(services, ada, draft_contribution)
    publish("1.1.0", MATERIAL)
    with pytest.raises(AgreementOutdated):
        sign(services, ada, signing, holder)
    assert count(db, Contribution) == 0


def test_an_acceptance_that_stood_open_while_its_version_was_replaced_is_not_signed(services, ada, publish):
    signing, holder = certified(services, ada)
    publish("1.1.0", NOTICE)
    with pytest.raises(AgreementReplaced, match=r"was replaced by 1\.1\.0 while you were reading") as refused:
        sign(services, ada, signing, holder)
    assert "it shows what the new version changes" in refused.value.hint
    assert services.signing.signatures(ada) == []


def test_a_clock_before_the_publication_signs_nothing(services, ada, clock):
    started_too_early = build_services(services.settings, services.db, FixedClock(clock.now() - timedelta(hours=1)))
    with pytest.raises(ClockUnsteady, match="before the publication of mcla-individual"):
        started_too_early.signing.draft_acceptance(ada, "mcla-individual", None, "cli")
