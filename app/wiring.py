# SPDX-License-Identifier: Apache-2.0
"""Puts the services together from the settings: the one place that knows every collaborator.

`build_services` makes them for a process (server, worker, command line, tests); `services()` finds them in a request.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app

from app.agreements.service import TELL_JOB, AgreementService
from app.checks.exemptions import ExemptionService
from app.checks.policies import PolicyService
from app.checks.providers import forges_of
from app.checks.queueing import DELIVER_JOB
from app.checks.sealing import AnswerSeal
from app.checks.service import CheckService
from app.checks.waiting import TEND_JOB, WaitingService
from app.checks.webhooks import WebhookService
from app.claims.service import ClaimService
from app.companies import invitations
from app.companies.book import CompanyBook
from app.companies.release_requests import CLEAR_JOB as CLEAR_RELEASES_JOB
from app.companies.service import CompanyService
from app.contributions.drafts import CLEAR_JOB, Drafts
from app.contributions.service import ContributionService
from app.contributions.tensors import TensorLists
from app.coverage.service import CoverageService
from app.decisions.service import DecisionService
from app.demo.provider import demo_provider_settings
from app.feed.service import FeedService
from app.grants.answering import FINISH_JOB as ANSWERED_JOB
from app.grants.service import GrantService
from app.identity import sessions
from app.identity.service import IdentityService
from app.licences.certifications import CertificationService
from app.licences.service import LicenceService
from app.log.second_home import SecondHome
from app.log.service import LogService
from app.log.witness_policy import check_foreign, load_policy, recognised, witnesses_of
from app.mail import outbox as mail_outbox
from app.mail.outbox import SEND_JOB, Outbox
from app.mail.service import MailService
from app.passkeys import service as passkey_service
from app.passkeys.service import PasskeyService
from app.platform import jobs, logs
from app.platform.clock import Clock, SystemClock
from app.platform.clock_watch import ClockWatch
from app.platform.db import Database
from app.platform.jobs import Worker
from app.platform.keys import KeyRing, KeysNow, ServiceKeys, load_form_secret
from app.platform.settings import Settings
from app.platform.storage import DirectoryStorage, Storage
from app.projects.changed import ASK_JOB
from app.projects.service import ProjectService
from app.projects.staff import StaffService
from app.records.copies import RecordCopies
from app.records.outcomes import RECORD_JOB, UPGRADE_JOB, SigningOutcomes
from app.records.service import RecordService
from app.records.taking import FoundationRecords
from app.signing import drafts
from app.signing.service import SigningService
from app.signing.trust import trusted_root
from app.sigstore.service import SigstoreService
from app.succession.declaring import FINISH_JOB
from app.succession.mailing import MAIL_JOB
from app.succession.service import SuccessionService
from app.tiers.publishing import FINISH_JOB as TIERS_JOB
from app.tiers.service import TiersService
from app.tokens import exchange
from app.tokens.exchange import WorkloadDesk
from app.tokens.issuers import build_issuers
from app.tokens.service import TokenService
from app.withdrawals.cases import CaseService
from app.withdrawals.service import WithdrawalService
from mcla.log.policy import Policy
from mcla.verify.trust import TrustedRoot


@dataclass(frozen=True, slots=True)
class Services:
    """Every service of a process, ready to use."""

    settings: Settings
    db: Database
    clock: Clock
    keys_now: KeysNow
    storage: Storage
    policy: Policy
    """The log's witnesses and the quorum of them that the operator wants."""
    projects: ProjectService
    staff: StaffService
    mail: MailService
    agreements: AgreementService
    identity: IdentityService
    tokens: TokenService
    workloads: WorkloadDesk
    passkeys: PasskeyService
    log: LogService
    signing: SigningService
    companies: CompanyService
    succession: SuccessionService
    sigstore: SigstoreService
    withdrawals: WithdrawalService
    cases: CaseService
    grants: GrantService
    contributions: ContributionService
    tensor_lists: TensorLists
    drafts: Drafts
    records: RecordService
    record_copies: RecordCopies
    foundation_records: FoundationRecords
    claims: ClaimService
    coverage: CoverageService
    checks: CheckService
    seal: AnswerSeal
    policies: PolicyService
    exemptions: ExemptionService
    waiting: WaitingService
    webhooks: WebhookService
    feed: FeedService
    tiers: TiersService
    licences: LicenceService
    certifications: CertificationService
    decisions: DecisionService
    worker: Worker

    @property
    def keys(self) -> ServiceKeys:
        """The service's keys as they are now."""
        return self.keys_now()

    @property
    def trust(self) -> TrustedRoot:
        """The service's trust file as it is now."""
        return trusted_root(self.keys_now(), self.settings)


