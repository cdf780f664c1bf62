"""What the graph holds, as reads return it. Dates are ISO 8601 texts to the day, month or year (`2007-01`)."""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    MEMBER = "member"
    KNOWLEDGE_MANAGER = "knowledge_manager"
    ADMIN = "admin"


# The order of what roles may do: each may do all that those before it may.
RANKS = (Role.MEMBER, Role.KNOWLEDGE_MANAGER, Role.ADMIN)


@dataclass(frozen=True)
class Principal:
    """Who asks. A member without a person sees what everybody may see."""

    person_id: str | None = None
    role: Role = Role.MEMBER
    actor: str = "system"
    # Of another organisation: sees the communities that they are in, and of the people there the names.
    external: bool = False
    # Asks by a key that may read and compute, and change nothing.
    reads_only: bool = False

    def may(self, role: Role) -> bool:
        """Whether their role in the service is this one, or one that may do more."""
        return RANKS.index(self.role) >= RANKS.index(role)

    @property
    def sees_restricted(self) -> bool:
        """Whether restricted communities are visible without being a member of them."""
        return self.role is not Role.MEMBER


# Whoever sits at the machine of the embedded database may do all, as its files are theirs.
LOCAL_ADMIN = Principal(role=Role.ADMIN, actor="local")


class Part(StrEnum):
    """What somebody is in one community. A sponsor need not be a member, a lead may be core as well; who proposed it
    stays its proposer."""

    MEMBER = "member"
    CORE = "core member"
    LEAD = "lead"
    SPONSOR = "sponsor"
    PROPOSER = "proposer"


# Roles that say what somebody was: they lead no more, though they may still be there.
FORMER = re.compile(r"\b(?:emerit\w+|former|past|ex|alumn\w+|retired)\b")

# Roles that speak for the community. Others (librarian, facilitator of a meeting) are work done in it.
LEADS = re.compile(r"\b(?:co-?)?(?:lead(?:er)?|chair(?:man|woman|person)?|coordinator|convenor|convener)\b")


def holds(role: str | None) -> bool:
    """Whether a membership bears a role that is held now."""
    return bool(role) and not FORMER.search(role.lower())


def parts_of(engagement: str | None, role: str | None) -> frozenset[Part]:
    """What a current member is, by level of engagement and role; of several roles (`chair, liaison`) each counts."""
    parts = {Part.MEMBER}
    if engagement == "core":
        parts.add(Part.CORE)
    for one in (role or "").split(","):
        if holds(one) and LEADS.search(one.lower()):
            parts.add(Part.LEAD)
    return frozenset(parts)


@dataclass(frozen=True)
class Community:
    id: str
    name: str
    domain: str = ""
    kind: str | None = None
    status: str = "active"
    visibility: str = "open"
    audience: str | None = None
    language: str | None = None
    founded_on: str | None = None
    retired_on: str | None = None
    topics: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    meetings: tuple[str, ...] = ()
    timezone: str | None = None
    skill_ids: tuple[str, ...] = ()
    skill_names: tuple[str, ...] = ()
    goal_ids: tuple[str, ...] = ()
    part_of_id: str | None = None
    # What its charter tells of it (graph.charters.TOLD); read where communities are searched and compared.
    charter: tuple[str, ...] = ()
    # Whether people from outside the organisation may be invited into it.
    externals_allowed: bool = False
    # Who sees it without being in it, where it is restricted: who sponsors it, is asked to, or proposed it. Read where
    # communities are searched.
    insider_ids: tuple[str, ...] = ()
    # The words that it has accepted as its own, each with what it means there ('': nobody has explained it).
    glossary: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Membership:
    """One spell of one person in one community."""

    person_id: str
    community_id: str
    engagement: str | None = None
    role: str | None = None
    joined_on: str | None = None
    left_on: str | None = None


@dataclass(frozen=True)
class HeldSkill:
    skill_id: str
    name: str
    level: int | None = None
    # Of a skill that nobody stated: the person's own sentence from which it was read (matcher.extracting).
    evidence: str | None = None


@dataclass(frozen=True)
class Person:
    """A person as matching needs them, read live."""

    id: str
    name: str
    title: str | None = None
    bio: str | None = None
    interests: tuple[str, ...] = ()
    unit_id: str | None = None
    unit_name: str | None = None
    manager_id: str | None = None
    grade: str | None = None
    joined_on: str | None = None
    left_on: str | None = None
    external: bool = False
    languages: tuple[str, ...] = ()
    timezone: str | None = None
    open_to_help: bool = True
    help_capacity: int | None = None
    recommendable: bool = True
    help_paused_until: str | None = None
    suggestions_paused_until: str | None = None
    skills: tuple[HeldSkill, ...] = ()
    wants_to_learn: tuple[HeldSkill, ...] = ()
    memberships: tuple[Membership, ...] = ()
    dismissed: tuple[str, ...] = field(default=())
    # By the property that holds it: the key of what a vector was made from, and its numbers.
    vectors: Mapping[str, tuple[str, Sequence[float]]] = field(
        default_factory=dict[str, tuple[str, Sequence[float]]], compare=False, repr=False
    )
    # Of what they want to learn, by the id of the skill.
    wish_vectors: Mapping[str, Sequence[float]] = field(
        default_factory=dict[str, Sequence[float]], compare=False, repr=False
    )


@dataclass(frozen=True)
class Party:
    """Who asks or is asked."""

    id: str
    name: str


@dataclass(frozen=True)
class HelpRequest:
    """A question put to one person, and how far it got. Moments are in UTC; `reason` is why it was declined.

    `asker` is None where the question has lost its asker; `community_id` where whoever reads it may not see that.
    """

    id: str
    state: str
    question_id: str
    title: str
    text: str
    private: bool
    community_id: str | None
    asker: Party | None
    helper: Party
    requested_at: str
    decided_at: str | None = None
    advised_at: str | None = None
    tried_at: str | None = None
    ended_at: str | None = None
    reason: str | None = None
    outcome: str | None = None
    advice_id: str | None = None
    advice: str | None = None
    learned: str | None = None


def known_before(date: str | None, as_of: str | None) -> bool:
    """Whether something dated `date` certainly happened before the day `as_of` (None: now, so it did).

    A date known to the month or year counts at its latest possible day: `2021` is not before `2021-06-01`.
    An absent date is never certain.
    """
    if as_of is None:
        return True
    return date is not None and latest_day(date) < as_of


def lasts(until: str, day: str) -> bool:
    """Whether what holds until `until` still holds on the day `day`; a coarse `2026` holds to the end of its year."""
    return latest_day(until) >= day


def ordinal(day: str) -> int:
    """Days since year 1; a date known to the month or year counts as its last day but for February's sake."""
    year, month, of_month = int(day[:4]), int(day[5:7] or 12), int(day[8:10] or 28)
    return datetime.date(year, month, of_month).toordinal()


def latest_day(date: str) -> str:
    """`date` filled up to a day that sorts last within its year or month: `2007-01` -> `2007-01-99`."""
    return date + "9999-99-99"[len(date) :]
