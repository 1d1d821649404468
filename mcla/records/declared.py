# SPDX-License-Identifier: Apache-2.0
"""What a contributor declared, in the words of the page: `record.json` has them beside the signed values.

The statement holds values such as `fine-tune`; questions and choices in words stand in the forms of the agreement
version, which a record names by digest and does not carry. So the words are the seal's: each question with its answer,
and of works that the contribution builds on, name, licence and details.
"""

from collections.abc import Iterator
from typing import Any


def told_answers(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What the certificate page must show of the declarations in `given`: what it is, and the words side by side."""
    for one in given["answers"]:
        what = f"answer to {one['key']}"
        if "works" in one:
            yield what, one["question"]
            for work in one["works"]:
                yield what, f"{work['name']}{work['licence']}{work['sha256']}{' · '.join(work['details'])}"
        else:
            yield what, f"{one['question']}{one['answer']}"
