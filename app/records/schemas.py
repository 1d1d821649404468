# SPDX-License-Identifier: Apache-2.0
"""What the operations about records take, as pydantic models: the OpenAPI document is made from these."""

from pydantic import BaseModel, Field

from mcla.records.fields import NAMES, SECRET


class CopyQuery(BaseModel):
    """What a redacted copy shows."""

    show: str = Field(
        default="",
        max_length=200,
        pattern=r"^[A-Za-z,]*$",
        description="Personal fields to show, with commas between: any of "
        + ", ".join(f"`{name}`" for name in NAMES if name != SECRET)
        + ". Without it none is shown.",
    )

    def names(self) -> list[str]:
        return [name for name in self.show.split(",") if name]
