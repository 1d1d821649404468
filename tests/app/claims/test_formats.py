# SPDX-License-Identifier: Apache-2.0
"""Files of other systems: every row is told or refused by its number, and what a row says is worth what it can be."""

from datetime import UTC, datetime

import claim_files as files
import pytest

from app.claims.formats import READERS
from app.claims.unfit import ClaimsFileUnfit
from app.claims.values import Mark, Parsed, Refused, Told

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def parsed(system: str, data: bytes) -> Parsed:
    return READERS[system](data, NOW)  # type: ignore[index]


def only(system: str, data: bytes) -> Told:
    (row,) = parsed(system, data).rows
    assert isinstance(row, Told)
    return row


def reason(system: str, data: bytes) -> str:
    (row,) = parsed(system, data).rows
    assert isinstance(row, Refused)
    return row.reason


@pytest.mark.parametrize("system", READERS)
def test_files_as_the_systems_write_them_are_taken_whole_with_or_without_a_byte_order_mark(system: str) -> None:
    for data in files.GOOD[system]:
        told = parsed(system, data)
        assert told.rows
        assert not [each for each in told.rows if isinstance(each, Refused)]
        assert parsed(system, b"\xef\xbb\xbf" + data) == told


def test_cla_assistants_page_tells_logins_alone_and_its_database_whether_the_account_itself_clicked() -> None:
    told = only("cla-assistant", files.csv(files.PAGE, files.page_row()))
    assert (told.evidence, told.subject, told.signed) == ("recorded-by-login", None, "2019-05-04T10:11:12Z")
    assert (told.text.title, told.text.url, told.text.version) == ("Acme CLA", files.GIST, files.REVISION)
    assert (told.number, told.place, told.marks) == (2, "acme/robot", (Mark("login", "adali", "github"),))
    levels = {
        row: only("cla-assistant", files.csv(files.DATABASE, row)).evidence
        for row in (
            files.database_row(),
            files.database_row(number=""),
            files.database_row(origin="upload|owner"),
            files.database_row(origin="tool|addSignature|owner"),
            files.database_row(origin="sign|adali|upload"),
            files.database_row(origin=""),
        )
    }
    assert list(levels.values()) == ["recorded-by-id", "recorded-by-login", "listed", "listed", "listed", "listed"]


def test_a_column_that_an_owner_added_is_named_as_left_out_and_nothing_of_it_is_kept() -> None:
    data = files.csv(f"{files.PAGE};Postal address", files.page_row() + ';"1 Main Street\nBerlin"')
    told = parsed("cla-assistant", data)
    assert told.left_out == ("Postal address",)
    assert "Berlin" not in repr(told)


def test_rows_are_numbered_as_a_spreadsheet_does_whatever_line_they_stand_on() -> None:
    good, title = files.page_row(), '"Two\nlines"'
    data = files.csv(files.PAGE, good, "", files.page_row(title=title), files.page_row("not a login"))
    first, second, third = parsed("cla-assistant", data).rows
    assert (first.number, second.number, third.number) == (2, 4, 5)
    assert isinstance(second, Refused), "a title is on one line"
    assert third == Refused(5, "expected a login in User Name")


