"""Erasure: planted in every field, traces of a person are found nowhere afterwards; what they did still counts."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.errors import Conflict, InvalidInput, NotFound
from graph.facts import KINDS
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads import personal
from graph.revocations import Revocations
from graph.suppression import SuppressionList
from graph.writes import erasure
from graph.writes.by_hand import dismiss_helper, edit, thumb
from graph.writes.doubles import same_person
from graph.writes.events import in_turn
from graph.writes.idempotency import once
from graph.writes.identities import begin_session, give_role
from graph.writes.keys import create_key
from graph.writes.suppression import lift
from ingest.jobs import Report, ingest
from ingest.records import RECORDS
from ingest.scim import Directory
from ingest.sources.bundle import BundleSource
from tests.ingest.test_jobs import write

# What all that is planted has in common, in any spelling.
CANARY = "qzxwvut"
WHO, NAME, EMAIL = "canaria.qzxwvut", "Canaria Qzxwvut", "Canaria@Qzxwvut.example"

# In what others say: their name, their address, their id.
MENTION = f"Ask {NAME} ({EMAIL.lower()}, @{WHO})."

# A value for each field that is no free text; of the others everything is planted.
FIXED: dict[str, dict[str, Any]] = {
    "person": {"unit_id": "u", "grade": f"G {CANARY}", "joined_on": "2015-01-01", "left_on": None, "external": False,
               "languages": [f"{CANARY} a"], "timezone": "Europe/Lisbon", "open_to_help": True, "help_capacity": 3,
               "recommendable": True, "help_paused_until": "2020-01-01", "suggestions_paused_until": "2020-01-01",
               "email": EMAIL, "name": NAME, "manager_id": "boss"},
    "community": {"kind": f"{MENTION}", "status": "active", "visibility": "open", "language": "en",
                  "founded_on": "2019", "retired_on": None, "skill_ids": ["s"], "goal_ids": ["g"],
                  "externals_allowed": True, "timezone": "Europe/Lisbon", "successor_ids": None, "part_of_id": None,
                  "posts": ["2024-01 120 14"]},
    "charter": {"community_id": "c", "sponsor_id": WHO, "adopted_on": "2020-01-01", "time_commitment": MENTION},
    "membership": {"person_id": WHO, "community_id": "c", "engagement": "core", "joined_on": "2020-01-01",
                   "left_on": None, "history": None},
    "meeting": {"community_id": "c", "starts_at": "2020-05-01T10:00", "recurrence": None, "follows_id": None,
                "attendee_ids": [WHO, "ann"], "guest_ids": [WHO], "timezone": "Europe/Lisbon", "minutes": 60,
                "facilitator_id": WHO, "series_id": None, "recurs_at": None, "state": "cancelled", "ended_at": None,
                "erased_attendees": None, "erased_guests": None},
    "agenda_item": {"community_id": "c", "state": "open", "owner_id": WHO},
    "artifact": {"community_id": "c", "url": f"https://x.example/~{WHO}", "kind": "document",
                 "maker_ids": [WHO, "ann"], "made_on": "2020-01-01", "retired_on": None},
    "question": {"community_id": "c", "asker_id": WHO, "asked_at": "2020-01-01", "private": False},
    "advice": {"question_id": "q2", "helper_id": WHO, "advised_at": "2020-02-01", "outcome": "worked",
               "followed_up_at": "2020-03-01"},
    "org_unit": {"parent_id": None},
    "goal": {},
    "skill": {"kind": "skill", "broader_ids": None},
    "held_skill": {"person_id": WHO, "skill_id": "s", "level": 3, "dropped": None, "evidence": None},
    "wanted_skill": {"person_id": WHO, "skill_id": "s", "dropped": None},
}  # fmt: skip
LISTS = {"interests", "topics", "contacts", "alt_labels", "objectives", "needs", "challenges", "opportunities",
         "agenda", "meetings"}  # fmt: skip
IDS = {"org_unit": "u", "goal": "g", "skill": "s", "community": "c", "meeting": "m", "artifact": "a", "question": "q1"}
COLUMNS = {("community", "skill_ids"): "skills", ("community", "goal_ids"): "goals"}


def planted(kind: str, theirs: bool) -> dict[str, Any]:
    """A row of which every field that can hold text holds what tells of the person."""
    row: dict[str, Any] = {"id": WHO if kind == "person" else IDS[kind]} if kind in IDS or kind == "person" else {}
    for name in KINDS[kind].fields:
        given = FIXED[kind]
        text = f"I, {CANARY} the {CANARY}, {name}" if theirs else MENTION
        value = given.get(name, [text, "more"] if name in LISTS else text)
        if value is not None:
            row[COLUMNS.get((kind, name), name)] = value
    return row


def tables() -> dict[str, list[dict[str, Any]]]:
    made: dict[str, list[dict[str, Any]]] = {}
    for subject, record in RECORDS.items():
        if record.kind in ("held_skill", "wanted_skill"):
            continue
        made[subject] = [planted(record.kind, theirs=record.kind in ("person", "question", "advice"))]
    made["advice"][0]["learned"] = MENTION
    made["person_skills"] = [
        {"person_id": WHO, "skill_id": "s", "level": 3}, {"person_id": WHO, "skill_id": "s", "wants_to_learn": True},
    ]  # fmt: skip
    made["people"] += [
        {"id": "boss", "name": "Boss", "bio": MENTION},
        {"id": "ann", "name": "Ann", "manager_id": WHO, "email": "ann@x.example"},
    ]
    made["questions"].append({"id": "q2", "text": MENTION, "asker_id": "ann", "community_id": "c", "asked_at": "2020"})
    made["advice"].append({"question_id": "q1", "helper_id": "ann", "advised_at": "2020", "learned": f"a {CANARY} b"})
    made["memberships"].append({"person_id": "ann", "community_id": "c", "role": MENTION, "joined_on": "2021"})
    return made


def test_every_field_that_sources_can_set_is_planted() -> None:
    """A new kind or field is planted as text, or has to be given a value here."""
    assert set(FIXED) == set(KINDS)
    for kind, values in FIXED.items():
        assert set(values) <= set(KINDS[kind].fields), kind


def traces(database: Database, folder: Path | None = None) -> list[str]:
    """Wherever the canary still is: in the graph's properties, its indexes, and the files of a folder."""
    found: list[str] = []
    for row in database.stream("read/every_node"):
        text = json.dumps({k: v for k, v in row["properties"].items() if not k.startswith("vector_")}, default=str)
        if CANARY in text.lower():
            found.append(f"{row['labels']}: {text}")
    for row in database.stream("read/every_relationship"):
        text = json.dumps(row["properties"], default=str)
        if CANARY in text.lower():
            found.append(f"{row['type']}: {text}")
    kept = database.run_alone("MATCH (n:Session|Meta) RETURN labels(n) AS labels, properties(n) AS p")
    found += [str(row) for row in kept if CANARY in json.dumps(row["p"]).lower()]
    for name in ("community_text", "person_text", "skill_text"):
        found += [
            f"{name}: {row['id']}"
            for row in database.run_alone(
                "CALL db.index.fulltext.queryNodes($name, $word) YIELD node RETURN node.id AS id",
                name=name, word=f"*{CANARY}*",
            )
        ]  # fmt: skip
    for path in folder.rglob("*") if folder else ():
        if path.is_file() and CANARY.encode() in path.read_bytes().lower():
            found.append(str(path))
    return found


