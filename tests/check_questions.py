# SPDX-License-Identifier: Apache-2.0
"""Questions about changes, as a job sends them."""

from typing import Any

from signing_walk import PROJECT, file

from app.identity.ports import Actor


def account(actor: Actor) -> dict[str, str]:
    return {"provider": actor.provider, "subject": actor.subject}


def question(opener: Actor, *authors: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A change to the demo's first project with a commit by each author, or by its opener."""
    named = authors or (account(opener),)
    commits = [{"sha": f"{number:040x}", "author": each} for number, each in enumerate(named)]
    return {"project": PROJECT, "opener": account(opener), "commits": commits, **members}


def sent(content: bytes = b"weights", path: str = "model.safetensors", **more: Any) -> dict[str, Any]:
    """A changed file."""
    return file(path, content).to_dict() | more
