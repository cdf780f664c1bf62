"""What would follow from a remedy, told before anybody acts. Nothing is written, and nothing is decided.

Who goes where, which skills are covered from then on, who loses what, which meetings fall on one hour, how many
communities people need, whom to ask; and of new words, what they are near to and whom they attract.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from graph.database import Steps, ask
from graph.errors import InvalidInput
from graph.facts import name_key
from graph.models import Community, Party
from graph.reads import communities as community_reads
from graph.reads.communities import MeetingAhead
from graph.remedies import Clarify, Merge, MoveUnder, Remedy, Rename, Retire, Split, places
from graph.sentences import Sentence, joined, tell, tell_n
from graph.text import tokens
from matcher.audit.collisions import Slot, collide, slots
from matcher.audit.cover import smallest_cover
from matcher.audit.people import Profiles
from matcher.audit.proposal import Answer, Proposal, Standing
from matcher.audit.simulation import (
    Asked,
    Attracted,
    Collision,
    Coverage,
    Covering,
    Likeness,
    Loss,
    Move,
    Simulation,
)
from matcher.embedding import directions
from matcher.snapshot import Snapshot
from matcher.spells import CORE

FloatArray = NDArray[np.float32]
Encode = Callable[[Sequence[str]], FloatArray]

# Of fewer members who say anything of themselves it is chance how well the median one fits.
MEMBERS_WITH_PROFILE = 5

# So many people are named whom new words would attract: the best fitting.
NAMED = 10


@dataclass(frozen=True)
class SimulationFacts:
    """What is needed beside what the audit looks at: the ids of sponsors by community, and meetings that go on."""

    sponsors: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    meetings: Sequence[MeetingAhead] = ()


def read_facts(today: str) -> Steps[SimulationFacts]:
    return SimulationFacts(
        (yield from ask(community_reads.sponsors())), (yield from ask(community_reads.meetings_ahead(today)))
    )


@dataclass
class _Group:
    """A community that is not retired, and who is in it (rows of people)."""

    community: Community
    people: set[int]


def simulate(standing: Standing, facts: SimulationFacts, remedy: Remedy, encode: Encode | None = None) -> Simulation:
    """What would follow. The remedy is possible as far as graph.writes.remedies.concerned can tell.

    Raises InvalidInput for parts that name people who were never members, or twice.
    """
    return _Simulating(standing, facts, remedy, encode).told()


class _Simulating:
    def __init__(self, standing: Standing, facts: SimulationFacts, remedy: Remedy, encode: Encode | None) -> None:
        self.standing, self.facts, self.remedy, self.encode = standing, facts, remedy, encode
        self.subject = standing.subject
        self.snapshot: Snapshot = self.subject.snapshot
        self.people = self.snapshot.people
        self.whole = self._group(remedy.community_id)
        other = remedy.into_id if isinstance(remedy, Merge) else None
        other = remedy.successor_id if isinstance(remedy, Retire) else other
        other = remedy.parent_id if isinstance(remedy, MoveUnder) else other
        self.other = self._group(other) if other is not None else None
        self.before = {one.community.id: one for one in (self.whole, self.other) if one is not None}
        self.moves: list[Move] = []
        self.after = self._after()

    def told(self) -> Simulation:
        changed = [
            (key, self.before.get(key), self.after.get(key))
            for key in dict.fromkeys((*self.before, *self.after))
            if self.before.get(key) != self.after.get(key)
        ]
        stay = sorted(self.after[self.whole.community.id].people) if self._split_leaves_some() else []
        return Simulation(
            text=self._text(),
            moves=tuple(self.moves),
            stay=tuple(map(self._party, stay)),
            coverage=self._coverage(changed),
            losses=tuple(self._losses()),
            collisions=self._collisions(),
            covering=self._covering(),
            ask=self._ask(),
            likeness=tuple(self._likeness()),
            attracted=self._attracted(),
            notes=tuple(self._notes()),
        )

    def _group(self, community_id: str) -> _Group:
        row = self.snapshot.row[community_id]
        people = set(self.snapshot.spells.person[self.snapshot.spells.of(row)].tolist())
        return _Group(self.snapshot.communities[row], {one for one in people if not self.people.gone[one]})

    def _party(self, row: int) -> Party:
        return Party(self.people.ids[row], self.people.names[row])

    def _parties(self, rows: Iterable[int]) -> tuple[Party, ...]:
        found = [self._party(row) for row in rows]
        return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))

    def _after(self) -> dict[str, _Group]:
        """The communities concerned as they would be; those that are retired are missing."""
        remedy, whole, other = self.remedy, self.whole, self.other
        community = whole.community
        match remedy:
            case Merge():
                assert other is not None
                self._moves(other.community.id, remedy.name or other.community.name, whole.people, other.people)
                skills = self._named_skills(other.community) | self._named_skills(community)
                grown = replace(
                    other.community, name=remedy.name or other.community.name,
                    domain=remedy.domain or other.community.domain,
                    skill_ids=tuple(skills), skill_names=tuple(skills.values()),
                    meetings=tuple(dict.fromkeys((*other.community.meetings, *community.meetings))),
                )  # fmt: skip
                return {other.community.id: _Group(grown, other.people | whole.people)}
            case Split():
                return self._parted(remedy)
            case Retire():
                return {other.community.id: other} if other is not None else {}
            case MoveUnder():
                return self.before
            case Rename():
                return {community.id: _Group(replace(community, name=remedy.name), whole.people)}
            case Clarify():
                given = {"domain": remedy.domain, "audience": remedy.audience}
                new = replace(community, **{name: text for name, text in given.items() if text is not None})
                return {community.id: _Group(new, whole.people)}

    def _parted(self, remedy: Split) -> dict[str, _Group]:
        roster = self.snapshot.facts.rosters.get(remedy.community_id)
        goes_to = places(remedy.parts, set(roster.person_ids) if roster else set[str]())
        holders, made, gone = self.subject.facts.holders, dict[str, _Group](), set[int]()
        called = self._named_skills(self.whole.community)
        for at, part in enumerate(remedy.parts):
            rows = {self.people.row[key] for key, place in goes_to.items() if place == at and key in self.people.row}
            here = rows & self.whole.people
            gone |= here
            names = tuple(called.get(key) or (holders[key].name if key in holders else key) for key in part.skill_ids)
            new = Community(
                part.id or f"part-{at + 1}", part.name, part.domain, skill_ids=part.skill_ids, skill_names=names
            )
            if new.id in self.snapshot.row or new.id in made:
                raise InvalidInput(tell("parts: there is a community with the id %(id)r already.", id=new.id))
            made[new.id] = _Group(new, here)
            self._moves(new.id, new.name, here, set())
        rest = self.whole.people - gone
        return {**({self.whole.community.id: _Group(self.whole.community, rest)} if rest else {}), **made}

    def _moves(self, community_id: str, name: str, people: set[int], there: set[int]) -> None:
        self.moves.append(Move(community_id, name, self._parties(people), self._parties(people & there)))

    def _split_leaves_some(self) -> bool:
        return isinstance(self.remedy, Split) and self.whole.community.id in self.after

    @staticmethod
    def _named_skills(community: Community) -> dict[str, str]:
        return dict(zip(community.skill_ids, community.skill_names, strict=True))

    def _coverage(self, changed: Sequence[tuple[str, _Group | None, _Group | None]]) -> tuple[Coverage, ...]:
        elsewhere = {key for one in self.subject.communities if one.id not in self.before for key in one.skill_ids}
        found: list[Coverage] = []
        before = {k: v for one in self.before.values() for k, v in self._named_skills(one.community).items()}
        after = {k: v for one in self.after.values() for k, v in self._named_skills(one.community).items()}
        gained = sorted(after[key] for key in after.keys() - before.keys() - elsewhere)
        lost = sorted(before[key] for key in before.keys() - after.keys() - elsewhere)
        found.append(Coverage(None, "all communities", tuple(gained), tuple(lost)))
        for key, old, new in changed:
            if new is None:
                continue
            mine = self._named_skills(new.community)
            had = self._named_skills(old.community) if old is not None else {}
            more = sorted(mine[one] for one in mine.keys() - had.keys())
            less = sorted(had[one] for one in had.keys() - mine.keys())
            if more or less:
                found.append(Coverage(key, new.community.name, tuple(more), tuple(less)))
        return tuple(found)

    def _standing_of(self, group: _Group) -> dict[int, list[str]]:
        """What current members are in a community beside being in it: `core`, and roles that are held now."""
        spells = self.snapshot.spells
        found: dict[int, list[str]] = {}
        of = spells.of(self.snapshot.row[group.community.id])
        for at in range(of.start, of.stop):
            person = int(spells.person[at])
            if person not in group.people:
                continue
            if spells.in_a_role[at]:
                found.setdefault(person, []).append(spells.role[at])
            elif spells.engagement[at] == CORE:
                found.setdefault(person, []).append("core")
        return found

    def _losses(self) -> list[Loss]:
        """Whoever is core or in a role and has no place to be it any more, or shares the role with others."""
        here, name = self._standing_of(self.whole), self.whole.community.name
        found: list[Loss] = []
        if isinstance(self.remedy, Retire):
            because = tell("%(name)s ends", name=name)
            found = [Loss(self._party(row), role, name, because) for row, roles in here.items() for role in roles]
        elif isinstance(self.remedy, Merge) and self.other is not None:
            there = self._standing_of(self.other)
            for row, roles in here.items():
                for role in roles:
                    others = [
                        self.people.names[who]
                        for who, held in there.items()
                        if role != "core" and who != row and role.casefold() in map(str.casefold, held)
                    ]
                    if others:
                        told = {"role": role, "community": self.other.community.name}
                        because = (
                            tell("%(name)s is %(role)s of %(community)s", name=others[0], **told)
                            if len(others) == 1
                            else tell("%(names)s are %(role)s of %(community)s",
                                      names=joined(", ", sorted(others)), **told)
                        )  # fmt: skip
                        found.append(Loss(self._party(row), role, name, because))
        return sorted(found, key=lambda one: (one.person.name.casefold(), one.person.id, one.role))

    def _collisions(self) -> tuple[Collision, ...]:
        """Pairs of meetings that people are asked to from then on, and were not before."""
        if not self.moves:
            return ()
        known = slots(self.subject.communities, self.facts.meetings, self.snapshot.day)
        own, own_after = self._slots_of(self.before, known), self._slots_of(self.after, known)
        if isinstance(self.remedy, Merge) and self.other is not None:
            merged = (*known.get(self.other.community.id, ()), *known.get(self.whole.community.id, ()))
            own_after[self.other.community.id] = list(merged)
        found: dict[tuple[str, str], set[int]] = {}
        for person in sorted({row for one in self.before.values() for row in one.people}):
            ids = [self.snapshot.communities[row].id for row in self._rows_of(person)]
            elsewhere = [slot for key in ids if key not in self.before for slot in known.get(key, ())]
            was = self._colliding(elsewhere, (own[k] for k, one in self.before.items() if person in one.people))
            will = self._colliding(elsewhere, (own_after[k] for k, one in self.after.items() if person in one.people))
            for pair in will - was:
                found.setdefault(pair, set()).add(person)
        order = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
        return tuple(Collision(one, other, self._parties(rows)) for (one, other), rows in order)

    @staticmethod
    def _slots_of(groups: Mapping[str, _Group], known: Mapping[str, list[Slot]]) -> dict[str, list[Slot]]:
        return {key: list(known.get(key, ())) for key in groups}

    def _colliding(self, elsewhere: Sequence[Slot], mine: Iterable[Sequence[Slot]]) -> set[tuple[str, str]]:
        """Meetings of different communities at one hour, at least one of which is of those concerned."""
        own = [slot for some in mine for slot in some]
        pairs = [*combinations(own, 2), *((one, other) for one in own for other in elsewhere)]
        return {
            (min(names), max(names))
            for one, other in pairs
            if one.community_id != other.community_id and collide(one, other)
            for names in [(self._called(one), self._called(other))]
        }

    def _called(self, slot: Slot) -> str:
        return joined(", ", [self.snapshot.communities[self.snapshot.row[slot.community_id]].name, slot.text])

    def _covering(self) -> Covering:
        """Skills are covered by communities that name them, or one that is broader."""
        before = {one.id: set(one.skill_ids) for one in self.subject.communities}
        after = {key: skills for key, skills in before.items() if key not in self.before}
        after |= {key: set(one.community.skill_ids) for key, one in self.after.items()}
        touched = {
            skill for key in (*self.before, *self.after) for skill in (before.get(key, set()) | after.get(key, set()))
        }
        above = _Above(self.snapshot.facts.broader)
        held: dict[str, set[str]] = {}
        for skill, holding in self.subject.facts.holders.items():
            for person in holding.person_ids:
                row = self.people.row.get(person)
                if row is not None and not self.people.gone[row]:
                    held.setdefault(person, set()).add(skill)
        concerned = {person: some for person, some in held.items() if any(touched & above.of(one) for one in some)}
        sizes = [_Fewest(covering, above) for covering in (before, after)]
        counted = [(sizes[0].of(some), sizes[1].of(some)) for some in map(frozenset, concerned.values())]
        if not counted:
            return Covering(0, 0.0, 0.0, 0, 0, 0)
        needed = np.array([[was[0], will[0]] for was, will in counted])
        return Covering(
            len(counted),
            float(needed[:, 0].mean()),
            float(needed[:, 1].mean()),
            int((needed[:, 1] < needed[:, 0]).sum()),
            int((needed[:, 1] > needed[:, 0]).sum()),
            sum(will[1] < was[1] for was, will in counted),
        )

    def _ask(self) -> tuple[Asked, ...]:
        because: dict[int, list[Sentence]] = {}
        for group in self.before.values():
            name = group.community.name
            for key in self.facts.sponsors.get(group.community.id, ()):
                row = self.people.row.get(key)
                if row is not None and not self.people.gone[row]:
                    because.setdefault(row, []).append(tell("sponsors %(name)s", name=name))
            for row, roles in self._standing_of(group).items():
                said = [
                    tell("core member of %(name)s", name=name)
                    if role == "core"
                    else tell("%(role)s of %(community)s", role=role, community=name)
                    for role in roles
                ]
                because.setdefault(row, []).extend(said)
        order = sorted(because, key=lambda row: (-len(because[row]), self.people.names[row].casefold()))
        return tuple(Asked(self._party(row), tuple(dict.fromkeys(because[row]))) for row in order)

    def _reworded(self) -> list[tuple[str | None, Proposal | None, Proposal]]:
        """(id, words of now, words to come) of communities whose words change; no id and no words of now where new."""
        found: list[tuple[str | None, Proposal | None, Proposal]] = []
        for key, group in self.after.items():
            old = self.before.get(key)
            new = _words(group.community)
            if old is None:
                found.append((None, None, new))
            elif _said(new) != _said(_words(old.community)):
                found.append((key, _words(old.community), new))
        return found

    def _likeness(self) -> list[Likeness]:
        everything = np.ones(len(self.snapshot.communities), dtype=np.bool_)
        # What is retired then, and the whole that is split, is nothing to be near to.
        for key in self.before:
            if key not in self.after or isinstance(self.remedy, Split):
                everything[self.snapshot.row[key]] = False
        found: list[Likeness] = []
        for key, old, new in self._reworded():
            visible = everything.copy()
            if key is not None:
                visible[self.snapshot.row[key]] = False
            was = self._near(old, visible) if old is not None else dict[str, Answer]()
            will = self._near(new, visible)
            some = [
                Likeness(
                    new.name,
                    one,
                    answer.name,
                    was[one].probability if one in was else None,
                    will[one].probability if one in will else None,
                    (one in will and will[one].relation == "shares_name")
                    or name_key(answer.name) == name_key(new.name),
                )
                for one, answer in {**was, **will}.items()
            ]
            found += sorted(some, key=lambda one: (-max(one.before or 0, one.after or 0), one.id))
        return found

    def _near(self, words: Proposal, visible: NDArray[np.bool_]) -> dict[str, Answer]:
        vectors = self.encode(words.to_encode) if self.encode is not None else None
        return {one.id: one for one in self.standing.check(words, visible, vectors)}

    def _attracted(self) -> Attracted | None:
        """None where no words change, or too little is known of the members."""
        changed = [(key, old, new) for key, old, new in self._reworded() if key is not None and old is not None]
        if not changed:
            return None
        key, old, new = changed[0]  # no remedy changes the words of two
        profiles = Profiles(self.subject)
        place = {row: at for at, row in enumerate(self.subject.here.tolist())}
        inside = np.zeros(len(profiles.ids), dtype=np.bool_)
        inside[[place[row] for row in self.before[key].people]] = True
        if int((inside & profiles.known).sum()) < MEMBERS_WITH_PROFILE:
            return None
        was, will = (self._fit(profiles, words) for words in (old, new))
        line = float(np.median(was[inside & profiles.known]))
        fitted, fits = profiles.known & (was >= line), profiles.known & (will >= line)
        fresh = np.flatnonzero(fits & ~fitted & ~inside)
        fresh = fresh[np.argsort(-will[fresh], kind="stable")][:NAMED]
        lost = np.flatnonzero(inside & fitted & ~fits)

        def people(rows: Iterable[int]) -> tuple[Party, ...]:
            return tuple(Party(profiles.ids[at], profiles.names[at]) for at in rows)

        return Attracted(int(fitted.sum()), int(fits.sum()), people(fresh.tolist()), people(lost.tolist()))

    def _fit(self, profiles: Profiles, words: Proposal) -> FloatArray:
        """As Profiles.fit, of a text that is not in the catalogue."""
        texts = self.subject.texts
        document = texts.lexical.transform([tokens(f"{words.name}\n{words.body}")])
        by_words = np.asarray((profiles.words @ document.T).toarray(), dtype=np.float32).ravel()
        if self.encode is None or profiles.vectors is None:
            return by_words
        vector = directions(self.encode(words.to_encode)[1:].sum(axis=0)[None])[0]
        return (by_words + np.maximum(profiles.vectors @ vector, 0)) / 2

    def _text(self) -> Sentence:
        name = self.whole.community.name
        number = len(self.whole.people)
        match self.remedy:
            case Merge():
                into, both = self.moves[0].name, len(self.moves[0].already)
                members = tell_n("its %(num)d member goes", "its %(num)d members go", number)
                if not both:
                    return tell(
                        "%(name)s ends; %(members)s to %(into)s, where none is yet.",
                        name=name, members=members, into=into,
                    )  # fmt: skip
                return tell_n(
                    "%(name)s ends; %(members)s to %(into)s, where %(num)d of them is already.",
                    "%(name)s ends; %(members)s to %(into)s, where %(num)d of them are already.",
                    both, name=name, members=members, into=into,
                )  # fmt: skip
            case Split():
                parts = joined(", ", (f"{move.name} ({len(move.people)})" for move in self.moves))
                rest = len(self.after[name_id].people) if (name_id := self.whole.community.id) in self.after else 0
                if not rest:
                    return tell("%(name)s is split into %(parts)s; nobody stays, so it ends.", name=name, parts=parts)
                return tell_n(
                    "%(name)s is split into %(parts)s; %(num)d stays in it.",
                    "%(name)s is split into %(parts)s; %(num)d stay in it.", rest, name=name, parts=parts,
                )  # fmt: skip
            case Retire():
                ends = (
                    tell("%(name)s ends, and points to %(other)s", name=name, other=self.other.community.name)
                    if self.other
                    else tell("%(name)s ends", name=name)
                )
                return tell_n(
                    "%(ends)s; its %(num)d member goes nowhere by themselves.",
                    "%(ends)s; its %(num)d members go nowhere by themselves.", number, ends=ends,
                )  # fmt: skip
            case MoveUnder():
                becomes = (
                    tell("%(name)s becomes a sub-group of %(other)s", name=name, other=self.other.community.name)
                    if self.other
                    else tell("%(name)s becomes no sub-group any more", name=name)
                )
                return tell_n(
                    "%(becomes)s; its %(num)d member stays in it.", "%(becomes)s; its %(num)d members stay in it.",
                    number, becomes=becomes,
                )  # fmt: skip
            case Rename():
                return tell("%(before)s is called %(name)s from then on.", before=name, name=self.remedy.name)
            case Clarify():
                return tell("%(name)s says otherwise what it is about, or for whom.", name=name)

    def _notes(self) -> list[Sentence]:
        notes: list[Sentence] = []
        if isinstance(self.remedy, Merge):
            notes.append(
                tell(
                    "What it made, what is open on its agendas, what people proposed and the meetings that lie ahead "
                    "go along. Past meetings, its charter and its sponsor stay on record with it."
                )
            )
        for group in self.before.values():
            led = self._standing_of(group) or self.facts.sponsors.get(group.community.id)
            if not led:
                name, contacts = group.community.name, joined(", ", group.community.contacts)
                notes.append(
                    tell("Nobody is known to lead or sponsor %(name)s; its contacts: %(contacts)s.",
                         name=name, contacts=contacts)
                    if contacts
                    else tell("Nobody is known to lead or sponsor %(name)s.", name=name)
                )  # fmt: skip
        if isinstance(self.remedy, Merge) and self.other is not None:
            one, into = self.whole.community, self.other.community
            if one.visibility == "restricted" and into.visibility != "restricted":
                notes.append(
                    tell(
                        "%(name)s is restricted and %(into)s is not: all may read then what was asked there.",
                        name=one.name, into=into.name,
                    )
                )  # fmt: skip
        if isinstance(self.remedy, Retire) and self.whole.people:
            own = self.whole.community.name
            beside = [
                {self.snapshot.communities[row].name for row in self._rows_of(person)} - {own}
                for person in self.whole.people
            ]
            if alone := sum(not some for some in beside):
                notes.append(
                    tell_n("%(num)d of its members is in no other community.",
                           "%(num)d of its members are in no other community.", alone)
                )  # fmt: skip
            if together := Counter(name for some in beside for name in some):
                name, number = min(together.items(), key=lambda item: (-item[1], item[0]))
                notes.append(
                    tell_n("%(num)d of its members is in %(name)s too, more than in any other.",
                           "%(num)d of its members are in %(name)s too, more than in any other.", number, name=name)
                )  # fmt: skip
        return notes

    def _rows_of(self, person: int) -> list[int]:
        """The rows of the communities that a person is in."""
        members = self.snapshot.members
        rows: list[int] = members.indices[members.indptr[person] : members.indptr[person + 1]].tolist()
        return rows


class _Above:
    """The skills that are broader than a skill, however far, itself among them."""

    def __init__(self, broader: Mapping[str, tuple[str, ...]]) -> None:
        self.broader = broader
        self.known: dict[str, frozenset[str]] = {}

    def of(self, skill: str) -> frozenset[str]:
        if skill not in self.known:
            found, waiting = {skill}, [skill]
            while waiting:
                more = set(self.broader.get(waiting.pop(), ())) - found
                found |= more
                waiting += more
            self.known[skill] = frozenset(found)
        return self.known[skill]


class _Fewest:
    """How few communities cover skills: the number of communities, and of skills that any covers."""

    def __init__(self, covering: Mapping[str, set[str]], above: _Above) -> None:
        self.above = above
        self.covered_by: dict[str, set[str]] = {}
        for key, skills in covering.items():
            for skill in skills:
                self.covered_by.setdefault(skill, set()).add(key)
        self.known: dict[frozenset[str], tuple[int, int]] = {}

    def of(self, skills: frozenset[str]) -> tuple[int, int]:
        if skills not in self.known:
            masks: dict[str, int] = {}
            number = 0
            for skill in sorted(skills):
                by = {key for one in self.above.of(skill) for key in self.covered_by.get(one, ())}
                for key in by:
                    masks[key] = masks.get(key, 0) | 1 << number
                number += bool(by)
            sets = [masks[key] for key in sorted(masks)]
            self.known[skills] = len(smallest_cover(sets, [1.0] * len(sets)).chosen), number
        return self.known[skills]


def _words(community: Community) -> Proposal:
    return Proposal(community.name, community.domain, community.audience or "", community.topics, community.skill_ids)


def _said(words: Proposal) -> tuple[str, str]:
    return words.name, words.body
