# SPDX-License-Identifier: Apache-2.0
"""GitHub, Gitea and GitLab for tests: what their APIs tell about a change, each in its own form, on loopback."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

WEB_FLOW = {"login": "web-flow", "id": 19864447, "type": "User", "site_admin": False}
TOKEN = "ghs_readonly"
CAP = 100
"""No forge gives more items a page."""


def commit_id(text: str) -> str:
    """A commit id out of nothing."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def user(number: int, login: str, kind: str = "User") -> dict[str, Any]:
    """An account in GitHub's form; Gitea's has no type."""
    return {"login": login, "id": number, "node_id": f"U_{number}", "type": kind, "site_admin": False}


def github_commit(sha: str, author: Any, committer: Any = WEB_FLOW, parents: tuple[str, ...] = ()) -> dict[str, Any]:
    """One commit of a comparison; `author` and `committer` are accounts, None or {} where none is linked."""
    person = {"name": "Somebody", "email": "somebody@example.org", "date": "2026-11-25T09:00:00Z"}
    return {
        "sha": sha,
        "node_id": f"C_{sha[:8]}",
        "commit": {"author": person, "committer": person, "message": "Words", "tree": {"sha": sha}},
        "author": author,
        "committer": committer,
        "parents": [{"sha": each} for each in parents],
    }


