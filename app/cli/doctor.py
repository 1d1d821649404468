# SPDX-License-Identifier: Apache-2.0
"""`mcla-server doctor`: looks at every part that a signature needs and says what to do about each fault.

It changes nothing that anybody sees: the probe record is sealed and verified in memory.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select, text

from app.platform import migrate
from app.platform.clock import APART, SystemClock
from app.platform.clock_watch import ClockMark
from app.platform.db import Database
from app.platform.jobs import Job
from app.platform.keys import KINDS, Kind, ServiceKeys, load_keys, probe, scheme
from app.platform.keys.values import algorithm_of
from app.platform.settings import Settings
from app.signing.errors import ClockUnsteady
from app.signing.trust import trusted_root
from app.wiring import build_services
from mcla.errors import MclaError
from mcla.log.note import parse_note

LEAST_FREE_BYTES = 500_000_000
RENEW_BEFORE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Finding:
    """One part looked at: `state` is ok, attention or fault."""

    part: str
    state: str
    says: str
    fix: str = ""

    def line(self) -> str:
        return f"{self.state:<9}  {self.part:<11}  {self.says}" + (f"\n{'':24}fix: {self.fix}" if self.fix else "")

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


def examine(settings: Settings) -> list[Finding]:
    """Look at every part; a part that raises is a fault, and the others are still looked at."""
    return [finding for part, look in PARTS.items() for finding in _guarded(part, look, settings)]


def _guarded(part: str, look: Callable[[Settings], Iterator[Finding]], settings: Settings) -> Iterator[Finding]:
    try:
        yield from look(settings)
    except MclaError as error:
        yield Finding(part, "fault", error.message, error.hint)
    except Exception as error:  # noqa: BLE001  whatever is broken is what the doctor is for
        yield Finding(
            part, "fault", f"{type(error).__name__}: {error}"[:300], "See the message; run `mcla-server init` if new."
        )


def _settings(settings: Settings) -> Iterator[Finding]:
    yield Finding("settings", "ok", f"origin {settings.origin}, listening on {settings.bind}")
    if not settings.secure and not settings.demo:
        yield Finding(
            "settings", "attention", "the origin is not https", "Set MCLA_ORIGIN to the https address people use."
        )
    if not settings.providers and not settings.demo:
        yield Finding(
            "settings",
            "fault",
            "nobody can sign in: no identity provider",
            "Set MCLA_PROVIDERS; see `mcla-server config`.",
        )


def _disk(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.home).free
    state = "ok" if free > LEAST_FREE_BYTES else "attention"
    yield Finding(
        "disk", state, f"{free / 1e9:.1f} GB free", "" if state == "ok" else "Free some space before signing goes on."
    )


def _keys(settings: Settings) -> Iterator[Finding]:
    keys, now = load_keys(settings.home, settings.token), SystemClock().now()
    for kind in KINDS:
        yield _tried(settings, keys, kind)
    for name, authority in (("ca", keys.ca), ("tsa", keys.tsa), ("document", keys.document)):
        end = min(certificate.not_valid_after_utc for certificate in authority.chain)
        state = "fault" if end <= now else "attention" if end - now < RENEW_BEFORE else "ok"
        fix = "" if state == "ok" else f"Run before that: mcla-server keys rotate {name}"
        yield Finding("keys", state, f"{name} certificate is valid until {end:%Y-%m-%d}", fix)


def _tried(settings: Settings, keys: ServiceKeys, kind: Kind) -> Finding:
    """One key, tried out by a signature; attention if the settings want it elsewhere."""
    one = next(each for each in keys.of(kind) if each.state == "signing")
    try:
        probe(keys.signer(kind))
    except MclaError as error:
        return Finding("keys", "fault", f"{kind}: {error.message}", error.hint)
    home, wanted = scheme(one.place), scheme(settings.keys.of(kind))
    if home != wanted:
        move = "Run: mcla-server feed rotate" if kind == "feed" else f"Run: mcla-server keys rotate {kind}"
        return Finding("keys", "attention", f"{kind} signs, but from {home}; MCLA_KEYS says {wanted}", move)
    sealed_by, asked = algorithm_of(one.public_key), settings.keys.document_algorithm
    if kind == "document" and sealed_by != asked:
        fix = "Run: mcla-server keys rotate document"
        return Finding("keys", "attention", f"document is {sealed_by}; MCLA_KEYS says {asked}", fix)
    return Finding("keys", "ok", f"{kind} signs and its signature verifies ({home})")


def _database(settings: Settings) -> Iterator[Finding]:
    db = Database(settings.database)
    with db.read() as session:
        version = session.scalar(text("SELECT sqlite_version()" if db.is_sqlite else "SHOW server_version"))
        durable = True if db.is_sqlite else session.scalar(text("SHOW synchronous_commit")) in ("on", "remote_apply")
    yield Finding("database", "ok", f"{db.engine.dialect.name} {version}")
    if not durable:
        yield Finding(
            "database", "fault", "synchronous_commit is off: a crash loses signatures", "Set synchronous_commit = on."
        )
    if migrate.current(db) != migrate.newest():
        yield Finding("database", "fault", "the schema is not the newest", "Run: mcla-server init")


def _clock(settings: Settings) -> Iterator[Finding]:
    """Against what was signed and seen last; what runs differently in another process is that process's to notice."""
    services, now = build_services(settings), SystemClock().now()
    try:
        with services.db.read() as session:
            services.signing.ports.steady.now(session)
            seen = session.scalars(select(ClockMark.at)).one()
    except ClockUnsteady as error:
        fix = "Set this machine's clock by NTP. If the earlier time was the wrong one, wait until it is past."
        yield Finding("clock", "fault", error.message, fix)
        return
    if now + APART < seen:
        fix = "Set this machine's clock by NTP. If it is right by now, sign-ins end once, and nothing is to be done."
        yield Finding("clock", "attention", f"before {seen:%Y-%m-%d %H:%M:%S} UTC, which was seen already", fix)
        return
    yield Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC, not before anything signed or seen")


