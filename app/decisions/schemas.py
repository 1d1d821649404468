# SPDX-License-Identifier: Apache-2.0
"""What is sent for a decision."""

from typing import Any, ClassVar

from pydantic import BaseModel, Field

from app.licences.schemas.question import EXAMPLE as QUESTION_EXAMPLE
from app.licences.schemas.question import LicenceQuestionIn
from app.licences.schemas.use import UnderTermsIn
from app.licences.schemas.use_facts import USE_SCHEMA
from app.platform.bodies import Body
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.licences.asking import TooManyBases
from mcla.licences.question import MAX_BASES
from mcla.tiers.decision import MAX_SUBJECTS

SHA256 = r"^[0-9a-f]{64}$"
EXAMPLE: dict[str, Any] = {
    "licence": "Apache-2.0",
    "use": {"commercial": True, "jurisdictions": ["DE"], "uses": []},
    "files": [{"path": "model.safetensors", "sha256": "5" * 64, "size": 3_550}],
}

LICENCE_EXAMPLE: dict[str, Any] = {"question": QUESTION_EXAMPLE}


class FileIn(Body):
    """A file of the model, as `mcla hash --json` names it."""

    path: str = Field(min_length=1, max_length=1024)
    sha256: str = Field(pattern=SHA256)
    size: int = Field(ge=0, le=2**53 - 1)


class DecisionIn(UnderTermsIn):
    """An intended use of these files, and the terms that it is asked under."""

    use: dict[str, Any] = Field(
        description="Facts about the use: `mcla.use/1`; their day is not asked about.", json_schema_extra=USE_SCHEMA
    )
    files: list[FileIn] = Field(min_length=1, max_length=MAX_SUBJECTS)

    @property
    def manifest(self) -> Manifest:
        """Raises `ManifestInvalid` or `PathInvalid`."""
        return Manifest.of([ManifestEntry(each.path, each.sha256, each.size) for each in self.files])


class LicenceDecisionIn(Body):
    """A question about licences, and the files that it is about."""

    max_bytes: ClassVar[int] = 1536 * 1024
    question: LicenceQuestionIn = Field(description="What `POST /licences/check` takes.")
    files: list[FileIn] = Field(default=[], max_length=MAX_SUBJECTS)

    @classmethod
    def read(cls, value: object) -> Any:
        """Raises `TooManyBases` by its own name, as where the question is asked without a signature."""
        question = value.get("question") if isinstance(value, dict) else None
        bases = question.get("bases") if isinstance(question, dict) else None
        if isinstance(bases, list) and len(bases) > MAX_BASES:
            raise TooManyBases.of(len(bases), "/question/bases")
        return super().read(value)

    @property
    def asked(self) -> dict[str, Any]:
        """The question as it was sent."""
        return self.question.model_dump(exclude_unset=True)

    @property
    def manifest(self) -> Manifest | None:
        """Raises `ManifestInvalid` or `PathInvalid`."""
        entries = [ManifestEntry(each.path, each.sha256, each.size) for each in self.files]
        return Manifest.of(entries) if entries else None


class DecisionPath(BaseModel):
    """A decision by the SHA-256 of its bytes."""

    digest: str = Field(description="64 hexadecimal digits", json_schema_extra={"pattern": SHA256})
