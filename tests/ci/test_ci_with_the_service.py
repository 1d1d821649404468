# SPDX-License-Identifier: Apache-2.0
"""The job's command against the real service with the demo's people: covered, not covered, unknown."""

import pytest
from beginnings import Gift
from ci_runner import Runner, action
from flask import Flask
from scripted_forges import user
from serving import serving
from signin import PEOPLE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_service_decides_what_the_job_says(runner: Runner, app: Flask, gift: Gift) -> None:
    ada, bela = (int(PEOPLE[name].subject) for name in ("ada", "bela"))
    runner.site.forge.opener = user(ada, "adali")
    runner.site.forge.commits.clear()
    runner.repo.git("branch", "--force", "topic", "main")
    runner.add({"src/a.py": b"1"}, account=ada)
    with serving(app) as address:
        asked = {"service": address, "provider": "demo", "inside": True}
        assert action(runner, **asked).code == 0
        runner.add({"src/b.py": b"2"}, account=bela)
        done = action(runner, **asked)
        assert done.code == 1, done.out
        assert "/sign/mcla-individual" in done.summary
        runner.site.forge.commits[-1] |= {"author": None, "committer": None}
        assert action(runner, **asked).code == 3
