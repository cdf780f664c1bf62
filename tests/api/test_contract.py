"""Random requests that the API's own description allows, and ones that it does not, by everybody: no fault of ours.

`GUILDMAP_TEST_CASES=10000 pytest tests/api/test_contract.py` makes so many; by default there are fewer.
"""

import os
from collections.abc import Iterator
from typing import Any

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
from tests.api.authorization.organisation import HIDDEN, OPEN, PEOPLE, Organisation, lived_in, stored
from tests.api.serving import served, wait_until
from tests.conftest import emptied

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]

# Over all who ask; together less than a minute on a machine that does nothing else.
CASES = int(os.environ.get("GUILDMAP_TEST_CASES", "1200"))

# In seconds.
DEADLINE = 60

ASKING = ("nobody", "outsider", "member", "lead", "manager", "admin")


@pytest.fixture(scope="module")
def there(_one_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organisation]:
    database = emptied(_one_database)
    keys = stored(database, tmp_path_factory.mktemp("organisation"))
    free = {"auth": "keys", "person_rate": 0, "address_rate": 0, "power_reports": True, "engagement_observed": True}
    with served(database, request_deadline=DEADLINE, **free) as client:
        found = Organisation(database, client, keys)
        lived_in(found)
        revision = found.done("admin", "GET", "/v1/events?limit=1")["revision"]
        wait_until(lambda: client.get("/health/ready").json()["revision"] >= revision)
        yield found


def known_values(there: Organisation) -> dict[str, list[str]]:
    """Values that mean something here, by the name of a parameter or field: random ones would never be met."""
    made = [there.ids[OPEN], there.ids[HIDDEN]]
    communities, people = [one["community_id"] for one in made], [*PEOPLE, "helper", "asked", "guest"]
    communities += [one["plan_id"] for one in made]
    found = {
        "community_id": communities, "person_id": people, "helper_id": people, "buddy_id": people, "other": ["1", "2"],
        "number": ["1", "2"], "skill_id": ["s1", "s2"], "goal_id": ["g1"], "into_id": communities, "unit_id": ["u1"],
        "parent_id": communities, "successor_id": communities, "owner_id": people, "facilitator_id": people,
        "subject_id": [*communities, *people], "step": ["agree", "decline", "end"], "kind": ["overlap", "unit_clash"],
        "starts_at": ["2026-12-01T13:00", "2026-12-01"], "question_id": ["q-open", "q-hidden", "q-private"],
        "meeting_id": [one[key] for one in made for key in ("meeting_id", "past_id")],
        "request_id": [value for one in made for name, value in one.items() if name.startswith("request_")],
    }  # fmt: skip
    for name in ("artifact_id", "initiative_id", "join_request_id", "objection_id", "finding_id", "remedy_id", "term"):
        found[name] = [one[name] for one in made]
    return found


@pytest.mark.parametrize("who", ASKING)
def test_random_requests_get_the_answers_that_are_described(there: Organisation, who: str) -> None:
    schema = schemathesis.openapi.from_url(f"{there.client.base_url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 100
    known, base = known_values(there), str(there.client.base_url)
    headers = {} if who == "nobody" else {"Authorization": f"Bearer {there.keys[who]}"}
    # Whoever is nobody gets 401 from all but a few.
    number = CASES // (20 if who == "nobody" else len(ASKING) - 1)
    statuses: list[int] = []

    @settings(max_examples=number, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=st.one_of([operation.as_strategy() for operation in operations]), data=st.data())
    def calls(case: schemathesis.Case, data: st.DataObject) -> None:
        told = case.path_parameters or {}
        for name in told.keys() & known.keys():
            if data.draw(st.booleans(), label=f"a known {name}"):
                told[name] = data.draw(st.sampled_from(known[name]), label=name)
        if isinstance(case.body, dict):
            fill(case.body, known, data)
        # As long as the service may take: an audit of a machine that is busy.
        answer = case.call(base_url=base, headers=headers, timeout=DEADLINE)
        statuses.append(answer.status_code)
        assert answer.status_code < 500, (case.method, case.formatted_path, case.body, answer.text)
        case.validate_response(answer, checks=CHECKS)

    calls()
    assert len(statuses) >= 0.9 * number
    if who == "admin":
        assert sum(status < 300 for status in statuses) > 0.1 * number, "most never get to what they ask for"


def fill(body: dict[str, Any], known: dict[str, list[str]], data: st.DataObject) -> None:
    """Puts known values in place of some random ones, also further in."""
    for name, value in list(body.items()):
        if isinstance(value, dict):
            fill(value, known, data)
        elif isinstance(value, str) and name in known and data.draw(st.booleans(), label=f"a known {name}"):
            body[name] = data.draw(st.sampled_from(known[name]), label=name)
