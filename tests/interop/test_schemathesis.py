# SPDX-License-Identifier: Apache-2.0
"""schemathesis (written by others) reads our API document and tries the service: no 5xx, no undocumented answer.

It runs in process against the real application, on both databases, signed in with a bearer token and as nobody, with
every one of its default checks.
"""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from signin import person
from signing_walk import PROJECT, accept, bearer, give

from app.platform.scopes import Scope
from app.platform.security import limiter

# What the engines could answer differently has its own tests: fewer examples are enough on the second.
EXAMPLES = {"sqlite": 10, "postgresql": 2}
LEAST = 60
# Which answers fit which kind is said by the agreement's questions, and what is a path by more than a pattern: a body
# that fits its schema may get 400 or 422 here, with one of these codes, beside what is allowed everywhere.
# That a question names one subject of three, and a time that has come, is told by no schema of a query either; nor
# that a change has a commit or a file, and each of them once.
BY_NO_SCHEMA = {"declarations-invalid", "manifest-invalid", "path-invalid", "tensors-unfit", "tensors-invalid"}
BY_NO_SCHEMA |= {"coverage-unasked", "time-unfit", "change-empty", "change-invalid"}
# Facts about a use are read by the protocol, and a question about one names terms of one kind.
BY_NO_SCHEMA |= {"licence-question-unasked", "tiers-invalid", "use-facts-invalid", "use-facts-contradict"}
BY_NO_SCHEMA |= {"money-without-unit", "licence-question-invalid", "figure-invalid", "currency-missing"}
BY_NO_SCHEMA |= {"facts-contradict", "text-misleads"}
CONFIG = {
    "operations": [
        {
            "include-operation-id": [
                "createSigning",
                "putContributionTensors",
                "createCompanyRelease",
                "getCoverage",
                "checkChange",
                "decideLicences",
                "putContributionTensors",
                "createWaitingCheck",
                "checkLicences",
                "decideUse",
                "evaluateUse",
            ],
            "checks": {
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "400", "401", "403", "404", "409", "422", "5xx"]
                }
            },
        }
    ]
}


def bounded(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture
def unlimited(app):
    """The application without rate limits, which would answer most examples with 429."""
    limiter.enabled = False
    yield app
    limiter.enabled = True


def operations(app):
    config = SchemathesisConfig.from_dict(CONFIG)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)
    return [result.ok() for result in schema.get_all_operations()]


def in_one_spelling(case):
    """JSON Schema calls 230.0 an integer; the protocol takes one spelling of it, which a schema cannot say."""
    case.body = whole(case.body)
    return case


def about_something_here(case):
    """A fitting request for a real project and without a made-up cookie: others are refused before they are read."""
    case.cookies = {}
    if isinstance(case.body, dict) and "project" in case.body:
        case.body["project"] = PROJECT
    if isinstance(case.body, dict) and isinstance(case.body.get("check"), dict):
        case.body["check"]["project"] = PROJECT
    return in_one_spelling(case)