def build_services(settings: Settings, db: Database | None = None, clock: Clock | None = None) -> Services:
    """Wire the services of one process; the keys must exist (`mcla-server init`)."""
    logs.install()
    settings = _with_demo(settings)
    db, clock = db or Database(settings.database), clock or SystemClock()
    keys_now = KeyRing(settings.home, settings.token).current
    storage = DirectoryStorage(settings.home / "storage")
    projects, agreements = ProjectService(db, clock), AgreementService(db, clock)
    watch, policy = _watch(db, clock), load_policy(settings)
    check_foreign(policy, keys_now())
    identity = IdentityService(db, clock, settings, watch)
    log = _log(settings, db, clock, storage, keys_now, policy)
    staff = StaffService(db, clock)
    outbox, mail = Outbox(clock, settings.mail_server is not None), MailService(db, clock, settings)
    outcomes, book = SigningOutcomes(clock), CompanyBook(settings, clock)
    passkeys = PasskeyService(db, clock, settings, identity, projects)
    signing = SigningService(
        db, clock, settings, keys_now, log, agreements, projects, identity, outcomes, passkeys, book
    )
    withdrawals = WithdrawalService(db, clock, signing.ports.steady, log, keys_now)
    contributions = ContributionService(db, signing.ports, lambda: signing.ports.trust, recognised(policy))
    grants = GrantService(signing.ports, staff, outbox, outcomes.issue, contributions.check_may_see)
    begun = Drafts(db, clock)
    records = RecordService(signing.ports, storage, outbox)
    copies = RecordCopies(records)
    succession = SuccessionService(signing.ports, outbox)
    checks = CheckService(db, clock, agreements, contributions, forges_of(settings), settings.origin)
    waiting = WaitingService(db, clock, projects, checks)
    local = settings.demo or settings.webhook_loopback
    webhooks = WebhookService(db, clock, lambda: load_form_secret(settings.home), loopback=local)
    tiers = TiersService(signing.ports)
    companies = CompanyService(signing, staff, outbox)
    handlers = {
        "signing.finish": signing.finish_job,
        RECORD_JOB: records.issue_job,
        UPGRADE_JOB: records.upgrade_job,
        CLEAR_JOB: begun.clear_job,
        TELL_JOB: succession.tell_job,
        FINISH_JOB: succession.declared_job,
        MAIL_JOB: succession.mail_job,
        SEND_JOB: mail.send_job,
        CLEAR_RELEASES_JOB: companies.releases.clear_job,
        ANSWERED_JOB: grants.finish_job,
        ASK_JOB: waiting.ask_again_job,
        TEND_JOB: waiting.tend_job,
        DELIVER_JOB: webhooks.deliver_job,
        TIERS_JOB: tiers.finish_job,
    }
    feed = FeedService(db, clock, settings, keys_now)
    licences = LicenceService(db, clock, settings.origin, feed, projects, tiers)
    worker = Worker(db, clock, handlers, watch, timedelta(days=settings.job_days))
    return Services(
        settings,
        db,
        clock,
        keys_now,
        storage,
        policy,
        projects,
        staff,
        mail,
        agreements,
        identity,
        TokenService(db, clock, watch),
        WorkloadDesk(db, clock, watch, build_issuers(settings, clock), settings.origin),
        passkeys,
        log,
        signing,
        companies,
        succession,
        SigstoreService(signing.ports),
        withdrawals,
        CaseService(db, clock, agreements, outbox, settings.origin),
        grants,
        contributions,
        TensorLists(db),
        begun,
        records,
        copies,
        FoundationRecords(db, records, copies),
        ClaimService(db, clock, settings, projects, agreements),
        CoverageService(db, clock, projects, agreements, contributions),
        checks,
        AnswerSeal(signing.ports),
        PolicyService(db, clock, agreements),
        ExemptionService(db, clock, [each.name for each in settings.providers]),
        waiting,
        webhooks,
        feed,
        tiers,
        licences,
        CertificationService(db, clock, settings.certifiers),
        DecisionService(db, signing.ports, licences),
        worker,
    )


def _with_demo(settings: Settings) -> Settings:
    """The settings, with the demo's identity provider where the demo is on and none of that name is set up."""
    if not settings.demo or any(each.name == "demo" for each in settings.providers):
        return settings
    return settings.model_copy(update={"providers": (*settings.providers, demo_provider_settings(settings))})


def _watch(db: Database, clock: Clock) -> ClockWatch:
    """The watch over the clock, with everything whose end comes no nearer when it is set back."""
    ending = (
        sessions.cut_short,
        passkey_service.cut_short,
        invitations.cut_short,
        drafts.cut_short,
        exchange.cut_short,
        jobs.cut_short,
        mail_outbox.cut_short,
    )
    return ClockWatch(db, clock, ending)


def _log(
    settings: Settings, db: Database, clock: Clock, storage: DirectoryStorage, keys_now: KeysNow, policy: Policy
) -> LogService:
    """The log with its second home and its witnesses."""
    home = settings.home / "storage" / "log"
    witnesses = witnesses_of(settings, policy, storage, home, clock)
    return LogService(db, storage, SecondHome(home), lambda: keys_now().log_keys, settings.host, clock, witnesses)


def services() -> Services:
    """The services of the application that answers the current request."""
    found: Services = current_app.extensions["mcla"]
    return found
