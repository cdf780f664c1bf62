"""Reads of who asks to be let into a community that one cannot just join, and what became of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from graph.database import Read, Row
from graph.models import Party, Principal

# Days after which who was declined may ask again. What speaks against letting somebody in, as that there is no room, is
# another after weeks and not overnight, and nobody is to say no to the same person every day.
ASK_AGAIN = 30


def again_on(declined_at: str) -> str:
    """The day from which who was declined at that time may ask again."""
    return (date.fromisoformat(declined_at[:10]) + timedelta(days=ASK_AGAIN)).isoformat()


@dataclass(frozen=True)
class JoinRequest:
    """`state`: asked, accepted, declined or withdrawn. `level`: how deep they mean to take part; `words`, theirs to
    whoever decides. `over`: nobody decides on it any more, as the asker is in it or has left the organisation, or the
    community is retired. `reason`: why it was declined."""

    id: str
    community_id: str
    community: str
    asker: Party
    level: str | None
    words: str | None
    state: str
    asked_at: str
    decided_at: str | None
    decider: Party | None
    reason: str | None
    over: bool

    @property
    def waits(self) -> bool:
        return self.state == "asked" and not self.over

    @property
    def again_on(self) -> str | None:
        """The day, later than today, from which the asker may ask again; None where they need not wait."""
        if self.state != "declined" or self.decided_at is None:
            return None
        day = again_on(self.decided_at)
        return day if day > date.today().isoformat() else None


def of_community(community_id: str) -> Read[list[JoinRequest]]:
    """All that were ever asked, the latest first; for whoever lets people in, which is asked before."""
    return _requests(community_id=community_id)


def of_person(person_id: str, principal: Principal) -> Read[list[JoinRequest]]:
    """What a person asked, of communities that they may see themselves, the latest first."""
    return _requests(person_id=person_id, sees_restricted=principal.sees_restricted)


def by_id(request_id: str) -> Read[JoinRequest | None]:
    read = _requests(id=request_id)
    return Read(read.name, read.parameters, lambda rows: next(iter(read.parse(rows)), None))


def _requests(**given: Any) -> Read[list[JoinRequest]]:
    parameters = {"community_id": None, "person_id": None, "id": None, "sees_restricted": True, **given}
    return Read(
        "read/join_requests",
        {**parameters, "today": date.today().isoformat()},
        lambda rows: [_request(row) for row in rows],
    )


def _request(row: Row) -> JoinRequest:
    stored: Row = row["request"]
    decider = Party(stored["decided_by"], row["decider"]) if row["decider"] is not None else None
    return JoinRequest(
        id=stored["id"], community_id=row["community_id"], community=row["community"],
        asker=Party(row["person_id"], row["name"]), level=stored.get("level"), words=stored.get("words"),
        state=stored["state"], asked_at=stored["asked_at"], decided_at=stored.get("decided_at"), decider=decider,
        reason=stored.get("reason"), over=row["member"] or row["has_left"] or row["status"] == "retired",
    )  # fmt: skip