def test_a_quote_that_is_never_closed_refuses_the_row_that_swallowed_the_rest_and_says_so() -> None:
    rows = (files.page_row(), files.page_row(title='"open'), files.page_row("bnovak"), files.page_row("cdoe"))
    first, broken = parsed("cla-assistant", files.csv(files.PAGE, *rows)).rows
    assert isinstance(first, Told)
    assert isinstance(broken, Refused)
    assert "over 3 lines" in broken.reason


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (files.page_row("=cmd|' /C calc'!A0"), "User Name"),
        (files.page_row("ad\0ali"), "User Name"),
        (files.page_row("аdali"), "User Name"),  # the first letter is Cyrillic
        (files.page_row(title="=HYPERLINK(1)"), "CLA Title"),
        (files.page_row(title="@SUM(1)"), "CLA Title"),
        (files.page_row(title="a\u202eb"), "CLA Title"),
        (files.page_row(title="x" * 501), "CLA Title"),
        (files.page_row().replace(files.GIST, "javascript:alert(1)"), "Gist URL"),
        (files.page_row(signed="2019-05-04T10:11:12"), "Signed At"),
        (files.page_row(signed="2019-05-04"), "Signed At"),
        (files.page_row(signed="1999-12-31T23:59:59Z"), "Signed At"),
        (files.page_row(signed="2026-11-24T00:00:00Z"), "Signed At"),
        (files.page_row(signed="2019-02-30T00:00:00Z"), "Signed At"),
        (files.page_row(revoked="soon"), "Revoked At"),
        (files.page_row(whole="maybe"), "Signed for Organization"),
        (files.page_row() + ";more", "9 fields"),
        ("adali;acme", "9 fields"),
        (files.page_row(title="x" * 100_001), "100,000 characters"),
    ],
)
def test_a_bad_row_is_refused_alone_with_the_name_of_the_column_and_nothing_of_what_stands_there(
    row: str, column: str
) -> None:
    first, refused, last = parsed("cla-assistant", files.csv(files.PAGE, files.page_row(), row, files.page_row())).rows
    assert isinstance(first, Told)
    assert isinstance(last, Told)
    assert isinstance(refused, Refused)
    assert column in refused.reason
    assert "calc" not in refused.reason


@pytest.mark.parametrize(
    ("system", "data"),
    [
        ("cla-assistant", b""),
        ("cla-assistant", b"\n\n"),
        ("cla-assistant", files.csv("User Name;Signed At", "adali;")),
        ("cla-assistant", files.csv(files.PAGE, files.page_row()).decode().encode("utf-16")),
        ("cla-assistant", files.csv(files.PAGE, files.page_row("Åsa")).decode().encode("latin-1")),
        ("easycla", files.csv(files.PAGE, files.page_row())),
        ("cla-lite", files.csv(files.PAGE, files.page_row())),
        ("cla-lite", b'{"signedContributors": [], "signedContributors": []}'),
        ("cla-lite", b'{"signedContributors": [{"name": "a", "id": 1, "id": 2}]}'),
        ("cla-lite", b'{"signedContributors": {"name": "adali"}}'),
        ("cla-lite", b'{"signedContributors": [{"name": "adali", "id": NaN}]}'),
        ("cla-lite", b"[" * 100_000),
        ("cla-lite", b"null"),
        ("clabot", b'{"message": "no list"}'),
        ("clabot", b'{"contributors": "https://example.org/list.json"}'),
        ("clabot", b'{"contributorWebhook": "https://example.org/?u="}'),
        ("clabot", b"adali"),
    ],
)
def test_a_file_that_is_something_else_is_refused_whole_with_what_was_expected(system: str, data: bytes) -> None:
    with pytest.raises(ClaimsFileUnfit) as refused:
        parsed(system, data)
    assert refused.value.message.startswith(("expected", "The file holds no list"))
    assert refused.value.hint


def test_more_rows_or_bytes_than_the_limits_are_refused_before_anything_is_made_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.claims.reading.MAX_ROWS", 2)
    assert len(parsed("clabot", files.clabot("a", "b")).rows) == 2
    with pytest.raises(ClaimsFileUnfit, match="at most 2 rows"):
        parsed("clabot", files.clabot("a", "b", "c"))
    monkeypatch.setattr("app.claims.reading.MAX_BYTES", 10)
    for system in READERS:
        with pytest.raises(ClaimsFileUnfit, match="at most 10 bytes"):
            parsed(system, files.GOOD[system][0])


@pytest.mark.parametrize(
    "entry",
    [
        files.entry(number="104729"),
        files.entry(number=True),
        files.entry(number=0),
        files.entry(number=-1),
        files.entry(number=None),
        files.entry(name=7),
        files.entry(name=""),
        files.entry(created_at="2021-03-29"),
        files.entry(created_at=None),
        files.entry(created_at=1617058090),
        files.entry(comment_id="nine"),
        "adali",
        None,
    ],
)
def test_an_entry_of_the_lite_file_without_a_whole_number_or_with_a_wrong_time_is_refused(entry: object) -> None:
    assert reason("cla-lite", files.lite(entry)).startswith("expected")  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [b"1e3", b"1.5", b"104729.0", b"1e400", b"9007199254740993", b"9" * 400])
