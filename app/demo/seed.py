# SPDX-License-Identifier: Apache-2.0
"""The demo's content: one foundation, its projects, the published agreements and the terms of use of its models.

Doing it again changes nothing. Everything goes through the same services as a real set-up.
"""

from pathlib import Path

from app.agreements.service import AgreementService, PublishedVersion
from app.projects.service import ProjectService
from app.tiers.service import TiersService
from app.tiers.values import Owner

AGREEMENTS = Path(__file__).resolve().parents[2] / "agreements"
TIERS = Path(__file__).resolve().parent / "tiers.toml"
FOUNDATION = ("example", "Example Foundation", "contact@foundation.example")
PROJECTS = (
    ("tiny-llm", "Tiny LLM", "A small language model that runs on a laptop, with all of its training data."),
    ("open-voice", "Open Voice", "Speech detection and recognition from recordings that people gave on purpose."),
    ("safe-eval", "Safe Eval", "Test sets and filters that find out what a model should not do."),
)


def seed(projects: ProjectService, agreements: AgreementService, texts: Path = AGREEMENTS) -> PublishedVersion:
    """Create what is missing of the demo foundation; answers the published agreement for persons, one of `texts`."""
    slug, name, contact = FOUNDATION
    projects.ensure_foundation(slug, name, contact)
    for project, title, summary in PROJECTS:
        projects.ensure_project(slug, project, title, summary)
    for other in ("mcla-corporate", "mcla-grant"):
        agreements.publish(texts / other / "1.0.0", slug)
    return agreements.publish(texts / "mcla-individual" / "1.0.0", slug)


def seed_tiers(projects: ProjectService, tiers: TiersService, document: Path = TIERS) -> None:
    """Publish the demo foundation's terms in tiers, unless it has some."""
    foundation = projects.foundation(FOUNDATION[0])
    if not tiers.newest_of([owner := Owner(foundation)]):
        tiers.publish(owner, document.read_bytes(), "demo")
