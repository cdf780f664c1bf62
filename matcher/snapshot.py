"""All communities as immutable arrays: what a process holds in memory, and what scoring works on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache, partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from graph.database import Steps, ask
from graph.models import Community, Principal, ordinal
from graph.reads import communities as community_reads
from graph.reads import people as people_reads
from graph.reads import vectors as vector_reads
from graph.reads.communities import Practice, Roster
from graph.reads.pages import of_all, of_some
from graph.reads.people import Colleague
from graph.reads.vectors import KeptVector, Model
from graph.text import searchable, tokens
from matcher.catalogue import HOLDS_ALL, Catalogue
from matcher.community.signs import KINDS, LastSigns, Signs, signs_of
from matcher.features import ease
from matcher.lexical import LexicalIndex, index_of
from matcher.nearness import Nearness
from matcher.partitions import Workers
from matcher.people import People, people_of
from matcher.spells import UNSAID, Spells, is_past, recent_joins, spells_of

T = TypeVar("T")

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

# How the key of a skill begins that is known by its name.
BY_NAME = "name:"

# Up to so many communities the co-membership weights are learned anew whenever a membership changed: it takes less than
# half a second.
LEARNED_AT_ONCE = 2_000

# Beyond, a change of the members of less than this share of the communities is let be until there are more: one
# person's joining moves no weight by more than what separates two guesses, and to learn 10,000 takes half a minute.
LET_BE = 0.01


@dataclass(frozen=True)
class Facts:
    """What a snapshot is assembled from, by id: a roster by its community, `broader` by the narrower skill, `vectors`
    those of communities (None: no model is in use), `practice` what went on, by its community."""

    communities: Mapping[str, Community]
    rosters: Mapping[str, Roster]
    people: Mapping[str, Colleague] = field(default_factory=dict[str, Colleague])
    unit_names: Mapping[str, str] = field(default_factory=dict[str, str])
    broader: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    vectors: Mapping[str, KeptVector] | None = None
    practice: Mapping[str, Practice] = field(default_factory=dict[str, Practice])


@dataclass(frozen=True)
class Learned:
    """Co-membership weights of communities (ids, in order), float32 [communities, communities], that somebody else has
    learned from the same rosters: to learn them takes longer than to read these."""

    communities: tuple[str, ...]
    weights: csr_array


@dataclass(frozen=True)
class Snapshot:
    """The communities of one organisation on one day, restricted ones too: what somebody may see of them tells
    `visible_to`.

    `members` is float32 [people, communities] of zeros and ones; `together` float32 [communities, communities], the
    strongest of the co-membership weights, learned from the rosters `learned_from`; `recent_joins` int32 [communities],
    members who joined within the year before. `insiders` gives the rows of the restricted communities that a person
    (id) is in. Where the catalogue's lexical index is for searching, `lexical` is for comparing whole descriptions.
    """

    day: str
    as_of: str | None
    catalogue: Catalogue
    row: Mapping[str, int]
    lexical: LexicalIndex
    people: People
    spells: Spells
    members: csr_array
    together: csr_array
    learned_from: Mapping[str, Roster]
    recent_joins: IntArray
    insiders: Mapping[str, list[int]]
    facts: Facts

    @property
    def communities(self) -> tuple[Community, ...]:
        return self.catalogue.communities

    @property
    def vectors(self) -> FloatArray | None:
        return self.catalogue.vectors

    @property
    def learned(self) -> Learned:
        return Learned(tuple(self.row), self.together)

    @cached_property
    def commonness(self) -> FloatArray:
        """How like the others each community's text is on the whole: the mean of its cosines of words to the
        communities that are not restricted. float32 [communities], from 0 to 1."""
        open_to_all = ~self.catalogue.restricted
        words = self.lexical.vectors
        # A sum of cosines is the product with the sum: no matrix of all pairs.
        total = np.asarray(words[np.flatnonzero(open_to_all)].sum(axis=0)).ravel()
        itself = np.asarray(words.multiply(words).sum(axis=1)).ravel() * open_to_all
        return np.asarray((words @ total - itself) / max(1, int(open_to_all.sum())), dtype=np.float32)

    @cached_property
    def signs(self) -> tuple[Signs, ...]:
        """The signs of life of each community, in their order."""
        return tuple(self.signs_in(key) for key in self.row)

    def signs_in(self, community: str) -> Signs:
        roster = self.facts.rosters.get(community)
        practice = self.facts.practice.get(community, Practice())
        return signs_of(practice, roster.joined_on if roster else (), ordinal(self.day))

    @cached_property
    def recent_activity(self) -> IntArray:
        """How many signs of life but joinings (these are `recent_joins`) the year before the day had, int32
        [communities]."""
        kinds = [kind for kind in KINDS if kind != "joins"]
        return np.array(
            [sum(self.recently(row, kind) for kind in kinds) for row in range(len(self.row))], dtype=np.int32
        )

    def recently(self, row: int, kind: str) -> int:
        """The same of one community and kind. What may be of the day itself or later is none."""
        day = ordinal(self.day)
        return self.signs[row].between(kind, day - 366, day - 1)

    @cached_property
    def last_signs(self) -> LastSigns:
        return LastSigns.of(self.facts.practice, self.day)

    @cached_property
    def sizes(self) -> IntArray:
        """How many members each has, int32 [communities]."""
        return np.asarray(self.members.sum(axis=0), dtype=np.int32).ravel()

    @cached_property
    def age_days(self) -> FloatArray:
        """Days since each was founded or, where that is not known, first joined by one of its members; infinite where
        neither is known. float32 [communities]. In a replay the founding is hidden, and so is what would tell it.

        A date that is known to the year or month counts at its first day, and of a member who joined nobody knows when,
        nobody knows that the others were not later: what is not known to be young is not called so."""
        unknown = 9999_99_99
        first = np.full(len(self.communities), unknown, dtype=np.int32)
        dated = (self.spells.joined > 0) & (self.as_of is None)
        np.minimum.at(first, self.spells.community[dated], self.spells.joined[dated])
        first[self.spells.community[self.spells.joined == 0]] = unknown
        today = ordinal(self.day)
        ages = np.full(len(first), np.inf, dtype=np.float32)
        for row, code in enumerate(first.tolist()):
            if founded := self.communities[row].founded_on:
                ages[row] = today - date.fromisoformat(f"{founded[:10]}-01-01"[:10]).toordinal()
            elif code != unknown:
                month, day = (1 if part == UNSAID else part for part in (code // 100 % 100, code % 100))
                ages[row] = today - date(code // 10_000, month, day).toordinal()
        return ages

    @cached_property
    def open_lexical(self) -> LexicalIndex:
        """The lexical index for what is told to everybody: a word that only restricted communities use must not show,
        not even as a lower score of the others."""
        return self.lexical.narrowed(~self.catalogue.restricted)

    @cached_property
    def out_of_use(self) -> Mapping[str, BoolArray]:
        """Status to which of the communities are in it, bool [communities], of those that cannot be joined any more or
        yet; restricted ones are in none."""
        status = np.array([community.status for community in self.communities], dtype=np.str_)
        return {name: (status == name) & ~self.catalogue.restricted for name in ("retired", "proposed")}

    @cached_property
    def in_use(self) -> BoolArray:
        """Which communities may be recommended to who is not in them yet, bool [communities]."""
        return ~(self.catalogue.restricted | self.out_of_use["retired"] | self.out_of_use["proposed"])

    @cached_property
    def covering(self) -> Mapping[str, list[int]]:
        """Key of a skill (its id, or `skill_key` of its name) to the rows of the communities that cover it."""
        found: dict[str, dict[int, None]] = {}
        for row, community in enumerate(self.communities):
            for skill_id, name in zip(community.skill_ids, community.skill_names, strict=True):
                for key in (skill_id, skill_key(name)):
                    found.setdefault(key, {})[row] = None
        return {key: list(rows) for key, rows in found.items()}

    @cached_property
    def nearness(self) -> Nearness:
        """What has been found so far of how near communities are to each other (matcher.features.domain_fit)."""
        return Nearness(len(self.communities))

    def inside(self, row: int) -> IntArray:
        """The rows of the people in a community, ascending, each once."""
        return self.spells.members(row)

    def numbers_of(self, people: IntArray) -> NDArray[np.intp]:
        """How many of some people are in each community, [communities]."""
        # To have scipy cut rows out takes several times as long, where they are few.
        start = self.members.indptr[people]
        number = self.members.indptr[people + 1] - start
        before = number.cumsum() - number
        inside = self.members.indices[np.arange(number.sum()) + np.repeat(start - before, number)]
        return np.bincount(inside, minlength=len(self.communities))

    def ties(self, rows: IntArray) -> FloatArray:
        """The co-membership weights from some communities to each, float32 [rows, communities]."""
        # Row by row: to have a sparse matrix cut out a few rows takes longer than all that is done with them.
        found = np.zeros((len(rows), len(self.communities)), dtype=np.float32)
        for values, row in zip(found, rows.tolist(), strict=True):
            span = slice(self.together.indptr[row], self.together.indptr[row + 1])
            values[self.together.indices[span]] = self.together.data[span]
        return found

    def rows(self, ids: Sequence[str]) -> IntArray:
        """The rows of those ids that the snapshot holds."""
        return np.array([self.row[i] for i in ids if i in self.row], dtype=np.int32)

    def visible_to(self, principal: Principal) -> BoolArray:
        """Which communities the principal may see, bool [communities]: a restricted one if they are in it today, also
        in a replay."""
        if principal.sees_restricted:
            return np.ones(len(self.communities), dtype=np.bool_)
        visible = ~self.catalogue.restricted
        visible[self.insiders.get(principal.person_id or "", [])] = True
        return visible


def build(
    model: Model | None,
    as_of: str | None = None,
    today: str | None = None,
    learned: Learned | None = None,
    workers: Workers | None = None,
) -> Steps[Snapshot]:
    """The snapshot of what the database holds, with the vectors of `model`."""
    facts = yield from read_facts(model, as_of)
    return assemble(facts, as_of=as_of, today=today, learned=learned, workers=workers)


def read_facts(model: Model | None, as_of: str | None) -> Steps[Facts]:
    communities = yield from of_all("community", partial(community_reads.communities, as_of, HOLDS_ALL))
    return Facts(
        communities=communities,
        rosters=(yield from of_some(communities, partial(community_reads.rosters, HOLDS_ALL))),
        people=(yield from of_all("person", people_reads.colleagues)),
        unit_names=(yield from ask(people_reads.unit_names())),
        broader=(yield from ask(community_reads.broader_skills())),
        vectors=(yield from of_some(communities, partial(vector_reads.vectors, "community", model))) if model else None,
        practice=(yield from of_some(communities, community_reads.practice)),
    )


def assemble(
    facts: Facts,
    *,
    as_of: str | None = None,
    today: str | None = None,
    before: Snapshot | None = None,
    learned: Learned | None = None,
    workers: Workers | None = None,
) -> Snapshot:
    """The snapshot of facts in hand, with no database.

    In a replay (`as_of`) a spell counts if it is undated or began before that day, and as current unless it
    is known to have ended before. Units, managers, skills and their nesting bear no date and are left out
    of a replay. What the snapshot `before`, of the same `as_of`, has of the same texts and memberships is taken over.
    Co-membership is taken as `learned`, or else learned by `workers` (None: by this process).
    """
    day = as_of or today or date.today().isoformat()
    communities = tuple(facts.communities[key] for key in sorted(facts.communities))
    row = {community.id: position for position, community in enumerate(communities)}
    # The snapshot before, if it is of the same day and rosters.
    like = before if before and before.day == day and before.facts.rosters == facts.rosters else None
    unmoved = like and like.facts.people is facts.people and like.facts.unit_names is facts.unit_names
    people = like.people if like and unmoved else people_of(facts.people, facts.rosters, facts.unit_names, as_of, day)
    spells = _among(like, row) if like and like.people.row == people.row else None
    if spells is None:
        spells = spells_of(facts.rosters, row, people.row, as_of, day)
    members = csr_array(
        (np.ones(len(spells.person), dtype=np.float32), (spells.person, spells.community)),
        shape=(len(people.ids), len(communities)),
    )
    members.sum_duplicates()
    members.data[:] = 1.0  # two current spells of one person are one membership
    if learned is not None:
        together, learned_from = _moved(learned, row), facts.rosters
    else:
        together, learned_from = _together(before, facts.rosters, day, row, spells, people, members, workers)
    snapshot = Snapshot(
        day=day,
        as_of=as_of,
        catalogue=Catalogue.of(communities, facts.vectors, before.catalogue if before else None),
        row=row,
        lexical=index_of(communities, describe, (before.communities, before.lexical) if before else None),
        people=people,
        spells=spells,
        members=members,
        together=together,
        learned_from=learned_from,
        recent_joins=recent_joins(spells, people.gone, len(communities), day),
        insiders=_insiders(communities, facts.rosters, date.today().isoformat() if as_of else day),
        facts=facts,
    )
    if before is not None:
        _keep_found(snapshot, before)
    return snapshot


def describe(community: Community) -> list[str]:
    """The tokens that stand for a community: name, domain, topics, audience."""
    parts = [community.name, community.domain, *community.topics, community.audience or ""]
    return [token for part in parts for token in tokens(part)]


@lru_cache(maxsize=50_000)  # an organisation has thousands of skills, each named by many
def skill_key(name: str) -> str:
    """The key of a skill that is known by its name."""
    return BY_NAME + searchable(name)


def _insiders(communities: Sequence[Community], rosters: Mapping[str, Roster], today: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, community in enumerate(communities):
        if community.visibility != "restricted":
            continue
        for person in community.insider_ids:
            found.setdefault(person, []).append(row)
        roster = rosters.get(community.id)
        if roster is not None:
            for person, left in zip(roster.person_ids, roster.left_on, strict=True):
                if not is_past(left, None, today):
                    found.setdefault(person, []).append(row)
    return found


def _together(
    before: Snapshot | None,
    rosters: Mapping[str, Roster],
    day: str,
    row: Mapping[str, int],
    spells: Spells,
    people: People,
    members: csr_array,
    workers: Workers | None,
) -> tuple[csr_array, Mapping[str, Roster]]:
    """The co-membership weights, and the rosters that they were learned from: of thousands of communities to learn them
    takes longer than all the rest."""
    if before is not None and _same_members(before, row, spells, people):
        return before.together, rosters
    if before is not None and before.day == day:
        known = before.learned_from
        changed = sum(known.get(key) is not rosters.get(key) for key in known.keys() | rosters.keys())
        if changed == 0 or (len(row) > LEARNED_AT_ONCE and changed < LET_BE * len(row)):
            return _moved(before.learned, row), known if changed else rosters
    return ease.learn(members, workers=workers), rosters


def _moved(learned: Learned, row: Mapping[str, int]) -> csr_array:
    places = np.array([row.get(community, -1) for community in learned.communities], dtype=np.int64)
    return ease.moved(learned.weights, places, len(row))


# What is found on first use, and depends on the communities alone.
_OF_COMMUNITIES = ("open_lexical", "out_of_use", "in_use", "covering", "commonness")
# And on what went on in them up to the day.
_OF_PRACTICE = ("recent_activity", "last_signs")


def _keep_found(snapshot: Snapshot, before: Snapshot) -> None:
    """Takes over what was found in the snapshot before, where it rests on nothing that changed."""
    facts, held = snapshot.facts, before.facts
    if snapshot.day == before.day and "signs" in vars(before):
        vars(snapshot)["signs"] = tuple(_signs(snapshot, before))
    if facts.practice is held.practice and snapshot.day == before.day and snapshot.row == before.row:
        _take_over(snapshot, before, _OF_PRACTICE)
    if snapshot.lexical is before.lexical:
        _take_over(snapshot, before, _OF_COMMUNITIES)
        if snapshot.vectors is before.vectors:
            _take_over(snapshot, before, ("nearness",))


def _signs(snapshot: Snapshot, before: Snapshot) -> Iterator[Signs]:
    """Those of the snapshot before, of the same day, but where something went on or a roster changed."""
    facts, held = snapshot.facts, before.facts
    for key in snapshot.row:
        same = facts.practice.get(key) is held.practice.get(key) and facts.rosters.get(key) is held.rosters.get(key)
        yield before.signs[before.row[key]] if same and key in before.row else snapshot.signs_in(key)


def _take_over(snapshot: Snapshot, before: Snapshot, names: Sequence[str]) -> None:
    vars(snapshot).update({name: vars(before)[name] for name in names if name in vars(before)})


def _same_members(before: Snapshot, row: Mapping[str, int], spells: Spells, people: People) -> bool:
    """Whether the same people are in the same communities; rows of people may have moved."""
    return spells is before.spells or (
        before.row == row
        and np.array_equal(before.spells.start, spells.start)
        and [before.people.ids[p] for p in before.spells.person] == [people.ids[p] for p in spells.person]
    )


def _among(before: Snapshot, row: Mapping[str, int]) -> Spells | None:
    """The spells of the snapshot before, among other communities; None where one that has a roster came or went."""
    rosters = before.facts.rosters
    if before.row == row:
        return before.spells
    if any((community in before.row) != (community in row) for community in rosters):
        return None
    places = np.array([row.get(community.id, -1) for community in before.communities], dtype=np.int32)
    community = places[before.spells.community]  # both are in the order of ids, so this is in order too
    start = np.searchsorted(community, np.arange(len(row) + 1)).astype(np.int32)
    return replace(before.spells, start=start, community=community)
