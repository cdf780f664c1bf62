"""What people of the demo organisation did by hand shows every state of proposals and requests, and movement, once."""

from datetime import UTC, date, datetime, timedelta

from graph.database import Database
from graph.models import LOCAL_ADMIN
from graph.reads import digest as digests
from graph.reads import log, meetings
from graph.reads import requests as reads
from ingest.demo.deeds import act
from ingest.demo.organisation import DemoSource
from ingest.jobs import ingest
from matcher.community import digest, engagement, power

TODAY = date.today()
LEVELS = ("core", "active", "occasional", "peripheral")


def test_every_state_of_what_people_do_occurs_and_is_made_once(database: Database, tmp_path) -> None:
    ingest(database, DemoSource(TODAY), rejects_folder=tmp_path)
    assert act(database, TODAY) == 30
    items = database.read(meetings.agenda("blade-inspection"))
    assert {one.state or "open" for one in items} == {"open", "progressed", "settled"}
    assert next(said.note for one in items for said in one.discussions if said.note).startswith("Twelve pictures")
    after = datetime.now(UTC)
    soon = meetings.rolled_out(
        database.read(meetings.meetings(["cable-burial"], after)), after, after + timedelta(days=120)
    )
    assert {one.cancelled for one in soon} == {True, False}
    assert any(one.begins != one.planned for one in soon), "one was moved"
    communities = [row["id"] for row in database.run_alone("MATCH (c:Community) RETURN c.id AS id")]
    proposed = [one for key in communities for one in database.read(meetings.initiatives(key))]
    assert {one.state for one in proposed} == {"proposed", "taken_up", "declined", "withdrawn"}
    assert {one.kind for one in proposed if one.became} == {"meeting", "topic", "artifact"}
    requests = database.read(reads.requests(LOCAL_ADMIN, None, limit=50))
    assert {one.state for one in requests} == {
        "asked", "accepted", "advised", "tried", "closed", "declined", "withdrawn",
    }  # fmt: skip
    for key in ("blade-inspection", "python-guild", "cable-burial"):
        found = database.follow(engagement.of_community(key, TODAY.isoformat(), True))
        moves = [cell for one in found.quarters for cell in one.flows if cell.people and cell.before != cell.after]
        assert [cell for cell in moves if cell.before in LEVELS and cell.after in LEVELS], key
    for person in ("kwame-mensah", "astrid-nygaard", "callum-mcleod", "mei-lin-zhang"):
        (who,) = database.read(digests.recipients(person, TODAY.isoformat()))
        due = database.follow(digest.read_facts(who, TODAY.isoformat()))
        assert digest.digest(who, due, TODAY.isoformat()).of("requests"), person
    before = log.fingerprint(database)
    assert act(database, TODAY) == 0
    assert log.fingerprint(database) == before


def test_there_is_a_community_whose_talk_by_grade_can_be_told(database: Database, tmp_path) -> None:
    ingest(database, DemoSource(TODAY), rejects_folder=tmp_path)
    reports = database.write(lambda tx: power.of_community(tx, "python-guild", TODAY.isoformat()))
    told = [one for report in reports for one in report.shares if one.of_questions is not None]
    assert len(told) >= 2, "of two groups of grades at the least"
    assert any(report.down is not None for report in reports), "five managers advised five who report to them"
    assert any(report.up is not None for report in reports), "and were advised by five of them"
