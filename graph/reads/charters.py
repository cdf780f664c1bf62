"""Reads of a community's charter: all its versions with their states, and what people said to each.

What sources tell counts as a version too. It is kept as one as soon as somebody says something of the charter, so that
nothing that people spoke of is ever lost; until then it moves with its source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from graph.charters import Charter, charter_kept, charter_of
from graph.database import Read, Row
from graph.errors import NotFound
from graph.facts import content_hash
from graph.models import Part, Party
from graph.reads.resources import held_parts, version_of
from graph.sentences import tell

VersionState = Literal["draft", "adopted", "superseded"]


@dataclass(frozen=True)
class Objection:
    """What somebody has against a version; `reason` is why it was settled, by whom `settled_by` names."""

    id: str
    text: str
    at: str
    by: Party | None
    state: str  # open or settled
    settled_at: str | None = None
    settled_by: Party | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Comment:
    id: str
    text: str
    at: str
    by: Party | None


@dataclass(frozen=True)
class Standing:
    """Somebody who stands behind a version, since when."""

    person: Party
    at: str


@dataclass(frozen=True)
class CharterVersion:
    """One version. `source` is the source that tells of it, None for what somebody wrote; `author` None where that
    person is known no more. `adopted_at` is a moment, or what a source says of the day; `open_objections` counts those
    in spite of which it was adopted. `is_kept`: False for what a source says and nobody spoke of yet."""

    number: int
    state: VersionState
    charter: Charter
    author: Party | None = None
    source: str | None = None
    comment: str | None = None
    created_at: str | None = None
    adopted_at: str | None = None
    adopted_by: Party | None = None
    superseded_at: str | None = None
    open_objections: int = 0
    goals: tuple[Party, ...] = ()
    took_part: tuple[Party, ...] = ()
    behind: tuple[Standing, ...] = ()
    objections: tuple[Objection, ...] = ()
    comments: tuple[Comment, ...] = ()
    is_kept: bool = True

    @property
    def version(self) -> str:
        """Moves with the text: what is said to a version changes nothing of what a next one is based on."""
        return version_of(self.number, self.charter)

    @property
    def open(self) -> tuple[Objection, ...]:
        return tuple(one for one in self.objections if one.state == "open")


@dataclass(frozen=True)
class CharterHistory:
    """The versions of one community's charter, the first one first."""

    community_id: str
    versions: tuple[CharterVersion, ...]

    @property
    def adopted(self) -> CharterVersion | None:
        return next((one for one in reversed(self.versions) if one.state == "adopted"), None)

    @property
    def newest(self) -> CharterVersion | None:
        """On which the next draft is based: what people wrote or adopted last, else what sources say."""
        of_people = [one for one in self.versions if one.source is None or one.adopted_by or one.superseded_at]
        return (of_people or self.versions or (None,))[-1]

    @property
    def shown(self) -> CharterVersion | None:
        """What holds: the adopted version, or while there is none the newest."""
        return self.adopted or self.newest

    def version(self, number: int) -> CharterVersion:
        """Raises NotFound where there is no such version."""
        for one in self.versions:
            if one.number == number:
                return one
        there = (
            tell("There are versions 1 to %(last)d.", last=self.versions[-1].number)
            if self.versions
            else tell("It has no charter yet.")
        )
        raise NotFound(
            tell(
                "The charter of %(community_id)r has no version %(number)s. %(there)s",
                community_id=self.community_id,
                number=number,
                there=there,
            )
        )


def no_charter(community_id: str) -> NotFound:
    return NotFound(
        tell(
            "%(community_id)r has no charter yet. A lead, a core member or its sponsor writes the first draft.",
            community_id=community_id,
        )
    )


def history(community_id: str) -> Read[CharterHistory]:
    """All versions; for whoever may see the community, which is asked before."""

    def parse(rows: list[Row]) -> CharterHistory:
        found = _versions(rows[0]["imported"], rows[0]["versions"]) if rows else []
        return CharterHistory(community_id, tuple(found))

    return Read("read/charter_history", {"community_id": community_id}, parse)


def parts(community_id: str) -> Read[dict[str, tuple[str, frozenset[Part]]]]:
    """Name and parts of everybody who is something in the community today, by id."""
    return Read("read/community_parts", {"community_id": community_id, "today": date.today().isoformat()}, held_parts)