def _log(settings: Settings) -> Iterator[Finding]:
    services = build_services(settings)
    services.log.recover()
    first = services.log.checkpoint().splitlines()
    yield Finding("log", "ok", f"{first[0]}: {first[1]} entries, the signed head agrees with the database")


def _witnesses(settings: Settings) -> Iterator[Finding]:
    services = build_services(settings)
    policy = services.policy
    if not policy.witnesses:
        yield Finding("witnesses", "ok", "none: the log rests on this operator's word alone (MCLA_WITNESS_POLICY)")
        return
    services.log.recover()  # asks each of them
    seen_by = {one.witness.name for one in policy.cosigned(parse_note(services.log.checkpoint()))}
    for witness in policy.witnesses:
        if urlsplit(witness.url).hostname == settings.host:
            fix = "Ask somebody else to run it."
            yield Finding("witnesses", "attention", f"{witness.name} is at this service's own host: no witness", fix)
        elif witness.name not in seen_by:
            fix = "Read the log.witness_failed lines, or ask its operator."
            yield Finding("witnesses", "attention", f"{witness.name} has not cosigned the newest head", fix)
    state = "ok" if policy.met_by(seen_by) else "fault"
    fix = "" if state == "ok" else "Signing goes on as MCLA_WITHOUT_QUORUM says; see docs/operator.md, Witnesses."
    yield Finding("witnesses", state, f"{len(seen_by)} of {len(policy.witnesses)} cosigned the newest head", fix)


def _jobs(settings: Settings) -> Iterator[Finding]:
    db, now = Database(settings.database), SystemClock().now()
    with db.read() as session:
        dead = session.scalar(select(func.count()).select_from(Job).where(Job.state == "dead")) or 0
        oldest = session.scalar(select(func.min(Job.run_after)).where(Job.state == "waiting"))
    if dead:
        yield Finding("jobs", "attention", f"{dead} jobs failed for good", "Read their `failure` in the job table.")
    late = oldest is not None and now - oldest > timedelta(minutes=10)
    says = f"the oldest waits since {oldest:%Y-%m-%d %H:%M} UTC" if late and oldest else "none is late"
    yield Finding("jobs", "attention" if late else "ok", says, "Run: mcla-server jobs run" if late else "")


