"""How alive a community is, in named measures: each with the counts that it rests on, how it moved, and where it stands
among communities of the same kind and a similar age. There is no number that sums them up.

Nothing here names anybody, and private questions count in nothing. What too little is known of is said to be unknown.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import binomtest, fisher_exact  # pyright: ignore[reportMissingTypeStubs]

from graph import rhythm
from graph.database import Steps, ask
from graph.models import Community, Part, ordinal, parts_of
from graph.reads import communities as community_reads
from graph.reads import practice as reads
from graph.reads import pulse as pulse_reads
from graph.reads.communities import Asked, MeetingAhead, Practice, Roster
from graph.reads.practice import Life, Question
from graph.sentences import Sentence, tell
from graph.text import tokens
from matcher.audit.collisions import LASTS, Slot, slots
from matcher.community.counting import FEWEST, SHARED, few, meeting_at_once, to_follow_up, waited
from matcher.community.pulse import STEP, Pulse, concluded
from matcher.community.signs import Days, latest_sign, past
from matcher.lexical import terms
from matcher.snapshot import Snapshot

# Days of a period; it is held against the one before.
PERIOD = 365

# A rhythm shows from so many gaps between meetings on; one is in it that is as long as usual, give or take a quarter,
# or a few days.
LEAST_GAPS, RHYTHM, RHYTHM_DAYS = 3, 0.25, 3
# Days within which a question should be answered.
PROMPT = 14
# Fewer leads are no group of which a share could be new; for so many days somebody is new among them.
LEAST_LEADS, NEW_LEAD = 3, 730
# A question is new where less than this share of its telling words was asked about in the period before.
KNOWN_WORDS = 0.5
# A change counts if so large a one comes by chance in fewer cases; the same in standard errors.
BY_CHANCE, NORMAL = 0.05, 1.96
# Minutes.
DAY = 24 * 60
# Peers from which on it is told where a community stands, and how much older or younger they may be.
LEAST_PEERS, SIMILAR_AGE = 5, 2.0

MEASURES = ("regularity", "dovetailing", "follow_up", "answers", "welcome", "artefacts", "engagement", "renewal",
            "novelty", "pulse")  # fmt: skip


@dataclass(frozen=True)
class Peers:
    """`number` communities of the same kind and a similar age of which the measure is known too, with the quartiles of
    their values; `band`: lowest quarter, middle half or highest quarter."""

    number: int
    quartiles: tuple[float, float, float]
    band: str


@dataclass(frozen=True)
class Measure:
    """`unit`: share, count, or points (1 to 5). `value` None: cannot tell, and `why`. `numbers` is what it rests on.
    `trend`: rising, falling, no clear change, or cannot tell; `before` is the value of the period before."""

    name: str
    unit: str
    value: float | None
    numbers: Mapping[str, float]
    why: Sentence | None = None
    before: float | None = None
    trend: str = "cannot tell"
    peers: Peers | None = None


@dataclass(frozen=True)
class Vitality:
    """The measures in the order of MEASURES, over the days after `since`, up to `until`."""

    since: str
    until: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Facts:
    """What measures rest on, by community; `asked` holds the texts of questions, `began` when meetings on record began
    with the zone of each. `pulses` holds what the pulse says as it is told (matcher.community.pulse)."""

    life: Mapping[str, Life] = field(default_factory=dict[str, Life])
    asked: Sequence[Asked] = ()
    ahead: Sequence[MeetingAhead] = ()
    began: Mapping[str, Sequence[tuple[str, str | None]]] = field(
        default_factory=dict[str, Sequence[tuple[str, str | None]]]
    )
    pulses: Mapping[str, Sequence[Pulse]] = field(default_factory=dict[str, Sequence[Pulse]])


@dataclass(frozen=True)
class _Window:
    """A period: the days after `since` up to `until`, as ordinals."""

    since: int
    until: int

    def of(self, days: Days) -> Days:
        return days[(days > self.since) & (days <= self.until)]

    def holds(self, day: str) -> bool:
        return len(day) == 10 and self.since < ordinal(day) <= self.until

    def before(self) -> "_Window":
        return _Window(2 * self.since - self.until, self.since)


@dataclass(frozen=True)
class _Count:
    """A share (`part` of `whole`) or, without a whole, a number; `why`: what is missing to tell it."""

    part: int
    whole: int | None
    numbers: Mapping[str, float]
    why: Sentence | None = None

    @property
    def value(self) -> float | None:
        if self.why is not None:
            return None
        return self.part if self.whole is None else self.part / self.whole


def read_facts(today: str) -> Steps[Facts]:
    return Facts(
        life=(yield from ask(reads.life())),
        asked=(yield from ask(community_reads.questions())),
        ahead=(yield from ask(community_reads.meetings_ahead(today))),
        began=(yield from ask(community_reads.meeting_moments(today))),
        pulses={key: concluded(some) for key, some in (yield from ask(pulse_reads.all_tallies(today))).items()},
    )


def vitality(snapshot: Snapshot, facts: Facts, period: int = PERIOD) -> dict[str, Vitality]:
    """Of each community, by id. `period` in days; it ends today or, where the data end earlier, on the last day that
    anything in them is dated."""
    today = ordinal(snapshot.day)
    until = latest_sign(snapshot.signs, today)
    window = _Window(until - period, until)
    known = _Known.of(snapshot, facts)
    told = {one.id: _measures(one, known, window) for one in snapshot.communities}
    peers = _peers(snapshot)
    since, last = (np.datetime64(day - 719_163, "D").astype(str) for day in (window.since, window.until))
    return {
        key: Vitality(
            str(since), str(last),
            tuple(_among(one, [told[other][place] for other in peers[key]]) for place, one in enumerate(mine)),
        )
        for key, mine in told.items()
    }  # fmt: skip


@dataclass(frozen=True)
class _Known:
    """The facts, and what the data of the organisation know at all."""

    day: str
    facts: Facts
    rosters: Mapping[str, Roster]
    practice: Mapping[str, Practice]
    words: Mapping[str, frozenset[str]]  # the telling words of each question
    near: Mapping[str, Sequence[str]]  # communities that share members
    hours: Mapping[str, tuple[int, int, int]]  # hours at which it meets, those that are free, communities beside it
    began: Mapping[str, Days]  # when its meetings began, in minutes, in order
    greets: bool
    makes: bool

    @classmethod
    def of(cls, snapshot: Snapshot, facts: Facts) -> "_Known":
        meeting = slots(snapshot.communities, facts.ahead, snapshot.day)
        near = _sharing(snapshot, meeting.keys() | facts.began.keys())
        return cls(
            snapshot.day,
            facts,
            snapshot.facts.rosters,
            snapshot.facts.practice,
            {one.id: frozenset(terms(tokens(f"{one.title} {one.text}"))) for one in facts.asked},
            near,
            _free_hours(meeting, near),
            {key: _minutes(some) for key, some in facts.began.items()},
            any(greeted for one in facts.life.values() for _, greeted in one.joined),
            any(one.artefacts for one in facts.life.values()),
        )


def _measures(community: Community, known: _Known, window: _Window) -> tuple[Measure, ...]:
    life, practice = (
        known.facts.life.get(community.id, Life()),
        known.practice.get(community.id, Practice()),
    )
    roster = known.rosters.get(community.id) or Roster(community.id, [], [], [], [], [])
    today = ordinal(known.day)
    met = past([day for day, _ in practice.meetings if len(day) == 10], today)
    made = past([day for day in life.artefacts if day], today)
    counted: dict[str, Callable[[_Window], _Count]] = {
        "regularity": lambda w: _regularity(w.of(met)),
        "follow_up": lambda w: _follow_up(life, w, today),
        "answers": lambda w: _answers(life, w, today),
        "welcome": lambda w: _welcome(life, w, known.greets),
        "artefacts": lambda w: _artefacts(w.of(made), known.makes),
        "engagement": lambda w: _engagement(life, roster, w),
        "renewal": lambda w: _renewal(roster, w),
        "novelty": lambda w: _novelty(life, known.words, w),
    }
    found = {name: _moved(name, count(window), count(window.before())) for name, count in counted.items()}
    held, held_before = (_held_free(community.id, known, some) for some in (window, window.before()))
    found["dovetailing"] = _dovetailing(*known.hours.get(community.id, (0, 0, 0)), held, held_before)
    found["pulse"] = _pulse(known.facts.pulses.get(community.id, ()))
    return tuple(found[name] for name in MEASURES)


def _regularity(days: Days) -> _Count:
    """Of the gaps between meetings those that are as long as usual."""
    gaps = np.diff(np.unique(days))
    usual = float(np.median(gaps)) if len(gaps) else 0.0
    in_rhythm = int((np.abs(gaps - usual) <= max(RHYTHM_DAYS, RHYTHM * usual)).sum())
    numbers = {"meetings": len(days), "gaps": len(gaps), "in_rhythm": in_rhythm, "usual_days": usual}
    return _Count(in_rhythm, len(gaps), numbers, few(len(gaps), "gap between meetings", LEAST_GAPS))


def _follow_up(life: Life, window: _Window, today: int) -> _Count:
    """Of the advice of the period, once it is old enough, what somebody came back to."""
    given = to_follow_up(life.questions, window.holds, today)
    done = sum(one.followed_up for one in given)
    return _share(done, len(given), {"advice": len(given), "followed_up": done}, "piece of advice")


def _answers(life: Life, window: _Window, today: int) -> _Count:
    """Of the questions of the period, once they are old enough, those that had an answer within PROMPT days. One that
    was answered nobody knows when is left out."""
    found: list[bool] = []
    for one in life.questions:
        wait = waited(one, today) if window.holds(one.asked_at) else None
        if wait is not None:
            days, answered = wait
            prompt = answered and days <= PROMPT
            if prompt or today - ordinal(one.asked_at) >= PROMPT:
                found.append(prompt)
    return _share(sum(found), len(found), {"questions": len(found), "within_14_days": sum(found)}, "question")


def _welcome(life: Life, window: _Window, greets: bool) -> _Count:
    """Of those who joined in the period whom somebody greeted; who founded it was new to nobody."""
    days = [day for day, _ in life.joined if len(day) == 10]
    first = min(days, default="")
    new = [greeted for day, greeted in life.joined if window.holds(day) and day > first]
    numbers = {"newcomers": len(new), "greeted": sum(new)}
    if not greets:
        return _Count(0, len(new), {"newcomers": len(new)}, tell("nobody notes down who greeted whom"))
    return _share(sum(new), len(new), numbers, "newcomer")


def _artefacts(days: Days, makes: bool) -> _Count:
    why = None if makes else tell("nobody notes down what communities make")
    return _Count(len(days), None, {"artefacts": len(days)} if makes else {}, why)


def _engagement(life: Life, roster: Roster, window: _Window) -> _Count:
    """Of the members at the end of the period those who asked or advised in it."""
    inside = {
        person
        for person, joined, left in zip(roster.person_ids, roster.joined_on, roster.left_on, strict=True)
        if (not joined or ordinal(joined) <= window.until) and not (left and ordinal(left) <= window.until)
    }
    acts = Counter(one.asker_id for one in life.questions if one.asker_id in inside and window.holds(one.asked_at))
    acts.update(
        given.helper_id
        for one in life.questions
        for given in one.advice
        if given.helper_id in inside and window.holds(given.advised_at)
    )
    numbers: dict[str, float] = {"members": len(inside), "took_part": len(acts), "acts": acts.total()}
    if len(acts) >= FEWEST:
        # How many people would do as much if all did alike (inverse Simpson index): spread, with nobody in it.
        numbers["as_if_even"] = round(acts.total() ** 2 / sum(number**2 for number in acts.values()), 1)
    return _share(len(acts), len(inside), numbers, "member")


def _renewal(roster: Roster, window: _Window) -> _Count:
    """Of those who lead or are core at the end of the period, by the role that they bear today, those who joined within
    two years before it."""
    began: list[str] = []
    for place, joined in enumerate(roster.joined_on):
        left = roster.left_on[place]
        inside = (not joined or ordinal(joined) <= window.until) and not (left and ordinal(left) <= window.until)
        if inside and parts_of(roster.engagement[place], roster.role[place]) & {Part.LEAD, Part.CORE}:
            began.append(joined)
    dated = [ordinal(joined) for joined in began if joined]
    new = sum(window.until - day <= NEW_LEAD for day in dated)
    numbers = {"leading": len(began), "joined_within_two_years": new, "unknown": len(began) - len(dated)}
    first = min((ordinal(day) for day in roster.joined_on if day), default=window.until)
    if window.until - first <= NEW_LEAD:
        return _Count(new, len(dated), numbers, tell("it is too young for leads to have changed"))
    return _Count(new, len(dated), numbers, few(len(dated), "lead or core member", LEAST_LEADS))


def _novelty(life: Life, words: Mapping[str, frozenset[str]], window: _Window) -> _Count:
    """Of the questions of the period those that ask about something else than the ones of the period before."""

    def within(some: _Window) -> list[Question]:
        return [one for one in life.questions if some.holds(one.asked_at) and words.get(one.id)]

    now, earlier = within(window), within(window.before())
    old = frozenset[str]().union(*(words[one.id] for one in earlier))
    new = sum(len(words[one.id] & old) < KNOWN_WORDS * len(words[one.id]) for one in now)
    numbers = {"questions": len(now), "new": new, "questions_before": len(earlier)}
    least = min(len(now), len(earlier))
    return _Count(new, len(now), numbers, few(least, "question in one of the two periods"))


def _dovetailing(hours: int, free: int, sharing: int, held: _Count, held_before: _Count) -> Measure:
    """Of the hours at which it is to meet. How that moved is told by the meetings that were held."""
    numbers = {"hours": hours, "free": free, "communities_that_share_members": sharing}
    if not hours:
        return Measure("dovetailing", "share", None, numbers, tell("no hour is known at which it meets"))
    moved = _moved("dovetailing", held, held_before)
    return replace(moved, value=free / hours, numbers={**numbers, **held.numbers}, why=None)


def _held_free(key: str, known: _Known, window: _Window) -> _Count:
    """Of the meetings of the period those at whose hour no community met that shares members with it today."""
    nothing = np.array([], dtype=np.int64)

    def within(some: Days) -> Days:
        return some[(some >= (window.since + 1) * DAY) & (some < (window.until + 1) * DAY)]

    mine = within(known.began.get(key, nothing))
    others = np.sort(np.concatenate([nothing, *(known.began.get(other, nothing) for other in known.near.get(key, ()))]))
    met_at_once = np.searchsorted(others, mine + LASTS, "left") - np.searchsorted(others, mine - LASTS, "right")
    free = int((met_at_once == 0).sum())
    return _Count(free, len(mine), {"held": len(mine), "held_free": free}, few(len(mine), "meeting"))


def _minutes(moments: Sequence[tuple[str, str | None]]) -> Days:
    """As minutes from the day that ordinals begin with, in UTC."""
    begun = (rhythm.moment(at, zone) for at, zone in moments)
    found = (one.astimezone(UTC) for one in begun if one is not None)
    return np.sort(np.array([one.toordinal() * DAY + one.hour * 60 + one.minute for one in found], dtype=np.int64))


def _pulse(pulses: Sequence[Pulse]) -> Measure:
    """The mean over questions of what each was answered when it was last told, from what everybody inside is told: no
    answer is known better from it. Each question is asked in quarters of its own, so it moved by the questions that
    were told twice."""
    known = (
        [(beat.mean, beat.answers) for beat in one.quarters if beat.mean is not None and beat.answers is not None]
        for one in pulses
    )
    shown = [beats for beats in known if beats]
    if not shown:
        return Measure("pulse", "points", None, {}, tell("no question of the pulse has five answers yet"))
    numbers = {"questions": len(shown), "answers_at_least": sum(beats[0][1] for beats in shown)}
    found = Measure("pulse", "points", round(sum(beats[0][0] for beats in shown) / len(shown), 1), numbers)
    twice = [beats[:2] for beats in shown if len(beats) > 1]
    if not twice:
        return found
    now, before = (sum(beats[place][0] for beats in twice) / len(twice) for place in (0, 1))
    # So far apart they may lie by chance, whatever was answered: on a scale of 1 to 5 the variance is at most
    # (5 - m)(m - 1) (Bhatia and Davis, A better bound on the variance, 2000), and means are told in steps.
    spread = sum((5 - mean) * (mean - 1) / answers for beats in twice for mean, answers in beats)
    trend = "rising" if now > before else "falling"
    if abs(now - before) <= NORMAL * spread**0.5 / len(twice) + STEP:
        trend = "no clear change"
    return replace(found, numbers={**numbers, "told_twice": len(twice)}, before=round(before, 1), trend=trend)


def _sharing(snapshot: Snapshot, meeting: Collection[str]) -> dict[str, list[str]]:
    """By community of those that meet the others of them that share SHARED members with it."""
    keys = [one.id for one in snapshot.communities if one.id in meeting and one.status != "retired"]
    rows = [snapshot.row[key] for key in keys]
    here = np.flatnonzero(~snapshot.people.gone)
    inside = csr_array(snapshot.members[here][:, rows].T)
    shared = csr_array(inside @ inside.T)
    found: dict[str, list[str]] = {}
    for place, key in enumerate(keys):
        span = slice(shared.indptr[place], shared.indptr[place + 1])
        columns: list[int] = shared.indices[span].tolist()
        numbers: list[float] = shared.data[span].tolist()
        found[key] = [
            keys[other] for other, number in zip(columns, numbers, strict=True) if other != place and number >= SHARED
        ]
    return found


def _free_hours(
    meeting: Mapping[str, Sequence[Slot]], near: Mapping[str, Sequence[str]]
) -> dict[str, tuple[int, int, int]]:
    """By community the hours at which it meets, how many of them are free of meetings of those near, and how many of
    these have an hour."""
    found: dict[str, tuple[int, int, int]] = {}
    for key in meeting.keys() & near.keys():
        others = {other: meeting[other] for other in near[key] if other in meeting}
        free, _ = meeting_at_once(meeting[key], others)
        found[key] = (len(meeting[key]), free, len(others))
    return found


def _moved(name: str, now: _Count, before: _Count) -> Measure:
    """The measure with its trend: by Fisher's exact test of two shares, or a binomial test of two numbers."""
    unit = "count" if now.whole is None else "share"
    found = Measure(name, unit, now.value, now.numbers, now.why, before.value)
    if now.why is not None or before.why is not None:
        return found
    if now.whole is None or before.whole is None:
        if now.part + before.part < FEWEST:
            return found
        chance = float(binomtest(now.part, now.part + before.part, 0.5).pvalue)
        rises = now.part > before.part
    else:
        table = np.array([[now.part, now.whole - now.part], [before.part, before.whole - before.part]])
        chance = float(fisher_exact(table)[1])
        rises = now.part / now.whole > before.part / before.whole
    trend = "no clear change" if chance >= BY_CHANCE else "rising" if rises else "falling"
    return replace(found, trend=trend)


