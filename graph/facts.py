"""What a source says of a thing, and how the sayings of several sources become one content.

A thing (node or relationship) that one source alone speaks of holds that source's fields as they are. When a second
source, or a person's hand, speaks of it too, each one's claim is kept beside the content (`claims`, JSON), so that
pruning one brings back what the others say. Provenance (`sources`, `seen_in`, `hashes`, `claims`) is not content.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

from pydantic_core import to_json

from graph.text import fold, searchable

Fields = dict[str, Any]

# The source name under which changes by hand are kept. It comes before every other.
BY_HAND = "by-hand"

# What needs no quoting in a key: the same characters that `quote` leaves as they are, asked in one step.
_PLAIN = re.compile(r"[\w.~ @:+,;=-]*", re.ASCII)

PROVENANCE = ("sources", "seen_in", "hashes", "claims")


@dataclass(frozen=True)
class Link:
    """A field that names other things, and the relationship that follows from it."""

    field: str
    target: str  # kind of the things named; `text` for agenda titles, which are made where they are missing
    statement: str
    deferred: bool = False  # may name a thing of its own kind further down in the file
    # Of a person: the fields of the thing that they wrote, and the field that counts those of them who were erased.
    wrote: tuple[str, ...] = ()
    counted: str | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of thing that sources speak of."""

    name: str
    fields: tuple[str, ...]
    links: tuple[Link, ...] = ()
    derive: Callable[[Mapping[str, Any]], Fields] = field(default=lambda content: {})
    # For relationships: the fields that name the two ends, with the kinds of these.
    ends: tuple[tuple[str, str], tuple[str, str]] | None = None
    required: tuple[str, ...] = ()  # references without which a row means nothing
    movable: bool = False  # of a relationship: a hand may lead it to another end than sources say
    names_people: bool = False  # of a node: its id is made of the ids of people


def _named(*texts: str) -> Callable[[Mapping[str, Any]], Fields]:
    """What the full-text index holds of a thing with a name and other texts."""

    def derive(content: Mapping[str, Any]) -> Fields:
        name = searchable(content.get("name"))
        parts: list[str] = []
        for text in texts:
            value = content.get(text)
            parts.extend(cast("list[str]", value) if isinstance(value, list) else [value] if value else [])
        rest = searchable(*parts)
        return {"search_name": name, "search_text": f"{name} {rest}".strip()}

    return derive


_named_person = _named("title", "bio", "interests")
_named_skill = _named("alt_labels", "description")


def _person(content: Mapping[str, Any]) -> Fields:
    email = content.get("email")
    return {**_named_person(content), "email_key": email_key(email) if email else None}


def _skill(content: Mapping[str, Any]) -> Fields:
    return {**_named_skill(content), "name_key": name_key(content.get("name") or "")}


def email_key(email: str) -> str:
    """The form of an e-mail address by which two spellings of it are known to be one."""
    return email.strip().casefold()


def name_key(name: str) -> str:
    """The form of a name by which two spellings of it are known to be one: case, accents, spaces aside."""
    return " ".join(fold(name).split())


