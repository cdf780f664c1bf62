"""Meetings over HTTP: listed, planned and read by calendars."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import icalendar
import pytest
from dateutil.rrule import rrulestr

from api import ics
from graph.database import Database
from graph.errors import Forbidden
from graph.models import LOCAL_ADMIN as ADMIN
from graph.models import Role
from graph.reads.meetings import Meeting, rolled_out
from graph.writes import keys
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served
from tests.graph.test_meetings import TABLES
from tests.ingest.test_jobs import write

MEMBER = Role.MEMBER


def meeting(**given: Any) -> Meeting:
    names = ("title", "starts_at", "zone", "recurrence", "rule", "minutes", "place", "summary", "facilitator_id",
             "series_id", "recurs_at", "follows_id", "state", "reason", "ended_at")  # fmt: skip
    whole: dict[str, Any] = {"id": "s", "community_id": "c", "community": "Knots", **dict.fromkeys(names), **given}
    return Meeting(**whole)


SERIES = meeting(starts_at="2027-03-15T10:00", zone="Europe/Oslo", rule="FREQ=WEEKLY;BYDAY=MO", title="Round")


def events(*some: Meeting) -> list[Any]:
    found = icalendar.Calendar.from_ical(ics.calendar("Knots", some))
    return list(found.walk("VEVENT"))


def as_read(*some: Meeting, before: datetime) -> list[datetime]:
    """The moments at which a calendar that follows the standard shows meetings, worked out from the file alone."""
    shown: set[datetime] = set()
    read = events(*some)
    for event in (one for one in read if "RECURRENCE-ID" not in one):
        start = event["DTSTART"].dt
        rule = event.get("RRULE")
        days = [start]
        if rule is not None:
            days = list(rrulestr(rule.to_ical().decode(), dtstart=start).between(start, before, inc=True))
        off = event.get("EXDATE", [])
        gone = {day.dt for one in (off if isinstance(off, list) else [off]) for day in one.dts}
        shown |= {day for day in days if day not in gone and event.get("STATUS") != "CANCELLED"}
    for event in (one for one in read if "RECURRENCE-ID" in one):
        shown.discard(event["RECURRENCE-ID"].dt)
        shown.add(event["DTSTART"].dt)
    return sorted(day.astimezone(UTC) for day in shown if day < before)


MOVED = meeting(
    id="s@1", series_id="s", recurs_at="2027-03-22T09:00Z", starts_at="2027-03-23T15:00", zone="Europe/Oslo"
)
OFF = meeting(id="s@2", series_id="s", recurs_at="2027-03-29T08:00Z", starts_at="2027-03-29T10:00", zone="Europe/Oslo",
              state="cancelled")  # fmt: skip


@pytest.mark.parametrize(
    "some",
    [
        (SERIES,),
        (SERIES, MOVED, OFF),
        (meeting(**{**vars(SERIES), "ended_at": "2027-04-10T00:00Z"}), MOVED),
        (meeting(**{**vars(SERIES), "rule": "FREQ=WEEKLY;BYDAY=MO;COUNT=3"}), MOVED, OFF),
        (meeting(**{**vars(SERIES), "rule": "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270405"}),),
        (meeting(**{**vars(SERIES), "state": "cancelled"}), MOVED),
        (meeting(**{**vars(SERIES), "recurs_at": "2027-03-15T10:00", "starts_at": "2027-03-16T11:00"}), OFF),
        (meeting(**{**vars(SERIES), "rule": "FREQ=WEEKLY;BYDAY=TU"}),),
        (meeting(**{**vars(SERIES), "zone": None}), meeting(id="t", starts_at="2027-03-20T10:00+02:00")),
        (meeting(**{**vars(SERIES), "ended_at": "2027-03-16T00:00Z"}),),
    ],
)  # fmt: skip
def test_a_calendar_shows_what_the_list_shows(some: tuple[Meeting, ...]) -> None:
    before = datetime(2027, 5, 1, tzinfo=UTC)
    listed = rolled_out(some, datetime(2027, 1, 1, tzinfo=UTC), before)
    assert as_read(*some, before=before) == [one.begins.astimezone(UTC) for one in listed if not one.cancelled]


def test_a_calendar_has_its_zones_and_uids_that_stay() -> None:
    text = ics.calendar("Knots", [SERIES, MOVED]).decode()
    assert "BEGIN:VTIMEZONE" in text
    assert "TZID:Europe/Oslo" in text
    assert {str(one["UID"]) for one in events(SERIES, MOVED)} == {"s@guildmap"}
    (day,) = events(meeting(id="d", starts_at="2027-03-15", title="All day"))
    assert day["DTSTART"].dt == date(2027, 3, 15)


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


def as_person(client: httpx.Client, person: str) -> dict[str, str]:
    return {"Guildmap-Person": person}


def test_a_series_is_planned_listed_by_pages_and_changed(loaded: Database) -> None:
    with served(loaded, acting="lea") as client:
        begins = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT10:00")
        made = client.post("/v1/communities/knots/meetings",
                           json={"title": "Round", "starts_at": begins,
                                 "recurrence": "FREQ=DAILY;COUNT=6"})  # fmt: skip
        assert made.status_code == 201, made.text
        listed: list[Any] = []
        cursor = None
        while True:
            page = client.get("/v1/communities/knots/meetings", params={"limit": 4, "cursor": cursor} if cursor else
                              {"limit": 4}).json()  # fmt: skip
            listed += page["results"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(listed) == 6
        assert listed[0]["rhythm"] == "every day 6 times"
        assert [item["title"] for item in listed[0]["agenda"] if item["carried"]] == ["Hemp"]
        series, one = made.json()["id"], listed[2]["id"]
        assert client.patch(f"/v1/meetings/{series}", json={"place": "Loft"}).status_code == 428
        changed = client.patch(
            f"/v1/meetings/{series}", json={"place": "Loft"}, headers={"If-Match": made.headers["ETag"]}
        )
        assert changed.json()["place"] == "Loft", changed.text
        assert client.patch(f"/v1/meetings/{series}", json={"place": "x"},
                            headers={"If-Match": made.headers["ETag"]}).status_code == 412  # fmt: skip
        assert client.post(f"/v1/meetings/{one}/cancel", json={"reason": "Snow."}).json()["state"] == "cancelled"
        moved = client.post(f"/v1/meetings/{listed[3]['id']}/move", json={"starts_at": begins.replace("T10", "T17")})
        assert moved.json()["place"] == "Loft"
        early = client.put(f"/v1/meetings/{listed[4]['id']}/attendance/mem", json={})
        assert (early.status_code, "nobody was there yet" in early.json()["detail"]) == (409, True)
        held = client.put("/v1/meetings/k1/attendance/ext", json={}).json()
        assert [(who["id"], who["guest"], who["external"]) for who in held["attendance"]] == [
            ("ext", True, True), ("mem", False, False),
        ]  # fmt: skip
        assert (
            client.get("/v1/communities/knots/meetings", params={"from": "2026-01-01", "to": "2026-01-31"}).json()[
                "results"
            ][0]["state"]
            == "held"
        )
        practice = client.get("/v1/communities/knots/practice").json()["measures"]
        assert {one["name"] for one in practice} >= {"first_answer", "revisited", "regular", "dovetail"}
        assert all(one["value"] is not None or one["why"] for one in practice)
        read = icalendar.Calendar.from_ical(client.get("/v1/communities/knots/meetings.ics").content)
        assert {str(event["SUMMARY"]) for event in read.walk("VEVENT")} == {"Round (Knots)"}


def test_a_person_s_calendar_opens_by_its_address_alone_and_holds_theirs_only(loaded: Database) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT10:00Z")
    with served(loaded, acting="lea", auth="keys") as client:
        secrets = {
            who: loaded.write(lambda tx, p=who: keys.create_key(tx, ADMIN, MEMBER, p, "k"))
            for who in ("mem", "lea", "ext")
        }
        made = {who: {"Authorization": f"Bearer {secret}"} for who, secret in secrets.items()}
        for who, where in (("lea", "knots"), ("mem", "deals")):
            sent = client.post(f"/v1/communities/{where}/meetings", json={"title": where, "starts_at": tomorrow},
                               headers=made[who])  # fmt: skip
            assert sent.status_code == 201, sent.text
        assert client.put("/v1/people/mem/calendar", headers=made["lea"]).status_code == 403
        path = client.put("/v1/people/mem/calendar", headers=made["mem"]).json()["path"]
        text = client.get(path).text
        assert "deals (Deals)" in text
        assert "knots (Knots)" in text
        lea = client.put("/v1/people/lea/calendar", headers=made["lea"]).json()["path"]
        assert "deals" not in client.get(lea).text
        assert client.get(lea.replace(".ics", "/deals.ics")).status_code == 404
        assert "deals" in client.get(path.replace(".ics", "/deals.ics")).text
        again = client.put("/v1/people/mem/calendar", headers=made["mem"]).json()["path"]
        assert client.get(path).status_code == 404
        assert client.delete("/v1/people/mem/calendar", headers=made["mem"]).status_code == 204
        assert client.get(again).status_code == 404
        for place in ("meetings", "agenda", "artifacts", "initiatives", "practice", "meetings.ics"):
            assert client.get(f"/v1/communities/knots/{place}", headers=made["ext"]).status_code == 403, place


def test_a_proposal_is_taken_up_over_http(loaded: Database) -> None:
    with served(loaded, acting="lea") as client:
        asked = client.post("/v1/communities/knots/initiatives",
                            json={"kind": "topic", "title": "Wire", "person_id": "mem"})  # fmt: skip
        assert asked.status_code == 201, asked.text
        taken = client.post(f"/v1/initiatives/{asked.json()['id']}/take-up", json={}).json()
        assert (taken["state"], taken["became"]) == ("taken_up", "knots/Wire")
        items = {one["title"]: one for one in client.get("/v1/communities/knots/agenda").json()}
        assert (items["Wire"]["state"], items["Wire"]["owner"]["id"]) == ("open", "mem")
        made = client.post("/v1/communities/knots/artifacts", json={"title": "T", "url": "https://x.example"})
        changed = client.patch(f"/v1/artifacts/{made.json()['id']}", json={"retired_on": "2026-11"},
                               headers={"If-Match": made.headers["ETag"]})  # fmt: skip
        assert changed.json()["retired_on"] == "2026-11", changed.text
        assert [one["title"] for one in client.get("/v1/communities/knots/artifacts").json()] == ["Tables"]


def test_what_is_proposed_and_made_by_command(loaded: Database, cli: Any) -> None:
    def told(*arguments: str) -> Any:
        return json.loads(cli(*arguments, "--json").stdout)["results"]

    asked = told("initiative", "propose", "knots", "meeting", "Ice", "--person", "out", "--text", "Before winter.")
    assert (asked["state"], asked["proposer"]["name"]) == ("proposed", "Out")
    key = asked["id"]
    assert isinstance(cli("initiative", "take-up", key, "--person", "mem").exception, Forbidden)
    assert "names no day" in str(cli("initiative", "take-up", key, "--person", "lea").exception)
    taken = told("initiative", "take-up", key, "--starts-at", "2027-12-01T13:00", "--person", "lea")
    assert taken["state"] == "taken_up"
    assert "taken up by Lea" in cli("initiative", "list", "knots").stdout
    assert cli("initiative", "list", "knots", "--state", "declined").stdout.startswith("Nobody")
    assert str(cli("initiative", "take-up", key, "--starts-at", "soon").exception).startswith("--starts-at: ")
    topic = told("initiative", "propose", "knots", "topic", "Wire", "--person", "mem")["id"]
    declined = cli("initiative", "decline", topic, "Settled in May.", "--person", "cor").stdout
    assert "why: Settled in May." in declined
    other = told("initiative", "propose", "knots", "artifact", "Chart", "--person", "mem")["id"]
    assert isinstance(cli("initiative", "withdraw", other, "--person", "out").exception, Forbidden)
    assert "withdrawn" in cli("initiative", "withdraw", other, "--person", "mem").stdout

    added = told(
        "artifact", "add", "knots", "Scale", "--person", "mem", "--kind", "document", "--url", "https://x.example"
    )
    assert [maker["id"] for maker in added["makers"]] == ["mem"]
    assert "--kind: " in str(cli("artifact", "add", "knots", "X", "--kind", "song").exception)
    assert isinstance(cli("artifact", "change", added["id"], "--title", "Y", "--person", "out").exception, Forbidden)
    assert "out of use since 2026-11" in cli("artifact", "change", added["id"], "--retired-on", "2026-11").stdout
    assert "Scale" not in cli("artifact", "list", "knots").stdout
    assert "retired 2026-11" in cli("artifact", "list", "knots", "--retired").stdout


def test_meetings_are_planned_by_command_with_all_that_belongs_to_them(loaded: Database, cli: Any) -> None:
    planned = cli("meeting", "plan", "knots", "2027-12-01T13:00", "--title", "Round", "--zone", "Asia/Taipei",
                  "--minutes", "90", "--place", "Loft", "--facilitator", "fac", "--item", "Wire", "--item", "Hemp",
                  "--person", "lea", "--json")  # fmt: skip
    made = json.loads(planned.stdout)["results"]["meeting"]
    assert (made["zone"], made["minutes"], made["place"], made["facilitator_id"]) == ("Asia/Taipei", 90, "Loft", "fac")
    assert sorted(item["title"] for item in made["agenda"]) == ["Hemp", "Wire"]
    for option, value in (("--zone", "Nowhere"), ("--minutes", "0")):
        refused = cli("meeting", "plan", "knots", "2027-12-01T13:00", option, value).exception
        assert str(refused).startswith(option)
    assert "STARTS_AT: " in str(cli("meeting", "plan", "knots", "noon").exception)
    assert "SUMMARY:Round (Knots)" in cli("meeting", "calendar", "knots").stdout
    assert "SUMMARY:Round (Knots)" in cli("meeting", "calendar", "--person", "mem").stdout
    assert "Name a community, or a person" in str(cli("meeting", "calendar").exception)
    path = cli("meeting", "address", "mem").stdout.split()[0]
    assert path.startswith("/v1/calendar/")
    with served(loaded) as client:
        assert client.get(path).status_code == 200
        assert "opens nothing" in cli("meeting", "address", "mem", "--drop").stdout
        assert client.get(path).status_code == 404
    cli("meeting", "note", "k1", "Nylon it is.", "--item", "Hemp", "--state", "settled", "--person", "cor")
    shown = cli("meeting", "items", "knots").stdout
    assert "Hemp  settled, taken on by Mem" in shown
    assert "2026-01-07  k1: Nylon it is." in shown
    assert "Wire  open" in shown
    assert "Hemp" not in cli("meeting", "items", "knots", "--state", "open").stdout