def whole(value):
    if isinstance(value, dict):
        return {name: whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def try_all(app, services, headers) -> int:
    """Let schemathesis make up good and bad requests for every operation; raises on what breaks one of its checks."""
    least, most = EXAMPLES["postgresql"], EXAMPLES["sqlite" if services.db.is_sqlite else "postgresql"]
    return sum(
        try_one(each, headers, bounded(most if headers or not asks_who(each) else least)) for each in operations(app)
    )


def asks_who(operation) -> bool:
    """Whether nobody is refused whatever they send: few requests show that."""
    return "security" in operation.definition.raw or "401" in operation.definition.raw["responses"]


def try_one(operation, headers, limits) -> int:
    tried = 0
    for mode, made_fit in ((GenerationMode.POSITIVE, about_something_here), (GenerationMode.NEGATIVE, in_one_spelling)):

        @limits
        @given(case=operation.as_strategy(generation_mode=mode).map(made_fit))
        def each(case):
            nonlocal tried
            tried += 1
            case.call_and_validate(headers=headers, additional_checks=[is_told_by_no_schema])

        if mode is GenerationMode.POSITIVE or can_be_wrong(operation):
            each()
    return tried


def is_told_by_no_schema(_context, answer, case):
    """A check of ours beside the library's: a fitting body is refused for a reason that a schema cannot tell."""
    if answer.status_code in (400, 422) and case.meta.generation.mode is GenerationMode.POSITIVE:
        assert answer.json()["code"] in BY_NO_SCHEMA, answer.json()


def can_be_wrong(operation) -> bool:
    """Whether a request can break the document at all: an operation without input, or with any text, cannot."""
    return bool(operation.body) or any("pattern" in each.definition["schema"] for each in operation.path_parameters)


def answers_about(operation, there, headers) -> set[int]:
    """The status codes of fitting requests about what is `there`."""
    found = set()

    @bounded(2)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE).map(about_something_here))
    def each(case):
        case.path_parameters = {name: there[name] for name in case.path_parameters}
        found.add(case.call_and_validate(headers=headers).status_code)

    each()
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_schemathesis_finds_no_fault_about_a_record_that_is_there(unlimited, services):
    ada = person(services.identity)
    record_id = Path(accept(services, ada).record_url).stem
    services.worker.run_due()
    digest = hashlib.sha256(services.records.pdf(ada, record_id)).hexdigest()
    there, headers = {"record_id": record_id, "digest": f"sha256:{digest}"}, bearer(services, ada)
    about = [one for one in operations(unlimited) if one.path.startswith("/api/v1/records/")]
    answers = {one.path: answers_about(one, there, headers) for one in about}
    assert len(answers) >= 3
    assert all(200 in each for each in answers.values()), answers


def test_schemathesis_finds_no_fault_as_nobody(unlimited, services):
    ada = person(services.identity)
    accept(services, ada)
    give(services, ada)
    assert try_all(unlimited, services, {}) > LEAST


def test_schemathesis_finds_no_fault_as_a_signed_in_person(unlimited, services, clock):
    ada = person(services.identity)
    accept(services, ada)
    assert try_all(unlimited, services, bearer(services, ada)) > LEAST
    clock.at += timedelta(seconds=1)


def test_schemathesis_finds_no_fault_with_a_projects_token(unlimited, services):
    made = services.tokens.create(services.projects.project(PROJECT), (Scope.CHECKS_WAIT,), "terminal")
    own = [each for each in operations(unlimited) if "/checks/waiting" in each.path]
    headers = {"Authorization": f"Bearer {made.secret}"}
    limits = bounded(EXAMPLES["sqlite" if services.db.is_sqlite else "postgresql"])
    assert [try_one(each, headers, limits) > 0 for each in own] == [True] * 3


def test_every_operation_has_an_id_a_summary_and_documented_errors(client):
    document = client.get("/api/v1/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    ids = []
    for path, operations_of in document["paths"].items():
        for method, operation in operations_of.items():
            ids.append(operation["operationId"])
            assert operation.get("summary"), f"{method} {path} has no summary"
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert "application/problem+json" in response["content"], f"{method} {path} {status}"
    assert len(ids) == len(set(ids))


def test_every_schema_of_the_document_is_valid_and_its_examples_fit(client):
    from jsonschema import Draft202012Validator  # a CPU second, which every worker would pay that collects this

    document = client.get("/api/v1/openapi.json").get_json()
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema.get("description"), f"{name} has no description"
    for operations_of in document["paths"].values():
        for operation in operations_of.values():
            media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            examples = [each["value"] for each in media.get("examples", {}).values()]
            examples += [media["example"]] if "example" in media else []
            for example in examples:
                Draft202012Validator({**media["schema"], "components": document["components"]}).validate(example)
