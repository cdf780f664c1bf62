"""`/metrics`: what dashboard and runbook look at is there, and nothing in it tells of a person."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from tests.api.serving import served

DOCS = Path(__file__).parents[2] / "docs"
DASHBOARD = json.loads((DOCS / "grafana-dashboard.json").read_text(encoding="utf-8"))

# Of ours, of what measures requests, and of the process.
NAME = re.compile(r"\b(?:guildmap|http|process)_[a-z0-9_]+\b")

# What the adapter of Kubernetes makes of them.
ADAPTER = DOCS.parent / "deploy" / "kubernetes" / "prometheus-adapter.yaml"
ADAPTED = set(re.findall(r"as: (\w+)", ADAPTER.read_text(encoding="utf-8")))

LABELS = {"state", "reason", "worker", "method", "status", "handler", "le"}


def expressions() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.fixture
def exported(database: Database) -> tuple[set[str], str]:
    """The names of all samples after some use, and the text that they stand in."""
    database.run_alone("CREATE (:Person {id: 'anna.muster', name: 'Anna Muster', email: 'anna@example.org'})")
    text = database.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, "anna.muster", None))
    with served(database, auth="keys", person_rate=3) as client:
        key = {"Authorization": f"Bearer {text}"}
        for path in ("me", "people/anna.muster", "search?text=my+secret", "me", "people/anna.muster", "no/anna.muster"):
            client.get(f"/v1/{path}", headers=key)
        told = client.get("/metrics").text
    return {sample.name for family in text_string_to_metric_families(told) for sample in family.samples}, told


def test_what_dashboard_and_runbook_name_is_exported(exported: tuple[set[str], str]) -> None:
    names, _ = exported
    assert len(expressions()) > 15
    for expression in expressions():
        used = set(NAME.findall(expression))
        assert used, expression
        assert used <= names, expression
    for document in ("runbook.md", "operations.md"):
        used = {name for name in NAME.findall((DOCS / document).read_text(encoding="utf-8")) if "_" in name}
        assert used <= names | ADAPTED, document
    assert "guildmap_queue" in names


def test_labels_tell_of_no_person(exported: tuple[set[str], str]) -> None:
    _, told = exported
    assert "anna" not in told.lower()
    assert "secret" not in told
    for family in text_string_to_metric_families(told):
        for sample in family.samples:
            assert set(sample.labels) <= LABELS, sample
            assert sample.labels.get("handler", "/v1/people/{person_id}").count("anna") == 0
    assert 'handler="/v1/people/{person_id}"' in told
    assert 'guildmap_refused_requests_total{reason="too_often"} 2.0' in told


def test_panels_are_readable() -> None:
    places = [tuple(panel["gridPos"].values()) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    for panel in DASHBOARD["panels"]:
        assert panel["description"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
