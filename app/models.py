# SPDX-License-Identifier: Apache-2.0
"""Every table of the service, gathered for Alembic and for tests: importing this fills `Base.metadata`."""

from app.agreements import models as agreements
from app.checks import models as checks
from app.claims import models as claims
from app.companies import models as companies
from app.contributions import models as contributions
from app.decisions import models as decisions
from app.feed import models as feed
from app.grants import models as grants
from app.identity import models as identity
from app.licences import models as licences
from app.log import models as log
from app.mail import models as mail
from app.passkeys import models as passkeys
from app.platform import clock_watch, jobs
from app.platform.db import Base
from app.projects import models as projects
from app.records import models as records
from app.signing import models as signing
from app.tiers import models as tiers
from app.tokens import models as tokens
from app.withdrawals import models as withdrawals

__all__ = [
    "agreements",
    "checks",
    "claims",
    "clock_watch",
    "companies",
    "contributions",
    "decisions",
    "feed",
    "grants",
    "identity",
    "jobs",
    "licences",
    "log",
    "mail",
    "passkeys",
    "projects",
    "records",
    "signing",
    "tiers",
    "tokens",
    "withdrawals",
]
metadata = Base.metadata
