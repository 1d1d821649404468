# SPDX-License-Identifier: Apache-2.0
"""Puts the services together from the settings: the one place that knows every collaborator.

`build_services` makes them for a process (server, worker, command line, tests); `services()` finds them in a request.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

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
from app.contributions.drafts import CLEAR_JOB as CLEAR_DRAFTS_JOB
from app.contributions.drafts import Drafts
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
from app.licences.families import FamilyService
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
from app.platform.jobs import Handler, Worker
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
from app.signing.complete import FINISH_JOB as SIGNED_JOB
from app.signing.ports import Ports
from app.signing.service import SigningService
from app.signing.steady import SteadyClock
from app.signing.trust import trusted_root
from app.sigstore.service import SigstoreService
from app.succession.declaring import FINISH_JOB as DECLARED_JOB
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

_ENDING = (
    sessions.cut_short,
    passkey_service.cut_short,
    invitations.cut_short,
    drafts.cut_short,
    exchange.cut_short,
    jobs.cut_short,
    mail_outbox.cut_short,
)


@dataclass(frozen=True, eq=False)
class Services:
    """Every service of a process, each beside what it stands on; `build_services` makes them all."""

    settings: Settings
    db: Database
    clock: Clock

    @property
    def keys(self) -> ServiceKeys:
        """The service's keys as they are now."""
        return self.keys_now()

    @property
    def trust(self) -> TrustedRoot:
        """The service's trust file as it is now."""
        return trusted_root(self.keys_now(), self.settings)

    # what has no noun of its own

    @cached_property
    def keys_now(self) -> KeysNow:
        return KeyRing(self.settings.home, self.settings.token).current

    @cached_property
    def storage(self) -> Storage:
        return DirectoryStorage(self.settings.home / "storage")

    @cached_property
    def watch(self) -> ClockWatch:
        """The watch over the clock, with everything whose end comes no nearer when it is set back."""
        return ClockWatch(self.db, self.clock, _ENDING)

    @cached_property
    def worker(self) -> Worker:
        kept = timedelta(days=self.settings.job_days)
        return Worker(self.db, self.clock, self._handlers(), self.watch, kept)

    # projects, people and what they are told

    @cached_property
    def projects(self) -> ProjectService:
        return ProjectService(self.db, self.clock)

    @cached_property
    def staff(self) -> StaffService:
        return StaffService(self.db, self.clock)

    @cached_property
    def identity(self) -> IdentityService:
        return IdentityService(self.db, self.clock, self.settings, self.watch)

    @cached_property
    def tokens(self) -> TokenService:
        return TokenService(self.db, self.clock, self.watch)

    @cached_property
    def workloads(self) -> WorkloadDesk:
        issuers = build_issuers(self.settings, self.clock)
        return WorkloadDesk(self.db, self.clock, self.watch, issuers, self.settings.origin)

    @cached_property
    def passkeys(self) -> PasskeyService:
        return PasskeyService(self.db, self.clock, self.settings, self.identity, self.projects)

    @cached_property
    def mail(self) -> MailService:
        return MailService(self.db, self.clock, self.settings)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.clock, self.settings.mail_server is not None)

    # agreements, the log, and the way of a signature

    @cached_property
    def agreements(self) -> AgreementService:
        return AgreementService(self.db, self.clock)

    @cached_property
    def policy(self) -> Policy:
        """The log's witnesses and the quorum of them that the operator wants."""
        policy = load_policy(self.settings)
        check_foreign(policy, self.keys)
        return policy

    @cached_property
    def log(self) -> LogService:
        """The log with its second home and its witnesses."""
        home = self.settings.home / "storage" / "log"
        witnesses = witnesses_of(self.settings, self.policy, self.storage, home, self.clock)
        keys, host = lambda: self.keys.log_keys, self.settings.host
        return LogService(self.db, self.storage, SecondHome(home), keys, host, self.clock, witnesses)

    @cached_property
    def outcomes(self) -> SigningOutcomes:
        return SigningOutcomes(self.clock)

    @cached_property
    def ports(self) -> Ports:
        """What the way of a signature needs from others, for all that is signed here."""
        return Ports(
            db=self.db,
            clock=self.clock,
            steady=SteadyClock(self.clock),
            settings=self.settings,
            keys_now=self.keys_now,
            log=self.log,
            agreements=self.agreements,
            projects=self.projects,
            identity=self.identity,
            outcomes=self.outcomes,
            passkeys=self.passkeys,
            companies=CompanyBook(self.settings, self.clock),
        )

    @cached_property
    def signing(self) -> SigningService:
        return SigningService(self.ports)

    @cached_property
    def sigstore(self) -> SigstoreService:
        return SigstoreService(self.ports)

    # what is signed and given

    @cached_property
    def companies(self) -> CompanyService:
        return CompanyService(self.signing, self.staff, self.outbox)

    @cached_property
    def contributions(self) -> ContributionService:
        return ContributionService(self.db, self.ports, lambda: self.ports.trust, recognised(self.policy))

    @cached_property
    def tensor_lists(self) -> TensorLists:
        return TensorLists(self.db)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self.db, self.clock)

    @cached_property
    def grants(self) -> GrantService:
        may_see = self.contributions.check_may_see
        return GrantService(self.ports, self.staff, self.outbox, self.outcomes.issue, may_see)

    @cached_property
    def withdrawals(self) -> WithdrawalService:
        return WithdrawalService(self.db, self.clock, self.ports.steady, self.log, self.keys_now)

    @cached_property
    def cases(self) -> CaseService:
        return CaseService(self.db, self.clock, self.agreements, self.outbox, self.settings.origin)

    @cached_property
    def succession(self) -> SuccessionService:
        return SuccessionService(self.ports, self.outbox)

    @cached_property
    def records(self) -> RecordService:
        return RecordService(self.ports, self.storage, self.outbox)

    @cached_property
    def record_copies(self) -> RecordCopies:
        return RecordCopies(self.records)

    @cached_property
    def foundation_records(self) -> FoundationRecords:
        return FoundationRecords(self.db, self.records, self.record_copies)

    # what is asked

    @cached_property
    def claims(self) -> ClaimService:
        return ClaimService(self.db, self.clock, self.settings, self.projects, self.agreements)

    @cached_property
    def coverage(self) -> CoverageService:
        return CoverageService(self.db, self.clock, self.projects, self.agreements, self.contributions)

    @cached_property
    def checks(self) -> CheckService:
        forges, origin = forges_of(self.settings), self.settings.origin
        return CheckService(self.db, self.clock, self.agreements, self.contributions, forges, origin)

    @cached_property
    def seal(self) -> AnswerSeal:
        return AnswerSeal(self.ports)

    @cached_property
    def policies(self) -> PolicyService:
        return PolicyService(self.db, self.clock, self.agreements)

    @cached_property
    def exemptions(self) -> ExemptionService:
        return ExemptionService(self.db, self.clock, [each.name for each in self.settings.providers])

    @cached_property
    def waiting(self) -> WaitingService:
        return WaitingService(self.db, self.clock, self.projects, self.checks)

    @cached_property
    def webhooks(self) -> WebhookService:
        loopback = self.settings.demo or self.settings.webhook_loopback
        return WebhookService(self.db, self.clock, lambda: load_form_secret(self.settings.home), loopback=loopback)

    # terms, licences and decisions

    @cached_property
    def feed(self) -> FeedService:
        return FeedService(self.db, self.clock, self.settings, self.keys_now)

    @cached_property
    def tiers(self) -> TiersService:
        return TiersService(self.ports)

    @cached_property
    def licences(self) -> LicenceService:
        return LicenceService(self.db, self.clock, self.settings.origin, self.feed, self.projects, self.tiers)

    @cached_property
    def certifications(self) -> CertificationService:
        return CertificationService(self.db, self.clock, self.settings.certifiers)

    @cached_property
    def families(self) -> FamilyService:
        return FamilyService(self.db, self.clock)

    @cached_property
    def decisions(self) -> DecisionService:
        return DecisionService(self.db, self.ports, self.licences)

    def _handlers(self) -> dict[str, Handler]:
        """Every kind of job, with who does it."""
        return {
            SIGNED_JOB: self.signing.finish_job,
            RECORD_JOB: self.records.issue_job,
            UPGRADE_JOB: self.records.upgrade_job,
            CLEAR_DRAFTS_JOB: self.drafts.clear_job,
            CLEAR_RELEASES_JOB: self.companies.releases.clear_job,
            TELL_JOB: self.succession.tell_job,
            DECLARED_JOB: self.succession.declared_job,
            MAIL_JOB: self.succession.mail_job,
            SEND_JOB: self.mail.send_job,
            ANSWERED_JOB: self.grants.finish_job,
            ASK_JOB: self.waiting.ask_again_job,
            TEND_JOB: self.waiting.tend_job,
            DELIVER_JOB: self.webhooks.deliver_job,
            TIERS_JOB: self.tiers.finish_job,
        }


def build_services(settings: Settings, db: Database | None = None, clock: Clock | None = None) -> Services:
    """Wire the services of one process; the keys must exist (`mcla-server init`)."""
    logs.install()
    services = Services(_with_demo(settings), db or Database(settings.database), clock or SystemClock())
    for name, member in vars(Services).items():
        if isinstance(member, cached_property):  # now: later two threads could each make one
            getattr(services, name)
    return services


def _with_demo(settings: Settings) -> Settings:
    """The settings, with the demo's identity provider where the demo is on and none of that name is set up."""
    if not settings.demo or any(each.name == "demo" for each in settings.providers):
        return settings
    return settings.model_copy(update={"providers": (*settings.providers, demo_provider_settings(settings))})


def services() -> Services:
    """The services of the application that answers the current request."""
    found: Services = current_app.extensions["mcla"]
    return found
