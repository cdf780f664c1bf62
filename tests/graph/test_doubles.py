"""People who may be one: listed, decided on, remembered, undone."""

from pathlib import Path

import pytest

from graph.database import Database
from graph.errors import Conflict, InvalidInput, NotFound
from graph.models import LOCAL_ADMIN, Role
from graph.reads import doubles as reads
from graph.reads import keys as key_reads
from graph.reads.acts import every_act
from graph.reads.identities import roles_given, session
from graph.reads.log import fingerprint
from graph.revocations import Revocations
from graph.writes.by_hand import change_membership, edit
from graph.writes.doubles import different_people, same_person, undo_different_people, undo_same_person
from graph.writes.erasure import erase
from graph.writes.events import now
from graph.writes.identities import begin_session, give_role
from graph.writes.keys import create_key, digest, revoke_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.ingest.test_jobs import write

HR = {
    "org_units": [{"id": "u1", "name": "Yard"}, {"id": "u2", "name": "Loft"}],
    "people": [
        {"id": "ada", "name": "Ada Byron", "email": "ada@x.example", "unit_id": "u1", "manager_id": "bob"},
        {"id": "bob", "name": "Bob", "email": "shared@x.example"},
        {"id": "eve", "name": "Eve", "email": "shared@x.example"},
        {"id": "tom", "name": "Tom Smith"},
    ],
    "person_skills": [{"person_id": "ada", "skill": "Weaving", "level": 4}],
}
WIKI = {
    "org_units": [{"id": "u2", "name": "Loft"}],
    "people": [
        {"id": "ab", "name": "ADA BYRON", "bio": "I weave.", "unit_id": "u2", "title": "Weaver"},
        {"id": "zoe", "name": "Zoe", "manager_id": "ab"},
        {"id": "ts", "name": "Tom Smith", "email": "t@x.example"},
    ],
    "communities": [{"id": "c", "name": "Weaving", "domain": "How to weave."}],
    "memberships": [{"person_id": "ab", "community_id": "c", "engagement": "core"}],
    "questions": [{"id": "q", "text": "Which loom?", "community_id": "c", "asker_id": "ab"}],
}


@pytest.fixture
def two(database: Database, tmp_path: Path) -> Database:
    for name, tables in (("hr", HR), ("wiki", WIKI)):
        _again(database, tmp_path, name, tables)
    return database


def _again(database: Database, folder: Path, name: str, tables: dict):
    return ingest(database, BundleSource(write(folder / name, tables), name), rejects_folder=folder / "rejects")


def _pairs(database: Database) -> list[tuple[str, str, str]]:
    return [(pair.why, pair.one.id, pair.other.id) for pair in database.read(reads.doubles())]


def test_those_are_listed_who_have_one_address_or_one_name_in_two_sources(two: Database) -> None:
    assert _pairs(two) == [("email", "bob", "eve"), ("name", "ab", "ada"), ("name", "tom", "ts")]


def test_who_is_not_the_other_is_remembered_and_undone(two: Database) -> None:
    two.write(lambda tx: different_people(tx, LOCAL_ADMIN, "ts", "tom"))
    assert ("name", "tom", "ts") not in _pairs(two)
    assert [(one.one, one.other) for one in two.read(reads.kept_apart())] == [("tom", "ts")]
    two.write(lambda tx: undo_different_people(tx, LOCAL_ADMIN, "tom", "ts"))
    assert ("name", "tom", "ts") in _pairs(two)
    with pytest.raises(NotFound):
        two.write(lambda tx: undo_different_people(tx, LOCAL_ADMIN, "tom", "ts"))
    with pytest.raises(NotFound):
        two.write(lambda tx: different_people(tx, LOCAL_ADMIN, "tom", "nobody"))


def test_two_become_one_and_two_again_without_loss(two: Database, tmp_path: Path) -> None:
    two.write(lambda tx: edit(tx, LOCAL_ADMIN, "person", "ab", {"languages": ["en"]}))
    before = fingerprint(two)
    key = two.write(lambda tx: same_person(tx, LOCAL_ADMIN, "ada", "ab", ())).id
    (row,) = two.run_alone(
        """
        MATCH (p:Person {id: 'ada'})
        RETURN properties(p) AS p, COLLECT { MATCH (p)-[:WORKS_IN]->(u) RETURN u.id } AS units,
               COLLECT { MATCH (p)-[:MEMBER_OF]->(c) RETURN c.id } AS communities, COUNT { (p)-[:ASKED]->() } AS asked,
               COLLECT { MATCH (p)<-[:REPORTS_TO]-(z) RETURN z.id } AS led
        """
    )
    person = row["p"]
    assert (person["title"], person["bio"], person["languages"]) == ("Weaver", "I weave.", ["en"])
    assert (person["name"], person["email"], row["units"]) == ("Ada Byron", "ada@x.example", ["u1"])
    assert (row["communities"], row["asked"], row["led"]) == (["c"], 1, ["zoe"])
    assert two.run_alone("MATCH (p:Person {id: 'ab'}) RETURN p") == []
    assert ("name", "ab", "ada") not in _pairs(two)
    # Imports mean the one by both ids.
    for name, tables in (("hr", HR), ("wiki", WIKI)):
        assert _again(two, tmp_path, name, tables).rejects is None or name == "hr"
    assert two.run_alone("MATCH (p:Person {id: 'ab'}) RETURN p") == []
    assert two.run_alone("MATCH (:Person {id: 'ada'})-[m:MEMBER_OF]->() RETURN count(m) AS n") == [{"n": 1}]
    assert two.write(lambda tx: undo_same_person(tx, LOCAL_ADMIN, key, ())) == "ab"
    for name, tables in (("hr", HR), ("wiki", WIKI)):
        _again(two, tmp_path, name, tables)
    assert fingerprint(two) == before
    # And where nothing was imported in between, at once.
    key = two.write(lambda tx: same_person(tx, LOCAL_ADMIN, "ada", "ab", ())).id
    two.write(lambda tx: undo_same_person(tx, LOCAL_ADMIN, key, ()))
    assert fingerprint(two) == before
    assert two.read(reads.united()) == []


