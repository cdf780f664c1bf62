"""One draft among the communities that it is compared with, and the people whom it would attract."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.models import Community
from graph.reads.vectors import KeptVector
from graph.sentences import Sentence, tell
from graph.text import tokens
from matcher.audit.attraction import Attraction, attraction
from matcher.audit.breadth import MEMBERS_WITH_PROFILE, PEOPLE_WITH_PROFILE, Breadth, breadth
from matcher.audit.measured import Measured
from matcher.audit.people import Profiles
from matcher.audit.proposal import Answer as Relative
from matcher.audit.proposal import Standing
from matcher.audit.subject import Subject
from matcher.community.formation.draft import Draft
from matcher.embedding import directions
from matcher.snapshot import assemble

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

E = TypeVar("E")

# What is compared closely: the nearest communities, and others spread over all, so that what is usual is known. It
# costs the same whatever their number.
NEAREST, SPREAD = 60, 60
# Fit moves with the length of a text, so people are counted by the line of so many communities of like length. Fewer
# than LEAST_COMPARABLE tell no line.
COMPARABLE, LEAST_COMPARABLE = 30, 3
DRAWS, SEED = 200, 13
# Where fewer of the people say anything of themselves, the others may be quite different.
PROFILED = 0.5


@dataclass(frozen=True)
class Identified:
    """Places of the people who fit it at least as well as the line, best first; the 95 % interval of their number, as
    the `compared` communities that give the line are drawn anew."""

    people: list[int]
    low: int
    high: int
    compared: int

    @property
    def count(self) -> int:
        return len(self.people)


class Focus:
    """One draft among others (`subject`), with who of its people is in which other community (`companies`)."""

    def __init__(
        self,
        subject: Subject,
        draft: Draft,
        relatives: Sequence[Relative],
        companies: Mapping[str, set[str]],
        encode: Callable[[Sequence[str]], FloatArray] | None,
        model: str | None,
        core_group: int,
    ) -> None:
        self.subject, self.draft, self.relatives = subject, draft, tuple(relatives)
        self.companies = companies
        self.encode, self.model, self.core_group = encode, model, core_group
        self.profiles = Profiles(subject)
        self.row = subject.ids.index(draft.id)
        self.place = {key: at for at, key in enumerate(self.profiles.ids)}

    @cached_property
    def profiled(self) -> tuple[int, int]:
        """How many say anything of themselves, and of how many."""
        return int(self.profiles.known.sum()), len(self.profiles.known)

    @cached_property
    def fit(self) -> FloatArray:
        return self.profiles.fit(self.row)

    @cached_property
    def identified(self) -> Identified | None:
        known, everybody = self.profiled
        if known < PEOPLE_WITH_PROFILE or known < PROFILED * everybody:
            return None
        own = self._comparable()
        if len(own) < LEAST_COMPARABLE:
            return None
        draw = np.random.default_rng(SEED)
        # Members of one community are alike: communities are drawn, not members.
        drawn = (draw.integers(len(own), size=len(own)) for _ in range(DRAWS))
        lines = [float(np.median(np.concatenate([own[int(at)] for at in some]))) for some in drawn]
        line = float(np.median(np.concatenate(own)))
        fits = self.fit[self.profiles.known]
        fitting = np.flatnonzero(self.profiles.known & (self.fit >= line))
        low, high = (int((fits >= one).sum()) for one in np.quantile(lines, (0.975, 0.025)).tolist())
        return Identified(fitting[np.argsort(-self.fit[fitting], kind="stable")].tolist(), low, high, len(own))

    def _comparable(self) -> list[FloatArray]:
        """How well the members of each of the active communities whose texts are as long fit theirs."""
        subject, lengths = self.subject, np.diff(self.subject.texts.lexical.vectors.indptr)
        found: list[tuple[int, int, NDArray[np.integer]]] = []
        for row, community in enumerate(subject.communities):
            members = subject.members.indices[subject.members.indptr[row] : subject.members.indptr[row + 1]]
            members = members[self.profiles.known[members]]
            if row != self.row and community.status == "active" and len(members) >= MEMBERS_WITH_PROFILE:
                found.append((abs(int(lengths[row]) - int(lengths[self.row])), row, members))
        found.sort(key=lambda one: one[:2])
        return [self.profiles.fits_among(members, [row])[:, 0] for _, row, members in found[:COMPARABLE]]

    def profiles_lacking(self) -> Sentence:
        known, everybody = self.profiled
        if known >= PROFILED * everybody and known >= PEOPLE_WITH_PROFILE:
            return tell(
                "Fewer than %(least)d active communities have %(members)d members with a profile.",
                least=LEAST_COMPARABLE, members=MEMBERS_WITH_PROFILE,
            )  # fmt: skip
        return tell(
            "%(known)d of %(all)d people say anything of themselves; it takes half, and %(least)d.",
            known=known, all=everybody, least=PEOPLE_WITH_PROFILE,
        )  # fmt: skip

    @cached_property
    def pairs(self) -> tuple[IntArray, IntArray]:
        """The draft with each other that is not of its domain."""
        same = {one.id for one in self.relatives if one.kind == "community" and one.relation == "join_instead"}
        other = [
            row for row, one in enumerate(self.subject.communities) if row != self.row and one.id not in same
        ]  # fmt: skip
        one = np.full(len(other), self.row, dtype=np.int32)
        return one, np.array(other, dtype=np.int32)

    @cached_property
    def attracted(self) -> Attraction:
        return attraction(self.subject, self.profiles)

    @cached_property
    def broad(self) -> tuple[Measured[Breadth], ...]:
        return breadth(self.subject, self.profiles, self.encode, self.model, self.pairs, frozenset([self.row]))

    def own(self, measured: Sequence[Measured[E]]) -> Measured[E]:
        return next(one for one in measured if one.id == self.draft.id)


def companies_of(standing: Standing, draft: Draft, others: BoolArray) -> dict[str, set[str]]:
    """Which of the people who are in it or want to be (ids) are in each other community (id)."""
    snapshot, wanted = standing.subject.snapshot, set(draft.group)
    found: dict[str, set[str]] = {}
    for key in wanted & snapshot.people.row.keys():
        person, members = snapshot.people.row[key], snapshot.members
        rows: list[int] = members.indices[members.indptr[person] : members.indptr[person + 1]].tolist()
        for row in rows:
            if others[row]:
                found.setdefault(snapshot.communities[row].id, set()).add(key)
    return found


def focused(
    standing: Standing,
    draft: Draft,
    others: BoolArray,
    vectors: FloatArray | None,
    encode: Callable[[Sequence[str]], FloatArray] | None,
) -> Subject:
    """The draft among the communities that are nearest to it, and as many spread over the rest."""
    snapshot, known = standing.subject.snapshot, standing.subject
    rows = [row for row in known.rows if others[row]]
    likeness = snapshot.lexical.similarity(tokens(f"{draft.words.name}\n{draft.words.body}"))[rows]
    nearest: list[int] = np.argsort(-likeness, kind="stable")[:NEAREST].tolist()
    spread: list[int] = np.unique(np.linspace(0, len(rows) - 1, SPREAD).astype(int)).tolist() if rows else []
    ids = {snapshot.communities[rows[at]].id for at in (*nearest, *spread)}
    facts = snapshot.facts
    words = draft.words
    named = {
        key: name for one in snapshot.communities for key, name in zip(one.skill_ids, one.skill_names, strict=True)
    }
    stored = facts.communities.get(draft.id)
    community = stored or Community(
        draft.id, words.name, words.domain, audience=words.audience or None, topics=words.topics,
        skill_ids=words.skill_ids, skill_names=tuple(named.get(key, key) for key in words.skill_ids),
    )  # fmt: skip
    communities = {key: facts.communities[key] for key in ids} | {draft.id: replace(community, status=draft.status)}
    kept = facts.vectors
    if kept is not None:
        own = {} if vectors is None else {draft.id: KeptVector("", directions(vectors[1:].sum(0)[None])[0])}
        kept = own | {key: kept[key] for key in communities if key in kept}
    focused = assemble(
        replace(
            facts,
            communities=communities,
            rosters={key: facts.rosters[key] for key in communities if key in facts.rosters},
            vectors=kept,
            practice={key: facts.practice[key] for key in communities if key in facts.practice},
        ),
        today=snapshot.day,
    )
    # A declined one can be looked at too.
    return Subject(focused, known.facts, encode if kept else None, True)