def spell_id(*parts: str | None) -> str:
    """One key from several ids, readable and without collisions: parts are quoted, an absent one is `?`."""
    # Of a list, not a generator: every relationship that is imported has such a key.
    return "/".join(
        ["?" if part is None else part if _PLAIN.fullmatch(part) else quote(part, safe=" @:+,;=") for part in parts]
    )


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "org_unit",
            ("name", "description", "parent_id"),
            (Link("parent_id", "org_unit", "link_org_unit_parent", deferred=True),),
        ),
        Kind("goal", ("name", "description")),
        Kind(
            "skill",
            ("name", "kind", "alt_labels", "description", "broader_ids"),
            (Link("broader_ids", "skill", "link_skill_broader", deferred=True),),
            _skill,
        ),
        Kind(
            "person",
            (
                "name",
                "email",
                "title",
                "bio",
                "interests",
                "unit_id",
                "manager_id",
                "grade",
                "joined_on",
                "left_on",
                "external",
                "languages",
                "timezone",
                "open_to_help",
                "help_capacity",
                "recommendable",
                "help_paused_until",
                "suggestions_paused_until",
            ),
            (
                Link("unit_id", "org_unit", "link_person_unit"),
                Link("manager_id", "person", "link_person_manager", deferred=True),
            ),
            _person,
        ),
        Kind(
            "held_skill",
            # `dropped` is set by hand only: the person says that they do not hold what a source goes on to claim.
            # `evidence` is the person's own sentence from which it was read, where nobody states it.
            ("person_id", "skill_id", "level", "dropped", "evidence"),
            ends=(("person_id", "person"), ("skill_id", "skill")),
        ),
        Kind(
            "wanted_skill",
            ("person_id", "skill_id", "dropped"),
            ends=(("person_id", "person"), ("skill_id", "skill")),
        ),
        Kind(
            "community",
            (
                "name",
                "domain",
                "kind",
                "status",
                "visibility",
                "audience",
                "contacts",
                "language",
                "founded_on",
                "retired_on",
                "topics",
                "skill_ids",
                "goal_ids",
                "meetings",
                "externals_allowed",
                "timezone",
                # By month: how many posts there were where the community talks, of how many people.
                "posts",
                # These two are set by hand only: what goes on with its domain, and what it is a sub-group of.
                "successor_ids",
                "part_of_id",
            ),
            (
                Link("skill_ids", "skill", "link_community_skills"),
                Link("goal_ids", "goal", "link_community_goals"),
                Link("successor_ids", "community", "link_community_successor", deferred=True),
                Link("part_of_id", "community", "link_community_part_of", deferred=True),
            ),
            _named("domain", "topics", "audience"),
        ),
        Kind(
            "charter",
            (
                "community_id",
                "purpose",
                "vision",
                "objectives",
                "strategy",
                "value_proposition",
                "time_commitment",
                "sponsor_id",
                "needs",
                "challenges",
                "opportunities",
                "works_today",
                "could_be",
                "should_be",
                "will_be",
                "pitch",
                "adopted_on",
            ),
            (
                Link("community_id", "community", "link_charter_community"),
                Link("sponsor_id", "person", "link_charter_sponsor"),
            ),
            required=("community_id",),
        ),
        Kind(
            "membership",
            # `history` is set by hand only: each change of level as `DAY LEVEL`, the oldest first.
            ("person_id", "community_id", "engagement", "role", "joined_on", "left_on", "history"),
            ends=(("person_id", "person"), ("community_id", "community")),
            movable=True,
        ),
        Kind(
            "meeting",
            (
                "community_id",
                "title",
                "starts_at",
                "recurrence",
                "summary",
                "follows_id",
                "attendee_ids",
                "guest_ids",
                "agenda",
                "timezone",
                "minutes",
                "place",
                "facilitator_id",
                # Of one meeting of a series: the series, and when that has it, which `starts_at` may differ from.
                "series_id",
                "recurs_at",
                "state",
                "reason",
                # The moment from which on a series has no more meetings.
                "ended_at",
                # How many came who have been erased since: no source says it, it follows from what one said.
                "erased_attendees",
                "erased_guests",
            ),
            (
                Link("community_id", "community", "link_meeting_community"),
                Link("follows_id", "meeting", "link_meeting_follows", deferred=True),
                Link("attendee_ids", "person", "link_meeting_attendees", counted="erased_attendees"),
                Link("guest_ids", "person", "link_meeting_guests", counted="erased_guests"),
                Link("agenda", "text", "link_meeting_agenda"),
                Link("facilitator_id", "person", "link_meeting_facilitator"),
                Link("series_id", "meeting", "link_meeting_series", deferred=True),
            ),
            required=("community_id",),
        ),
        Kind(
            "agenda_item",
            ("community_id", "title", "state", "owner_id"),
            (
                Link("community_id", "community", "link_agenda_item_community"),
                Link("owner_id", "person", "link_agenda_item_owner"),
            ),
            required=("community_id",),
        ),
        Kind(
            "artifact",
            ("community_id", "title", "url", "kind", "maker_ids", "made_on", "retired_on"),
            (
                Link("community_id", "community", "link_artifact_community"),
                Link("maker_ids", "person", "link_artifact_makers"),
            ),
            required=("community_id",),
        ),
        Kind(
            "question",
            ("title", "text", "community_id", "asker_id", "asked_at", "private"),
            (
                Link("community_id", "community", "link_question_community"),
                Link("asker_id", "person", "link_question_asker", wrote=("title", "text")),
            ),
        ),
        Kind(
            "advice",
            ("question_id", "helper_id", "advised_at", "text", "outcome", "followed_up_at", "learned"),
            (
                Link("question_id", "question", "link_advice_question"),
                Link("helper_id", "person", "link_advice_helper", wrote=("text",)),
            ),
            required=("question_id", "helper_id"),
            names_people=True,
        ),
    )
}