def test_what_became_of_it_since_comes_back_as_it_is(two: Database) -> None:
    key = two.write(lambda tx: same_person(tx, LOCAL_ADMIN, "ada", "ab", ())).id
    two.write(lambda tx: change_membership(tx, LOCAL_ADMIN, "ada", "c", {"engagement": "active"}))
    two.write(lambda tx: undo_same_person(tx, LOCAL_ADMIN, key, ()))
    rows = two.run_alone("MATCH (p:Person)-[m:MEMBER_OF]->() RETURN p.id AS id, m.engagement AS how ORDER BY id")
    assert rows == [{"id": "ab", "how": "active"}]


def test_what_cannot_be_is_refused(two: Database) -> None:
    with pytest.raises(InvalidInput):
        two.write(lambda tx: same_person(tx, LOCAL_ADMIN, "ada", "ada", ()))
    with pytest.raises(NotFound):
        two.write(lambda tx: same_person(tx, LOCAL_ADMIN, "ada", "nobody", ()))
    with pytest.raises(NotFound):
        two.write(lambda tx: undo_same_person(tx, LOCAL_ADMIN, "nothing", ()))
    two.write(lambda tx: same_person(tx, LOCAL_ADMIN, "ada", "ab", ()))
    with pytest.raises(Conflict, match="undo that first"):
        two.write(lambda tx: same_person(tx, LOCAL_ADMIN, "bob", "ada", ()))


def test_who_is_erased_is_in_no_record_of_a_decision(two: Database) -> None:
    two.write(lambda tx: same_person(tx, LOCAL_ADMIN, "ada", "ab", ()))
    erase(two, LOCAL_ADMIN, "ada")
    assert two.read(reads.united()) == []
    assert two.run_alone("MATCH (u:United) RETURN u") == []


def _access(database: Database) -> tuple[dict[str, str], list[str]]:
    """Roles by person, and whose keys open something."""
    known = database.read(key_reads.keys())
    opening = [one.person_id or "" for one in known if database.read(key_reads.key(one.id, now())) is not None]
    return {one.person_id: one.role for one in database.read(roles_given())}, sorted(opening)


def test_nobody_may_more_by_being_united_and_undoing_gives_all_back(two: Database) -> None:
    known = Revocations(two.settings)
    two.write(lambda tx: give_role(tx, LOCAL_ADMIN, known, "ada", Role.KNOWLEDGE_MANAGER))
    two.write(lambda tx: give_role(tx, LOCAL_ADMIN, known, "ab", Role.ADMIN))
    keys = {
        who: two.write(lambda tx, who=who: create_key(tx, LOCAL_ADMIN, Role.MEMBER, who[:2], who)).split("_")[1]
        for who in ("ab first", "ab second")
    }
    two.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, "ada", "hers"))
    secret = two.write(lambda tx: begin_session(tx, "person:ab", "ab", None, 1))
    before = _access(two)
    assert before == ({"ab": "admin", "ada": "knowledge_manager"}, ["ab", "ab", "ada"])
    done = two.write(lambda tx: same_person(tx, LOCAL_ADMIN, "ada", "ab", ()))
    assert (done.role, done.keys, done.sessions) == (Role.ADMIN, 2, 1)
    assert _access(two) == ({"ada": "knowledge_manager"}, ["ada"])
    # Nor may whoever gets the id next.
    two.run_alone("CREATE (:Person {id: 'ab', name: 'Another'})")
    assert _access(two) == ({"ada": "knowledge_manager"}, ["ada"])
    assert two.read(session(digest(secret), now())) is None
    two.run_alone("MATCH (p:Person {id: 'ab'}) DELETE p")
    # A key that leaked meanwhile is revoked as any other, and stays so.
    two.write(lambda tx: revoke_key(tx, LOCAL_ADMIN, known, keys["ab second"]))
    two.write(lambda tx: undo_same_person(tx, LOCAL_ADMIN, done.id, ()))
    assert _access(two) == (before[0], ["ab", "ada"])
    assert [act.action for act in every_act(two)][-3:] == ["unite.people", "revoke.key", "part.people"]


def test_keys_of_one_who_went_go_with_the_one_who_is_erased(two: Database) -> None:
    two.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, "ab", "laptop of ab"))
    two.write(lambda tx: same_person(tx, LOCAL_ADMIN, "ada", "ab", ()))
    erase(two, LOCAL_ADMIN, "ada")
    assert two.read(key_reads.keys()) == []
