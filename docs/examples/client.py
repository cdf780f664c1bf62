"""A small client of guildmap's HTTP API, with types. It needs Python 3.11 and httpx: copy it, and take what you need.

`tests/docs/test_client.py` holds every path, parameter and field in here to the API's own description. Whatever else
there is stands at /docs of a service.
"""

import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NotRequired, TypedDict
from urllib.parse import quote

import httpx

Kind = Literal["community", "person", "skill"]
Engagement = Literal["core", "active", "occasional", "peripheral"]
State = Literal["met", "partly", "missing", "cannot_tell"]

# How often a request is sent again that the service was too busy for; it says when to.
TRIES = 4


class Me(TypedDict):
    person_id: str | None
    name: str | None
    role: str
    external: bool


class Hit(TypedDict):
    kind: Kind
    id: str
    name: str
    score: float
    snippet: str
    reasons: list[str]


class SearchMeta(TypedDict):
    revision: int
    total: int
    next_cursor: str | None
    notes: list[str]


class Hits(TypedDict):
    results: list[Hit]
    meta: SearchMeta


class Reason(TypedDict):
    text: str


class Contribution(TypedDict):
    """`points` = `weight` x `value`; those of all contributions add up to the score."""

    feature: str
    value: float
    weight: float
    points: float
    reason: Reason | None


class Greeter(TypedDict):
    person_id: str
    name: str
    why: str


class Start(TypedDict):
    engagement: str
    why: str


class Recommendation(TypedDict):
    community_id: str
    name: str
    score: float
    reasons: list[str]
    contributions: list[Contribution]
    greeters: list[Greeter]
    start: Start | None


class SetAside(TypedDict):
    """How many were no candidates, by reason."""

    revision: int
    set_aside: dict[str, int]
    notes: NotRequired[list[str]]


class Recommendations(TypedDict):
    results: list[Recommendation]
    meta: SetAside


class Helper(TypedDict):
    person_id: str
    name: str
    score: float
    reasons: list[str]
    contributions: list[Contribution]


class HelpersMeta(TypedDict):
    revision: int
    set_aside: dict[str, int]
    communities: dict[str, float]


class Helpers(TypedDict):
    results: list[Helper]
    meta: HelpersMeta


class Profile(TypedDict):
    """Somebody who is not stored."""

    text: NotRequired[str]
    skills: NotRequired[list[str]]
    wants_to_learn: NotRequired[list[str]]
    unit_id: NotRequired[str]


class HeldSkill(TypedDict):
    skill_id: str
    name: str
    level: NotRequired[int | None]


class Membership(TypedDict):
    community_id: str
    engagement: str | None
    joined_on: str | None
    left_on: str | None


class Person(TypedDict):
    """What is not to be seen by whoever asks is left out."""

    id: str
    name: str
    title: NotRequired[str | None]
    bio: NotRequired[str | None]
    interests: NotRequired[list[str]]
    unit_id: NotRequired[str | None]
    skills: NotRequired[list[HeldSkill]]
    memberships: NotRequired[list[Membership]]


class PersonChange(TypedDict, total=False):
    """What is given is set, None takes it away, what is left out stays."""

    title: str | None
    bio: str | None
    interests: list[str] | None
    open_to_help: bool | None
    help_capacity: int | None


class Community(TypedDict):
    id: str
    name: str
    domain: str
    status: str
    visibility: str
    members: int
    topics: NotRequired[list[str]]


class Spell(TypedDict):
    engagement: str | None
    joined_on: str | None


class Proposal(TypedDict):
    name: str
    domain: str
    audience: NotRequired[str]
    topics: NotRequired[list[str]]
    skills: NotRequired[list[str]]
    meetings: NotRequired[list[str]]


class Answer(TypedDict):
    question: str
    asked: str
    state: State
    evidence: list[str]
    action: str


class Relative(TypedDict):
    relation: str
    kind: Literal["community", "org_unit"]
    id: str
    name: str
    probability: float
    text: str


class Check(TypedDict):
    results: list[Answer]
    counts: dict[str, int]
    next_actions: list[str]
    identify: int | None
    relatives: list[Relative]


class About(TypedDict):
    kind: Literal["community", "org_unit"]
    id: str
    name: str


class Finding(TypedDict):
    id: str
    kind: str
    about: list[About]
    verdict: str
    score: float
    status: Literal["open", "accepted", "dismissed", "done", "gone"]


class Event(TypedDict):
    seq: int
    at: str
    actor: str
    action: str
    subjects: list[str]


class Problem(Exception):
    """What the service said was wrong (RFC 9457). `request_id` is the one under which it was logged."""

    def __init__(self, answer: httpx.Response) -> None:
        told = answer.json() if answer.headers.get("content-type") == "application/problem+json" else {}
        self.status = answer.status_code
        self.title: str = told.get("title", answer.reason_phrase)
        self.detail: str = told.get("detail", "")
        self.request_id: str | None = told.get("request_id")
        super().__init__(f"{self.status} {self.title}: {self.detail}")


