"""How deep people take part: as they declared it, as it moves in a community, as they may see it of themselves.

Nothing here orders people, and nothing compares one with another.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from graph.database import Steps, ask
from graph.models import latest_day
from graph.quarters import Quarter, day_after, day_before, latest_over, of_day
from graph.reads import engagement as reads
from graph.reads.engagement import LevelSpell, OwnActs
from matcher.community.disclosure import rounded

# The deepest first.
LEVELS = ("core", "active", "occasional", "peripheral")
UNSTATED = "unstated"  # a member who has declared none
OUTSIDE = "outside"  # not a member
PLACES = (*LEVELS, UNSTATED, OUTSIDE)

# Of movement: a year.
QUARTERS = 4

# What is observed of a person goes back so many quarters that are over, and the one under way: one quarter alone holds
# a meeting or two.
OBSERVED_QUARTERS = 2

# A rule that a person can check by counting: whoever came to this share of the meetings, or asked and advised so often,
# took part at that level. Questions and advice count alike.
CAME_CORE, CAME_ACTIVE = 0.75, 0.4
SPOKE_CORE, SPOKE_ACTIVE = 6, 2
# Of fewer meetings a share says nothing.
LEAST_MEETINGS = 3


@dataclass(frozen=True)
class Flow:
    """How many people were at the level `before` when a quarter began, and at `after` when it ended.

    `people` is None for fewer than five, where the table is for people outside the community.
    """

    before: str
    after: str
    people: int | None


@dataclass(frozen=True)
class Flows:
    """The movement of one quarter; cells that hold nobody are left out."""

    quarter: str
    flows: tuple[Flow, ...]


@dataclass(frozen=True)
class Engagement:
    """Levels declared in a community today (`now`, None: fewer than five), and how people moved between them.

    `exact` is False where the numbers are rounded down to multiples of five.
    """

    exact: bool
    now: dict[str, int | None]
    quarters: tuple[Flows, ...]


@dataclass(frozen=True)
class Observed:
    """A level by what a person did, and the counts that it follows from; `level` is None where these say too little."""

    level: str | None
    since: str
    meetings: int
    attended: int
    questions: int
    advice: int


@dataclass(frozen=True)
class OwnEngagement:
    """One community in the eyes of one member. `observed` is None where the organisation has that switched off."""

    community_id: str
    name: str
    declared: str | None
    since: str | None
    history: tuple[str, ...]
    observed: Observed | None


def of_community(community_id: str, today: str, exact: bool) -> Steps[Engagement]:
    """`exact`: for people of the community and knowledge managers."""
    spells = yield from ask(reads.levels(community_id))
    return concluded(spells, today, exact)


def concluded(spells: Sequence[LevelSpell], today: str, exact: bool) -> Engagement:
    standing = Counter(place for _, place in _places(spells, today))
    now = {place: standing[place] if exact else rounded(standing[place]) for place in (*LEVELS, UNSTATED)}
    return Engagement(exact, now, tuple(flows(spells, quarter, exact) for quarter in latest_over(today, QUARTERS)))


def flows(spells: Sequence[LevelSpell], quarter: Quarter, exact: bool) -> Flows:
    """Who was where at the two ends of a quarter, each person once. What is known to the year only is left out of the
    quarters that it may fall into."""
    began, ended = dict(_places(spells, day_before(quarter.first_day))), dict(_places(spells, quarter.last_day))
    counted = Counter((began[person], ended[person]) for person in began.keys() & ended.keys())
    cells = [
        Flow(before, after, counted[before, after] if exact else rounded(counted[before, after]))
        for before in PLACES
        for after in PLACES
        if (before, after) != (OUTSIDE, OUTSIDE) and (counted[before, after] or not exact)
    ]
    return Flows(str(quarter), tuple(cells))


def own(person_id: str, today: str, observed: bool) -> Steps[list[OwnEngagement]]:
    """Each community of a person, for their eyes; `observed`: whether the organisation has that switched on."""
    since = of_day(today).before(OBSERVED_QUARTERS).first_day
    found = yield from ask(reads.own_acts(person_id, since))
    return [
        OwnEngagement(
            one.community_id, one.name, one.engagement, one.joined_on, one.history,
            observe(one, since) if observed else None,
        )
        for one in found
    ]  # fmt: skip


def observe(acts: OwnActs, since: str) -> Observed:
    share = acts.attended / acts.meetings if acts.meetings >= LEAST_MEETINGS else None
    spoke = acts.questions + acts.advice
    if spoke >= SPOKE_CORE or (share or 0) >= CAME_CORE:
        level = "core"
    elif spoke >= SPOKE_ACTIVE or (share or 0) >= CAME_ACTIVE:
        level = "active"
    elif spoke or acts.attended:
        level = "occasional"
    else:
        # Who did nothing where nothing was to be done is not at the edge of it.
        level = "peripheral" if share is not None else None
    return Observed(level, since, acts.meetings, acts.attended, acts.questions, acts.advice)


def _places(spells: Sequence[LevelSpell], day: str) -> Iterator[tuple[str, str]]:
    """Each person and where they were when `day` ended; without those of whom it is not known."""
    for person, of_person in groupby(sorted(spells, key=lambda spell: spell.person_id), lambda spell: spell.person_id):
        places = [_place(spell, day) for spell in of_person]
        if inside := [place for place in places if place is not None and place != OUTSIDE]:
            yield person, min(inside, key=PLACES.index)
        elif None not in places:
            yield person, OUTSIDE


def _place(spell: LevelSpell, day: str) -> str | None:
    """Where a spell puts its person at the end of `day`; None where a coarse date leaves it open. An unknown day of
    joining is an early one."""
    joined = spell.joined_on is None or _reached(spell.joined_on, day)
    left = spell.left_on is not None and _reached(spell.left_on, day)
    if joined is False or left is True:
        return OUTSIDE
    if joined is None or left is None:
        return None
    dated = [entry.split(" ", 1) for entry in spell.history]
    if not dated:
        return spell.engagement or UNSTATED
    declared = [level for moment, level in dated if latest_day(moment) <= day]
    return declared[-1] if declared and declared[-1] in PLACES else UNSTATED


def _reached(date: str, day: str) -> bool | None:
    """Whether `date` is `day` or earlier; None for one known to the month or year that may be either."""
    if not day.startswith(date):
        return date < day
    # Of a month or year that ends with this day, every day is reached.
    return True if date == day or not day_after(day).startswith(date) else None
