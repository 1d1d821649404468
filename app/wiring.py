# SPDX-License-Identifier: Apache-2.0
"""Puts the services together from the settings: the one place that knows every collaborator.

`build_services` makes them all for a process that goes on (server, worker, tests). `services_of_command` leaves each
until it is asked for, with the import of its module: that is half the time of a command. `services()` finds them in a
request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from app.platform import logs
from app.platform.clock import Clock, SystemClock
from app.platform.db import Database
from app.platform.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.agreements.service import AgreementService
    from app.checks.exemptions import ExemptionService
    from app.checks.policies import PolicyService
    from app.checks.sealing import AnswerSeal
    from app.checks.service import CheckService
    from app.checks.waiting import WaitingService
    from app.checks.webhooks import WebhookService
    from app.claims.service import ClaimService
    from app.companies.service import CompanyService
    from app.contributions.drafts import Drafts
    from app.contributions.service import ContributionService
    from app.contributions.tensors import TensorLists
    from app.coverage.service import CoverageService
    from app.decisions.service import DecisionService
    from app.feed.service import FeedService
    from app.grants.service import GrantService
    from app.identity.service import IdentityService
    from app.licences.certifications import CertificationService
    from app.licences.families import FamilyService
    from app.licences.service import LicenceService
    from app.log.service import LogService
    from app.mail.outbox import Outbox
    from app.mail.service import MailService
    from app.passkeys.service import PasskeyService
    from app.platform.clock_watch import ClockWatch
    from app.platform.jobs import Handler, Worker
    from app.platform.keys import KeysNow, ServiceKeys
    from app.platform.storage import Storage
    from app.projects.service import ProjectService
    from app.projects.staff import StaffService
    from app.records.copies import RecordCopies
    from app.records.outcomes import SigningOutcomes
    from app.records.service import RecordService
    from app.records.taking import FoundationRecords
    from app.signing.ports import Ports
    from app.signing.service import SigningService
    from app.sigstore.service import SigstoreService
    from app.succession.service import SuccessionService
    from app.tiers.service import TiersService
    from app.tokens.exchange import WorkloadDesk
    from app.tokens.service import TokenService
    from app.withdrawals.cases import CaseService
    from app.withdrawals.service import WithdrawalService
    from mcla.log.policy import Policy
    from mcla.verify.trust import TrustedRoot


@dataclass(frozen=True, eq=False)
class Services:
    """Every service of a process, each beside what it stands on, made and imported when it is first asked for."""

    settings: Settings
    db: Database
    clock: Clock

    @property
    def keys(self) -> "ServiceKeys":
        """The service's keys as they are now."""
        return self.keys_now()

    @property
    def trust(self) -> "TrustedRoot":
        """The service's trust file as it is now."""
        from app.signing.trust import trusted_root

        return trusted_root(self.keys_now(), self.settings)

    # what has no noun of its own

    @cached_property
    def keys_now(self) -> "KeysNow":
        from app.platform.keys import KeyRing

        return KeyRing(self.settings.home, self.settings.token).current

    @cached_property
    def storage(self) -> "Storage":
        from app.platform.storage import DirectoryStorage

        return DirectoryStorage(self.settings.home / "storage")

    @cached_property
    def watch(self) -> "ClockWatch":
        """The watch over the clock, with everything whose end comes no nearer when it is set back."""
        from app.platform.clock_watch import ClockWatch

        return ClockWatch(self.db, self.clock, (_cut_short,))

    @cached_property
    def worker(self) -> "Worker":
        from app.platform.jobs import Worker

        kept = timedelta(days=self.settings.job_days)
        return Worker(self.db, self.clock, self._handlers(), self.watch, kept)

    # projects, people and what they are told

    @cached_property
    def projects(self) -> "ProjectService":
        from app.projects.service import ProjectService

        return ProjectService(self.db, self.clock)

    @cached_property
    def staff(self) -> "StaffService":
        from app.projects.staff import StaffService

        return StaffService(self.db, self.clock)

    @cached_property
    def identity(self) -> "IdentityService":
        from app.identity.service import IdentityService

        return IdentityService(self.db, self.clock, self.settings, self.watch)

    @cached_property
    def tokens(self) -> "TokenService":
        from app.tokens.service import TokenService

        return TokenService(self.db, self.clock, self.watch)

    @cached_property
    def workloads(self) -> "WorkloadDesk":
        from app.tokens.exchange import WorkloadDesk
        from app.tokens.issuers import build_issuers

        issuers = build_issuers(self.settings, self.clock)
        return WorkloadDesk(self.db, self.clock, self.watch, issuers, self.settings.origin)

    @cached_property
    def passkeys(self) -> "PasskeyService":
        from app.passkeys.service import PasskeyService

        return PasskeyService(self.db, self.clock, self.settings, self.identity, self.projects)

    @cached_property
    def mail(self) -> "MailService":
        from app.mail.service import MailService

        return MailService(self.db, self.clock, self.settings)

    @cached_property
    def outbox(self) -> "Outbox":
        from app.mail.outbox import Outbox

        return Outbox(self.clock, self.settings.mail_server is not None)

    # agreements, the log, and the way of a signature

    @cached_property
    def agreements(self) -> "AgreementService":
        from app.agreements.service import AgreementService

        return AgreementService(self.db, self.clock)

    @cached_property
    def policy(self) -> "Policy":
        """The log's witnesses and the quorum of them that the operator wants."""
        from app.log.witness_policy import check_foreign, load_policy

        policy = load_policy(self.settings)
        check_foreign(policy, self.keys)
        return policy

    @cached_property
    def log(self) -> "LogService":
        """The log with its second home and its witnesses."""
        from app.log.second_home import SecondHome
        from app.log.service import LogService
        from app.log.witness_policy import witnesses_of

        home = self.settings.home / "storage" / "log"
        witnesses = witnesses_of(self.settings, self.policy, self.storage, home, self.clock)
        keys, host = lambda: self.keys.log_keys, self.settings.host
        return LogService(self.db, self.storage, SecondHome(home), keys, host, self.clock, witnesses)

    @cached_property
    def outcomes(self) -> "SigningOutcomes":
        from app.records.outcomes import SigningOutcomes

        return SigningOutcomes(self.clock)

    @cached_property
    def ports(self) -> "Ports":
        """What the way of a signature needs from others, for all that is signed here."""
        from app.companies.book import CompanyBook
        from app.signing.ports import Ports
        from app.signing.steady import SteadyClock

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
    def signing(self) -> "SigningService":
        from app.signing.service import SigningService

        return SigningService(self.ports)

    @cached_property
    def sigstore(self) -> "SigstoreService":
        from app.sigstore.service import SigstoreService

        return SigstoreService(self.ports)

    # what is signed and given

    @cached_property
    def companies(self) -> "CompanyService":
        from app.companies.service import CompanyService

        return CompanyService(self.signing, self.staff, self.outbox)

    @cached_property
    def contributions(self) -> "ContributionService":
        from app.contributions.service import ContributionService
        from app.log.witness_policy import recognised

        return ContributionService(self.db, self.ports, lambda: self.ports.trust, recognised(self.policy))

    @cached_property
    def tensor_lists(self) -> "TensorLists":
        from app.contributions.tensors import TensorLists

        return TensorLists(self.db)

    @cached_property
    def drafts(self) -> "Drafts":
        from app.contributions.drafts import Drafts

        return Drafts(self.db, self.clock)

    @cached_property
    def grants(self) -> "GrantService":
        from app.grants.service import GrantService

        may_see = self.contributions.check_may_see
        return GrantService(self.ports, self.staff, self.outbox, self.outcomes.issue, may_see)

    @cached_property
    def withdrawals(self) -> "WithdrawalService":
        from app.withdrawals.service import WithdrawalService

        return WithdrawalService(self.db, self.clock, self.ports.steady, self.log, self.keys_now)

    @cached_property
    def cases(self) -> "CaseService":
        from app.withdrawals.cases import CaseService

        return CaseService(self.db, self.clock, self.agreements, self.outbox, self.settings.origin)

    @cached_property
    def succession(self) -> "SuccessionService":
        from app.succession.service import SuccessionService

        return SuccessionService(self.ports, self.outbox)

    @cached_property
    def records(self) -> "RecordService":
        from app.records.service import RecordService

        return RecordService(self.ports, self.storage, self.outbox)

    @cached_property
    def record_copies(self) -> "RecordCopies":
        from app.records.copies import RecordCopies

        return RecordCopies(self.records)

    @cached_property
    def foundation_records(self) -> "FoundationRecords":
        from app.records.taking import FoundationRecords

        return FoundationRecords(self.db, self.records, self.record_copies)

    # what is asked

    @cached_property
    def claims(self) -> "ClaimService":
        from app.claims.service import ClaimService

        return ClaimService(self.db, self.clock, self.settings, self.projects, self.agreements)

    @cached_property
    def coverage(self) -> "CoverageService":
        from app.coverage.service import CoverageService

        return CoverageService(self.db, self.clock, self.projects, self.agreements, self.contributions)

    @cached_property
    def checks(self) -> "CheckService":
        from app.checks.providers import forges_of
        from app.checks.service import CheckService

        forges, origin = forges_of(self.settings), self.settings.origin
        return CheckService(self.db, self.clock, self.agreements, self.contributions, forges, origin)

    @cached_property
    def seal(self) -> "AnswerSeal":
        from app.checks.sealing import AnswerSeal

        return AnswerSeal(self.ports)

    @cached_property
    def policies(self) -> "PolicyService":
        from app.checks.policies import PolicyService

        return PolicyService(self.db, self.clock, self.agreements)

    @cached_property
    def exemptions(self) -> "ExemptionService":
        from app.checks.exemptions import ExemptionService

        return ExemptionService(self.db, self.clock, [each.name for each in self.settings.providers])

    @cached_property
    def waiting(self) -> "WaitingService":
        from app.checks.waiting import WaitingService

        return WaitingService(self.db, self.clock, self.projects, self.checks)

    @cached_property
    def webhooks(self) -> "WebhookService":
        from app.checks.webhooks import WebhookService
        from app.platform.keys import load_form_secret

        loopback = self.settings.demo or self.settings.webhook_loopback
        return WebhookService(self.db, self.clock, lambda: load_form_secret(self.settings.home), loopback=loopback)

    # terms, licences and decisions

    @cached_property
    def feed(self) -> "FeedService":
        from app.feed.service import FeedService

        return FeedService(self.db, self.clock, self.settings, self.keys_now)

    @cached_property
    def tiers(self) -> "TiersService":
        from app.tiers.service import TiersService

        return TiersService(self.ports)

    @cached_property
    def licences(self) -> "LicenceService":
        from app.licences.service import LicenceService

        return LicenceService(self.db, self.clock, self.settings.origin, self.feed, self.projects, self.tiers)

    @cached_property
    def certifications(self) -> "CertificationService":
        from app.licences.certifications import CertificationService

        return CertificationService(self.db, self.clock, self.settings.certifiers)

    @cached_property
    def families(self) -> "FamilyService":
        from app.licences.families import FamilyService

        return FamilyService(self.db, self.clock)

    @cached_property
    def decisions(self) -> "DecisionService":
        from app.decisions.service import DecisionService

        return DecisionService(self.db, self.ports, self.licences)

    def _handlers(self) -> dict[str, "Handler"]:
        """Every kind of job, with who does it."""
        from app.agreements.service import TELL_JOB
        from app.checks.queueing import DELIVER_JOB
        from app.checks.waiting import TEND_JOB
        from app.companies.release_requests import CLEAR_JOB as CLEAR_RELEASES_JOB
        from app.contributions.drafts import CLEAR_JOB as CLEAR_DRAFTS_JOB
        from app.grants.answering import FINISH_JOB as ANSWERED_JOB
        from app.mail.outbox import SEND_JOB
        from app.projects.changed import ASK_JOB
        from app.records.outcomes import RECORD_JOB, UPGRADE_JOB
        from app.signing.complete import FINISH_JOB as SIGNED_JOB
        from app.succession.declaring import FINISH_JOB as DECLARED_JOB
        from app.succession.mailing import MAIL_JOB
        from app.tiers.publishing import FINISH_JOB as TIERS_JOB

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
    services = _services(settings, db, clock)
    for name, member in vars(Services).items():
        if isinstance(member, cached_property):  # now: later two threads could each make one
            getattr(services, name)
    return services