def _mail(settings: Settings) -> Iterator[Finding]:
    mail, now = build_services(settings).mail, SystemClock().now()
    found = mail.standing()
    if found.oldest is not None and (not mail.on or now - found.oldest > timedelta(hours=1)):
        says = f"{found.waiting} wait, the oldest since {found.oldest:%Y-%m-%d %H:%M} UTC"
        yield Finding("mail", "attention", says, "Read the mail.server_away and mail.refused lines.")
    if found.failed:
        fix = "Run: mcla-server mail failed, then mail retry or mail drop"
        yield Finding("mail", "attention", f"{found.failed} were given up", fix)
    if not mail.on:
        yield Finding("mail", "ok", "off: people are told on their pages alone (MCLA_SMTP_URL)")
    else:
        yield Finding("mail", "ok", f"{mail.check()} takes mail from {settings.mail_from}")


def _withdrawals(settings: Settings) -> Iterator[Finding]:
    waiting, overdue = build_services(settings).cases.waiting()
    fix = "Run: mcla-server withdrawals list" if overdue else ""
    says = f"{waiting} wait for an answer, {overdue} of them overdue" if waiting else "none waits for an answer"
    yield Finding("withdrawals", "attention" if overdue else "ok", says, fix)


def _record(settings: Settings) -> Iterator[Finding]:
    from app.records.sealer import Sealer
    from app.records.selftest import self_test

    keys = load_keys(settings.home, settings.token)
    self_test(keys, trusted_root(keys, settings), SystemClock().now())
    yield Finding("record", "ok", "a test record was sealed and verified")
    services = build_services(settings)
    Sealer(services.signing.ports).check_life(SystemClock().now())
    age = services.records.age()
    if age.late:
        says = f"{age.late} records wait longer than {settings.record_age} minutes, the oldest for {age.oldest}"
        yield Finding("record", "attention", says, "Read `failure` in the record table, and the job.failed lines.")
    if age.bare:
        says = f"{age.bare} records are sealed without a timestamp (B-B), until they can be sealed again"
        yield Finding("record", "attention", says, "See whether MCLA_TSA_URL and the certificate's OCSP answer.")


def _feed(settings: Settings) -> Iterator[Finding]:
    """The end of a feed is noticed by its followers: they refuse it, and terms that bind to one permit nothing."""
    found = build_services(settings).feed.standing()
    if found is None:
        says = "none is published: terms that bind to one permit nothing (the first start publishes a starter feed)"
        yield Finding("feed", "ok", says if settings.starter_feed else f"{says.partition(' (')[0]} (MCLA_STARTER_FEED)")
        return
    fix = "Read its entries at /.well-known/mcla/feed.json, then run: mcla-server feed renew --issuer NAME"
    until = f"serial {found.feed.serial}, until {found.feed.expires:%Y-%m-%d %H:%M} UTC"
    if found.over:
        # Whoever answered for a feed broke a promise; of the starter feed nobody made one.
        state = "attention" if found.unanswered else "fault"
        yield Finding("feed", state, f"over, and refused by whoever follows it: {until}", fix)
    elif found.ending or found.unanswered:
        why = "nobody answers for its entries yet" if found.unanswered else "it ends soon"
        yield Finding("feed", "attention", f"{why}: {until}", fix)
    else:
        yield Finding("feed", "ok", f"{found.feed.issuer}: {until}")
    if found.renamed:
        says = f"it goes by {found.feed.name}, the next by {found.name}; who follows it has to pin again"
        yield Finding("feed", "attention", says, fix)


def _reports(settings: Settings) -> Iterator[Finding]:
    """Who handles safety reports: without anybody, what comes under embargo is seen by nobody of the foundation."""
    lacking = build_services(settings).staff.without_handlers()
    fix = "Run: mcla-server staff add FOUNDATION PROVIDER NUMBER --reports"
    for each in lacking:
        yield Finding("reports", "attention", f"nobody of {each.slug} is appointed to handle safety reports", fix)
    if not lacking:
        yield Finding("reports", "ok", "every foundation has somebody who handles safety reports")


PARTS: dict[str, Callable[[Settings], Iterator[Finding]]] = {
    "settings": _settings,
    "disk": _disk,
    "keys": _keys,
    "database": _database,
    "clock": _clock,
    "log": _log,
    "witnesses": _witnesses,
    "jobs": _jobs,
    "mail": _mail,
    "withdrawals": _withdrawals,
    "reports": _reports,
    "feed": _feed,
    "record": _record,
}
