"""What a first draft of a charter could say, from facts of the graph: each suggestion with what it rests on.

Nothing is written for anybody. A suggestion puts facts into a sentence, in the words in which they are recorded, and
names the field of the charter for which they matter; whether they belong there is for people to say.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from graph.database import Steps, ask
from graph.models import Community, Principal, ordinal
from graph.reads import charters as charter_reads
from graph.reads import goals as goal_reads
from graph.reads import people as people_reads
from graph.reads import vectors as vector_reads
from graph.reads.charters import AskedThere, CharterFacts
from graph.reads.goals import Goal
from graph.reads.people import Drawn, SkillHolders
from graph.reads.vectors import KeptVector, Model
from graph.text import tokens
from matcher.catalogue import BoolArray
from matcher.lexical import LexicalIndex
from matcher.snapshot import Snapshot

FloatArray = NDArray[np.float32]

# Of each kind so many are suggested, and so many sources are named: a draft is begun by hand, not from a list.
MOST, MOST_NAMED = 3, 5

# Two questions ask the same above these cosines, of words or of meaning. Set by eye on the demo organisation: below,
# they share the words of their community and no more.
SAME_WORDS, SAME_MEANING = 0.35, 0.7

# A goal is near where the text speaks of it so much (cosine of words); neighbours likewise, by words and meaning.
# Below, what is in common are words such as `work` that any two texts share.
NEAR_GOAL, NEAR = 0.12, 0.12

# Fewer meetings, or outcomes of advice, are no habit.
A_HABIT = 3
YEAR = 365


@dataclass(frozen=True)
class Source:
    """A thing in the graph on which a suggestion rests."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True)
class Suggestion:
    """`field` is one of graph.charters.Charter; `text` what is known that matters for it."""

    field: str
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class DraftFacts:
    """Beside a snapshot; `holders` are those of the community's skills, `drawn` who wants to learn these or names its
    topics among their interests, `vectors` of its questions, by id."""

    goals: Sequence[Goal] = ()
    holders: Mapping[str, SkillHolders] = field(default_factory=dict[str, SkillHolders])
    drawn: Sequence[Drawn] = ()
    went_on: CharterFacts = field(default_factory=CharterFacts)
    vectors: Mapping[str, KeptVector] = field(default_factory=dict[str, KeptVector])


# More goals than any organisation can follow.
ALL_GOALS = 10_000


def read_facts(community: Community, principal: Principal, model: Model | None) -> Steps[DraftFacts]:
    went_on = yield from ask(charter_reads.charter_facts(community.id))
    ids = [question.id for question in went_on.questions]
    skills = list(community.skill_ids)
    return DraftFacts(
        goals=(yield from ask(goal_reads.goals(principal, "", ALL_GOALS))),
        holders=(yield from ask(people_reads.skill_holders(skills))) if skills else {},
        drawn=(yield from ask(people_reads.drawn_to(skills, list(community.topics)))),
        went_on=went_on,
        vectors=(yield from ask(vector_reads.vectors("question", model, ids))) if model and ids else {},
    )


def suggestions(snapshot: Snapshot, community_id: str, facts: DraftFacts, visible: BoolArray) -> list[Suggestion]:
    """What there is to say, in the order of the charter's parts. Of communities that are not `visible` (bool
    [communities]) nothing shows. Raises KeyError for a community that the snapshot does not hold."""
    row = snapshot.row[community_id]
    repeated = _repeated(facts.went_on.questions, facts.vectors)
    return [
        *_goals(snapshot, row, facts.goals),
        *_needs(repeated),
        *_challenges(repeated, facts.went_on),
        *_holders(snapshot, row, facts.holders),
        *_drawn(snapshot, row, facts.drawn),
        *_worked(facts.went_on.questions),
        *_neighbours(snapshot, row, visible),
        *_time(snapshot, row, facts.went_on.meetings),
    ]


