# SPDX-License-Identifier: Apache-2.0
"""Where each case is tested in which known checks go wrong, row by row; a row whose test is gone fails here.

The rows are, in our own words: what the most used check was seen to do (confirmed behaviours), how six systems differ
at the edges (edge-case matrix), the attacks and faults of CI, forges and webhooks, and the cases that a check has to
get right by name.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
DECIDING, PEOPLE = "mcla/checks/test_deciding.py", "mcla/checks/test_people.py"
FILES, COMMITS = "mcla/checks/git/test_files.py", "mcla/checks/git/test_commits.py"
FORGES, COMMENT, GROUPS = (
    "mcla/forges/test_asking.py",
    "mcla/forges/test_comment.py",
    "mcla/cli/test_cli_check_in_ci.py",
)
CLI, OFFLINE, CI = "mcla/cli/test_cli_check.py", "mcla/cli/test_cli_check_offline.py", "ci/test_ci_runs.py"
ASKING, WAITING, CLAIMS = "app/checks/test_asking.py", "app/checks/test_waiting.py", "app/claims/test_claims.py"
WEBHOOKS, SENDING, ROSTER = "app/checks/test_webhooks.py", "app/checks/test_sending.py", "app/companies/test_roster.py"

CONFIRMED = {
    "the login was renamed, the number is the same": [
        (PEOPLE, "test_renamed_accounts_are_the_same_person_and_a_reregistered_login_another"),
        (DECIDING, "test_renamed_login_stays_covered_and_reregistered_login_inherits_nothing"),
    ],
    "an old row without a number, and somebody else has the login now": [
        (CLAIMS, "test_a_re_registered_login_inherits_nothing"),
        (CLAIMS, "test_a_legacy_row_without_an_id_names_no_account_for_anybody_but_staff"),
    ],
    "an author without an account, committed by somebody who has signed": [
        (DECIDING, "test_author_without_account_whose_committer_signed_is_not_covered"),
        (PEOPLE, "test_author_without_account_is_not_covered_by_a_committer_who_has_one"),
    ],
    "an author without an account, committed by the forge's web account": [
        (DECIDING, "test_author_without_account_and_committer_web_flow_is_unknown_with_a_way_out_that_exists"),
        (PEOPLE, "test_committer_web_flow_is_nobody_and_the_unlinked_author_stays_one"),
    ],
    "no account, and an exempt bot's name typed as the author": [
        (DECIDING, "test_author_name_of_an_exempt_bot_in_free_text_exempts_nobody"),
        (DECIDING, "test_an_exempt_address_that_anybody_can_type_makes_no_author_pass"),
    ],
    "a name that only holds an exempt one": [
        (DECIDING, "test_exemptions_are_exact_so_that_no_look_alike_is_exempt"),
        ("app/checks/test_keeping.py", "test_an_exemption_without_an_exact_name_a_reason_and_an_end_is_refused"),
    ],
    "101 commits, and who has not signed is on the first page alone": [
        (DECIDING, "test_a_thousand_commits_and_an_author_on_the_first_alone_are_all_read"),
        (FORGES, "test_github_names_all_commits_in_one_request_per_hundred_and_one_more"),
    ],
    "opened by somebody who has not signed, with commits under a signer's name": [
        (DECIDING, "test_opener_not_author_who_did_not_sign_makes_a_no"),
        (DECIDING, "test_a_stranger_who_commits_with_a_signers_address_is_not_covered_by_it"),
    ],
    "revoked after the change was opened": [(ASKING, "test_revoked_after_the_change_was_opened_is_said_to_be_so")],
    "an end date that has not come": [(ASKING, "test_a_future_end_date_ends_nothing_before_its_day")],
    "requests to the forge for many authors": [
        (FORGES, "test_github_names_all_commits_in_one_request_per_hundred_and_one_more"),
        (FORGES, "test_co_authors_get_the_accounts_that_their_addresses_are_linked_to_in_one_request"),
        (FORGES, "test_gitlab_needs_one_request_per_hundred_and_gitea_two_in_all"),
    ],
}
EDGES = {
    "author without account": [
        (DECIDING, "test_author_without_account_whose_committer_signed_is_not_covered"),
        (CI, "test_an_author_without_an_account_is_unknown_and_unknown_is_no_pass"),
    ],
    "committer (web-flow)": [
        (PEOPLE, "test_committer_web_flow_is_nobody_and_the_unlinked_author_stays_one"),
        (PEOPLE, "test_an_author_who_claims_to_be_the_web_account_is_asked_about_all_the_same"),
        (PEOPLE, "test_committer_who_is_an_author_of_the_commit_counts_once"),
    ],
    "co-author": [
        (COMMITS, "test_co_authors_are_those_that_gits_own_parser_finds"),
        (PEOPLE, "test_one_person_is_one_subject_with_every_role_and_commit"),
        (DECIDING, "test_a_co_author_who_is_also_an_author_is_required_whatever_the_policy_says"),
    ],
    "opener is not the author": [
        (PEOPLE, "test_opener_not_author_is_asked_about_as_well"),
        (DECIDING, "test_commits_attributed_to_a_signer_do_not_cover_an_opener_whom_nobody_named"),
    ],
    "noreply address": [
        (PEOPLE, "test_noreply_addresses_give_the_number_at_the_very_host_of_the_forge_and_nowhere_else"),
        (PEOPLE, "test_a_noreply_number_that_contradicts_the_account_is_nobody"),
    ],
    "rename": [(PEOPLE, "test_renamed_accounts_are_the_same_person_and_a_reregistered_login_another")],
    "more than 100 commits": [
        (COMMITS, "test_every_commit_is_seen_in_a_fixed_number_of_runs"),
        (FORGES, "test_fewer_commits_than_the_forge_counts_are_not_the_whole"),
        (CLI, "test_a_thousand_commits_are_one_question"),
    ],
    "the forge's look-up fails": [
        (GROUPS, "test_where_the_forge_fails_there_is_no_yes"),
        (DECIDING, "test_a_failed_lookup_is_unknown_and_never_not_covered"),
    ],
}
ATTACKS = {
    "46 spoofed author, co-author, committer; web-flow; a merge that hides a foreign parent": [
        (DECIDING, "test_a_stranger_who_commits_with_a_signers_address_is_not_covered_by_it"),
        (PEOPLE, "test_a_bot_name_spoofed_in_free_text_is_an_unknown_person"),
        (PEOPLE, "test_committer_with_another_account_counts_although_the_address_is_the_same"),
        ("app/checks/test_api.py", "test_lying_members_of_authors_buy_nothing"),
        (COMMITS, "test_whoever_wrote_into_a_merge_is_asked_as_of_any_commit"),
        (CLI, "test_a_merge_is_skipped_and_what_it_brings_in_is_not"),
    ],
    "47 the head moves during the check": [
        (FORGES, "test_a_head_that_moved_is_told_and_the_answer_stays_with_the_one_asked_about"),
        (WAITING, "test_a_head_that_moves_while_it_is_asked_gets_no_answer_of_the_older_one"),
        (CI, "test_a_run_that_a_newer_commit_has_overtaken_leaves_the_comment_to_that_ones"),
    ],
    "48 very many commits, files and authors, and the seventh page fails": [
        (FORGES, "test_pages_that_fail_at_the_seventh_leave_nothing_half_believed"),
        (COMMITS, "test_more_commits_than_a_check_takes_are_refused"),
        (ASKING, "test_it_never_writes_and_takes_as_many_statements_for_many_people_and_files"),
    ],
    # No forge delivers events here: a job asks. What comes twice or out of order is the question that waits.
    "49 the same delivered twice, out of order, or with a bad signature": [
        (WAITING, "test_the_newest_head_wins_and_an_older_one_is_told"),
        (WAITING, "test_two_workers_at_once_queue_one_delivery"),
        (WEBHOOKS, "test_the_signature_is_that_of_the_standards_published_example"),
        ("app/tokens/test_exchange.py", "test_each_id_token_works_once_also_for_eight_at_the_same_moment"),
    ],
    # Nor is there anything to catch up with at the forge; who may be away for days is the receiver of ours.
    "50 the other side is away for three days": [
        (FORGES, "test_a_forge_that_hangs_is_left"),
        (WEBHOOKS, "test_a_receiver_that_was_away_is_told_when_it_is_back"),
        (WEBHOOKS, "test_what_fails_is_tried_ever_more_rarely_for_three_days_and_then_kept_dead"),
        (WAITING, "test_many_facts_are_one_pass_and_one_delivery"),
    ],
    "51 the forge's second limit in the middle": [
        (FORGES, "test_what_fails_once_is_asked_again_from_the_same_page"),
        (COMMENT, "test_a_rate_limit_that_did_nothing_is_waited_for"),
        (COMMENT, "test_a_comment_whose_fate_is_unknown_is_not_sent_twice"),
    ],
    "52 our service is down": [
        (CLI, "test_a_service_that_is_down_is_unknown"),
        (CI, "test_a_service_that_is_down_leaves_it_unknown_and_makes_no_comment"),
        (OFFLINE, "test_a_service_that_is_away_leaves_it_unknown_and_it_is_said_whether_the_bundles_suffice"),
    ],
    "53 a pointer of another size, or to another file; a link out of the tree; .gitattributes toggled": [
        (CLI, "test_a_pointer_of_the_right_hash_and_a_wrong_size_is_no_yes"),
        (OFFLINE, "test_a_pointer_with_another_size_than_the_contribution_is_no_yes"),
        (CLI, "test_links_submodules_and_odd_names_under_a_rule_are_unknown"),
        (FILES, "test_a_submodule_and_a_link_have_no_bytes"),
        (FILES, "test_a_pointer_counts_as_what_it_names_where_the_tree_hands_it_to_git_lfs_and_nowhere_else"),
        (FILES, "test_a_change_of_gitattributes_alone_asks_about_the_pointers_that_it_turns"),
        (OFFLINE, "test_a_pointer_that_git_lfs_is_not_given_proves_nothing_without_a_service_either"),
    ],
    "54 a webhook into a private network, a rebinding name, a redirect, a stall, 410": [
        (SENDING, "test_nothing_is_sent_into_a_private_network"),
        (SENDING, "test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_looked_at"),
        (SENDING, "test_a_name_with_one_private_address_among_others_is_refused"),
        (SENDING, "test_a_redirect_is_an_answer_and_a_long_body_is_not_read"),
        (SENDING, "test_a_receiver_that_stalls_or_drips_is_cut_off"),
        (WEBHOOKS, "test_a_redirect_is_a_failure_and_gone_turns_it_off"),
    ],
}
BY_NAME = {
    "re-registered login": [(CLAIMS, "test_a_re_registered_login_inherits_nothing")],
    "unlinked author": [(PEOPLE, "test_author_without_account_is_not_covered_by_a_committer_who_has_one")],
    "web-flow": [(PEOPLE, "test_committer_web_flow_is_nobody_and_the_unlinked_author_stays_one")],
    "bot name spoofed in free text": [(PEOPLE, "test_a_bot_name_spoofed_in_free_text_is_an_unknown_person")],
    "unanchored patterns": [(DECIDING, "test_exemptions_are_exact_so_that_no_look_alike_is_exempt")],
    "101 and 1,000 commits": [(DECIDING, "test_a_thousand_commits_and_an_author_on_the_first_alone_are_all_read")],
    "opener not author": [(DECIDING, "test_opener_not_author_who_did_not_sign_makes_a_no")],
    "revoked after opening": [(ASKING, "test_revoked_after_the_change_was_opened_is_said_to_be_so")],
    "future end date": [(ASKING, "test_a_future_end_date_ends_nothing_before_its_day")],
    "removed company entry": [
        (ASKING, "test_an_employee_is_covered_by_the_list_until_the_entry_is_removed_and_then_told_so"),
        ("app/checks/test_waiting_facts.py", "test_a_membership_that_its_host_names_no_more"),
    ],
    "failed look-up": [(DECIDING, "test_a_failed_lookup_is_unknown_and_never_not_covered")],
    "domain look-alikes": [
        (ASKING, "test_a_look_alike_of_a_verified_address_is_nobody"),
        (ROSTER, "test_a_domain_counts_by_whole_labels_and_below_it_only_if_said"),
    ],
    "mistyped trailer": [
        (DECIDING, "test_a_mistyped_trailer_is_unknown_and_blocks_only_where_co_authors_are_required"),
        (COMMITS, "test_what_a_person_may_have_meant_as_a_co_author_is_noticed_and_not_counted"),
    ],
    "merge group": [
        (CI, "test_a_merge_group_passes_only_if_every_pull_request_in_it_does"),
        (FORGES, "test_every_pull_request_of_a_merge_group_is_a_change_of_its_own_with_its_opener"),
    ],
    "fork": [
        (CI, "test_a_covered_change_of_a_fork_passes_without_a_secret_and_is_quiet"),
        (CI, "test_a_fork_at_gitlab_cannot_hide_its_commits_behind_its_own_main"),
    ],
}
Rows = Mapping[str, list[tuple[str, str]]]


def missing(rows: Rows) -> Iterator[str]:
    """The tests that are named and do not exist, and the rows that name none."""
    for row, named in rows.items():
        if not named:
            yield f"{row}: no test"
        for file, name in named:
            text = (TESTS / file).read_text(encoding="utf-8")
            if not re.search(rf"^def {name}\(", text, re.MULTILINE):
                yield f"{row}: {file}::{name}"


@pytest.mark.parametrize(
    ("rows", "count"),
    [(CONFIRMED, 11), (EDGES, 8), (ATTACKS, 9), (BY_NAME, 15)],
    ids=["confirmed behaviours", "edge-case matrix", "attacks and faults", "by name"],
)
def test_every_row_names_tests_that_there_are(rows: Rows, count: int) -> None:
    assert list(missing(rows)) == []
    assert len(rows) == count


def test_a_test_that_is_gone_is_noticed() -> None:
    gone = {"a": [(CLI, "test_nothing_of_this_name")], "b": []}
    assert list(missing(gone)) == [f"a: {CLI}::test_nothing_of_this_name", "b: no test"]