class Client:
    """`key`: an API key or a token of the identity provider; in local mode None, and `person` says for whom it is.

    A change is based on a version, which reading tells. Methods raise Problem.
    """

    def __init__(self, address: str, key: str | None = None, *, person: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if person:
            headers["Guildmap-Person"] = person
        self._http = httpx.Client(base_url=address, headers=headers, timeout=30)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def me(self) -> Me:
        return self._send("GET", "/v1/me").json()

    def search(
        self,
        text: str,
        *,
        kind: list[Kind] | None = None,
        topic: str | None = None,
        skill: str | None = None,
        unit: str | None = None,
        limit: int = 10,
        cursor: str | None = None,
    ) -> Hits:
        """Communities, people and skills by words and by meaning; `meta.next_cursor` as `cursor` goes on."""
        query = {"text": text, "kind": kind, "topic": topic, "skill": skill, "unit": unit, "limit": limit,
                 "cursor": cursor}  # fmt: skip
        return self._send("GET", "/v1/search", query=query).json()

    def communities_for(
        self, person_id: str | None = None, *, profile: Profile | None = None, limit: int = 10
    ) -> Recommendations:
        """Communities to join: for a stored person, for a profile, or for whoever asks."""
        body = {"person_id": person_id, "profile": profile, "limit": limit}
        return self._send("POST", "/v1/recommendations/communities", body=body).json()

    def helpers_for(
        self, text: str, *, person_id: str | None = None, community_id: str | None = None, limit: int = 10
    ) -> Helpers:
        """People who can help with a question, in a sentence or more."""
        body = {"text": text, "person_id": person_id, "community_id": community_id, "limit": limit}
        return self._send("POST", "/v1/recommendations/helpers", body=body).json()

    def check(self, proposal: Proposal) -> Check:
        """Whether a proposal has what a community needs. Nothing is stored."""
        return self._send("POST", "/v1/formation", body=proposal).json()

    def person(self, person_id: str) -> tuple[Person, str]:
        """The person, and the version on which a change is based."""
        answer = self._send("GET", "/v1/people/{person_id}", at={"person_id": person_id})
        return answer.json(), answer.headers["ETag"]

    def change_person(self, person_id: str, change: PersonChange, version: str) -> tuple[Person, str]:
        answer = self._send(
            "PATCH", "/v1/people/{person_id}", at={"person_id": person_id}, body=change, version=version
        )  # fmt: skip
        return answer.json(), answer.headers["ETag"]

    def community(self, community_id: str) -> tuple[Community, str]:
        answer = self._send("GET", "/v1/communities/{community_id}", at={"community_id": community_id})
        return answer.json(), answer.headers["ETag"]

    def charter(self, community_id: str) -> str:
        """As Markdown."""
        at = {"community_id": community_id}
        return self._send("GET", "/v1/communities/{community_id}/charter", at=at, accept="text/markdown").text

    def join(self, community_id: str, person_id: str, engagement: Engagement | None = None) -> tuple[Spell, str]:
        """Needs no version: there is nothing yet to be based on."""
        at = {"community_id": community_id, "person_id": person_id}
        answer = self._send(
            "PUT", "/v1/communities/{community_id}/members/{person_id}", at=at, body={"engagement": engagement}
        )  # fmt: skip
        return answer.json(), answer.headers["ETag"]

    def leave(self, community_id: str, person_id: str, version: str) -> None:
        at = {"community_id": community_id, "person_id": person_id}
        self._send("DELETE", "/v1/communities/{community_id}/members/{person_id}", at=at, version=version)

    def findings(self, *, kind: list[str] | None = None, min_score: float = 0.0) -> Iterator[Finding]:
        """All findings of the audit that are kept, the highest score first, page by page."""
        cursor: str | None = None
        while True:
            query = {"kind": kind, "min_score": min_score, "cursor": cursor}
            page = self._send("GET", "/v1/audit/findings", query=query).json()
            yield from page["results"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def events(self, after: int = 0) -> Iterator[Event]:
        """For admins: who changed what, from the change behind `after` to the last one that there is."""
        while True:
            page = self._send("GET", "/v1/events", query={"after": after}).json()
            yield from page["results"]
            if not page["results"]:
                return
            after = page["results"][-1]["seq"]

    def _send(
        self,
        method: str,
        path: str,
        *,
        at: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        version: str | None = None,
        accept: str = "application/json",
    ) -> httpx.Response:
        """Sent again where the service is too busy, which does no change twice: the key says that it is the same."""
        headers = {"Accept": accept}
        if method != "GET":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        if version is not None:
            headers["If-Match"] = version
        address = path.format_map({name: quote(value, safe="") for name, value in (at or {}).items()})
        given = {name: value for name, value in (query or {}).items() if value is not None}
        answer = self._http.request(method, address, params=given, json=body, headers=headers)
        for _ in range(TRIES - 1):
            if answer.status_code not in (429, 503):
                break
            time.sleep(float(answer.headers.get("Retry-After", 1)))
            answer = self._http.request(method, address, params=given, json=body, headers=headers)
        if answer.is_error:
            raise Problem(answer)
        return answer