@dataclass
class ScriptedForge:
    """One repository, `example/tiny`, at whichever of the three forges is asked."""

    commits: list[dict[str, Any]] = field(default_factory=list)
    base: str = commit_id("base")
    head: str = commit_id("head")
    """What the forge says is the newest; `compared` is always the one asked about."""
    opener: dict[str, Any] = field(default_factory=lambda: user(1001, "ada"))
    queue: Any = None
    """What the merge queue answers, with `mergeMethod` and (head, number, author) of each entry."""
    linked: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Addresses that are linked to an account."""
    trailers: dict[str, list[str]] = field(default_factory=dict)
    """The addresses that a commit's trailers name, by its id."""
    comments: list[dict[str, Any]] = field(default_factory=list)
    myself: dict[str, Any] = field(default_factory=lambda: user(41898282, "github-actions[bot]", "Bot"))
    read_only: bool = False
    public: bool = True
    faults: dict[int, Callable[[Request], Response | None]] = field(default_factory=dict)
    """What happens instead at the n-th request (from 1)."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.asked.append((request.method, request.full_path.rstrip("?")))
        token = request.headers.get("Authorization", "").partition(" ")[2] or request.headers.get("PRIVATE-TOKEN", "")
        self.tokens.append(token)
        fault = self.faults.get(len(self.asked))
        spoiled = fault(request) if fault else None
        if spoiled is not None:
            return spoiled
        if not self.public and token != TOKEN:
            return told({"message": "Not Found"}, 404)
        path = request.path.removeprefix("/api/v3").removeprefix("/api/v1").removeprefix("/api/v4")
        if path.endswith("/graphql"):
            asked = request.get_json()
            return self._gitlab(asked) if "$project" in asked["query"] else self._github_query(asked)
        return self._rest(request, path)

    def _rest(self, request: Request, path: str) -> Response:
        if "/compare/" in path:
            return self._compare(request, path, pages=request.path.startswith("/api/v3") or "/api/" not in request.path)
        if "/pulls/" in path:
            return told({"number": 7, "head": {"sha": self.head}, "base": {"sha": self.base}, "user": self.opener})
        if "comments" in path or "notes" in path:
            return self._comments(request, path)
        return told(self.myself) if path == "/user" else told({"message": "Not Found"}, 404)

    def _compare(self, request: Request, path: str, *, pages: bool) -> Response:
        assert path.rpartition("/")[2].count("...") == 1
        size = min(int(request.args.get("per_page", 250)), CAP) if pages else len(self.commits)
        start = size * (int(request.args.get("page", 1)) - 1)
        shown = self.commits[start : start + size]
        files = [{"filename": "a", "patch": "+x"}] if start == 0 else None
        return told({"status": "ahead", "total_commits": len(self.commits), "commits": shown, "files": files})

    def _github_query(self, asked: dict[str, Any]) -> Response:
        if "viewerDidAuthor" in asked["query"]:
            return told({"data": {"repository": {"pullRequest": {"comments": self._page_of_comments(asked)}}}})
        if "updateIssueComment" in asked["query"]:
            return self._edited(asked["variables"]["id"].removeprefix("IC_"), asked["variables"]["body"])
        if "authors(" in asked["query"]:
            return self._authors(asked["query"])
        method, entries = self.queue
        nodes = [
            {"headCommit": {"oid": head}, "pullRequest": {"number": number, "author": author}}
            for head, number, author in entries
        ]
        queue = {"configuration": {"mergeMethod": method}, "entries": {"nodes": nodes}}
        return told({"data": {"repository": {"mergeQueue": queue}}})

    def _authors(self, query: str) -> Response:
        found = {}
        for alias, sha in re.findall(r'(c\d+): object\(oid: "([0-9a-f]{40})"\)', query):
            nodes = [{"email": "somebody@example.org", "user": None}]
            for address in self.trailers.get(sha, []):
                account = self.linked.get(address.lower())
                linked = {"databaseId": account["id"], "login": account["login"]} if account else None
                nodes.append({"email": address, "user": linked})
            found[alias] = {"authors": {"nodes": nodes}}
        return told({"data": {"repository": found}})

    def _page_of_comments(self, asked: dict[str, Any]) -> dict[str, Any]:
        start = int(asked["variables"]["after"] or 0)
        nodes = [
            {"id": f"IC_{each['id']}", "body": each["body"], "viewerDidAuthor": each["user"]["id"] == self.myself["id"]}
            for each in self.comments[start : start + CAP]
        ]
        more = start + CAP < len(self.comments)
        return {"pageInfo": {"hasNextPage": more, "endCursor": str(start + CAP)}, "nodes": nodes}

    def _gitlab(self, asked: dict[str, Any]) -> Response:
        start = int(asked["variables"].get("after") or 0)
        shown = self.commits[start : start + CAP]
        nodes = [{"sha": each["sha"], "author": _gitlab_user(each["author"])} for each in shown]
        request = {
            "diffHeadSha": self.head,
            "diffRefs": {"baseSha": self.base, "headSha": self.head, "startSha": self.base},
            "author": _gitlab_user(self.opener),
            "commits": {
                "pageInfo": {"hasNextPage": start + CAP < len(self.commits), "endCursor": str(start + CAP)},
                "nodes": nodes,
            },
        }
        return told({"data": {"project": {"mergeRequest": request} if self.public or self.tokens[-1] else None}})

    def _comments(self, request: Request, path: str) -> Response:
        if request.method == "GET":
            size = int(request.args.get("per_page", len(self.comments) or 1))
            start = size * (int(request.args.get("page", 1)) - 1)
            return told([{**each, "author": each["user"]} for each in self.comments][start : start + size])
        if self.read_only:
            return told({"message": "Resource not accessible by integration"}, 403)
        body = request.get_json()["body"]
        if request.method == "POST":
            self.comments.append({"id": len(self.comments) + 1, "body": body, "user": self.myself})
            return told(self.comments[-1], 201)
        return self._edited(path.rpartition("/")[2], body)

    def _edited(self, number: str, body: str) -> Response:
        edited = next(each for each in self.comments if str(each["id"]) == number)
        assert edited["user"] == self.myself
        edited["body"] = body
        return told({"data": {"updateIssueComment": {"issueComment": {"id": number}}}})


def told(body: object, status: int = 200, **headers: str) -> Response:
    """An answer in JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(json.dumps(body), status, named, content_type="application/json; charset=utf-8")


def page(text: str = "<html><body>Sign in to the network</body></html>", status: int = 200) -> Response:
    """What a proxy says instead."""
    return Response(text, status, content_type="text/html")


def _gitlab_user(account: Any) -> dict[str, Any] | None:
    if not account:
        return None
    number, bot = account["id"], account["type"] == "Bot"
    return {"id": f"gid://gitlab/User/{number}", "username": account["login"], "bot": bot}