@pytest.fixture
def load(database: Database, tmp_path: Path):
    def run(given: dict[str, list[dict[str, Any]]], name: str = "hr", **options: Any) -> Report:
        origin = BundleSource(write(tmp_path / name, given), name)
        return ingest(database, origin, rejects_folder=database.settings.rejects_folder, **options)

    yield run
    for path in (*database.settings.rejects_folder.glob("*"), SuppressionList(database.settings).file):
        path.unlink(missing_ok=True)


def counts(database: Database) -> dict[str, Any]:
    """What is counted of what people did."""
    (practice,) = database.rows("read/practice", ids=["c"])
    (formation,) = database.rows("read/formation_facts", community_id="c", today="2026-01-01")
    (life,) = database.rows("read/life", ids=["c"])
    return {
        "came": [came for _, came, _ in practice["meetings"]],
        "questions": [day for day, *_ in practice["questions"]],
        "advice": sorted(day for day, *_ in practice["advice"]), "held": formation["meetings"],
        "outcomes": sorted(str(one[3]) for question in life["questions"] for one in question[3]),
    }  # fmt: skip


def filled(database: Database, load: Any) -> None:
    """The person in all that sources say, and in all that people do here."""
    report = load(tables())
    assert report.rejected == 0, report.rejects and report.rejects.read_text()
    # A second source says the same, so that claims are kept; it knows them by an id of its own.
    other = {**tables(), "people": [{**tables()["people"][0], "id": f"x-{CANARY}"}, *tables()["people"][1:]]}
    load({name: rows for name, rows in other.items() if name not in ("memberships", "person_skills", "advice")}, "crm")
    # Rows that are rejected name them too.
    load({"advice": [{"question_id": "none", "helper_id": WHO}], "memberships": [{"person_id": WHO}]}, "bad")
    themselves = Principal(WHO, Role.MEMBER, f"person:{WHO}")
    by_hand = {"title": f"{CANARY} title", "bio": f"The {CANARY}"}
    database.write(lambda tx: edit(tx, themselves, "person", WHO, by_hand))
    database.write(lambda tx: edit(tx, LOCAL_ADMIN, "community", "c", {"audience": f"For friends of {NAME}"}))
    database.write(lambda tx: edit(tx, LOCAL_ADMIN, "person", "ann", {"manager_id": WHO}))
    database.write(lambda tx: thumb(tx, themselves, WHO, "community", "c", True))
    database.write(lambda tx: dismiss_helper(tx, themselves, "ann", WHO, reason=MENTION))
    database.write(lambda tx: give_role(tx, LOCAL_ADMIN, Revocations(database.settings), WHO, Role.ADMIN))
    database.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, WHO, f"key of {NAME}"))
    database.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.ADMIN, None, f"for {EMAIL}"))
    database.write(lambda tx: begin_session(tx, f"person:{WHO}", WHO, None, 1.0))
    database.write(lambda tx: once(tx, WHO, "k", "r", lambda: {"body": {"text": f"my {CANARY}"}}))
    # What the routes write beside, of every label that names people.
    database.run_alone(
        """
        MATCH (p:Person {id: $who}), (c:Community {id: 'c'}), (ann:Person {id: 'ann'}), (q:Question {id: 'q1'}),
              (m:Meeting {id: 'm'})
        CREATE (p)-[:PROPOSED]->(:Initiative {id: 'i', title: $own, decided_by: $who})-[:TO]->(c),
               (p)-[:ASKED_TO_JOIN]->(:JoinRequest {id: 'j', words: $own, decided_by: 'ann'})-[:TO]->(c),
               (ann)-[:ASKED_TO_JOIN]->(:JoinRequest {id: 'j2', words: $mention, decided_by: $who})-[:TO]->(c),
               (p)-[:TOOK]->(:FormationStep {id: 'f', reason: $own, exception: $own})-[:STEP_OF]->(c),
               (p)-[:WROTE]->(v:CharterVersion {id: 'v', comment: $own, purpose: $mention, state: 'draft', number: 1}),
               (c)-[:HAS_VERSION]->(v), (p)-[:STANDS_BEHIND {at: '2020'}]->(v),
               (p)-[:RAISED]->(:Objection {id: 'o', text: $own, state: 'open', at: '2020'})-[:AGAINST]->(v),
               (p)-[:SETTLED]->(:Objection {id: 'o2', text: 'no', reason: $own, state: 'settled', at: '2020'})
                 -[:AGAINST]->(v),
               (p)-[:WROTE]->(:CharterComment {id: 'cc', text: $own, at: '2020'})-[:ON]->(v),
               (:HelpRequest {id: 'r1', state: 'declined', reason: $own, requested_at: '2020'})-[:TO]->(p),
               (r:HelpRequest {id: 'r2', state: 'asked', learned: $own, requested_at: '2020'})-[:TO]->(ann),
               (r)-[:FOR]->(q),
               (p)-[:GREETED {spell: 'x', on: '2020'}]->(ann), (ann)-[:BUDDY_OF {spell: $spell}]->(p),
               (ann)-[:INVITED_TO {by: 'person:' + $who, reason: $mention, note: $mention}]->(c),
               (p)-[:INTERESTED_IN {note: $own}]->(c),
               (m)-[:DISCUSSED {note: $mention, noted_at: '2020'}]->
                 (:AgendaItem {id: 'c/1 ' + $mention, title: $mention}),
               (:Finding {id: 'x', kind: 'overlap', evidence: $record, note: $mention, about: [], names: []})
                 -[:NAMES]->(p),
               (y:Remedy {id: 'y', by: 'person:' + $who, asked: $record}),
               (y)-[:CHANGED {thing: $spell, before: $record}]->(p), (y)-[:CHANGED {before: $record}]->(c),
               (:GlossaryTerm {id: 't', term: 'x', definition: $mention}),
               (:CalendarAddress {id: $who, digest: 'd'}), (:DigestPreferences {id: $who}),
               (:Calibration {id: 'cal', note: $mention}),
               (:Provisioned {id: 'pv', kind: 'User', resource: $record, name_key: $who})-[:STANDS_FOR]->(p),
               (:United {id: 'un', gone_id: 'once-' + $who, record: $record})-[:UNITED_INTO]->(p),
               (:Event {id: 'e', seq: -1, at: '2020', actor_id: 'x', action: 'y', subjects: ['person/once-' + $who],
                        details: '{}'})
        SET c.note = $mention
        """,
        who=WHO, own=f"my {CANARY} words", mention=MENTION, spell=f"{WHO}/c/2020-01-01",
        record=json.dumps({"person_id": WHO, "text": MENTION, "member_ids": [WHO, "ann"]}),
    )  # fmt: skip