def _goals(snapshot: Snapshot, row: int, goals: Sequence[Goal]) -> Iterator[Suggestion]:
    community = snapshot.communities[row]
    near: list[tuple[float, Goal, list[str]]] = []
    for goal in goals:
        said = tokens(f"{goal.name}\n{goal.description}")
        cosine = float(snapshot.lexical.similarity(said)[row])
        shared = snapshot.lexical.shared_terms(said, row)
        if goal.id in community.goal_ids:
            both = f": both speak of {_listed(shared)}" if cosine >= NEAR_GOAL and shared else ""
            text = f"It serves the goal “{goal.name}” already{both}."
            yield Suggestion("goal_ids", text, (Source("goal", goal.id, goal.name),))
        elif cosine >= NEAR_GOAL and shared:
            near.append((cosine, goal, shared))
    for _, goal, shared in sorted(near, key=lambda one: (-one[0], one[1].id))[:MOST]:
        text = f"The goal “{goal.name}” is near: both speak of {_listed(shared)}."
        yield Suggestion("goal_ids", text, (Source("goal", goal.id, goal.name),))


def _needs(repeated: Sequence[Sequence[AskedThere]]) -> Iterator[Suggestion]:
    """What keeps being asked and nobody answered."""
    for some in [some for some in repeated if not any(question.outcomes for question in some)][:MOST]:
        yield Suggestion("needs", f"Asked {len(some)} times, and never answered: {_asked(some)}", _questions(some))


def _challenges(repeated: Sequence[Sequence[AskedThere]], went_on: CharterFacts) -> Iterator[Suggestion]:
    """What keeps being asked although it is answered, and what meetings take up again and again."""
    for some in [some for some in repeated if any(question.outcomes for question in some)][:MOST]:
        yield Suggestion("challenges", f"Asked {len(some)} times: {_asked(some)}", _questions(some))
    again = [item for item in went_on.agenda if item.times > 1 and item.state != "settled"]
    for item in again[:MOST]:
        text = f"Taken up at {item.times} meetings, and {item.state}: “{item.title}”"
        yield Suggestion("challenges", text, (Source("agenda_item", item.id, item.title),))


def _holders(snapshot: Snapshot, row: int, holders: Mapping[str, SkillHolders]) -> Iterator[Suggestion]:
    """Who shares its skills and is not in it."""
    people = snapshot.people
    members = set(snapshot.members[:, [row]].nonzero()[0].tolist())
    place = {key: at for at, key in enumerate(people.ids)}
    known: list[tuple[int, int, SkillHolders]] = []
    outside: dict[int, int] = {}
    for skill in holders.values():
        here = [place[key] for key in skill.person_ids if key in place and not people.gone[place[key]]]
        others = [at for at in here if at not in members]
        known.append((len(here), len(here) - len(others), skill))
        for at in others:
            outside[at] = outside.get(at, 0) + 1
    for number, inside, skill in sorted(known, key=lambda one: (one[1] - one[0], one[2].skill_id))[:MOST]:
        if number > inside:
            have = "1 person has" if number == 1 else f"{number} people have"
            belong = f"{inside} of them {'is' if inside == 1 else 'are'}" if inside else "none of them is"
            text = f"{have} the skill “{skill.name}”; {belong} in it."
            yield Suggestion("opportunities", text, (Source("skill", skill.skill_id, skill.name),))
    # One skill in common is no reason to name somebody; whoever opted out of being suggested is never named.
    named = sorted(
        (at for at, shared in outside.items() if shared > 1 and people.recommendable[at]),
        key=lambda at: (-outside[at], people.ids[at]),
    )[:MOST_NAMED]
    if named:
        who = tuple(Source("person", people.ids[at], snapshot.facts.people[people.ids[at]].name) for at in named)
        text = f"Not in it, and with several of its skills: {', '.join(one.name for one in who)}."
        yield Suggestion("opportunities", text, who)


def _drawn(snapshot: Snapshot, row: int, drawn: Sequence[Drawn]) -> Iterator[Suggestion]:
    """Who shares its interests and is not in it: counted, as a wish is no claim of knowing."""
    people, members = snapshot.people, set(snapshot.members[:, [row]].nonzero()[0].tolist())
    place = {key: at for at, key in enumerate(people.ids)}
    known: list[tuple[int, int, Drawn]] = []
    for one in drawn:
        here = [place[key] for key in one.person_ids if key in place and not people.gone[place[key]]]
        known.append((len(here), sum(at in members for at in here), one))
    for number, inside, one in sorted(known, key=lambda one: (one[1] - one[0], one[2].name))[:MOST]:
        if number == inside:
            continue
        who = "1 person" if number == 1 else f"{number} people"
        what = f"want{'s' if number == 1 else ''} to learn" if one.skill_id else f"name{'s' if number == 1 else ''}"
        among = "" if one.skill_id else " among their interests"
        belong = f"{inside} of them {'is' if inside == 1 else 'are'}" if inside else "none of them is"
        source = Source("skill", one.skill_id, one.name) if one.skill_id else Source("interest", one.name, one.name)
        yield Suggestion("opportunities", f"{who} {what} “{one.name}”{among}; {belong} in it.", (source,))