def test_a_number_in_another_form_refuses_its_own_row_of_the_lite_file_and_names_it(number: bytes) -> None:
    good, bad = files.entry(name="ada"), files.entry(name="bo", number=424242)
    data = files.lite(good, bad, good | {"name": "cy"}).replace(b"424242", number)
    rows = parsed("cla-lite", data).rows
    assert [type(each) for each in rows] == [Told, Refused, Told]
    assert (rows[1].number, rows[1].reason) == (2, "expected a whole number in id")


def test_the_lite_file_names_accounts_by_number_and_what_else_stands_in_it_is_named_as_left_out() -> None:
    told = parsed("cla-lite", files.lite(files.entry(body="I sign"), version=2))
    (row,) = told.rows
    assert isinstance(row, Told)
    assert (row.subject, row.evidence) == (str(files.ADA), "recorded-by-id")
    assert row.place == "repository 4567, pull request 12, comment 901"
    assert told.left_out == ("body", "version")


def test_a_clabot_list_says_nothing_of_when_or_what_and_a_domain_is_nobody() -> None:
    rows = parsed("clabot", files.clabot("adali", "Ada.Li@Example.org", "@example.com", "@", "a b", 7, "x@y")).rows
    told = [each for each in rows if isinstance(each, Told)]
    assert [(each.what, each.evidence, each.signed) for each in told] == [
        ("person", "listed", None),
        ("person", "listed", None),
        ("domain", "listed", None),
    ]
    assert told[1].marks[0].compared == "ada.li@example.org"
    assert [each.number for each in rows if isinstance(each, Refused)] == [4, 5, 6, 7]


def test_easycla_tells_days_and_logins_and_what_it_did_not_approve_is_no_standing_signature() -> None:
    told = only("easycla", files.csv(files.INDIVIDUALS, files.individual()))
    assert (told.signed, told.evidence, told.subject) == ("2021-03-29", "recorded-by-address", None)
    assert [(each.what, each.at) for each in told.marks] == [
        ("login", "github"),
        ("login", "lf"),
        ("address", ""),
        ("name", ""),
    ]
    revoked = files.individual().replace("true,true", "false,true")
    assert only("easycla", files.csv(files.INDIVIDUALS, revoked)).ended == "not approved"
    bad = {
        "it was not signed": files.individual().replace("true,true", "true,false"),
        "a login or an address": '"Ada Li","","","","","Mar 29,2021",true,true',
        "Jan 2,2006": files.individual(day="2021-03-29"),
        "of the calendar": files.individual(day="Feb 30,2021"),
        "between 2000": files.individual(day="Feb 3,1066"),
        "an e-mail address": files.individual(email="ada.li"),
        "quotes in pairs": files.individual().replace("Ada Li", 'Ada "Lee" Li'),
        "true or false": files.individual().replace("true,true", "yes,true"),
    }
    for expected, row in bad.items():
        assert expected in reason("easycla", files.csv(files.INDIVIDUALS, row))


def test_a_companys_row_keeps_its_lists_as_lists_of_somebody_else_with_each_entry_read() -> None:
    told = only("easycla", files.csv(files.COMPANIES, files.firm("*.example.com,example.net", "a@example.com", "")))
    assert (told.what, told.evidence) == ("company", "recorded-for-company")
    assert [(each.what, each.value) for each in told.marks] == [
        ("company", "Example GmbH"),
        ("domain", "*.example.com"),
        ("domain", "example.net"),
        ("listed-address", "a@example.com"),
        ("listed-organisation", "acme"),
    ]
    for bad in (files.firm(domains="localhost"), files.firm(emails="nobody"), files.firm(logins="a b")):
        assert reason("easycla", files.csv(files.COMPANIES, bad)).startswith("expected")
    many = ",".join(f"u{number}" for number in range(2_001))
    assert "2,000 entries" in reason("easycla", files.csv(files.COMPANIES, files.firm(logins=many)))