def test_nothing_of_them_is_left_and_what_they_did_still_counts(database: Database, load) -> None:
    filled(database, load)
    before, people = counts(database), database.rows("read/number_of_nodes")
    assert len(traces(database, database.settings.rejects_folder)) > 30, people
    done = erasure.erase(database, LOCAL_ADMIN, WHO)
    assert (
        traces(database, database.settings.data_dir if not database.lease else database.settings.rejects_folder) == []
    )
    assert counts(database) == before
    assert (done.questions, done.advice) == (1, 1)
    assert done.rejects > 0
    assert erasure.under_way(database) == []
    assert database.follow(personal.personal_data(WHO)) is None
    with pytest.raises(NotFound):
        erasure.erase(database, LOCAL_ADMIN, WHO)
    # What others did and said is as it was, but for the name.
    (ann,) = database.run_alone("MATCH (p:Person {id: 'ann'}) RETURN p.name AS name, p.manager_id AS manager")
    assert ann == {"name": "Ann", "manager": None}
    (made,) = database.run_alone(
        "MATCH (p)-[:MADE]->(a:Artifact {id: 'a'}) RETURN collect(p.id) AS by, a.maker_ids AS ids"
    )
    assert made == {"by": ["ann"], "ids": ["ann"]}
    (boss,) = database.run_alone("MATCH (p:Person {id: 'boss'}) RETURN p.bio AS bio")
    assert boss["bio"] == "Ask (erased) ((erased), @(erased))."


