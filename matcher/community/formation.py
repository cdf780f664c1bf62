"""Whether a proposal has what a community of practice needs: each question of the guide with a state, the evidence and
the next best action.

A good domain, a community that wants it, a practice, and being together. The text of the proposal is held against what
the audit holds communities against, within those that whoever asks may see; people are those of the graph. The check
tells and decides nothing. Thresholds are set by hand: no public data says which proposals came to live.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.database import Steps, ask
from graph.models import Community, latest_day, ordinal
from graph.pulse import QUESTIONS as QUESTIONS_OF_PULSE
from graph.reads import formation as reads
from graph.reads.formation import Interest, Together
from graph.reads.vectors import KeptVector
from graph.text import tokens
from matcher.audit.attraction import Attraction, attraction
from matcher.audit.breadth import MEMBERS_WITH_PROFILE, PEOPLE_WITH_PROFILE, Breadth, breadth
from matcher.audit.clarity import ENOUGH_WORDS, Clarity, clarity
from matcher.audit.measured import Measured
from matcher.audit.narrowness import Narrowness, narrowness
from matcher.audit.people import Profiles
from matcher.audit.proposal import Answer as Relative
from matcher.audit.proposal import Proposal, Standing
from matcher.audit.subject import Subject
from matcher.community import pulse
from matcher.community.pulse import HIGHEST, LOWEST, Beat
from matcher.embedding import directions
from matcher.lexical import terms
from matcher.snapshot import assemble

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

E = TypeVar("E")

State = Literal["met", "partly", "missing", "cannot_tell"]
PartOf = Literal["domain", "community", "practice", "together"]

# Every question of the guide, in its order: what it is a part of, and how it is asked.
QUESTIONS: Mapping[str, tuple[PartOf, str]] = {
    "identify": ("domain", "Do enough people see it as a significant part of their work?"),
    "concern": ("domain", "Do they share a concern or a situation, not only skills?"),
    "belonging": ("domain", "Is it easy to tell who belongs?"),
    "duplicates": ("domain", "Is there no community or unit for it already?"),
    "general": ("domain", "Is it not so general that everyone could belong?"),
    "specific": ("domain", "Is it not so specific that people must join too many?"),
    "wanted": ("community", "Is there a clear group of people who want it?"),
    "companionship": ("community", "Are they likely to become companions?"),
    "leaders": ("community", "Are people committed to lead it?"),
    "challenges": ("practice", "Is the practice dynamic, with emerging challenges?"),
    "disclosure": ("practice", "Will people be free to say what does not work?"),
    "rhythm": ("together", "Is a rhythm of meetings planned?"),
    "follow_up": ("together", "Is what was said followed up?"),
    "shared_work": ("together", "Do they make something together?"),
    "outside_experts": ("together", "Are outside experts guests, and not the mainstay?"),
}

# What is compared closely: the nearest communities, and others spread over all, so that what is usual is known. It
# costs the same whatever their number.
NEAREST, SPREAD = 60, 60
# Fit moves with the length of a text, so people are counted by the line of so many communities of like length. Fewer
# than LEAST_COMPARABLE tell no line.
COMPARABLE, LEAST_COMPARABLE = 30, 3
DRAWS, SEED = 200, 13
# Where fewer of the people say anything of themselves, the others may be quite different.
PROFILED = 0.5
# A community that lives has about as many at its meetings.
ENOUGH_PEOPLE = 10
EXAMPLES = 5
# Counts of people below this are not broken down or told by kind: it would tell of single ones.
LEAST = 5
# A concern is shared where half have it, and twice as many as elsewhere; by a third of them it is partly.
SHARED, PARTLY_SHARED, LIFT = 0.5, 1 / 3, 2.0
CONCERNS = 3
# Scores of the audit: flagged at 0.5; above this it leans that way.
LEANS = 0.3
# So many of all people fit: everyone could belong; half as many lean that way.
EVERYONE = 1 / 3
# Half of them already have to do with another one.
COMPANIONS, SOME_COMPANIONS = 0.5, 0.25
# Dated questions without which nothing can be said of how many are of this domain; of these so many make a practice.
DATED, LIVELY = 20, 5
NEW_WORDS, FEW_QUESTIONS = 0.3, 3
YEAR = 365
# The question of the pulse that tells of it, and means of the answers, from 1 to 5.
CANDOUR = "candour"
COMFORTABLE, UNEASY = 4.0, 2.5
# The share of those from outside from which on they are the mainstay.
GUESTS, MAINSTAY = 1 / 3, 0.5


@dataclass(frozen=True)
class Answer:
    """What is known on one question: `evidence` in sentences, `action` what to do next ('' where it is met)."""

    question: str
    state: State
    evidence: tuple[str, ...]
    action: str

    @property
    def part(self) -> PartOf:
        return QUESTIONS[self.question][0]

    @property
    def asked(self) -> str:
        return QUESTIONS[self.question][1]


@dataclass(frozen=True)
class Check:
    """The answers in the order of QUESTIONS; `relatives` is what stands already and is near; `identify` how many people
    would identify with it (None: cannot be told)."""

    answers: tuple[Answer, ...]
    relatives: tuple[Relative, ...]
    identify: int | None

    def count(self, state: State) -> int:
        return sum(one.state == state for one in self.answers)

    @property
    def duplicates(self) -> tuple[Relative, ...]:
        """What it may duplicate."""
        return tuple(one for one in self.relatives if one.relation in (*SAME, *NEARLY))

    @property
    def next_actions(self) -> tuple[str, ...]:
        """What to do next, what is missing first."""
        order: tuple[State, ...] = ("missing", "cannot_tell", "partly")
        return tuple(one.action for state in order for one in self.answers if one.state == state and one.action)


@dataclass(frozen=True)
class Draft:
    """What is checked. `id` '' for one that is not stored; then `interests` and `together` are None: nobody could say
    or do anything yet. `advised` are pairs of people (ids, each in their order) of whom one advised the other,
    `asked_at` the days of questions by id. `candour`: what the pulse last said of telling what does not work, None
    where it says nothing to whoever asks."""

    id: str
    words: Proposal
    status: str = "proposed"
    meetings: tuple[str, ...] = ()
    interests: tuple[Interest, ...] | None = None
    together: Together | None = None
    advised: frozenset[tuple[str, str]] = frozenset()
    asked_at: Mapping[str, str] = field(default_factory=dict[str, str])
    candour: Beat | None = None

    @classmethod
    def of(
        cls,
        community: Community,
        interests: Sequence[Interest],
        together: Together,
        advised: frozenset[tuple[str, str]],
        asked_at: Mapping[str, str],
        candour: Beat | None = None,
    ) -> "Draft":
        words = Proposal(
            community.name, community.domain, community.audience or "", community.topics, community.skill_ids
        )
        return cls(
            community.id, words, community.status, community.meetings, tuple(interests), together, advised, asked_at,
            candour,
        )  # fmt: skip

    @property
    def group(self) -> tuple[str, ...]:
        """Ids of those who are in it or want to be."""
        members = self.together.members if self.together else ()
        return tuple(sorted({*members, *(one.person_id for one in self.interests or ())}))


def read_draft(community: Community, pulse_until: str | None = None) -> Steps[Draft]:
    """A stored community as it is checked. `pulse_until`: for who may read its pulse, that of the quarters that are
    over on that day counts; for others (None) it does not show, not even in a state."""
    interests = yield from ask(reads.interests(community.id))
    together = yield from ask(reads.together(community.id))
    candour = None
    if pulse_until is not None:
        told = yield from pulse.of_community(community.id, pulse_until)
        candour = next(one.told for one in told if one.question == CANDOUR)
    bare = Draft.of(community, interests, together, frozenset(), {}, candour)
    advised = yield from ask(reads.asked_and_answered(bare.group))
    return replace(bare, advised=advised, asked_at=(yield from ask(reads.question_dates())))


def check(
    standing: Standing,
    draft: Draft,
    visible: BoolArray,
    vectors: FloatArray | None = None,
    encode: Callable[[Sequence[str]], FloatArray] | None = None,
    *,
    model: str | None = None,
    core_group: int = 3,
) -> Check:
    """Every question of QUESTIONS. `visible` bool [communities of the snapshot]: of the others nothing shows; `vectors`
    as those of Standing.check, `encode` and `model` as those of matcher.audit.report.audit. `core_group`: how many
    people are to be committed to lead."""
    snapshot = standing.subject.snapshot
    others = visible.copy()
    if draft.id in snapshot.row:
        others[snapshot.row[draft.id]] = False
    relatives = standing.check(draft.words, others, vectors)
    subject = _focus(standing, draft, others, vectors, encode)
    encode = encode if subject.texts.name_vectors is not None else None
    return _Checking(subject, draft, relatives, _companies(standing, draft, others), encode, model, core_group).all()


def _companies(standing: Standing, draft: Draft, others: BoolArray) -> dict[str, set[str]]:
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


def _focus(
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
            activity={key: facts.activity[key] for key in communities if key in facts.activity},
        ),
        today=snapshot.day,
    )
    # A declined one can be looked at too.
    return Subject(focused, known.facts, encode if kept else None, True)


SAME = ("join_instead", "clashes_with")
NEARLY = ("sub_group_of", "takes_in", "resembles", "overlaps", "shares_name")


class _Checking:
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

    def all(self) -> Check:
        answers = (
            self._identify(), self._concern(), self._belonging(), self._duplicates(), self._general(), self._specific(),
            self._wanted(), self._companionship(), self._leaders(), self._challenges(), self._disclosure(),
            self._rhythm(), self._follow_up(), self._shared_work(), self._outside_experts(),
        )  # fmt: skip
        return Check(answers, self.relatives, None if self.identified is None else self.identified.count)

    # The people whom it would attract.

    @cached_property
    def profiled(self) -> tuple[int, int]:
        """How many say anything of themselves, and of how many."""
        return int(self.profiles.known.sum()), len(self.profiles.known)

    @cached_property
    def fit(self) -> FloatArray:
        return self.profiles.fit(self.row)

    @cached_property
    def identified(self) -> "_Identified | None":
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
        return _Identified(fitting[np.argsort(-self.fit[fitting], kind="stable")].tolist(), low, high, len(own))

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

    def _profiles_lacking(self) -> str:
        known, everybody = self.profiled
        if known >= PROFILED * everybody and known >= PEOPLE_WITH_PROFILE:
            return (
                f"Fewer than {LEAST_COMPARABLE} active communities have {MEMBERS_WITH_PROFILE} members with a profile."
            )
        return f"{known} of {everybody} people say anything of themselves; it takes half, and {PEOPLE_WITH_PROFILE}."

    # A good domain.

    def _identify(self) -> Answer:
        found = self.identified
        if found is None:
            return Answer(
                "identify", "cannot_tell", (self._profiles_lacking(),),
                "Ask people for a line on their work, or ask those you think of whether they would call it theirs.",
            )  # fmt: skip
        told = [
            f"{found.count} of {self.profiled[0]} people with a profile fit it at least as well as half of the members "
            f"of {found.compared} comparable communities fit theirs ({found.low} to {found.high}, as these are drawn "
            "anew)."
        ]
        people = self.subject.snapshot.people
        named = [
            self.profiles.names[at]
            for at in found.people
            if people.recommendable[self.subject.here[at]]
        ][:EXAMPLES]  # fmt: skip
        if named:
            told.append(f"For example {', '.join(named)}.")
        state: State = "met" if found.low >= ENOUGH_PEOPLE else "partly" if found.high >= ENOUGH_PEOPLE else "missing"
        action = {
            "partly": "Ask the people named whether they would call it a part of their work; widen the text where not.",
            "missing": "Find whom it is for: name their work in the text, or make it a topic of one that is near.",
        }
        return Answer("identify", state, tuple(told), action.get(state, ""))

    def _concern(self) -> Answer:
        group = [self.place[key] for key in self.draft.group if key in self.place]
        whom = f"the {len(group)} people who are in it or want to be"
        if len(group) < LEAST and self.identified is not None:
            group = list(self.identified.people)
            whom = f"the {len(group)} people whom its text fits"
        if len(group) < LEAST:
            return Answer(
                "concern", "cannot_tell", (f"Fewer than {LEAST} people are known who want it or whom it fits.",),
                "Ask those who want it what situation they are in that others are not.",
            )  # fmt: skip
        shared = self._shared(np.array(group, dtype=np.int64))
        best = shared[0][0] if shared else 0.0
        state: State = "met" if best >= SHARED else "partly" if best >= PARTLY_SHARED else "missing"
        told = [
            f"{count} of {whom} {what}, {elsewhere:.0%} of the others do." for _, count, what, elsewhere in
            shared[:CONCERNS]
        ] or [f"Of {whom} no third has anything in common that others have not, beside what it names."]  # fmt: skip
        action = {
            "partly": "Name the situation in the text: who is in it knows that it is for them.",
            "missing": "Ask what keeps them awake: a situation that they share holds longer than a skill.",
        }
        return Answer("concern", state, tuple(told), action.get(state, ""))

    def _shared(self, group: NDArray[np.int64]) -> list[tuple[float, int, str, float]]:
        """What at least a third of a group has and others have not: share, count, what it is, and the others' share;
        words that the text or any skill has are none of a situation."""
        inside = np.zeros(len(self.place), dtype=np.bool_)
        inside[group] = True
        people, here = self.subject.snapshot.people, self.subject.here
        named = set(terms(tokens(f"{self.draft.words.name}\n{self.draft.words.body}")))
        named |= {term for one in self.subject.facts.holders.values() for term in terms(tokens(one.name))}
        have: dict[tuple[str, str], list[int]] = {}
        for at, text in enumerate(self.profiles.texts):
            spelt: dict[str, str] = {}
            for token in tokens(text):
                for term in terms([token]):
                    spelt.setdefault(term, token)
            for term in spelt.keys() - named:
                have.setdefault(("say", term), []).append(at)
            row = int(here[at])
            if grade := people.grade.at(row):
                have.setdefault(("grade", grade), []).append(at)
            if (unit := int(people.unit[row])) >= 0:
                have.setdefault(("unit", people.unit_names[unit]), []).append(at)
        found: list[tuple[float, int, str, float]] = []
        outside = max(1, len(inside) - len(group))
        for (kind, what), who in have.items():
            count = int(inside[who].sum())
            share, elsewhere = count / len(group), (len(who) - count) / outside
            if count >= LEAST and share >= PARTLY_SHARED and share >= LIFT * elsewhere:
                said = {"say": f"speak of “{what}”", "grade": f"have the grade {what}", "unit": f"work in {what}"}[kind]
                found.append((share, count, said, elsewhere))
        return sorted(found, key=lambda one: (-one[0], one[3], one[2]))

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

    def _belonging(self) -> Answer:
        measured = self._own(clarity(self.subject, self.profiles, self.attracted, self.pairs))
        evidence: Clarity = measured.evidence
        action = {
            "partly": "Say in the text for whom it is and name the work that it is about.",
            "missing": "Write the text anew: two to five sentences on what it is about, in words that its people use.",
            "cannot_tell": "Show the text to three people whom it is for and three whom it is not for, and ask.",
        }
        state: State = "missing" if measured.flagged else "partly" if measured.score >= LEANS else "met"
        if state != "missing" and evidence.pull is None:
            state = "cannot_tell"
        return Answer("belonging", state, measured.reasons or _PLAIN, action.get(state, ""))

    def _duplicates(self) -> Answer:
        words = len(set(terms(tokens(f"{self.draft.words.name}\n{self.draft.words.body}"))))
        if words < ENOUGH_WORDS or len(self.subject.ids) == 1:
            why = (
                "There is nothing to compare it with."
                if words >= ENOUGH_WORDS
                else f"Its text has {words} telling words."
            )
            return Answer("duplicates", "cannot_tell", (why,), "Say in two to five sentences what it is about.")
        same = [one for one in self.relatives if one.relation in SAME]
        nearly = [one for one in self.relatives if one.relation in NEARLY]
        told = tuple(f"{one.text} (probability {one.probability:.0%})" for one in (*same, *nearly)[:EXAMPLES])
        if same:
            first = same[0]
            action = (
                f"Talk to {first.name}: join it, or agree on what it leaves out."
                if first.kind == "community"
                else f"Ask the unit {first.name} what people from elsewhere would add to it."
            )
            return Answer("duplicates", "missing", told, action)
        if nearly:
            return Answer("duplicates", "partly", told, f"Agree with {nearly[0].name} on who does what.")
        number = len(self.subject.communities) - 1
        told = f"None of {number} communities that were compared, and no unit, is of its domain."
        return Answer("duplicates", "met", (told,), "")

    def _general(self) -> Answer:
        measured = self._own(self.broad)
        evidence: Breadth = measured.evidence
        told = [one for one in measured.reasons if not one.startswith(_UNTOLD)]
        share = None
        if (found := self.identified) is not None:
            share = found.count / self.profiled[0]
            told.append(f"{share:.0%} of the people with a profile would identify with it.")
        if share is None and evidence.reach is None and not measured.flagged:
            return Answer(
                "general", "cannot_tell", (*told, self._profiles_lacking()),
                "Name three groups of people whom it is not for; if that is hard, it is too general.",
            )  # fmt: skip
        everyone = share or 0.0
        state: State = (
            "missing" if measured.flagged or everyone >= EVERYONE else
            "partly" if measured.score >= LEANS or everyone >= EVERYONE / 2 else "met"
        )  # fmt: skip
        action = {
            "partly": "Say in the text what it is not about.",
            "missing": "Take one part of it that people would call their own, and begin with that.",
        }
        return Answer("general", state, tuple(told), action.get(state, ""))

    def _specific(self) -> Answer:
        measured = self._own(narrowness(self.subject, self.profiles, self.attracted, self.broad))
        evidence: Narrowness = measured.evidence
        told: list[str] = []
        if evidence.reach is not None:
            reach = evidence.reach
            told.append(
                f"{reach.fitting} people with a profile fit it; {reach.median:.0f} is the median over communities."
            )
        if evidence.within.communities:
            told.append(f"It lies within {', '.join(name for _, name in evidence.within.communities)}.")
        if evidence.special.numbers:
            told.append(f"Its name bears a number: {', '.join(evidence.special.numbers)}.")
        told += [f"{one} is a part of {whole}, which {name} covers." for one, whole, name in evidence.special.narrower]
        if evidence.needed is not None:
            told.append(
                f"Who needs it needs {evidence.needed.size:.1f} communities for their skills; "
                f"{evidence.needed.usual:.1f} is usual for people like them."
            )
        if (
            not measured.flagged
            and evidence.reach is None
            and evidence.needed is None
            and not evidence.within.communities
        ):
            return Answer(
                "specific", "cannot_tell", (*told, self._profiles_lacking()),
                "Ask who else would come if it were one step wider.",
            )  # fmt: skip
        state: State = "missing" if measured.flagged else "partly" if measured.score >= LEANS else "met"
        action = {
            "partly": "Ask whether a wider text would bring people in without losing these.",
            "missing": "Make it a topic of a wider community, or widen it until it is what people need for their work.",
        }
        return Answer("specific", state, tuple(told), action.get(state, ""))

    def _own(self, measured: Sequence[Measured[E]]) -> Measured[E]:
        return next(one for one in measured if one.id == self.draft.id)

    # A community.

    def _wanted(self) -> Answer:
        interests, together = self.draft.interests, self.draft.together
        if interests is None or together is None:
            return Answer(
                "wanted", "cannot_tell", ("It is not stored, so nobody could say that they want it.",),
                "Store the proposal and ask people to say how they would take part.",
            )  # fmt: skip
        group = self.draft.group
        deep = {one.person_id for one in interests if one.level in ("core", "active")} | set(together.core)
        levels = Counter(one.level or "not said" for one in interests)
        told = [f"{len(group)} people are in it or want to be; {len(deep)} of them mean to be core or active."]
        if len(interests) >= LEAST:
            told.append(f"Levels: {_broken_down(levels)}.")
            hours = [one.hours for one in interests if one.hours is not None]
            if len(hours) >= LEAST:
                told.append(f"{len(hours)} of them would give {sum(hours):g} hours a month in all.")
        people, here = self.subject.snapshot.people, self.subject.here
        codes = [int(people.unit[here[self.place[key]]]) for key in group if key in self.place]
        units = Counter(people.unit_names[code] if code >= 0 else "no unit that is known" for code in codes)
        if len(group) >= LEAST:
            told.append(f"Units: {_broken_down(units)}.")
        enough = len(group) >= ENOUGH_PEOPLE and len(deep) >= self.core_group
        state: State = "met" if enough else "partly" if len(group) >= self.core_group else "missing"
        action = {
            "partly": f"Ask more people whom it fits, until {ENOUGH_PEOPLE} want it and {self.core_group} "
            "of them mean to be core or active.",
            "missing": "Ask people in person: begin with those named under the first question.",
        }
        return Answer("wanted", state, tuple(told), action.get(state, ""))

    def _companionship(self) -> Answer:
        group = [self.place[key] for key in self.draft.group if key in self.place]
        if len(group) < LEAST:
            return Answer(
                "companionship", "cannot_tell", (f"Fewer than {LEAST} people are in it or want to be.",),
                "Bring those who want it together once, at a meal or a site visit.",
            )  # fmt: skip
        kinds = self._tied(group)
        tied = set[int]().union(*kinds.values())
        share = len(tied) / len(group)
        told = [f"{len(tied)} of {len(group)} already have to do with another one of them."]
        told += [f"{len(who)} {kind}." for kind, who in kinds.items() if len(who) >= LEAST]
        state: State = "met" if share >= COMPANIONS else "partly" if share >= SOME_COMPANIONS else "missing"
        action = {
            "partly": "Give those who know nobody there somebody to come with.",
            "missing": "Let them do something small together before they meet as a community.",
        }
        return Answer("companionship", state, tuple(told), action.get(state, ""))

    def _tied(self, group: Sequence[int]) -> dict[str, set[int]]:
        """Who of a group is tied to another one of it, by kind."""
        snapshot, here = self.subject.snapshot, self.subject.here
        unit = snapshot.people.unit[here]
        in_unit = Counter(int(unit[at]) for at in group if unit[at] >= 0)
        together = {key for some in self.companies.values() if len(some) > 1 for key in some}
        advised = {key for pair in self.draft.advised for key in pair}
        return {
            "share another community with one": {at for at in group if self.profiles.ids[at] in together},
            "work in the unit of another": {at for at in group if in_unit[int(unit[at])] > 1},
            "asked another one for advice, or gave it": {at for at in group if self.profiles.ids[at] in advised},
        }

    def _leaders(self) -> Answer:
        interests, together = self.draft.interests, self.draft.together
        if interests is None or together is None:
            return Answer(
                "leaders", "cannot_tell", ("It is not stored, so nobody could say that they would lead it.",),
                "Store the proposal and ask who would lead it.",
            )  # fmt: skip
        willing = {one.person_id for one in interests if one.would_lead} | {*together.leads, *together.core}
        beside = willing - set(together.sponsors)
        told = (
            f"{len(willing)} people lead it, are its core or would lead; {self.core_group} are wanted.",
            "It has a sponsor." if together.sponsors else "It has no sponsor.",
            *(("Nobody but its sponsor would lead.",) if willing and not beside else ()),
        )
        enough = len(willing) >= self.core_group and bool(together.sponsors) and bool(beside)
        state: State = "met" if enough else "partly" if willing else "missing"
        action = "Ask a manager whose goals it serves to be its sponsor."
        if not beside or together.sponsors:
            action = f"Ask until {self.core_group} people commit themselves to lead it together."
        return Answer("leaders", state, told, "" if enough else action)

    # A practice.

    def _challenges(self) -> Answer:
        near = self._questions()
        if near is None:
            return Answer(
                "challenges", "cannot_tell", (f"Fewer than {DATED} questions were asked within a year.",),
                "Ask those who want it for the question that they could not answer last month.",
            )  # fmt: skip
        now, before, new = near
        told = [f"{now} questions near to its domain were asked within a year, {before} in the year before."]
        if new is not None:
            told.append(f"{new:.0%} of their telling words did not occur in those of the year before.")
        covered = {key for row, one in enumerate(self.subject.communities) if row != self.row for key in one.skill_ids}
        skills = self.subject.communities[self.row].skill_ids
        fresh = [key for key in skills if key not in covered]
        if skills:
            told.append(
                f"{len(fresh)} of the {len(skills)} skills that it covers are covered by no other community near."
            )
        moving = now > before or (new is not None and new >= NEW_WORDS)
        state: State = "met" if now >= LIVELY and moving else "partly" if now or fresh else "missing"
        action = {
            "partly": "Collect the questions that nobody can answer yet: they are the first agenda.",
            "missing": "Find what changes in this domain; where nothing does, a page of documentation may be enough.",
        }
        return Answer("challenges", state, tuple(told), action.get(state, ""))

    def _questions(self) -> tuple[int, int, float | None] | None:
        """How many questions near to the domain are of the last year, how many of the one before, and which share of
        the words of the former is new; None where hardly any are dated. Near is what fits as well as half of all
        questions fit the community that they were asked in."""
        row_of = {one.id: row for row, one in enumerate(self.subject.communities)}
        dated = [
            one for one in self.subject.facts.questions if one.id in self.draft.asked_at and one.community_id in row_of
        ]
        today = ordinal(self.subject.snapshot.day)
        age = [today - ordinal(self.draft.asked_at[one.id][:10]) for one in dated]
        if sum(0 <= one <= YEAR for one in age) < DATED:
            return None
        lexical = self.subject.texts.lexical
        texts = [tokens(f"{one.title}\n{one.text}") for one in dated]
        asked = lexical.transform(texts)
        home = np.array([row_of[one.community_id] for one in dated])
        own = np.asarray(asked.multiply(lexical.vectors[home]).sum(axis=1)).ravel()
        fits = np.asarray((asked @ lexical.vectors[[self.row]].T).toarray()).ravel()
        near = (fits >= max(float(np.median(own)), 1e-6)) | (home == self.row)
        words: tuple[set[str], set[str]] = set(), set()
        counts = [0, 0]
        seen: set[str] = set()
        for at in np.flatnonzero(near).tolist():
            year = 0 if 0 <= age[at] <= YEAR else 1 if YEAR < age[at] <= 2 * YEAR else None
            if year is not None and dated[at].id not in seen:
                seen.add(dated[at].id)
                counts[year] += 1
                words[year].update(terms(texts[at]))
        # Of a few questions nearly all words are new.
        told = min(counts) >= FEW_QUESTIONS and bool(words[0])
        new = len(words[0] - words[1]) / len(words[0]) if told else None
        return counts[0], counts[1], new

    def _disclosure(self) -> Answer:
        group = [self.place[key] for key in self.draft.group if key in self.place]
        people, here = self.subject.snapshot.people, self.subject.here
        rows = [int(here[at]) for at in group]
        placed = sum(int(people.manager[row]) >= 0 for row in rows)
        candour = self.draft.candour
        comfortable = candour.mean if candour is not None else None
        if comfortable is None and (len(group) < LEAST or placed < len(group) / 2):
            why = (
                f"Fewer than {LEAST} people are in it or want to be."
                if len(group) < LEAST
                else "It is not known who manages whom."
            )
            return Answer("disclosure", "cannot_tell", (why,), "Ask in a pulse, once it has met.")
        most = max((sum(int(people.manager[row]) == one for row in rows) for one in rows), default=0)
        managed = len(rows) > 1 and most > (len(rows) - 1) / 2
        units = len({int(people.unit[row]) for row in rows if people.unit[row] >= 0})
        grades = len({people.grade.at(row) for row in rows} - {""})
        told = [
            f"They are of {units} {'unit' if units == 1 else 'units'} and of {grades} "
            f"{'grade' if grades == 1 else 'grades'}."
        ]
        told.append(
            "One of them manages most of the others." if managed else "Nobody there manages most of the others."
        )
        if candour is not None and comfortable is not None:
            told.append(
                f"In the pulse of {candour.quarter} the mean answer to “{QUESTIONS_OF_PULSE[CANDOUR]}” was "
                f"{_about(comfortable)} of 5."
            )
        mixed = units > 1 and not managed
        if comfortable is not None and comfortable < UNEASY:
            state: State = "missing"
        elif comfortable is not None and comfortable >= COMFORTABLE and not managed:
            state = "met"
        elif mixed or (comfortable is not None and not managed):
            state = "partly"
        else:
            state = "missing"
        action = {
            "partly": "Ask in a pulse whether they are comfortable with saying what does not work.",
            "missing": "Agree that what is said stays in the room; let somebody lead who manages nobody there.",
        }
        return Answer("disclosure", state, tuple(told), action.get(state, ""))

    # Together.

    def _rhythm(self) -> Answer:
        together = self.draft.together
        if together is None and not self.draft.meetings:
            return Answer(
                "rhythm", "cannot_tell", ("It is not stored, so no meeting could be planned.",),
                "Say when you would meet: once a month for an hour is a beginning.",
            )  # fmt: skip
        together = together or Together()
        day = self.subject.snapshot.day
        ahead = sum(latest_day(one.day) >= day for one in together.meetings if one.day)
        held = sum(latest_day(one.day) < day for one in together.meetings if one.day)
        lines = len(self.draft.meetings)
        told = (
            f"Meetings: {ahead} ahead, {held} held, {together.recurring} that recur.",
            *((f"It announces: {'; '.join(self.draft.meetings)}.",) if lines else ()),
        )
        planned = together.recurring > 0 or ahead >= 2 or (lines > 0 and ahead + held > 0)
        state: State = "met" if planned else "partly" if ahead or lines else "missing"
        action = {
            "partly": "Put the next meetings into a calendar, at a day that recurs.",
            "missing": "Agree on a rhythm: once a month for an hour is a beginning.",
        }
        return Answer("rhythm", state, told, action.get(state, ""))

    def _follow_up(self) -> Answer:
        together = self.draft.together or Together()
        day = self.subject.snapshot.day
        held = sum(latest_day(one.day) < day for one in together.meetings if one.day)
        again = sum(often > 1 for _, often in together.items)
        moved = sum(state in ("progressed", "settled") for state, _ in together.items)
        if held < 2 and together.advice < LEAST:
            return Answer(
                "follow_up", "cannot_tell", (f"It has met {held} times and given advice {together.advice} times.",),
                "Begin the second meeting with what became of the first.",
            )  # fmt: skip
        told = (
            f"{again} of {len(together.items)} agenda items came up again, {moved} went on or were settled.",
            f"{together.followed_up} of {together.advice} pieces of advice were followed up.",
            f"{together.follows} meetings go on from another.",
        )
        items = (again + moved) / len(together.items) if together.items else 0.0
        advice = together.followed_up / together.advice if together.advice else 0.0
        some = again + moved + together.followed_up + together.follows
        state: State = "met" if max(items, advice) >= 0.5 else "partly" if some else "missing"
        action = {
            "partly": "Ask whoever got advice what became of it, at the next meeting.",
            "missing": "Keep an agenda whose items stay open until somebody says what became of them.",
        }
        return Answer("follow_up", state, told, action.get(state, ""))

    def _shared_work(self) -> Answer:
        together = self.draft.together
        if together is None:
            return Answer(
                "shared_work", "cannot_tell", ("It is not stored, so nothing could be made together.",),
                "Name the first thing that you would make together: a checklist, a benchmark, a list of failures.",
            )  # fmt: skip
        number = together.artifacts
        state: State = "met" if number > 1 else "partly" if number else "missing"
        action = {
            "partly": "Make the second one with other people than the first.",
            "missing": "Name the first thing to make together: a checklist, a benchmark, a list of failures.",
        }
        made = "1 thing was" if number == 1 else f"{number} things were"
        return Answer("shared_work", state, (f"{made} made together.",), action.get(state, ""))

    def _outside_experts(self) -> Answer:
        together = self.draft.together or Together()
        came = sum(one.came for one in together.meetings)
        outside = sum(one.outsiders for one in together.meetings)
        guests = sum(one.guests for one in together.meetings)
        counts = (
            (len(together.outsiders), len(together.members), "its members are"),
            (outside, came, "those who came to its meetings are"),
            (together.advice_from_outside, together.advice, "the advice given in it is"),
        )
        known = [(part / whole, whole, what) for part, whole, what in counts if whole >= LEAST]
        if not known:
            return Answer(
                "outside_experts", "cannot_tell", ("Too few are in it, and it has hardly met.",),
                "Invite an expert from outside as a guest to the third meeting, not the first.",
            )  # fmt: skip
        share = max(one for one, _, _ in known)
        told = (
            *(f"{one:.0%} of {what} from outside." for one, _, what in known),
            f"Guests came {guests} {'time' if guests == 1 else 'times'}.",
        )
        if share > MAINSTAY:
            return Answer("outside_experts", "missing", told, "Let people of your own lead the next meetings.")
        if share > GUESTS:
            return Answer(
                "outside_experts", "partly", told, "Ask those from outside as guests, to a question of yours."
            )
        if not guests and not share:
            return Answer(
                "outside_experts", "partly", told, "Invite somebody from outside once, to a question of yours."
            )
        return Answer("outside_experts", "met", told, "")


def _about(mean: float) -> str:
    """A mean as the pulse tells it: in steps, the outermost standing for what lies beyond."""
    beyond = {HIGHEST: " or more", LOWEST: " or less"}
    return f"{mean:g}{beyond.get(mean, '')}"


# What the audit says of breadth where it knows nothing of members: that a proposal has none is no news.
_UNTOLD = ("too few members", "not known how mixed")
_PLAIN = ("Nothing in its text stands in the way.",)


@dataclass(frozen=True)
class _Identified:
    """Places of the people who fit it at least as well as the line, best first; the 95 % interval of their number, as
    the `compared` communities that give the line are drawn anew."""

    people: list[int]
    low: int
    high: int
    compared: int

    @property
    def count(self) -> int:
        return len(self.people)


def _broken_down(counts: Mapping[str, int]) -> str:
    """Counts of people by kind, largest first; what fewer than LEAST have is told together, and where that is fewer
    than LEAST too, without a number."""
    told = [f"{name} {count}" for name, count in sorted(counts.items(), key=lambda o: (-o[1], o[0])) if count >= LEAST]
    rest = [count for count in counts.values() if count < LEAST]
    if rest:
        # Of one kind among them the number would be that of the kind.
        number = sum(rest)
        told.append(f"others {number}" if number >= LEAST and len(rest) > 1 else "a few others")
    return ", ".join(told)
