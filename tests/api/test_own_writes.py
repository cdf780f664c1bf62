"""What a person wrote they see next, from whatever process answers. Here two services, each with a driver of its own;
neither looks for changes by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from api.middleware import SEEN
from graph.database import Database
from tests.api.serving import served

HOUR = 3_600


@contextmanager
def two(database: Database) -> Iterator[tuple[str, str]]:
    """Their addresses."""
    with (
        Database(database.reached_by()) as other,
        served(database, follow_seconds=HOUR, request_deadline=60) as one,
        served(other, data_dir=database.settings.data_dir, follow_seconds=HOUR, request_deadline=60) as another,
    ):
        yield str(one.base_url).rstrip("/"), str(another.base_url).rstrip("/")


def names(client: httpx.Client, address: str, **more) -> set[str]:
    return {one["name"] for one in client.get(f"{address}/v1/communities", **more).json()["results"]}


def test_it_is_there_on_another_service_for_who_wrote_it(database: Database) -> None:
    community = {"name": "Knots", "domain": "Ropes, knots and splices."}
    with two(database) as (one, another), httpx.Client(timeout=30) as writer, httpx.Client(timeout=30) as reader:
        made = writer.post(f"{one}/v1/communities", json=community)
        assert made.status_code == 201
        assert "Knots" not in names(reader, another)  # nobody has told that service
        assert "Knots" in names(writer, another)  # by the cookie
        renamed = httpx.patch(
            f"{another}{made.headers['location']}", json={"name": "Hitches"}, headers={"If-Match": "*"}, timeout=30
        )
        assert renamed.status_code == 200
        assert "Knots" in names(reader, one)
        # Whoever keeps no cookies brings the header.
        assert "Hitches" in names(reader, one, headers={SEEN: renamed.headers[SEEN]})


def test_a_bookmark_that_was_not_given_here_keeps_nobody_waiting(database: Database) -> None:
    with two(database) as (one, another), httpx.Client(timeout=30) as client:
        client.post(f"{one}/v1/goals", json={"name": "Fewer outages"})
        told = client.cookies[SEEN]
        client.cookies.clear()
        for forged in (told[:-1] + ("0" if told[-1] != "0" else "1"), "RkI6a2N3UQ.", "RkI6a2N3UQ", ".", "é"):
            answer = client.get(f"{another}/v1/communities", headers={SEEN: forged.encode()})
            assert answer.status_code == 200
            assert SEEN not in answer.headers


def test_reading_gives_no_bookmark(database: Database) -> None:
    with served(database) as client:
        assert SEEN not in client.get("/v1/communities").headers
        written = client.post("/v1/goals", json={"name": "Fewer outages"})
        cookie = written.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" not in cookie
