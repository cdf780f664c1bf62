"""What was answered before and is like a question that is about to be asked."""

from typing import Any

from graph.database import Database
from graph.models import Principal
from matcher import advice
from matcher.answers import Earlier, like

ANSWERED = """
CREATE (pki:Community {id: 'pki', name: 'Trust', domain: 'certificate issue and rotation'})
CREATE (vault:Community {id: 'vault', name: 'Vault', domain: 'secrets', visibility: 'restricted'})
CREATE (ann:Person {id: 'ann', name: 'Ann'}), (bob:Person {id: 'bob', name: 'Bob'})
CREATE (bob)-[:MEMBER_OF {id: 'm'}]->(vault)
WITH pki, vault, ann, bob
UNWIND [
  ['q1', 'Rotation of a certificate', 'it fails after a restart', pki, false, [
    ['a1', 'did_not_work', '2025-03'], ['a2', null, '2025-02'], ['a3', 'worked', '2024-01'], ['a4', null, '2025-04']]],
  ['q2', 'Rotation of a certificate, in secret', 'it fails', vault, false, [['b1', null, '2025-03']]],
  ['q3', 'Rotation of my own certificate', 'it fails', pki, true, [['c1', null, '2025-03']]],
  ['q4', 'Painting a mast', 'which brush', pki, false, [['d1', 'worked', '2025-03']]]
] AS q
CREATE (question:Question {id: q[0], title: q[1], text: q[2], private: q[4], asked_at: '2025-01'})
CREATE (ann)-[:ASKED]->(question)
FOREACH (c IN [q[3]] | CREATE (question)-[:IN]->(c))
FOREACH (a IN q[5] | CREATE (bob)-[:GAVE]->(:Advice {id: a[0], outcome: a[1], advised_at: a[2]})-[:ANSWERS]->(question))
"""


def asked(database: Database, text: str, asker: str | None, **options: Any) -> tuple[Earlier, ...]:
    evidence = database.follow(advice.build(None))
    return like(evidence, text, asker=asker, visible=evidence.snapshot.visible_to(Principal(asker)), **options)


def test_the_likest_first_and_what_worked_first(database: Database) -> None:
    database.run_alone(ANSWERED)
    found = asked(database, "rotation of certificates fails", None)
    assert [one.question_id for one in found] == ["q1"], "not what is unlike, private, or of a hidden community"
    assert found[0].advice_ids == ("a3", "a4", "a2", "a1"), "worked, then not yet known from the latest on, then failed"
    assert set(found[0].shared) >= {"rotation", "certificates"}
    assert found[0].community_id == "pki"


def test_to_whom_hidden_questions_are_told(database: Database) -> None:
    database.run_alone(ANSWERED)
    text = "rotation of certificates fails"
    assert {one.question_id for one in asked(database, text, "ann")} == {"q1", "q3"}, "her own private one"
    assert {one.question_id for one in asked(database, text, "bob")} == {"q1", "q2"}, "that of his community"
    assert [one.question_id for one in asked(database, text, "bob", community="vault")] == ["q2"]
    assert len(asked(database, text, "bob", limit=1)) == 1
