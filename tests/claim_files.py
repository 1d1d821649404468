# SPDX-License-Identifier: Apache-2.0
"""Made-up files as other systems write them, for tests and as a fuzzer's seeds."""

import json
from typing import Any

ADA, BELA = 104729, 224737
"""Numbers of the demo's people."""
GIST = "https://gist.example.org/acme/5f2b"
REVISION = "5e2d0b6a1c9f"

PAGE = (
    "User Name;Repository Owner;Repository Name;CLA Title;Gist URL;Gist Version;Signed At;Revoked At;"
    "Signed for Organization"
)
DATABASE = "user,userId,owner,repo,gist_url,gist_version,created_at,revoked_at,origin"
INDIVIDUALS = "Name,GitHub Username,GitLab Username,LF_ID,Email,Signed Date,Approved,Signed"
EMPLOYEES = "GitHub ID,LF_ID,Name,Email,Date Signed"
COMPANIES = (
    "Company Name,Signed,Approved,DomainApprovalList,EmailApprovalList,GitHubOrgApprovalList,"
    "GitHubUsernameApprovalList,Date Signed,Approved,Signed"
)


def csv(header: str, *rows: str, end: str = "\n") -> bytes:
    return end.join((header, *rows, "")).encode()


def page_row(user: str = "adali", signed: str = "2019-05-04T10:11:12.000Z", **other: str) -> str:
    """A row of CLA assistant's page."""
    title, revoked, whole = (other.get(each, "") for each in ("title", "revoked", "whole"))
    return f"{user};acme;robot;{title or 'Acme CLA'};{GIST};{REVISION};{signed};{revoked};{whole or 'FALSE'}"


def database_row(user: str = "adali", number: object = ADA, origin: str = "sign|adali") -> str:
    """A row of CLA assistant's database."""
    return f"{user},{number},acme,robot,{GIST},{REVISION},2019-05-04T10:11:12.345Z,,{origin}"


def lite(*entries: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"signedContributors": list(entries), **more}).encode()


def entry(name: Any = "adali", number: Any = ADA, **other: Any) -> dict[str, Any]:
    """What an account's comment leaves in the file of CLA assistant Lite."""
    told = {"name": name, "id": number, "comment_id": 901, "created_at": "2021-03-29T22:48:10Z"}
    return told | {"repoId": 4567, "pullRequestNo": 12} | other


def clabot(*contributors: Any, **more: Any) -> bytes:
    return json.dumps({"contributors": list(contributors), "message": "Please sign.", **more}).encode()


def individual(login: str = "adali", email: str = "ada.li@example.org", day: str = "Mar 29,2021") -> str:
    """A row of EasyCLA's individuals."""
    return f'"Ada Li","{login}","","ada.lf","{email}","{day}",true,true'


def firm(domains: str = "example.com", emails: str = "bela.novak@example.org", logins: str = "bnovak") -> str:
    """A row of EasyCLA's companies."""
    return f'"Example GmbH",true,true,"{domains}","{emails}","acme","{logins}","Feb 3,2020",true,true'


GOOD = {
    "cla-assistant": [csv(PAGE, page_row(), end="\r\n"), csv(DATABASE, database_row())],
    "cla-lite": [lite(entry(), entry("bnovak", BELA))],
    "clabot": [clabot("adali", "bela.novak@example.org", "@example.com"), b'["adali"]'],
    "easycla": [
        csv(INDIVIDUALS, individual()),
        csv(EMPLOYEES, 'bnovak,bela.lf,Bela Novak,bela.novak@example.org,"Jan 2,2022"'),
        csv(COMPANIES, firm()),
    ],
}
"""Files of which every row is taken, by system."""
