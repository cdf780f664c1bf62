"""Random requests that the API's own description allows, and ones that it does not: never a fault of ours."""

from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from graph.database import Database
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served
from tests.ingest.test_jobs import SMALL, write

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]

# Random requests for each operation: together about half a minute.
EXAMPLES = 12


@pytest.fixture
def client(database: Database, tmp_path: Path):
    ingest(database, BundleSource(write(tmp_path / "hr", SMALL), "hr"), rejects_folder=tmp_path / "rejects")
    with served(database, acting="p1") as client:
        yield client


def test_random_requests_get_the_answers_that_are_described(client: httpx.Client) -> None:
    schema = schemathesis.openapi.from_url(f"{client.base_url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 20

    @settings(
        max_examples=EXAMPLES * len(operations), deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=st.one_of([operation.as_strategy() for operation in operations]))
    def calls(case: schemathesis.Case) -> None:
        answer = case.call(base_url=str(client.base_url))
        assert answer.status_code < 500, (case.method, case.formatted_path, case.body, answer.text)
        case.validate_response(answer, checks=CHECKS)

    calls()
