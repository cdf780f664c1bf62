"""What is due for a person, over HTTP, by command and by e-mail."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads import digest as reads
from graph.reads import log
from graph.writes import digest as writes
from graph.writes import requests
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.mail.server import MailServer, mail_server
from tests.api.serving import served
from tests.days import today
from tests.ingest.test_jobs import write

# The tables are made once, and what is expected follows them: a run may go past midnight.
MADE = date.today()


def day(ahead: int) -> str:
    return (MADE + timedelta(days=ahead)).isoformat()


TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [
        {"id": "ann", "name": "Ann", "email": "ann@example.org"},
        {"id": "bob", "name": "Bob\r\nBcc: eve@example.org", "email": "bob@example.org"},
        {"id": "cy", "name": "Cy", "email": "cy@example.org"},
        {"id": "mute", "name": "Mute"},
        {"id": "gone", "name": "Gone", "email": "gone@example.org", "left_on": "2020-01-01"},
    ],
    "communities": [
        {"id": "knots", "name": "Knots", "domain": "ropes"},
        {"id": "past", "name": "Past", "domain": "old ropes", "status": "retired"},
    ],
    "memberships": [
        {"person_id": "bob", "community_id": "knots", "engagement": "core", "joined_on": "2020-01-01"},
        {"person_id": "bob", "community_id": "past", "role": "lead"},
        {"person_id": "cy", "community_id": "knots", "joined_on": day(-3)},
        {"person_id": "mute", "community_id": "knots", "joined_on": day(-60)},
        {"person_id": "gone", "community_id": "knots", "joined_on": day(-3)},
    ],
    "meetings": [
        {"id": "soon", "community_id": "knots", "starts_at": f"{day(2)}T10:00Z", "title": "Splicing"},
        {"id": "later", "community_id": "knots", "starts_at": f"{day(40)}T10:00Z"},
        # The rule goes on since last week; the coming one of two weeks is not cancelled.
        {
            "id": "series",
            "community_id": "knots",
            "starts_at": f"{day(-9)}T09:00",
            "timezone": "Europe/Oslo",
            "recurrence": "FREQ=WEEKLY",
            "title": "Surface hour",
            "minutes": 90,
        },
        {
            "id": "off",
            "community_id": "knots",
            "starts_at": f"{day(12)}T09:00",
            "timezone": "Europe/Oslo",
            "series_id": "series",
            "recurs_at": f"{day(12)}T09:00",
            "state": "cancelled",
        },
        {"id": "was", "community_id": "knots", "starts_at": f"{day(-2)}T10:00Z"},
        {"id": "old", "community_id": "past", "starts_at": f"{day(2)}T10:00Z"},
    ],
}


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    asked = database.write(
        lambda tx: requests.ask(
            tx, Principal("ann", Role.MEMBER), "ann", "bob", question={"text": "Secret splice?", "private": True}
        )
    )
    database.run_alone("MATCH (r:HelpRequest {id: $id}) SET r.requested_at = '2026-01-01T09:00:00.000Z'",
                       id=asked.request.id)  # fmt: skip
    return database


def test_what_is_due_is_for_the_person_alone(loaded: Database) -> None:
    keys = {who: loaded.write(lambda tx, who=who: create_key(tx, LOCAL_ADMIN, Role.MEMBER, who, None))
            for who in ("ann", "bob")}  # fmt: skip
    with served(loaded, auth="keys") as client:
        bob, ann = ({"Authorization": f"Bearer {keys[who]}"} for who in ("bob", "ann"))
        found = client.get("/v1/people/bob/digest", headers=bob).json()
        assert [item["part"] for item in found["items"]] == ["requests", "meetings", "meetings", "newcomers"]
        soon, series, newcomer = found["items"][1:]
        assert (soon["id"], newcomer["id"]) == ("soon", "knots/cy")
        assert (series["said"], series["starts_at"][:16]) == ("Knots meets: Surface hour.", f"{day(5)}T09:00")
        assert "“Secret splice?”" in found["items"][0]["said"]
        for path in ("digest", "digest.ics", "digest/preferences"):
            assert client.get(f"/v1/people/bob/{path}", headers=ann).status_code == 403
        ics = client.get("/v1/people/bob/digest.ics", headers=bob)
        assert ics.headers["content-type"].startswith("text/calendar")
        assert ics.text.count("BEGIN:VTODO") == 2
        assert sorted(line for line in ics.text.splitlines() if line.startswith("DURATION")) == [
            "DURATION:PT1H", "DURATION:PT1H30M",
        ], "an hour where nobody said how long"  # fmt: skip
        path = "/v1/people/bob/digest/preferences"
        seen = client.get(path, headers=bob)
        assert seen.json()["frequency"] == "weekly"
        body = {"frequency": "daily", "parts": ["meetings"], "paused_until": None}
        assert client.put(path, json=body, headers=bob).status_code == 428
        kept = client.put(path, json=body, headers={**bob, "If-Match": seen.headers["ETag"]})
        assert kept.json() == body
        assert client.put(path, json=body, headers={**bob, "If-Match": seen.headers["ETag"]}).status_code == 412
        assert client.put(path, json=body, headers={**ann, "If-Match": "*"}).status_code == 403
        found = client.get("/v1/people/bob/digest", headers=bob).json()
        assert [item["part"] for item in found["items"]] == ["meetings", "meetings"]


@pytest.fixture
def send(loaded: Database, cli, monkeypatch: pytest.MonkeyPatch):
    def run(server: MailServer | None, *options: str):
        monkeypatch.setenv("GUILDMAP_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("GUILDMAP_SMTP_PORT", str(server.port if server else 1))
        monkeypatch.setenv("GUILDMAP_SMTP_FROM", "guildmap@example.org")
        monkeypatch.setenv("GUILDMAP_SMTP_TLS", "none")
        return cli("digest", "--send", *options)

    return run


def sent_on(database: Database) -> dict[str, str | None]:
    return {one.id: one.sent_on for one in database.read(reads.recipients(None, today())) if one.sent_on}


def test_each_gets_a_digest_once_for_a_period(loaded: Database, send) -> None:
    before = loaded.read(log.revision())
    with mail_server() as server:
        first = send(server, "--everyone")
        assert first.exit_code == 0, first.output
        assert "2 sent, 2 not due, 0 failed" in first.stdout
        # Ann waits for Bob, so nothing is due for her; Mute has no address, Gone has left.
        assert sorted(to for to, _ in server.mails) == ["bob@example.org", "cy@example.org"]
        mail = dict(server.mails)["bob@example.org"]
        assert mail["Bcc"] is None
        assert "Splicing" in mail.get_body(("plain",)).get_content()
        assert "0 sent" in send(server, "--everyone").stdout
        assert "sent this week already" in send(server, "--person", "bob").stdout
        assert len(server.mails) == 2
    assert sent_on(loaded) == {"bob": today(), "cy": today()}
    (event,) = loaded.read(log.events_after(before))
    assert (event.action, sorted(event.subjects)) == ("send.digest", ["digest/bob", "digest/cy"])


def test_who_wants_none_or_rests_gets_none(loaded: Database, send, cli) -> None:
    assert cli("digest", "prefer", "--person", "bob", "--frequency", "never").exit_code == 0
    assert "paused until" in cli("digest", "prefer", "--person", "cy", "--pause-until", day(1)).stdout
    with mail_server() as server:
        assert "0 sent" in send(server, "--everyone").stdout
        assert server.mails == []
    assert sent_on(loaded) == {}


def test_nothing_is_marked_as_sent_where_the_server_is_away_or_refuses(loaded: Database, send) -> None:
    away = send(None, "--everyone")
    assert away.exit_code == 1
    assert "The mail server 127.0.0.1:1 cannot be used" in str(away.exception)
    assert sent_on(loaded) == {}
    with mail_server(refused=frozenset(["bob@example.org"])) as server:
        refused = send(server, "--everyone")
        assert refused.exit_code == 1
        assert "550 no such mailbox" in refused.output
        assert "1 sent" in refused.stdout
        assert sent_on(loaded) == {"cy": today()}
    with mail_server() as server:
        assert "1 sent" in send(server, "--everyone").stdout
        assert [to for to, _ in server.mails] == ["bob@example.org"]


def test_of_two_who_send_at_once_one_does(loaded: Database) -> None:
    (bob,) = loaded.read(reads.recipients("bob", today()))
    assert loaded.write(lambda tx: writes.claim(tx, bob, today()))
    assert not loaded.write(lambda tx: writes.claim(tx, bob, today()))
    loaded.write(lambda tx: writes.release(tx, bob, today()))
    assert loaded.write(lambda tx: writes.claim(tx, bob, today()))


def test_the_command_lists_and_says_what_is_missing(loaded: Database, cli, tmp_path: Path) -> None:
    shown = cli("digest", "--person", "bob")
    assert "Newcomers and who asks to join" in shown.stdout
    assert json.loads(cli("digest", "--person", "bob", "--json").stdout)["results"]["items"][0]["part"] == "requests"
    assert "4 things written" in cli("digest", "--person", "bob", "--ics", str(tmp_path / "bob.ics")).stdout
    assert (tmp_path / "bob.ics").read_bytes().count(b"BEGIN:VEVENT") == 2
    assert "GUILDMAP_SMTP_HOST" in str(cli("digest", "--person", "bob", "--send").exception)
    assert "Say for whom" in str(cli("digest").exception)
    assert "no e-mail would be sent" in cli("digest", "--person", "ann", "--mail").stdout


def test_what_somebody_chose_goes_with_them(loaded: Database) -> None:
    chosen = reads.Preferences("daily")
    loaded.write(lambda tx: writes.prefer(tx, Principal("bob"), "bob", chosen))
    loaded.write(lambda tx: tx.run("write/delete_person", ids=["bob", "ann"]))
    assert loaded.run_alone("MATCH (d:DigestPreferences) RETURN d.id AS id") == []
