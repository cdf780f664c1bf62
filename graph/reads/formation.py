"""Reads of how communities come to be: steps taken, who is interested, who is invited from outside, and the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from graph.database import Read, Row
from graph.models import Part, Principal, parts_of
from graph.reads.resources import version_of


@dataclass(frozen=True)
class Taken:
    """One step that was taken; `exception` is why it became active without an adopted charter. The person is None
    where nobody who is known took it."""

    id: str
    step: str
    begins: str | None
    ends: str
    at: str
    reason: str | None
    exception: str | None
    person_id: str | None
    name: str | None


@dataclass(frozen=True)
class Interest:
    """How somebody would take part in a community that is coming to be. `hours` a month; `join_when_active`: they agree
    beforehand to be made a member; `invited_at`: when they were asked to join it as active."""

    person_id: str
    name: str
    community_id: str
    community: str
    status: str
    level: str | None
    hours: float | None
    would_lead: bool
    join_when_active: bool
    note: str | None
    since: str
    invited_at: str | None
    member: bool

    @property
    def version(self) -> str:
        return version_of(self.level, self.hours, self.would_lead, self.join_when_active, self.note)


@dataclass(frozen=True)
class Invitation:
    """Somebody from outside who is invited into a community: `asked` by one of its leads, then `accepted` or `refused`
    by a knowledge manager."""

    person_id: str
    name: str
    state: str
    invited_by: str | None
    reason: str | None
    at: str
    note: str | None
    decided_at: str | None


@dataclass(frozen=True)
class Queued:
    """A community that is not active yet. `proposed_at` None: not known; `asked`: its people asked for a decision."""

    id: str
    name: str
    status: str
    proposed_at: str | None
    proposer_id: str | None
    proposer: str | None
    asked: bool
    interested: int


@dataclass(frozen=True)
class Held:
    """One meeting: its day ('' not known), who came, how many of these as guests, and how many from outside."""

    day: str
    came: int
    guests: int
    outsiders: int


@dataclass(frozen=True)
class Together:
    """What a community already does. `items`: of each agenda item its state and in how many meetings it came up."""

    meetings: tuple[Held, ...] = ()
    recurring: int = 0
    follows: int = 0
    items: tuple[tuple[str, int], ...] = ()
    artifacts: int = 0
    advice: int = 0
    followed_up: int = 0
    advice_from_outside: int = 0
    members: tuple[str, ...] = ()
    outsiders: tuple[str, ...] = ()
    sponsors: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    core: tuple[str, ...] = ()


@dataclass(frozen=True)
class PitchFacts:
    """What a community says of itself in its charter (None: nothing), and whose it is, by name."""

    purpose: str | None = None
    value_proposition: str | None = None
    objectives: tuple[str, ...] = ()
    time_commitment: str | None = None
    goals: tuple[str, ...] = ()
    sponsors: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()


def steps(community_id: str) -> Read[list[Taken]]:
    """The oldest first."""
    return Read("read/formation_steps", {"community_id": community_id}, lambda rows: [Taken(**row) for row in rows])


def basis(community_id: str) -> Read[tuple[tuple[str, ...], bool]]:
    """Who sponsors a community and is still there, and whether it has a charter that was adopted."""
    return Read(
        "read/formation_basis",
        {"community_id": community_id, "today": _today()},
        lambda rows: (tuple(rows[0]["sponsors"]), rows[0]["adopted"]),
    )


def interests(community_id: str, person_id: str | None = None) -> Read[list[Interest]]:
    parameters = {"community_id": community_id, "person_id": person_id, "today": _today()}
    return Read("read/interests", parameters, lambda rows: [Interest(**row) for row in rows])


def interests_of(person_id: str, principal: Principal) -> Read[list[Interest]]:
    """What a person is interested in, as they may see it themselves."""
    parameters = {"person_id": person_id, "sees_restricted": principal.sees_restricted, "today": _today()}
    return Read("read/interests_of_person", parameters, lambda rows: [Interest(**row) for row in rows])


def invitations(community_id: str, person_id: str | None = None) -> Read[list[Invitation]]:
    parameters = {"community_id": community_id, "person_id": person_id}
    return Read("read/invitations", parameters, lambda rows: [Invitation(**row) for row in rows])


def external(person_id: str) -> Read[bool | None]:
    """Whether a person is of another organisation; None where there is no such person."""
    return Read("read/external", {"id": person_id}, lambda rows: rows[0]["external"] if rows else None)


def queue() -> Read[list[Queued]]:
    """All that is proposed or forming, what has waited longest first; for knowledge managers."""
    return Read("read/formation_queue", {"today": _today()}, lambda rows: [Queued(**row) for row in rows])


def together(community_id: str) -> Read[Together]:
    """What a community already does. Of one that is not there, nothing."""

    def parse(rows: list[Row]) -> Together:
        if not rows:
            return Together()
        (row,) = rows
        held: dict[str, frozenset[Part]] = {}
        for person, engagement, role in row["levels"]:
            held[person] = held.get(person, frozenset()) | parts_of(engagement, role)
        return Together(
            meetings=tuple(Held(*one) for one in row["meetings"]),
            recurring=row["recurring"],
            follows=row["follows"],
            items=tuple((state, often) for state, often in row["items"]),
            artifacts=row["artifacts"],
            advice=row["advice"],
            followed_up=row["followed_up"],
            advice_from_outside=row["advice_from_outside"],
            members=tuple(row["members"]),
            outsiders=tuple(row["externals"]),
            sponsors=tuple(row["sponsors"]),
            leads=_holding(held, Part.LEAD),
            core=_holding(held, Part.CORE),
        )

    return Read("read/formation_facts", {"community_id": community_id, "today": _today()}, parse)


def pitch_facts(community_id: str) -> Read[PitchFacts]:
    def parse(rows: list[Row]) -> PitchFacts:
        if not rows:
            return PitchFacts()
        (row,) = rows
        charter: dict[str, Any] = row["charter"] or {}
        objectives: str | list[str] = charter.get("objectives") or []
        return PitchFacts(
            purpose=charter.get("purpose"),
            value_proposition=charter.get("value_proposition"),
            objectives=(objectives,) if isinstance(objectives, str) else tuple(objectives),
            time_commitment=charter.get("time_commitment"),
            goals=tuple(row["goals"]),
            sponsors=tuple(row["sponsors"]),
            leads=tuple(
                sorted({name for name, engagement, role in row["levels"] if Part.LEAD in parts_of(engagement, role)})
            ),
        )

    return Read("read/pitch_facts", {"community_id": community_id, "today": _today()}, parse)


def _holding(held: dict[str, frozenset[Part]], part: Part) -> tuple[str, ...]:
    return tuple(sorted(person for person, parts in held.items() if part in parts))


def asked_and_answered(ids: Sequence[str]) -> Read[frozenset[tuple[str, str]]]:
    """Pairs of these people, each in the order of ids, of whom one advised the other."""
    return Read(
        "read/asked_and_answered", {"ids": list(ids)}, lambda rows: frozenset((r["one"], r["other"]) for r in rows)
    )


def question_dates() -> Read[dict[str, str]]:
    """When each question was asked that is not private, by id."""
    return Read("read/question_dates", {}, lambda rows: {row["id"]: row["asked_at"] for row in rows})


def _today() -> str:
    return date.today().isoformat()
