# SPDX-License-Identifier: Apache-2.0
"""How something was signed, on the certificate page: on which page, from where, and the course of events; pure."""

from collections.abc import Iterable

from app.records.data import RecordData
from app.records.parts import CircumstanceDetail, PageDetail
from app.records.redaction import WITHHELD
from app.records.rows import Block, Row, time_text
from mcla.records.names import PAGE_BUILD, PAGE_LANGUAGE, SHOWN_TXT, STEPS, TIME_ZONE, Step

REMARKS = {
    Step.MADE: "as it says itself",
    Step.SHOWN: "with the box and the button",
    Step.CERTIFIED: "for this one signature",
    Step.SIGNED: "by the timestamp (RFC 3161) of the service’s own authority",
    Step.ORDERED: "to be made and sealed; the seal tells its own time",
}


def ceremony(data: RecordData) -> Iterable[Block]:
    """What the service saw and kept, where it still has it, and every step with its time by the service's clock."""
    if data.act.circumstance is not None:
        yield Block("How it was signed, as the service saw it", tuple(_circumstance_rows(data.act.circumstance)))
    yield Block("Course of events", tuple(_event_rows(data)))


def _circumstance_rows(seen: CircumstanceDetail) -> Iterable[Row]:
    yield from _page_rows(seen.page)
    yield Row("IP address", seen.address or "none seen")
    yield Row("Browser or program", seen.agent or "nothing named")
    yield Row(TIME_ZONE, _zone(seen.zone))
    yield _session_row(seen.session)


def _page_rows(page: PageDetail | None) -> Iterable[Row]:
    if page is None:
        yield Row("Page signed on", "not told", "a program that signs shows the statement itself, and no page")
        return
    kept = page.sha256 != WITHHELD
    words = f"of its words, which are attached as {SHOWN_TXT}" if page.text else "of its words"
    yield Row("Page signed on, SHA-256", page.sha256, words if kept else "", mono=kept)
    yield Row(PAGE_LANGUAGE, f"{page.language}, {PAGE_BUILD} {page.build}")


def _zone(zone: str) -> str:
    said = zone not in ("", WITHHELD)
    return f"{zone}, as the browser says; no time here rests on it" if said else zone or "not told"


def _session_row(session: str) -> Row:
    if not session:
        return Row("Sign-in", "by an access token: no session of a browser")
    kept = session != WITHHELD
    return Row("Sign-in, keyed digest", session, mono=kept)


def _event_rows(data: RecordData) -> Iterable[Row]:
    yield Row("Signed in", _signed_in(data))
    for event in data.act.events:
        remark = REMARKS.get(event.step, "")
        yield Row(STEPS[event.step], f"{time_text(event.at)}{remark and f', {remark}'}")
        if event.step is Step.LOGGED and data.counter is not None:
            yield Row("Counter-signed", time_text(data.counter.signed_at))


def _signed_in(data: RecordData) -> str:
    seen = data.act.circumstance
    if seen is not None and seen.signed_in_at is not None:
        return f"{time_text(seen.signed_in_at)}, when {data.signer.provider} said who it is"
    return WITHHELD if "signedInAt" in data.personal.withheld else "not kept"