def services_of_command(settings: Settings) -> Services:
    """As `build_services`, for one thread that ends soon: a service is made when it is asked for."""
    logs.install()
    services = _services(settings)
    services.keys_now()  # refuses a service that is not set up
    return services


def _services(settings: Settings, db: Database | None = None, clock: Clock | None = None) -> Services:
    from app import models

    assert models.metadata.tables  # noqa: S101  all of them: a row may refer to a table of any noun
    return Services(_with_demo(settings), db or Database(settings.database), clock or SystemClock())


def _cut_short(session: "Session", over: datetime) -> None:
    """Where the clock was set back: let nothing live longer by that."""
    from app.companies import invitations
    from app.identity import sessions
    from app.mail import outbox
    from app.passkeys import service as passkeys
    from app.platform import jobs
    from app.signing import drafts
    from app.tokens import exchange

    for noun in (sessions, passkeys, invitations, drafts, exchange, jobs, outbox):
        noun.cut_short(session, over)


def _with_demo(settings: Settings) -> Settings:
    """The settings, with the demo's identity provider where the demo is on and none of that name is set up."""
    if not settings.demo or any(each.name == "demo" for each in settings.providers):
        return settings
    from app.demo.provider import demo_provider_settings

    return settings.model_copy(update={"providers": (*settings.providers, demo_provider_settings(settings))})


def services() -> Services:
    """The services of the application that answers the current request."""
    from flask import current_app

    found: Services = current_app.extensions["mcla"]
    return found
