# SPDX-License-Identifier: Apache-2.0
"""pyHanko works on an event loop; its synchronous doors fail in a thread where one is running already."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, run on a loop of its own in a thread of its own: right under any server."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()