def content_hash(fields: Mapping[str, Any]) -> str:
    """A digest by which what a source says now is compared with what it said before; fields come in one order."""
    return hashlib.blake2b(to_json(fields), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Change:
    """What to write for one thing. `properties` holds None for what goes; `fields` names the content that moved, and
    `owners` the source of each field where several speak of the thing."""

    properties: Fields
    fields: frozenset[str]
    owners: Mapping[str, str] = field(default_factory=dict[str, str])
    created: bool = False
    gone: bool = False  # nobody speaks of it any more

    @property
    def content(self) -> bool:
        return self.created or self.gone or bool(self.fields)


def claims_of(kind: Kind, stored: Mapping[str, Any]) -> dict[str, Fields]:
    """What each source says of a stored thing."""
    sources: list[str] = list(stored.get("sources") or [])
    if stored.get("claims"):
        return json.loads(stored["claims"])
    return {source: {f: stored[f] for f in kind.fields if stored.get(f) is not None} for source in sources[:1]}


def merged(kind: Kind, claims: Mapping[str, Fields], order: Sequence[str]) -> tuple[Fields, dict[str, str]]:
    """The content that follows from `claims`, and for each field the source it is from.

    The hand comes first, then sources in the given order, then the others as they came. A claim that holds a field
    as None (only the hand does) empties it.
    """
    ranked = sorted(claims, key=lambda s: (s != BY_HAND, order.index(s) if s in order else len(order)))
    content: Fields = {}
    owners: dict[str, str] = {}
    for source in ranked:
        for name, value in claims[source].items():
            if name not in owners:
                owners[name] = source
                if value is not None:
                    content[name] = value
    return content, owners


def state(
    kind: Kind,
    stored: Mapping[str, Any] | None,
    source: str,
    claim: Fields,
    run: str,
    mark: str,
    order: Sequence[str],
) -> Change:
    """The change that makes a stored thing hold that `source` now claims `claim`.

    `stored` is None for a thing that is new. `mark` is the hash of the claim, `run` the ingest run that saw it.
    """
    if stored is None:
        properties = {**claim, **kind.derive(claim), "sources": [source], "seen_in": [run], "hashes": [mark]}
        return Change(properties, frozenset(claim), created=True)
    sources: list[str] = list(stored.get("sources") or [])
    seen: list[str] = list(stored.get("seen_in") or [])
    hashes: list[str] = list(stored.get("hashes") or [])
    if source in sources:
        at = sources.index(source)
        if hashes[at] == mark:
            return seen_again(stored, source, run)
        seen[at] = run
        hashes[at] = mark
    else:
        sources.append(source)
        seen.append(run)
        hashes.append(mark)
    claims = claims_of(kind, stored)
    claims[source] = claim
    provenance = {"sources": sources, "seen_in": seen, "hashes": hashes}
    return _settled(kind, stored, claims, provenance, order)


def seen_again(stored: Mapping[str, Any], source: str, run: str) -> Change:
    """The change that notes that `run` saw what `source` goes on to say of a stored thing."""
    seen: list[str] = list(stored["seen_in"])
    seen[stored["sources"].index(source)] = run
    return Change({"seen_in": seen}, frozenset())


def withdraw(kind: Kind, stored: Mapping[str, Any], source: str, order: Sequence[str]) -> Change:
    """The change that takes away what `source` says of a stored thing."""
    claims = claims_of(kind, stored)
    claims.pop(source, None)
    kept = [i for i, name in enumerate(stored["sources"]) if name != source]
    if not kept or _only_moved(kind, claims):
        return Change({}, frozenset(), gone=True)
    provenance = {name: [stored[name][i] for i in kept] for name in ("sources", "seen_in", "hashes")}
    return _settled(kind, stored, claims, provenance, order)


def _only_moved(kind: Kind, claims: Mapping[str, Fields]) -> bool:
    """Whether nobody says any more that there is such a relationship, but a hand that once led it elsewhere."""
    if not kind.movable or set(claims) != {BY_HAND}:
        return False
    assert kind.ends is not None
    return bool(claims[BY_HAND]) and claims[BY_HAND].keys() < {name for name, _ in kind.ends}


def _settled(
    kind: Kind, stored: Mapping[str, Any], claims: dict[str, Fields], provenance: Fields, order: Sequence[str]
) -> Change:
    content, owners = merged(kind, claims, order)
    moved = {name: content.get(name) for name in kind.fields if content.get(name) != stored.get(name)}
    alone = len(claims) == 1 and BY_HAND not in claims
    properties: Fields = {
        **moved,
        **provenance,
        "claims": None if alone else json.dumps(claims, ensure_ascii=False),
    }
    if moved:
        properties.update(kind.derive(content))
    return Change(properties, frozenset(moved), owners)
