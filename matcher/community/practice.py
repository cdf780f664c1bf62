"""What a community does together, in measures that each show the numbers behind them.

A measure says nothing where too little is known. Nothing here tells one person from another, and private questions
are counted in nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from graph.models import ordinal
from graph.reads.meetings import AgendaItem, Occurrence
from graph.reads.practice import Asked, Facts
from matcher.audit.collisions import Slot, collide
from matcher.community.agenda import SETTLED, past

# Fewer are an anecdote; and from fewer answers a time could be laid at somebody's door.
FEWEST = 5
# Days after which a piece of advice should have been followed up; what is younger does not count yet.
DUE = 14
# Shared members from which on two communities should not meet at once.
SHARED = 3


@dataclass(frozen=True)
class Measure:
    """`value`: a share, a number of days or a number of people, see `unit`; None: cannot tell, and `why`. `numbers`:
    what it was worked out from. `said`: short texts that belong to it."""

    name: str
    unit: str
    value: float | None
    numbers: Mapping[str, float]
    why: str | None = None
    said: Sequence[str] = field(default=())


def measures(
    facts: Facts,
    meetings: Sequence[Occurrence],
    items: Sequence[AgendaItem],
    slots: Mapping[str, Sequence[Slot]],
    *,
    community_id: str,
    begins: str,
    today: str,
    now: datetime,
) -> list[Measure]:
    """All of them, over the days from `begins` to `today`; `meetings` those that began within, in order, and `slots`
    when each community meets."""
    asked = [one for one in facts.questions if begins <= one.asked_at[:10] <= today and len(one.asked_at) >= 10]
    return [
        first_answers(asked, today),
        helpers(asked),
        *followed(asked, today),
        learned(asked),
        revisited(items, begins, now),
        regular(meetings, now),
        dovetail(community_id, slots, facts.shared),
        outside_advice(asked),
        outside_attendance(meetings),
    ]


def first_answers(asked: Sequence[Asked], today: str) -> Measure:
    """Days to the first answer: median, with quartiles in `numbers`, by the Kaplan-Meier estimator (1958): a question
    that has no answer yet counts as one that took longer than it has waited."""
    waits: list[tuple[int, bool]] = []
    for one in asked:
        days = [ordinal(given.advised_at) for given in one.advice if len(given.advised_at) >= 10]
        if one.advice and not days:
            continue  # it was answered, nobody knows when
        until = min(days, default=ordinal(today))
        waits.append((max(0, until - ordinal(one.asked_at)), bool(days)))
    answered = sum(done for _, done in waits)
    numbers: dict[str, float] = {
        "questions": len(waits), "answered": answered, "unanswered": len(waits) - answered
    }  # fmt: skip
    for name, share in (("quartile_1", 0.25), ("median", 0.5), ("quartile_3", 0.75)):
        if (day := _by(waits, share)) is not None:
            numbers[name] = day
    if len(waits) < FEWEST:
        return Measure("first_answer", "days", None, numbers, _too_few(len(waits), "questions"))
    told = None if "median" in numbers else "more than half of the questions wait longer than anybody has seen"
    return Measure("first_answer", "days", numbers.get("median"), numbers, told)


def _by(waits: Sequence[tuple[int, bool]], share: float) -> int | None:
    """The day by which this share is answered; None where that is not seen."""
    waiting = 1.0
    for day in sorted({day for day, done in waits if done}):
        at_risk = sum(other >= day for other, _ in waits)
        waiting *= 1 - sum(other == day and done for other, done in waits) / at_risk
        if waiting <= 1 - share + 1e-12:
            return day
    return None


def helpers(asked: Sequence[Asked]) -> Measure:
    """How many different people chip in."""
    given = [one for question in asked for one in question.advice]
    people = len({one.helper_id for one in given})
    numbers = {"questions": len(asked), "advice": len(given), "people": people}
    if len(asked) < FEWEST:
        return Measure("helpers", "people", None, numbers, _too_few(len(asked), "questions"))
    return Measure("helpers", "people", people, numbers)


def followed(asked: Sequence[Asked], today: str) -> list[Measure]:
    """The share of advice that was followed up, and of that the share that worked."""
    ready = [
        one
        for question in asked
        for one in question.advice
        if one.outcome or one.followed_up_at
        or (len(one.advised_at) >= 10 and ordinal(today) - ordinal(one.advised_at) >= DUE)
    ]  # fmt: skip
    done = [one for one in ready if one.outcome or one.followed_up_at]
    counted = {"advice": len(ready), "followed_up": len(done)}
    known = [one.outcome for one in done if one.outcome]
    outcomes = {"followed_up": len(done), "known": len(known)}
    outcomes |= {name: known.count(name) for name in ("worked", "partly", "did_not_work")}
    return [
        _share("followed_up", len(done), len(ready), counted, "pieces of advice"),
        _share("worked", known.count("worked"), len(known), outcomes, "outcomes"),
    ]


def learned(asked: Sequence[Asked]) -> Measure:
    """What people wrote down that others could learn from, and for which share of outcomes they did."""
    done = [one for question in asked for one in question.advice if one.outcome or one.learned]
    said = [one.learned for one in done if one.learned]
    numbers = {"outcomes": len(done), "learned": len(said)}
    found = _share("learned", len(said), len(done), numbers, "outcomes")
    return Measure(found.name, found.unit, found.value, numbers, found.why, tuple(said))


def revisited(items: Sequence[AgendaItem], begins: str, now: datetime) -> Measure:
    """The share of agenda items that a later meeting came back to, of those that were not settled when they were first
    raised and that a meeting since could have taken up."""
    raised = [(item, past(item, now)) for item in items]
    began = [(item, said) for item, said in raised if said and said[0].begins and _day(said[0].begins) >= begins]
    days = sorted({said.begins for _, every in raised for said in every if said.begins})
    could = [
        (item, said) for item, said in began
        if said[0].begins and days[-1] > said[0].begins and not (item.state == SETTLED and len(said) == 1)
    ]  # fmt: skip
    states = [item.state or "open" for item, _ in began]
    numbers = {"items": len(began), "could_be": len(could), "revisited": sum(len(said) > 1 for _, said in could)}
    numbers |= {state: states.count(state) for state in ("open", "progressed", SETTLED)}
    return _share("revisited", numbers["revisited"], len(could), numbers, "agenda items")


def regular(meetings: Sequence[Occurrence], now: datetime) -> Measure:
    """The share of the meetings planned by a rule that were held, as far as that is on record."""
    planned = [one for one in meetings if one.begins <= now and (one.meeting.rule or one.meeting.series_id)]
    held = sum(one.recorded and one.meeting.held for one in planned)
    cancelled = sum(one.cancelled for one in planned)
    numbers = {
        "planned": len(planned), "held": held, "cancelled": cancelled, "not_on_record": len(planned) - held - cancelled,
        "single": sum(one.begins <= now for one in meetings) - len(planned),
    }  # fmt: skip
    return _share("regular", held, len(planned), numbers, "meetings planned by a rule", fewest=3)


def dovetail(community_id: str, slots: Mapping[str, Sequence[Slot]], shared: Mapping[str, int]) -> Measure:
    """The share of its hours on which no community meets with which it shares at least SHARED members. `shared`: how
    many people each other community has in common with it."""
    mine = slots.get(community_id, ())
    others = {key: slots[key] for key, number in shared.items() if number >= SHARED and key in slots}
    meeting = {key for key, their in others.items() if any(collide(one, other) for one in mine for other in their)}
    free = sum(not any(collide(one, other) for their in others.values() for other in their) for one in mine)
    numbers = {"hours": len(mine), "free": free, "communities_that_share_members": len(others),
               "of_them_at_the_same_hour": len(meeting)}  # fmt: skip
    said = tuple(f"{key}: {shared[key]} members in common" for key in sorted(meeting, key=lambda k: (-shared[k], k)))
    if not mine:
        return Measure("dovetail", "share", None, numbers, "no hour is known at which it meets")
    return Measure("dovetail", "share", free / len(mine), numbers, said=said)


def outside_advice(asked: Sequence[Asked]) -> Measure:
    given = [one for question in asked for one in question.advice]
    outside = sum(one.external for one in given)
    return _share("outside_advice", outside, len(given), {"advice": len(given), "from_outside": outside},
                  "pieces of advice")  # fmt: skip


def outside_attendance(meetings: Sequence[Occurrence]) -> Measure:
    """The share of external people among all who came: outside experts are guests, not the mainstay."""
    came = [who for one in meetings if one.recorded for who in one.meeting.came]
    outside = sum(who.external for who in came)
    numbers = {"came": len(came), "guests": sum(who.guest for who in came), "from_outside": outside}
    return _share("outside_attendance", outside, len(came), numbers, "attendances")


def _share(name: str, part: int, whole: int, numbers: Mapping[str, float], what: str, fewest: int = FEWEST) -> Measure:
    if whole < fewest:
        return Measure(name, "share", None, numbers, _too_few(whole, what, fewest))
    return Measure(name, "share", part / whole, numbers)


def _too_few(number: int, what: str, fewest: int = FEWEST) -> str:
    return f"{what}: {number}; from {fewest} on it can be told"


def _day(when: datetime) -> str:
    return date(when.year, when.month, when.day).isoformat()