def test_the_next_import_of_any_source_does_not_bring_them_back(database: Database, load) -> None:
    filled(database, load)
    before = counts(database)
    erasure.erase(database, LOCAL_ADMIN, WHO)
    report = load(tables())
    assert traces(database, database.settings.rejects_folder) == []
    assert counts(database) == before
    assert report.counts["person"].suppressed == 1
    assert report.counts["membership"].suppressed == 1
    assert report.counts["held_skill"].suppressed == 1
    assert (report.rejected, report.counts["advice"].created, report.counts["question"].created) == (0, 0, 0)
    # A source that never told of them knows them by an id of its own, and by their address.
    new = {
        "people": [{"id": f"n-{CANARY}", "name": NAME, "email": EMAIL.upper()}],
        "memberships": [{"person_id": f"n-{CANARY}", "community_id": "c", "joined_on": "2024"}],
        "questions": [{"id": "q9", "text": f"by {CANARY}", "community_id": "c", "asker_id": f"n-{CANARY}"}],
        "advice": [{"question_id": "q2", "helper_id": f"n-{CANARY}", "advised_at": "2025", "text": CANARY}],
        "communities": [{"id": "d", "name": "D", "domain": "D", "contacts": [EMAIL]}],
    }
    for options in ({"dry_run": True}, {}, {"sweep": True}):
        report = load(new, "new", **options)
        assert report.suppressed == 2, options
        assert traces(database, database.settings.rejects_folder) == []
    (question,) = database.run_alone("MATCH (q:Question {id: 'q9'}) RETURN q.text AS text, q.asker_id AS asker")
    assert question == {"text": "(erased)", "asker": None}
    assert database.run_alone("MATCH (p:Person) RETURN p.id AS id ORDER BY id") == [{"id": "ann"}, {"id": "boss"}]


