"""What is held about a person: all of it, each with where it is from and what it is for."""

import re
from pathlib import Path

from graph.database import Database
from graph.facts import KINDS
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads.log import NOT_CONTENT
from graph.reads.personal import PURPOSES, RELATION_PURPOSES, personal_data
from graph.revocations import Revocations
from graph.statements import names, statement
from graph.writes.by_hand import dismiss_helper, edit, join
from graph.writes.identities import begin_session, give_role
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.graph.test_erasure import FIXED, WHO
from tests.graph.test_erasure import tables as planted_tables
from tests.ingest.test_jobs import write

# What is derived of a person's fields, or says who saw them: told in words (PersonalData.derived), or of nobody.
DERIVED = {*NOT_CONTENT, "id"}

PEOPLE = "id,name,email,bio\nada,Ada,ada@example.org,CANARY bio\nbob,Bob,,\n"


def test_every_field_and_every_relation_that_a_statement_writes_has_a_purpose() -> None:
    assert set(KINDS["person"].fields) <= set(PURPOSES)
    written: set[str] = set()
    for name in names("write"):
        text = re.sub(r"^//.*$", "", statement(name), flags=re.MULTILINE)
        people = "|".join(sorted(set(re.findall(r"\((\w+):Person", text)))) or "-"
        node = rf"\((?:{people}|\w*:Person)\b[^)]*\)"
        written.update(re.findall(rf"{node}\s*<?-\[\w*:([A-Z_]+)", text))
        written.update(re.findall(rf"\[\w*:([A-Z_]+)[^\]]*\]->?\s*{node}", text))
    assert {"MEMBER_OF", "GAVE", "ASKED", "REPORTS_TO", "WROTE", "NAMES", "CHANGED"} <= written
    assert written <= set(RELATION_PURPOSES)


def test_every_property_that_a_statement_sets_on_a_person_has_a_purpose() -> None:
    found: set[str] = set()
    for name in names("write"):
        text = re.sub(r"^//.*$", "", statement(name), flags=re.MULTILINE)
        for person in set(re.findall(r"\((\w+):Person", text)):
            found.update(re.findall(rf"\bSET (?:[^;]*?, )?{person}\.(\w+)\b", text))
    assert {"pulsed_in", "pseudonym"} <= found
    assert found <= {*PURPOSES, *DERIVED}


def test_every_field_and_relation_of_every_kind_is_shown_with_its_purpose_and_source(
    database: Database, tmp_path: Path
) -> None:
    """Each field of each kind that names people holds the person (the rows are made from graph.facts.KINDS)."""
    origin = BundleSource(write(tmp_path / "b", planted_tables()), "hr")
    report = ingest(database, origin, rejects_folder=tmp_path / "rejects")
    assert report.rejected == 0
    database.write(lambda tx: give_role(tx, LOCAL_ADMIN, Revocations(database.settings), WHO, Role.ADMIN))
    database.run_alone("MATCH (p:Person {id: $who}) SET p.pulsed_in = '2026-Q1'", who=WHO)
    found = database.follow(personal_data(WHO))
    assert found is not None
    (stored,) = database.run_alone("MATCH (p:Person {id: $who}) RETURN properties(p) AS p", who=WHO)
    shown = {one.name for one in found.fields}
    assert {name for name in stored["p"] if name not in NOT_CONTENT} <= shown
    assert [one for one in found.fields if not one.purpose] == []
    assert {one.source for one in found.fields if one.name in KINDS["person"].fields} == {"hr"}
    told = [name for name in KINDS["person"].fields if FIXED["person"].get(name, "text") is not None]
    assert set(told) <= shown
    assert [one for one in found.relations if not one.purpose or not one.source] == []
    links = sum(link.target == "person" for kind in KINDS.values() for link in kind.links)
    ends = sum(target == "person" for kind in KINDS.values() for _, target in kind.ends or ())
    # Each of them, and besides the unit and the manager that the person has.
    assert len({(one.relation, one.outgoing, one.kind) for one in found.relations}) >= links + ends


def test_all_of_a_person_is_there_with_its_source(database: Database, tmp_path: Path) -> None:
    tables = {
        "people": PEOPLE,
        "person_skills": "person_id,skill,level\nada,C++,3\n",
        "communities": "id,name,domain\nmath,Mathematics,We calculate.\n",
        "questions": "id,title,text,community_id,asker_id\nq1,CANARY question,Why?,math,ada\n",
        "advice": "question_id,helper_id,advised_at,text\nq1,ada,2020-01-01,CANARY advice\n",
    }
    (tmp_path / "people").mkdir()
    for name, text in tables.items():
        (tmp_path / "people" / f"{name}.csv").write_text(text, encoding="utf-8")
    ingest(database, BundleSource(tmp_path / "people", "hr"), rejects_folder=tmp_path / "rejects")
    database.write(lambda tx: edit(tx, LOCAL_ADMIN, "person", "ada", {"title": "CANARY title", "bio": "CANARY new"}))
    database.write(lambda tx: join(tx, LOCAL_ADMIN, "ada", "math", "core"))
    database.write(lambda tx: dismiss_helper(tx, LOCAL_ADMIN, "bob", "ada", reason="a secret of Bob"))
    database.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, "ada", None))
    (key,) = database.run_alone("MATCH (k:ApiKey) RETURN k.id AS id")
    database.write(lambda tx: begin_session(tx, "person:ada", "ada", None, 1.0))
    themselves = Principal("ada", Role.MEMBER, f"key:{key['id']}")
    database.write(lambda tx: edit(tx, themselves, "person", "ada", {"open_to_help": False}))
    found = database.follow(personal_data("ada"))
    assert found is not None
    assert [(one.action, one.by_themselves) for one in found.events if one.action.startswith("edit")] == [
        ("edit.person", False), ("edit.person", True),
    ]  # fmt: skip
    fields = {one.name: one for one in found.fields if one.source != "hr" or one.name != "bio"}
    assert (fields["title"].value, fields["title"].source) == ("CANARY title", "by-hand")
    assert fields["email"].source == "hr"
    assert all(one.purpose for one in found.fields)
    assert {one.value for one in found.fields if one.name == "bio"} == {"CANARY new", "CANARY bio"}
    relations = {one.relation: one for one in found.relations}
    assert {"MEMBER_OF", "HAS_SKILL", "ASKED", "GAVE"} <= set(relations)
    assert all(one.purpose for one in found.relations)
    assert relations["ASKED"].record["title"] == "CANARY question"
    assert relations["GAVE"].record["text"] == "CANARY advice"
    assert relations["MEMBER_OF"].properties["engagement"] == "core"
    assert relations["MEMBER_OF"].record == {}
    assert any(one.subjects[0].startswith("membership/ada/") for one in found.events)
    assert [key["role"] for key in found.api_keys] == ["member"]
    assert found.sessions == 1
    text = repr(found)
    assert "a secret of Bob" not in text
    assert found.noted_by_others == 1
    assert not {name for key in found.api_keys for name in key} & {"hash", "secret"}


def test_nobody_is_nobody(database: Database) -> None:
    assert database.follow(personal_data("nobody")) is None
