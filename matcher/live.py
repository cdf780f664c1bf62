"""What a process holds of the organisation, and how it follows the change log.

Nothing is read as a whole because something changed: the log says what, that alone is read again, and the next state
is assembled from the facts in hand. A state is immutable: whoever answers from one is not disturbed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import TypeVar

from graph.database import Read, Steps, ask
from graph.reads import advice as advice_reads
from graph.reads import communities as community_reads
from graph.reads import log, vectors
from graph.reads import people as people_reads
from graph.reads import requests as request_reads
from graph.reads import weights as weight_reads
from graph.reads.catalogue import FoundKind
from graph.reads.log import ERASING, Event
from graph.reads.pages import of_all, of_some
from graph.reads.vectors import EMBEDDED, KeptVector, Model
from matcher import advice, snapshot
from matcher.advice import HelpEvidence, HelpFacts
from matcher.calibration import weights_of
from matcher.catalogue import HOLDS_ALL
from matcher.joins import Weights
from matcher.snapshot import Facts, Snapshot

T = TypeVar("T")

# Events that are taken in at one time. An import writes up to 2,000 facts an event: this bounds the memory.
MOST_EVENTS = 500

# About more things than this, to read all at once is no slower than to read those.
MOST_THINGS = 20_000

# How the action of an event begins that may have taken things away; all others make and change them.
PRUNING = "prune."

# Events of these actions name a skill, but what changed is who has it.
ABOUT_HAVING = ("held_skill", "wanted_skill")


# For matcher.found.
ANYTHING_FOUND: dict[FoundKind, frozenset[str] | None] = {"person": None, "skill": None}


@dataclass(frozen=True)
class State:
    """The organisation after the event `revision`, with the vectors of `model`; `weights` are those by which it is
    recommended to join. The evidence and its snapshot hold the facts that they were assembled from."""

    revision: int
    model: Model | None
    evidence: HelpEvidence
    weights: Weights

    @property
    def snapshot(self) -> Snapshot:
        return self.evidence.snapshot


@dataclass(frozen=True)
class News:
    """What the change log tells behind a state: the graph's `revision`, which was read before the `events`, the next
    MOST_EVENTS at most."""

    revision: int
    events: tuple[Event, ...]

    @cached_property
    def touched(self) -> "Touched":
        """Worked out by whoever asks first: an import names a million things, which takes a while."""
        return Touched.by(self.events)

    def of_another(self, state: State) -> bool:
        """Whether it is of another database than that which the state was read from."""
        return self.revision != state.revision and (not self.events or self.events[0].seq != state.revision + 1)


@dataclass(frozen=True)
class Touched:
    """What events are about, as ids by kind (graph.facts.KINDS); `pruned` may have been taken away. `anything`: what
    one of them is about it does not say."""

    ids: Mapping[str, frozenset[str]]
    pruned: Mapping[str, frozenset[str]]
    anything: bool = False

    @classmethod
    def by(cls, events: Iterable[Event]) -> "Touched":
        ids: dict[str, set[str]] = {}
        pruned: dict[str, set[str]] = {}
        anything = False
        for event in events:
            anything |= event.action.startswith(ERASING)
            for subject in event.subjects:
                kind, _, key = subject.partition("/")
                if kind == "skill" and event.action.endswith(ABOUT_HAVING):
                    kind = "skill_had"
                ids.setdefault(kind, set()).add(key)
                if event.action.startswith(PRUNING):
                    pruned.setdefault(kind, set()).add(key)
        return cls(
            {kind: frozenset(found) for kind, found in ids.items()},
            {kind: frozenset(found) for kind, found in pruned.items()},
            anything,
        )

    def of(self, kind: str) -> frozenset[str]:
        return self.ids.get(kind, frozenset())

    def gone(self, kind: str, there: Mapping[str, object]) -> frozenset[str]:
        """Those that are not there any more, or were taken away and came back."""
        return self.pruned.get(kind, frozenset()) | {key for key in self.of(kind) if key not in there}


def open_state(as_of: str | None = None, today: str | None = None) -> Steps[State]:
    """The organisation as the database holds it; in a replay as known before the day `as_of`."""
    # First of all the revision: what is read below may be newer, never older.
    revision = yield from ask(log.revision())
    return (yield from _read_all(revision, as_of, _day(as_of, today), None))


def news(state: State) -> Steps[News]:
    """What is behind the state."""
    revision = yield from ask(log.revision())
    if revision == state.revision:
        return News(revision, ())
    return News(revision, tuple((yield from ask(log.events_after(state.revision, MOST_EVENTS)))))


def advance(state: State, today: str | None = None, told: News | None = None) -> Steps[State]:
    """The state after the events that were `told`, or are told now; the same object if nothing moved.

    What events are about is read after them, so it may be newer than the new state's revision. That does no harm:
    the events that changed it lie behind the revision, and the next call reads it once more.
    """
    as_of = state.snapshot.as_of
    day = _day(as_of, today)
    told = told or (yield from news(state))
    model = yield from ask(vectors.model())
    if (told.revision, model, day) == (state.revision, state.model, state.snapshot.day):
        return state
    if told.of_another(state):
        return (yield from open_state(as_of, today))
    revision, touched = told.events[-1].seq if told.events else state.revision, told.touched
    if touched.anything or sum(len(ids) for ids in touched.ids.values()) > MOST_THINGS:
        return (yield from _read_all(revision, as_of, day, state))
    facts = yield from _facts(state, touched, model)
    help_facts = yield from _help_facts(state, touched, model, facts)
    weights = weights_of((yield from ask(weight_reads.weights())), as_of) if touched.of("weights") else state.weights
    return _assembled(revision, model, facts, help_facts, weights, as_of, day, state)


def texts_to_embed(told: News) -> Steps[dict[str, frozenset[str] | None]]:
    """By kind, ids of the things whose texts the events may have changed, for matcher.indexing; None: any of the kind.

    The text of a person names the skills that they hold.
    """
    touched = told.touched
    if touched.anything:
        return dict.fromkeys(EMBEDDED)
    things: dict[str, frozenset[str] | None] = {kind: ids for kind in EMBEDDED if (ids := touched.of(kind))}
    held = touched.of("held_skill")
    ends = (yield from ask(people_reads.held_skill_ends(sorted(held)))) if held else {}
    if touched.gone("held_skill", ends) or touched.pruned.get("skill"):
        things["person"] = None  # nobody can tell any more whose it was
        return things
    skills = touched.of("skill")
    holders = (yield from ask(people_reads.skill_holders(sorted(skills)))) if skills else {}
    people = {person for person, _ in ends.values()} | {p for skill in holders.values() for p in skill.person_ids}
    if people or "person" in things:
        things["person"] = touched.of("person") | people
    return things


def found_anew(told: News, texts: Mapping[str, frozenset[str] | None]) -> dict[FoundKind, frozenset[str] | None]:
    """By kind, ids of what searches find otherwise after the events, for matcher.found; None: any of the kind. `texts`
    are those that these events changed, as `texts_to_embed` told."""
    touched = told.touched
    if touched.anything:
        return ANYTHING_FOUND
    # A person shows the names of units; a skill the number of people who have it.
    people = None if touched.of("org_unit") else texts.get("person", frozenset())
    had = touched.of("held_skill") or touched.pruned.get("person")
    skills = None if had else touched.of("skill") | touched.of("skill_had")
    return {"person": people, "skill": skills}


def _day(as_of: str | None, today: str | None) -> str:
    return as_of or today or date.today().isoformat()


def _read_all(revision: int, as_of: str | None, day: str, before: State | None) -> Steps[State]:
    model = yield from ask(vectors.model())
    facts = yield from snapshot.read_facts(model, as_of)
    help_facts = yield from advice.read_facts(model, as_of)
    weights = weights_of((yield from ask(weight_reads.weights())), as_of)
    return _assembled(revision, model, facts, help_facts, weights, as_of, day, before)


def _assembled(
    revision: int,
    model: Model | None,
    facts: Facts,
    help_facts: HelpFacts,
    weights: Weights,
    as_of: str | None,
    day: str,
    before: State | None,
) -> State:
    """The state of these facts. What they have in common with those `before` is not assembled again."""
    if before is None:
        now = snapshot.assemble(facts, as_of=as_of, today=day)
        return State(revision, model, advice.assemble(now, help_facts), weights)
    now, evidence = before.snapshot, before.evidence
    if day != now.day or facts != now.facts or not same_model(model, before.model):
        now = snapshot.assemble(facts, as_of=as_of, today=day, before=now)
    elif help_facts == evidence.facts:
        return State(revision, model, evidence, weights)
    return State(revision, model, advice.assemble(now, help_facts, evidence), weights)


def same_model(one: Model | None, other: Model | None) -> bool:
    """Whether vectors of the one may be compared with those of the other."""
    return (one and replace(one, generation=0)) == (other and replace(other, generation=0))


def _facts(state: State, touched: Touched, model: Model | None) -> Steps[Facts]:
    """The facts of a snapshot, with what is touched, and what hangs on it, as it is now."""
    held, as_of = state.snapshot.facts, state.snapshot.as_of
    unit_names = (yield from ask(people_reads.unit_names())) if touched.of("org_unit") else held.unit_names
    moved = touched.of("person") | _naming(held.people, touched.gone("org_unit", unit_names), lambda p: [p.unit_id])
    people = yield from _reread(held.people, moved, people_reads.colleagues)
    gone = touched.gone("person", people)
    people = yield from _reread(people, _naming(people, gone, lambda p: [p.manager_id]), people_reads.colleagues)
    skills = touched.of("skill")
    communities = yield from _reread(
        held.communities,
        # What a source says of a charter has the id of its community.
        touched.of("community")
        | touched.of("charter")
        | touched.of("sponsorship")
        | _naming(held.communities, skills, lambda community: community.skill_ids),
        partial(community_reads.communities, as_of, HOLDS_ALL),
    )
    ended = touched.gone("community", communities)
    memberships = touched.of("membership")
    places = (yield from ask(community_reads.membership_ends(sorted(memberships)))) if memberships else {}
    if touched.gone("membership", places):
        # Nobody can tell any more where it was.
        rosters = yield from of_some(communities, partial(community_reads.rosters, HOLDS_ALL))
    else:
        rosters = yield from _reread(
            held.rosters,
            # A remedy moves memberships: the community that they were in is named beside them.
            ended.union(
                places.values(),
                touched.of("community") if memberships else (),
                _naming(held.rosters, gone, lambda roster: roster.person_ids),
            ),
            partial(community_reads.rosters, HOLDS_ALL),
        )
    narrower = _naming(held.broader, skills, lambda ids: ids)
    went_on = frozenset[str]().union(*(touched.of(kind) for kind in ("question", "advice", "meeting")))
    there = (yield from ask(community_reads.practice_ends(sorted(went_on)))) if went_on else ()
    stirred = touched.of("community").union(
        there,
        _naming(held.practice, went_on, lambda practice: practice.ids),
        _naming(held.practice, gone, lambda practice: (who for _, who in (*practice.questions, *practice.advice))),
    )
    return Facts(
        communities,
        rosters,
        people,
        unit_names,
        broader=(yield from _reread(held.broader, skills | narrower, community_reads.broader_skills)),
        vectors=(yield from _vectors(held.vectors, "community", ended, state.model, model)),
        practice=(yield from _reread(held.practice, stirred, community_reads.practice)),
    )


def _help_facts(state: State, touched: Touched, model: Model | None, facts: Facts) -> Steps[HelpFacts]:
    """The same for what helpers are found by; `facts` are those of the snapshot to come."""
    held, as_of = state.evidence.facts, state.snapshot.as_of
    gone = touched.gone("person", facts.people)
    given = touched.of("advice")
    answered = (yield from ask(advice_reads.advice_ends(sorted(given)))) if given else {}
    asked = touched.of("question").union(
        answered.values(),
        _naming(held.questions, given, lambda question: [piece.id for piece in question.advice]),
        _naming(held.questions, gone, lambda q: [q.asker_id or "", *(piece.helper_id for piece in q.advice)]),
        _naming(held.questions, touched.gone("community", facts.communities), lambda q: [q.community_id or ""]),
    )
    questions = yield from _reread(held.questions, asked, partial(advice_reads.answered_questions, as_of, HOLDS_ALL))
    kept = yield from _vectors(held.vectors, "question", touched.gone("question", questions), state.model, model)
    requests = yield from _reread(
        held.requests,
        touched.of("help_request") | _naming(held.requests, gone, lambda request: [request.helper_id]),
        request_reads.request_facts,
    )
    if as_of is not None:
        return HelpFacts(questions, held.holders, kept, requests)
    had = touched.of("held_skill")
    ends = (yield from ask(people_reads.held_skill_ends(sorted(had)))) if had else {}
    if touched.gone("held_skill", ends):
        holders = yield from of_all("skill", people_reads.skill_holders)
    else:
        skills = touched.of("skill").union(
            touched.of("skill_had"),
            (skill for _, skill in ends.values()),
            _naming(held.holders, gone, lambda skill: skill.person_ids),
        )
        holders = yield from _reread(held.holders, skills, people_reads.skill_holders)
    return HelpFacts(questions, holders, kept, requests)


def _naming(held: Mapping[str, T], ids: frozenset[str], names: Callable[[T], Iterable[str]]) -> frozenset[str]:
    """Which of the things held name one of `ids`."""
    return frozenset(key for key, thing in held.items() if not ids.isdisjoint(names(thing))) if ids else ids


def _reread(
    held: Mapping[str, T], ids: Iterable[str], read: Callable[[list[str]], Read[dict[str, T]]]
) -> Steps[Mapping[str, T]]:
    """`held`, with the things of `ids` as they are now; those that are gone are left out."""
    wanted = set(ids)
    if not wanted:
        return held
    found = yield from of_some(sorted(wanted), read)
    return {key: thing for key, thing in held.items() if key not in wanted} | found


def _vectors(
    held: Mapping[str, KeptVector] | None,
    kind: str,
    gone: Iterable[str],
    before: Model | None,
    model: Model | None,
) -> Steps[Mapping[str, KeptVector] | None]:
    """The vectors of a kind by `model`, where those `held` are by the model `before`."""
    if model is None:
        return None
    if held is None or not same_model(before, model):
        return (yield from vectors.all_vectors(kind, model))
    stale = set(gone)
    if model != before:
        keys = yield from ask(vectors.vector_keys(kind, model))
        stale |= {thing for thing, key in keys.items() if thing not in held or held[thing].key != key}
        stale |= held.keys() - keys.keys()
    return (yield from _reread(held, stale, partial(vectors.vectors, kind, model)))
