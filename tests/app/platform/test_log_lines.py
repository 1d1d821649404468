# SPDX-License-Identifier: Apache-2.0
"""Log lines say what failed and where, and hold nothing of the person whose request it was."""

from collections.abc import Callable

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.platform.db import Database
from app.platform.logs import install
from app.platform.security import Access, access

SECRET = "ada.li@example.org with token 5up3rs3cr3t"


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    return lambda: "".join(capsys.readouterr())


def test_the_traceback_of_a_failed_request_shows_no_value_of_a_variable(
    own_app: Flask, written: Callable[[], str]
) -> None:
    @own_app.get("/fails")
    @access(Access.PUBLIC)
    def fails() -> str:
        mail = SECRET
        raise ValueError(len(mail))

    client: FlaskClient = own_app.test_client()
    own_app.testing = own_app.config["PROPAGATE_EXCEPTIONS"] = False
    assert client.get("/fails").status_code == 500
    told = written()
    assert "request.failed" in told
    assert "ValueError" in told
    assert "5up3rs3cr3t" not in told


def test_the_traceback_of_a_failed_job_shows_no_value_of_a_variable(written: Callable[[], str]) -> None:
    install()
    try:
        address = SECRET
        raise ValueError(len(address))
    except ValueError:
        structlog.get_logger().exception("job.failed")
    told = written()
    assert "job.failed" in told
    assert "ValueError" in told
    assert "5up3rs3cr3t" not in told


def test_an_error_of_the_database_does_not_repeat_what_was_to_be_stored(db: Database) -> None:
    with pytest.raises(SQLAlchemyError) as caught, db.write() as session:
        session.execute(text("INSERT INTO no_such_table VALUES (:mail)"), {"mail": SECRET})
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)