def test_whoever_is_readmitted_comes_back_with_the_next_import(database: Database, load) -> None:
    load(tables())
    erasure.erase(database, LOCAL_ADMIN, WHO)
    known = SuppressionList(database.settings)
    with pytest.raises(NotFound):
        database.write(lambda tx: lift(tx, LOCAL_ADMIN, known, "somebody"))
    assert database.write(lambda tx: lift(tx, LOCAL_ADMIN, known, EMAIL.upper())) == 2
    assert load(tables()).suppressed == 0
    assert database.run_alone("MATCH (p:Person {id: $id}) RETURN p.name AS name", id=WHO) == [{"name": NAME}]


def test_texts_that_are_kept_lose_the_name_alone(database: Database, load) -> None:
    given = tables()
    given["advice"][0]["text"] = f"Splice it twice, says {NAME}."
    load(given)
    erasure.erase(database, LOCAL_ADMIN, WHO, keep_texts=True)
    (advice,) = database.run_alone("MATCH (a:Advice)-[:ANSWERS]->(:Question {id: 'q2'}) RETURN a.text AS text")
    assert advice["text"] == "Splice it twice, says (erased)."
    load(given)
    (advice,) = database.run_alone("MATCH (a:Advice)-[:ANSWERS]->(:Question {id: 'q2'}) RETURN a.text AS text")
    assert advice["text"] == "Splice it twice, says (erased)."


class Killed(BaseException):
    pass


