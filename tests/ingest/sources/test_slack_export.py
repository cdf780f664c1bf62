"""A workspace of Slack: its people, its channels as communities, and of what was written numbers alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from graph.backup import back_up
from graph.database import Database
from graph.errors import InvalidInput
from ingest.jobs import ingest
from ingest.sources.slack_export import SlackExport
from tests.ingest.test_archives import packed


def message(who: str, text: str, ts: str = "1704110400.0", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": who, "text": text, "ts": ts, **more}


USERS = [
    {
        "id": f"U{n}", "name": f"user{n}", "tz": "Europe/Madrid",
        "profile": {"real_name": f"User {n}", "email": f"u{n}@x.example", "title": "Engineer", "phone": "+34 555 0199"},
    }
    for n in range(6)
]  # fmt: skip
USERS += [{"id": "B1", "name": "bot", "is_bot": True}, {"id": "U9", "name": "left", "deleted": True}]

CHANNELS = [
    {"id": "C1", "name": "compilers", "purpose": {"value": "How compilers work"}, "topic": {"value": ""},
     "members": ["U0", "U1", "U9", "B1"]},
    {"id": "C2", "name": "general", "is_general": True, "members": ["U0"]},
    {"id": "C3", "name": "old-stuff", "is_archived": True, "members": []},
    {"id": "C4", "name": "cooking_club", "members": ["U2"]},
]  # fmt: skip


def export(path: Path, **more: Any) -> Path:
    said = [message(f"U{n}", "the register allocator spills, canaryword") for n in range(5)]
    said += [message("U1", "again", "1706788800.0"), message("B1", "beep"), message("U1", "", subtype="channel_join")]
    said += [message("U1", "broken", "soon"), {"type": "message"}, "nonsense"]
    members = {
        "users.json": USERS, "channels.json": CHANNELS, "dms.json": [], "compilers/2024-01-01.json": said,
        "cooking_club/2024-01-02.json": [message(f"U{n}", "soup and bread") for n in range(1, 6)],
        "general/2024-01-02.json": [message("U1", "hello")], **more,
    }  # fmt: skip
    return packed(path, {name: json.dumps(content) for name, content in members.items()})


def test_channels_are_communities_and_posts_are_counted(database: Database, tmp_path: Path) -> None:
    path = export(tmp_path / "slack.zip")
    report = ingest(database, SlackExport(path), rejects_folder=tmp_path / "rejects")
    assert report.rejects is None
    rows = database.run_alone(
        "MATCH (c:Community) RETURN c.id AS id, c.name AS name, c.domain AS domain, c.posts AS posts, "
        "c.topics AS topics, COLLECT { MATCH (p)-[:MEMBER_OF]->(c) RETURN p.id ORDER BY p.id } AS members ORDER BY id"
    )
    assert rows == [
        {"id": "C1", "name": "#compilers", "domain": "How compilers work", "posts": ["2024-01 5 5", "2024-02 1 1"],
         "topics": None, "members": ["U0", "U1"]},
        {"id": "C4", "name": "#cooking_club", "domain": "cooking club", "posts": ["2024-01 5 5"], "topics": None,
         "members": ["U2"]},
    ]  # fmt: skip
    (person,) = database.run_alone("MATCH (p:Person {id: 'U1'}) RETURN properties(p) AS p")
    assert (person["p"]["name"], person["p"]["email"], person["p"]["timezone"]) == (
        "User 1",
        "u1@x.example",
        "Europe/Madrid",
    )
    back_up(database, tmp_path / "all.jsonl")
    kept = (tmp_path / "all.jsonl").read_text(encoding="utf-8")
    assert "canaryword" not in kept
    assert "555 0199" not in kept
    assert ingest(database, SlackExport(path), rejects_folder=tmp_path / "rejects").changed == 0


def test_channels_that_are_known_are_their_communities_and_words_of_few_are_not_told(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "channels.csv").write_text("channel,community_id\n#compilers,comp\nold-stuff,\n", encoding="utf-8")
    source = SlackExport(export(tmp_path / "slack.zip"), channels=tmp_path / "channels.csv", topics=True)
    ingest(database, source, rejects_folder=tmp_path / "rejects")
    rows = database.run_alone(
        "MATCH (c:Community) RETURN c.id AS id, c.status AS status, c.topics AS topics ORDER BY id"
    )
    assert rows == [{"id": "C3", "status": "retired", "topics": None}, {"id": "comp", "status": None, "topics": None}]
    both = SlackExport(export(tmp_path / "slack.zip"), topics=True)
    (communities,) = (table for table in both.tables() if table.subject == "communities")
    topics = {row.data["id"]: row.data["topics"] for row in communities.rows()}
    assert set(topics["C1"]) == {"allocator", "register", "spills", "canaryword"}  # `again` is of one person
    assert set(topics["C4"]) == {"bread", "soup"}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"users.json": {"a": 1}}, "holds no list"),
        ({"channels.json": None}, "holds no list"),
        ({"../up.json": []}, "outside"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, more: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        SlackExport(export(tmp_path / "slack.zip", **more)).tables()


def test_an_archive_without_users_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no users"):
        SlackExport(packed(tmp_path / "slack.zip", {"a.json": "[]"})).tables()
