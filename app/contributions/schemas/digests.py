# SPDX-License-Identifier: Apache-2.0
"""What is asked by digest."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field

from app.platform.bodies import Body

DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PATTERN = r"^(sha256:)?[0-9a-f]{64}$"
Asked = Annotated[str, Field(pattern=PATTERN, examples=[DIGEST], description="With or without sha256: before it.")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$", examples=[DIGEST])]
Word = Literal["verified", "not-verified", "unknown"]


class DigestPath(BaseModel):
    """The digest in a path. The pattern is for readers; the operation itself says in words what is wrong."""

    digest: str = Field(json_schema_extra={"pattern": PATTERN}, examples=[DIGEST])


class DigestsIn(Body):
    """Digests to be looked up together."""

    max_bytes: ClassVar[int] = 256 * 1024

    digests: list[Asked] = Field(min_length=1, max_length=1000)