def test_an_erasure_that_was_cut_off_anywhere_is_taken_up(
    database: Database, load, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(database, load)
    before, real = counts(database), database.write
    monkeypatch.setattr(erasure, "BATCH", 2)
    left = [1]

    def dying(work: Any, within: float | None = None) -> Any:
        if left[0] <= 0:
            raise Killed
        left[0] -= 1
        return real(work, within)

    monkeypatch.setattr(database, "write", dying)
    tries = 0
    while True:
        tries += 1
        left[0] = tries
        try:
            if tries == 1:
                erasure.erase(database, LOCAL_ADMIN, WHO)
            else:
                erasure.resume(database)
            break
        except Killed:
            assert erasure.under_way(database) == [WHO]
            assert database.run_alone("MATCH (k:ApiKey) WHERE k.person_id IS NOT NULL RETURN k.id AS id") == []
    monkeypatch.setattr(database, "write", real)
    assert tries > 3
    assert traces(database, database.settings.rejects_folder) == []
    assert counts(database) == before


def test_an_import_that_runs_meanwhile_does_not_bring_them_back(
    database: Database, load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Imports of two sources go over everything again and again while somebody is erased in small steps."""
    filled(database, load)
    before = counts(database)
    monkeypatch.setattr(erasure, "BATCH", 3)
    stop, faults = threading.Event(), list[BaseException]()

    def importing(name: str) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            given = tables()
            given["people"][0]["bio"] = f"{CANARY} {number}"
            given["people"][2]["bio"] = f"number {number}"
            try:
                load(given, name, batch_size=2)
            except BaseException as fault:
                faults.append(fault)
                return

    writers = [threading.Thread(target=importing, args=(name,)) for name in ("hr", "other")]
    for writer in writers:
        writer.start()
    try:
        erasure.erase(database, LOCAL_ADMIN, WHO)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert faults == []
    assert database.run_alone("MATCH (p:Person {id: $id}) RETURN p.id", id=WHO) == []
    assert counts(database)["came"] == before["came"]
    # What was on its way when it began may have brought mentions of others' texts; of them themselves nothing is there.
    assert not [one for one in traces(database) if WHO in one and "Alias" not in one]


def test_a_list_of_another_secret_is_refused(database: Database, load, tmp_path: Path) -> None:
    load(tables())
    erasure.erase(database, LOCAL_ADMIN, WHO)
    elsewhere = database.settings.model_copy(update={"data_dir": tmp_path / "elsewhere"})
    there = Database.__new__(Database)
    vars(there).update(vars(database), settings=elsewhere)
    origin = BundleSource(write(tmp_path / "b", {"people": [{"id": "z", "name": "Z"}]}), "z")
    with pytest.raises(InvalidInput, match="another secret"):
        ingest(there, origin, rejects_folder=tmp_path / "rejects")
    assert database.run_alone("MATCH (p:Person {id: 'z'}) RETURN p.id") == []


def test_the_list_names_nobody(database: Database, load) -> None:
    load(tables())
    erasure.erase(database, LOCAL_ADMIN, WHO)
    known = SuppressionList(database.settings)
    assert known.secret_file.stat().st_mode & 0o777 == 0o600
    assert known.file.stat().st_mode & 0o777 == 0o600
    assert CANARY not in known.file.read_text().lower()
    assert len(known.entries()) == 2


def test_an_identity_provider_does_not_push_them_again(database: Database) -> None:
    known = SuppressionList(database.settings)
    said = {"userName": EMAIL, "displayName": NAME, "externalId": f"ext-{CANARY}", "title": CANARY}

    def push(resource: dict[str, Any]) -> str:
        return database.write(in_turn("scim", lambda tx: Directory(tx, suppression=known).create("User", resource).id))

    push({"userName": "ann@x.example", "displayName": "Ann"})
    person = push(said)
    try:
        erasure.erase(database, LOCAL_ADMIN, person)
        assert traces(database) == []
        for again in (said, {**said, "externalId": None}, {"userName": "other", "externalId": f"ext-{CANARY}"}):
            with pytest.raises(Conflict, match="was erased"):
                push(again)
        assert traces(database) == []
        database.write(lambda tx: lift(tx, LOCAL_ADMIN, known, EMAIL))
        push(said)
    finally:
        known.file.unlink(missing_ok=True)


def test_whoever_was_united_with_another_is_erased_under_both_ids(database: Database, load) -> None:
    load(tables())
    load({"people": [{"id": f"c-{CANARY}", "name": NAME, "bio": CANARY}]}, "crm")
    database.write(in_turn("local", lambda tx: same_person(tx, LOCAL_ADMIN, WHO, f"c-{CANARY}", ())))
    erasure.erase(database, LOCAL_ADMIN, WHO)
    assert traces(database) == []
    assert load({"people": [{"id": f"c-{CANARY}", "name": NAME, "bio": CANARY}]}, "crm").suppressed == 1
    assert load({"people": [{"id": f"c-{CANARY}", "name": NAME, "bio": CANARY}]}, "another").suppressed == 1
    assert traces(database) == []