def silent(version: CharterVersion, parts: Mapping[str, tuple[str, frozenset[Part]]]) -> dict[Part, tuple[Party, ...]]:
    """Who of each part of the community neither stands behind the version nor has an objection open."""
    told = {one.person.id for one in version.behind} | {one.by.id for one in version.open if one.by is not None}
    return {
        part: tuple(Party(key, name) for key, (name, held) in parts.items() if part in held and key not in told)
        for part in (Part.SPONSOR, Part.LEAD, Part.CORE, Part.MEMBER)
    }


def mark_of(charter: Charter) -> str:
    """By which it is known whether a source's charter has been kept as a version already."""
    return content_hash(charter.model_dump(mode="json"))


def _versions(imported: Mapping[str, Any] | None, rows: Sequence[Mapping[str, Any]]) -> list[CharterVersion]:
    told = charter_of(imported) if imported else None
    # A source that names a community and no word of its charter (but a sponsor) tells of no version.
    if told is not None and not told.said:
        told = None
    mark = mark_of(told) if told is not None else None
    by_hand = any(row["stored"]["state"] == "adopted" for row in rows)
    adopted_on: str | None = (imported or {}).get("adopted_on")
    found = [_version(row, mark, adopted_on, by_hand) for row in rows]
    if told is not None and imported is not None and all(row["stored"].get("mark") != mark for row in rows):
        found.append(
            CharterVersion(
                number=found[-1].number + 1 if found else 1,
                state="adopted" if adopted_on and not by_hand else "draft",
                charter=told,
                source=", ".join(imported.get("sources") or ()),
                adopted_at=adopted_on,
                is_kept=False,
            )
        )
    return found


def _version(row: Mapping[str, Any], mark: str | None, adopted_on: str | None, by_hand: bool) -> CharterVersion:
    """A version that was kept. `mark` and `adopted_on` are of what sources say now; `by_hand`: whether people have
    adopted any, which wins over what sources say."""
    stored: Mapping[str, Any] = row["stored"]
    state: VersionState = stored["state"]
    told_on: str | None = adopted_on if stored.get("mark") == mark else stored.get("adopted_on")
    if state == "draft" and stored.get("mark") and told_on and not by_hand:
        state = "adopted" if stored["mark"] == mark else "superseded"
    goals, took_part = _parties(row["goals"]), _parties(row["took_part"])
    return CharterVersion(
        number=stored["number"],
        state=state,
        charter=charter_kept(stored, [one.id for one in goals], [one.id for one in took_part]),
        author=_party(row["author"]),
        source=stored.get("source"),
        comment=stored.get("comment"),
        created_at=stored.get("created_at"),
        adopted_at=stored.get("adopted_at") or told_on,
        adopted_by=_party(row["adopter"]),
        superseded_at=stored.get("superseded_at"),
        open_objections=stored.get("open_objections", 0),
        goals=goals,
        took_part=took_part,
        behind=tuple(Standing(Party(key, name), at) for key, name, at in row["behind"]),
        objections=tuple(
            Objection(**one["stored"], by=_party(one["by"]), settled_by=_party(one["settler"]))
            for one in row["objections"]
        ),
        comments=tuple(Comment(**one["stored"], by=_party(one["by"])) for one in row["comments"]),
    )


def _party(pair: Sequence[str] | None) -> Party | None:
    return Party(*pair) if pair else None


def _parties(pairs: Sequence[Sequence[str]]) -> tuple[Party, ...]:
    return tuple(Party(*pair) for pair in pairs)


@dataclass(frozen=True)
class AskedThere:
    """A question that was put in the community and is not private; `outcomes` of each advice on it, '' where that is
    not known."""

    id: str
    title: str
    text: str
    outcomes: tuple[str, ...]


@dataclass(frozen=True)
class TakenUp:
    """Something on agendas: open, progressed or settled, and at how many meetings it was taken up."""

    id: str
    title: str
    state: str
    times: int


@dataclass(frozen=True)
class CharterFacts:
    """What went on in one community. A meeting is its day, '' where that is not known, and how many came."""

    questions: tuple[AskedThere, ...] = ()
    meetings: tuple[tuple[str, int], ...] = ()
    agenda: tuple[TakenUp, ...] = ()


def charter_facts(community_id: str) -> Read[CharterFacts]:
    def parse(rows: list[Row]) -> CharterFacts:
        if not rows:
            return CharterFacts()
        return CharterFacts(
            tuple(AskedThere(key, title, text, tuple(outcomes)) for key, title, text, outcomes in rows[0]["questions"]),
            tuple((day, came) for day, came in rows[0]["meetings"]),
            tuple(TakenUp(*item) for item in rows[0]["agenda"]),
        )

    return Read("read/charter_facts", {"community_id": community_id}, parse)