def _peers(snapshot: Snapshot) -> dict[str, list[str]]:
    """By community the others of its kind and a similar age; where its age is not known, of any. Restricted ones are
    nobody's peers, or a comparison would tell of them; nor are those that have not begun or have ended."""
    ages = snapshot.age_days.astype(np.float64)
    serving = [
        row
        for row, one in enumerate(snapshot.communities)
        if one.visibility != "restricted" and one.status not in ("proposed", "retired")
    ]
    by_kind: dict[str | None, list[int]] = {}
    for row in serving:
        by_kind.setdefault(snapshot.communities[row].kind, []).append(row)
    found: dict[str, list[str]] = {}
    for row, one in enumerate(snapshot.communities):
        others = [other for other in by_kind.get(one.kind, []) if other != row]
        if np.isfinite(ages[row]):
            mine = max(1.0, float(ages[row]))
            others = [other for other in others if mine / SIMILAR_AGE <= max(1.0, ages[other]) <= mine * SIMILAR_AGE]
        found[one.id] = [snapshot.communities[other].id for other in others]
    return found


def _among(one: Measure, others: Sequence[Measure]) -> Measure:
    values = np.array([other.value for other in others if other.value is not None], dtype=np.float64)
    if one.value is None or len(values) < LEAST_PEERS:
        return one
    rank = float((values < one.value).mean() + (values == one.value).mean() / 2)
    band = "lowest quarter" if rank < 0.25 else "highest quarter" if rank > 0.75 else "middle half"
    low, middle, high = (float(number) for number in np.quantile(values, (0.25, 0.5, 0.75)))
    return replace(one, peers=Peers(len(values), (low, middle, high), band))


def _share(part: int, whole: int, numbers: Mapping[str, float], what: str) -> _Count:
    return _Count(part, whole, numbers, few(whole, what))