def _worked(questions: Sequence[AskedThere]) -> Iterator[Suggestion]:
    known = [outcome for question in questions for outcome in question.outcomes if outcome]
    if len(known) >= A_HABIT:
        worked = [question for question in questions if "worked" in question.outcomes]
        text = f"Of {len(known)} pieces of advice whose outcome is known, {known.count('worked')} worked"
        text += f", for example on {_asked(worked)}" if worked else "."
        yield Suggestion("works_today", text, _questions(worked))


def _neighbours(snapshot: Snapshot, row: int, visible: BoolArray) -> Iterator[Suggestion]:
    words = snapshot.lexical.vectors
    near = (words @ words[[row]].T).toarray().ravel()
    if snapshot.vectors is not None:
        near = (near + np.maximum(snapshot.vectors @ snapshot.vectors[row], 0)) / 2
    retired = snapshot.catalogue.retired
    order: list[int] = np.argsort(-near, kind="stable").tolist()
    rows = [at for at in order if at != row and visible[at] and not retired[at]]
    for at in rows[:MOST]:
        shared = snapshot.lexical.shared_with(row, at)
        if near[at] >= NEAR and shared:
            other = snapshot.communities[at]
            text = f"Say how it differs from {other.name}: both speak of {_listed(shared)}."
            yield Suggestion("value_proposition", text, (Source("community", other.id, other.name),))


def _time(snapshot: Snapshot, row: int, meetings: Sequence[tuple[str, int]]) -> Iterator[Suggestion]:
    today = ordinal(snapshot.day)
    held = [
        (date.fromisoformat(day).toordinal(), came)
        for day, came in meetings
        if len(day) == 10 and 0 <= today - date.fromisoformat(day).toordinal() <= YEAR
    ]
    if len(held) < A_HABIT:
        return
    days = sorted(day for day, _ in held)
    gap = round(median(later - earlier for earlier, later in pairwise(days)))
    came = round(median(number for _, number in held))
    community = snapshot.communities[row]
    text = f"It met {len(held)} times within a year, mostly {gap} days apart, and mostly {came} people came."
    yield Suggestion("time_commitment", text, (Source("community", community.id, community.name),))


def _repeated(questions: Sequence[AskedThere], vectors: Mapping[str, KeptVector]) -> list[list[AskedThere]]:
    """Questions that ask the same, the largest group first; in each the one first that is likest to the others."""
    if len(questions) < 2:
        return []
    lexical = LexicalIndex.fit([tokens(f"{question.title}\n{question.text}") for question in questions])
    words = (lexical.vectors @ lexical.vectors.T).toarray()
    alike = words >= SAME_WORDS
    if vectors:
        dimension = len(next(iter(vectors.values())).vector)
        rows: FloatArray = np.zeros((len(questions), dimension), dtype=np.float32)
        for at, question in enumerate(questions):
            if question.id in vectors:
                rows[at] = vectors[question.id].vector
        alike = alike | (rows @ rows.T >= SAME_MEANING)
    np.fill_diagonal(alike, True)
    left = np.ones(len(questions), dtype=np.bool_)
    found: list[list[AskedThere]] = []
    # The one with most like it takes these along, not those like these: no chain makes a group.
    while True:
        sizes = (alike & left).sum(axis=1) * left
        first = int(np.argmax(sizes))
        if sizes[first] < 2:
            return found
        taken = np.flatnonzero(alike[first] & left).tolist()
        found.append([questions[first], *(questions[at] for at in taken if at != first)])
        left[taken] = False


def _asked(questions: Sequence[AskedThere]) -> str:
    return f"“{questions[0].title or questions[0].text}”"


def _questions(questions: Sequence[AskedThere]) -> tuple[Source, ...]:
    return tuple(Source("question", one.id, one.title or one.text) for one in questions[:MOST_NAMED])


def _listed(words: Collection[str]) -> str:
    return ", ".join(words)
