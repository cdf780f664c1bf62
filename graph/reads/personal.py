"""All that is held about one person: every field with its source and purpose, every relation, every event."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from graph.database import Read, Row, Steps, ask
from graph.facts import BY_HAND, KINDS, claims_of, merged, spell_id
from graph.reads.log import content_of
from graph.reads.vectors import PREFIX

# What each field of a person is there for. A field without an entry is shown as one whose purpose nobody stated.
PURPOSES: Mapping[str, str] = {
    "id": "to tell people apart",
    "name": "so that others know whom they read of",
    "email": "to know one person under two ids, and to send digests",
    "title": "to find people, and communities whose members do similar work",
    "bio": "to find people, and communities that fit them",
    "interests": "to find communities that fit",
    "unit_id": "to suggest what colleagues belong to, and helpers from other units",
    "manager_id": "so that nobody is sent to their own line of managers for help",
    "grade": "to keep the distance between asker and helper small",
    "joined_on": "to know who is new",
    "left_on": "so that who left is suggested to nobody",
    "external": "to keep what is internal from people outside",
    "languages": "to suggest helpers with a language in common",
    "timezone": "to suggest helpers who are awake at the same hours",
    "open_to_help": "their choice: whether they may be suggested as helper",
    "help_capacity": "their choice: how many requests they take at a time",
    "recommendable": "their choice: whether they may be named to others, and be greeted by newcomers",
    "help_paused_until": "their choice: no requests until then",
    "suggestions_paused_until": "their choice: no suggestions until then",
    "pulsed_in": "so that the pulse asks them no more often than it says; not what they answered",
    "role": "what they may do here",
}

# What each relation of a person to something is there for; likewise.
RELATION_PURPOSES: Mapping[str, str] = {
    "MEMBER_OF": "to know who belongs to a community, at which level",
    "HAS_SKILL": "to find who can help, and communities that fit",
    "WANTS_TO_LEARN": "to find communities where it can be learned",
    "WORKS_IN": "to suggest what colleagues belong to",
    "REPORTS_TO": "so that nobody is sent to their own line of managers for help",
    "ASKED": "to answer the question, and to know what communities talk about",
    "GAVE": "to know who helped with what",
    "TO": "a request for help that reached them",
    "ATTENDED": "to know how a community meets",
    "FACILITATES": "to know who leads a meeting",
    "OWNS": "to know who follows an agenda item up",
    "MADE": "to say who made an artefact",
    "SPONSORS": "to know who stands for a community's purpose",
    "ASKED_TO_SPONSOR": "an invitation to sponsor a community",
    "STEPPED_DOWN_FROM": "the record of a sponsor who stepped down",
    "WROTE": "to say who wrote a version of a charter, or a comment",
    "TOOK_PART_IN": "to say who took part in a vision",
    "STANDS_BEHIND": "to know who stands behind a charter",
    "ADOPTED": "to say who adopted a charter",
    "RAISED": "to settle an objection with who raised it",
    "SETTLED": "to say who settled an objection",
    "INTERESTED_IN": "to know who wants a community to begin",
    "INVITED_TO": "an invitation to a community",
    "TOOK": "to say who took a step of a formation",
    "ASKED_TO_JOIN": "so that whoever lets people in can say yes, or no and why",
    "PROPOSED": "to say what became of a proposal",
    "DISMISSED": "so that it is not suggested again",
    "GREETED": "so that newcomers are greeted once",
    "BUDDY_OF": "so that newcomers have somebody to turn to",
    "NAMES": "an audit's finding that names them as one to ask",
    "CHANGED": "the record of a remedy, so that it can be undone",
    "STANDS_FOR": "what the identity provider says of them, to keep it up to date",
    "IS_NOT": "somebody said that they are not this other person",
    "UNITED_INTO": "the record of another person whom somebody said they are, so that it can be undone",
    "IDENTIFIES": "an id that another source has for them",
}


@dataclass(frozen=True)
class HeldField:
    """`source`: who said so (`by-hand`: somebody here, by typing it); None where it was made here."""

    name: str
    value: Any
    source: str | None
    purpose: str | None


@dataclass(frozen=True)
class HeldRelation:
    """`record` holds the content of what is the person's own (a question they asked), and is empty for the rest. Of
    what is of a restricted community that they are not in, dates and states alone are told."""

    relation: str
    outgoing: bool
    kind: str
    id: str | None
    name: str | None
    properties: Row
    record: Row
    source: str | None
    purpose: str | None


@dataclass(frozen=True)
class HeldEvent:
    seq: int
    at: str
    action: str
    by_themselves: bool
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class PersonalData:
    """`derived` says what was made from the fields, without the numbers; `digest`, what they chose for it; `api_keys`,
    `calendar_address` and `sessions` (where they are signed in), that there are such, without their secrets;
    `noted_by_others` counts what other people noted of this person for their own eyes, which is theirs to see."""

    person_id: str
    fields: tuple[HeldField, ...]
    derived: tuple[str, ...]
    relations: tuple[HeldRelation, ...]
    digest: Row
    api_keys: tuple[Row, ...]
    calendar_address: bool
    sessions: int
    events: tuple[HeldEvent, ...]
    noted_by_others: int


# What is shown of a relation to something that they may not see.
_TELLS_NOTHING = {"engagement", "role", "joined_on", "left_on", "at", "state", "until", "guest"}

# Of these relations the other end is what the person made: its content is shown whole.
_THEIR_OWN = {
    "ASKED", "ASKED_TO_JOIN", "GAVE", "WROTE", "RAISED", "PROPOSED", "MADE", "IDENTIFIES", "STANDS_FOR", "TO",
    "UNITED_INTO",
}  # fmt: skip


def personal_data(person_id: str) -> Steps[PersonalData | None]:
    """All that is held about a person, None where there is no such person."""
    today = date.today().isoformat()
    rows = yield from ask(Read("read/personal_node", {"id": person_id, "today": today}, lambda rows: rows))
    if not rows:
        return None
    stored: Row = rows[0]["person"]
    hidden: list[str] = rows[0]["hidden"]
    in_subjects = {spell_id(key) for key in hidden}
    relations = yield from ask(Read("read/personal_relations", {"id": person_id, "hidden": hidden}, lambda rows: rows))
    prefixes = [f"{kind}/{spell_id(person_id)}/" for kind in ("membership", "held_skill", "wanted_skill")]
    actors = [person_id, f"person:{person_id}", *(f"key:{key['id']}" for key in rows[0]["api_keys"])]
    events = yield from ask(
        Read(
            "read/personal_events",
            {"actors": actors, "subject": f"person/{person_id}", "prefixes": prefixes},
            lambda rows: tuple(_event(row, in_subjects) for row in rows),
        )
    )
    return PersonalData(
        person_id,
        tuple(_fields(stored, rows[0]["role"])),
        tuple(sorted(_derived(stored))),
        tuple(_relation(row) for row in relations),
        _content(rows[0]["digest"] or {}),
        tuple(rows[0]["api_keys"]),
        rows[0]["calendar_address"],
        rows[0]["sessions"],
        events,
        rows[0]["noted_by_others"],
    )


def _fields(stored: Row, role: str | None) -> Iterator[HeldField]:
    claims = claims_of(KINDS["person"], stored)
    # As the graph settled it: where two sources say the same, the one that is asked first.
    _, owners = merged(KINDS["person"], claims, ())
    for name, value in sorted(content_of(stored).items()):
        yield HeldField(name, value, owners.get(name), PURPOSES.get(name))
    for source, claim in sorted(claims.items()):
        # What a source goes on to say although another one wins is held, too.
        for name, value in sorted(claim.items()):
            if owners.get(name) != source and value is not None and value != stored.get(name):
                yield HeldField(name, value, source, "held back: another source, or somebody here, says otherwise")
    if role is not None:
        yield HeldField("role", role, BY_HAND, PURPOSES["role"])


def _derived(stored: Row) -> Iterator[str]:
    if any(name in stored for name in ("search_name", "search_text")):
        yield "words of name, title, bio and interests, for the search"
    if "email_key" in stored:
        yield "the e-mail address in small letters, to compare it"
    if "pseudonym" in stored:
        yield "a pseudonym, under which they stand in the log of privileged acts"
    for name, value in stored.items():
        if name.startswith(PREFIX) and isinstance(value, list):
            yield f"a vector of {len(cast('list[float]', value))} numbers of title, bio and interests ({name})"


def _relation(row: Row) -> HeldRelation:
    properties: Row = row["properties"]
    told: list[str] = properties.get("sources") or []
    own = row["relation"] in _THEIR_OWN and row["kind"] != "Community"
    hidden: bool = row["hidden"]
    return HeldRelation(
        row["relation"],
        row["outgoing"],
        row["kind"],
        None if hidden else row["id"],
        None if hidden else row["name"],
        _content(properties, hidden=hidden),
        _content(row["record"]) if own and not hidden else {},
        told[0] if told else properties.get("source", BY_HAND),
        RELATION_PURPOSES.get(row["relation"]),
    )


def _event(row: Row, hidden: set[str]) -> HeldEvent:
    subjects = tuple(s for s in row["subjects"] if hidden.isdisjoint(s.split("/")))
    return HeldEvent(row["seq"], row["at"], row["action"], row["by_themselves"], subjects)


def _content(properties: Row, *, hidden: bool = False) -> Row:
    """Without provenance and what was derived; of what is `hidden`, dates and states alone."""
    shown = content_of(properties)
    return {name: value for name, value in sorted(shown.items()) if not hidden or name in _TELLS_NOTHING}
