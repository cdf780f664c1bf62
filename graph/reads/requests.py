"""Reads of requests for help: as people meet them, as reminders list them, and as ranking needs them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from graph.database import Read, Row
from graph.errors import NotFound
from graph.models import HelpRequest, Party, Principal, Role, known_before
from graph.reads.resources import version_of
from graph.sentences import tell

# A request that still asks something of its helper.
OPEN = ("asked", "accepted")

# Days in a state after which somebody is reminded. A decision is quick; to try advice may take a while.
UNDECIDED, UNADVISED, UNFOLLOWED = 3, 7, 14

# Place of a request in a list, behind which the next page begins: (moment, id).
Place = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """A request, and who of those who may see it reads it: one of the two, or a member of the question's community."""

    request: HelpRequest
    inside: bool

    @property
    def version(self) -> str:
        return version_of(self.request)

    def by(self, principal: Principal) -> frozenset[str]:
        """As what the principal may act: asker, helper, both for an admin."""
        if principal.role is Role.ADMIN:
            return frozenset(("asker", "helper"))
        parties = {"asker": self.request.asker, "helper": self.request.helper}
        return frozenset(
            name for name, one in parties.items() if one is not None and one.id == principal.person_id
        )  # fmt: skip

    def visible_to(self, principal: Principal) -> bool:
        return bool(self.by(principal)) or (self.inside and not self.request.private)


@dataclass(frozen=True)
class Due:
    """A request that has been in its state since `since`, too long; it waits for the asker or the helper."""

    request: HelpRequest
    since: str
    waits_for: Party | None


@dataclass(frozen=True, slots=True)
class RequestFact:
    """What ranking knows of a request; '' is a moment that has not come."""

    id: str
    helper_id: str
    state: str
    requested_at: str
    decided_at: str = ""
    advised_at: str = ""
    ended_at: str = ""

    def as_known(self, as_of: str | None) -> "RequestFact | None":
        """What was known before the day `as_of`, None where it was not asked yet. One that ended without a decision
        was withdrawn."""
        if as_of is None:
            return self
        if not known_before(self.requested_at, as_of):
            return None
        moments = [
            at if known_before(at or None, as_of) else "" for at in (self.decided_at, self.advised_at, self.ended_at)
        ]
        decided, advised, ended = moments
        if ended:
            state = self.state
        elif advised:
            state = "advised"
        elif decided:
            state = "declined" if self.state == "declined" else "accepted"
        else:
            state = "asked"
        return RequestFact(self.id, self.helper_id, state, self.requested_at, decided, advised, ended)

    @property
    def accepted(self) -> bool | None:
        """What the helper said; None: nothing."""
        return self.state != "declined" if self.decided_at else None


def no_request(request_id: str) -> NotFound:
    """What is told of a request that is not there and of one that the principal may not see alike."""
    return NotFound(tell("There is no request with the id %(request_id)r.", request_id=request_id))


def request(request_id: str, principal: Principal) -> Read[Seen | None]:
    """The request, or None where there is none that the principal may see."""

    def parse(rows: list[Row]) -> Seen | None:
        seen = Seen(_request(rows[0]), rows[0]["inside"]) if rows else None
        return seen if seen and seen.visible_to(principal) else None

    return Read("read/request", {"id": request_id, **_viewer(principal)}, parse)


def requests(
    principal: Principal,
    person_id: str | None,
    *,
    role: str | None = None,
    states: list[str] | None = None,
    behind: Place | None = None,
    limit: int,
) -> Read[list[HelpRequest]]:
    """Requests by a person and to them (`role` asker or helper: only those), the latest first; `person_id` None: all,
    which is for admins."""
    at, key = behind or (None, "")
    parameters = {
        "person_id": person_id, "role": role, "states": states, "before_at": at, "before_id": key, "limit": limit,
    }  # fmt: skip
    return Read("read/requests", {**parameters, **_viewer(principal)}, lambda rows: [_request(row) for row in rows])


def due(
    principal: Principal, person_id: str | None, limits: dict[str, str], *, behind: Place | None = None, limit: int
) -> Read[list[Due]]:
    """Requests by or to a person (None: all, which is for admins) that came into their state before the moment that
    `limits` gives for it, those that have waited longest first."""
    at, key = behind or ("", "")
    parameters = {"person_id": person_id, "limits": limits, "after_at": at, "after_id": key, "limit": limit}

    def parse(rows: list[Row]) -> list[Due]:
        found = ((_request(row), row["since"]) for row in rows)
        return [Due(one, since, one.helper if one.state in OPEN else one.asker) for one, since in found]

    return Read("read/requests_due", {**parameters, **_viewer(principal)}, parse)


def due_limits(undecided: int = UNDECIDED, unadvised: int = UNADVISED, unfollowed: int = UNFOLLOWED) -> dict[str, str]:
    """By state the moment before which a request came into it that has been there for so many days."""
    days = {"asked": undecided, "accepted": unadvised, "advised": unfollowed, "tried": unfollowed}
    return {state: (datetime.now(UTC) - timedelta(days=number)).isoformat() for state, number in days.items()}


def request_facts(ids: list[str] | None = None) -> Read[dict[str, RequestFact]]:
    """Requests by id and in its order; `ids` None: all."""
    return Read("read/request_facts", {"ids": ids}, lambda rows: {row["id"]: RequestFact(**row) for row in rows})


def _viewer(principal: Principal) -> dict[str, Any]:
    return {
        "viewer_id": principal.person_id,
        "sees_restricted": principal.sees_restricted,
        "today": date.today().isoformat(),
    }


def _request(row: Row) -> HelpRequest:
    stored: dict[str, Any] = row["request"]
    advice: dict[str, Any] = row["advice"] or {}
    return HelpRequest(
        id=stored["id"],
        state=stored["state"],
        question_id=row["question_id"],
        title=row["title"],
        text=row["text"],
        private=row["private"],
        community_id=row["community_id"],
        asker=Party(row["asker_id"], row["asker_name"]) if row["asker_id"] else None,
        helper=Party(row["helper_id"], row["helper_name"]),
        requested_at=stored["requested_at"],
        decided_at=stored.get("decided_at"),
        advised_at=stored.get("advised_at"),
        tried_at=stored.get("tried_at"),
        ended_at=stored.get("ended_at"),
        reason=stored.get("reason"),
        outcome=stored.get("outcome"),
        advice_id=advice.get("id"),
        advice=advice.get("text"),
        learned=stored.get("learned"),
    )
